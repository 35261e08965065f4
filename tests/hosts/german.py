"""German in real hosts, each text with an invisible sign at its end: what lacks it was never translated."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

from babel.messages.catalog import Catalog

from tools.translation.catalogue import FOLDER, read
from tools.translation.pseudo import MARK, marked


@functools.cache
def catalogue() -> Catalog:
    """What the translators wrote."""
    return read(FOLDER / "de.po")


def speak_german(locale: Path) -> None:
    """Put marked German into the place of German in an installed plug-in's folder of languages."""
    (locale / "de" / "LC_MESSAGES" / "softlight.mo").write_bytes(marked(catalogue()))


def german(english: str, context: str | None = None, **values: object) -> str:
    """Return a text as Germans read it, without the sign, with these values in its places."""
    message = catalogue().get(english, context)
    assert message is not None, f"the catalogue lacks {english!r} ({context})"
    return str(message.string or english).format(**values)


def key_of(english: str, context: str) -> str:
    """Return the letter that is pressed with Alt for a text, in German."""
    return german(english, context).partition("_")[2][0].lower()


def plain(text: str) -> str:
    """Return a text without the sign."""
    return text.replace(MARK, "")


def untranslated(texts: Iterable[str]) -> list[str]:
    """Return the texts with words in them that the catalogue was never asked for."""
    return [text for text in texts if MARK not in text and any(sign.isalpha() for sign in text)]
