"""A language that nobody speaks: what is marked is accented, longer and has an end, all else is as it was."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

LONGER = 0.4
"""How much longer a text becomes: about what German makes of short English ones."""
END = "¶"
MARK = "\u200b"
"""A space of no width."""
_KEPT = re.compile(r"(\{\w+\}|%\(\w+\)[srd]|%[sd]|_\w)")
_ACCENTS = str.maketrans("aceinouyACEINOUY", "àçéîñöüÿÀÇÉÎÑÖÜŸ")


def pseudo(message: str) -> str:
    """Return a text in that language; places for values and letters for Alt stay."""
    pieces = _KEPT.split(message)
    pieces[::2] = [piece.translate(_ACCENTS) for piece in pieces[::2]]
    return "".join(pieces) + "·" * max(0, round(len(message) * LONGER) - 1) + END


def compiled(template: Catalog) -> bytes:
    """Return the template in that language, as programs read it."""
    return _written(template, lambda english, found: pseudo(english))


def marked(language: Catalog) -> bytes:
    """Return a language as it is, each of its texts with the invisible `MARK` at its end.

    So one look at a host shows the language itself, and finds what was never asked of the catalogue.
    """
    return _written(language, lambda english, found: (found or english) + MARK)


def _written(source: Catalog, change: Callable[[str, str], str]) -> bytes:
    made = Catalog(locale="de", project="Softlight", version="0")
    for message in source:
        if isinstance(message.id, tuple | list):
            found = message.string if isinstance(message.string, tuple | list) else ("", "")
            made.add(tuple(message.id), tuple(map(change, message.id, found)), context=message.context)
        elif message.id:
            made.add(message.id, change(message.id, str(message.string or "")), context=message.context)
    file = io.BytesIO()
    write_mo(file, made)
    return file.getvalue()
