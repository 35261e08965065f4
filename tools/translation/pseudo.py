"""A language that nobody speaks: what is marked is accented, longer and has an end, all else is as it was."""

from __future__ import annotations

import io
import re

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

LONGER = 0.4
"""How much longer a text becomes: about what German makes of short English ones."""
END = "¶"
_KEPT = re.compile(r"(\{\w+\}|%\(\w+\)[srd]|%[sd]|_\w)")
_ACCENTS = str.maketrans("aceinouyACEINOUY", "àçéîñöüÿÀÇÉÎÑÖÜŸ")


def pseudo(message: str) -> str:
    """Return a text in that language; places for values and letters for Alt stay."""
    pieces = _KEPT.split(message)
    pieces[::2] = [piece.translate(_ACCENTS) for piece in pieces[::2]]
    return "".join(pieces) + "·" * max(0, round(len(message) * LONGER) - 1) + END


def compiled(template: Catalog) -> bytes:
    """Return the template in that language, as programs read it."""
    made = Catalog(locale="de", project="Softlight", version="0")
    for message in template:
        if isinstance(message.id, tuple):
            made.add(message.id, tuple(map(pseudo, message.id)), context=message.context)
        elif message.id:
            made.add(message.id, pseudo(message.id), context=message.context)
    file = io.BytesIO()
    write_mo(file, made)
    return file.getvalue()
