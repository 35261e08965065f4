"""What can be wrong with a translation: missing, spoilt, or too long for the place where it is shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message

PLACES = re.compile(r"\{\w+\}|%\(\w+\)[srd]|%[sd]")
MNEMONIC = re.compile(r"_\w")
ENDS = {".": ".。", "?": "?？", ":": ":：", "…": "…"}
"""With what a text ends, and what may stand there in a translation."""

ROOM = {
    "menu": 24, "button": 14, "check box": 40, "label": 20, "heading": 20, "choice": 18, "column": 12,
    "title": 30, "role": 26, "state": 20, "size": 12, "value": 14, "switches": 8,
    "unit": 8,
}  # fmt: skip
"""Columns that a place has for any text, however short the English is."""
LONGER = 1.5
"""How much longer than the English a text may be where it takes more than that: GIMP's dialogs and Krita's
docker were looked at with all texts longer by 0.4 (`pseudo`)."""
LONGEST_SENTENCE, MORE = 1.8, 20
"""The same for sentences, which are broken into lines, and columns more, for short ones."""


def columns(text: str) -> int:
    """Return how wide a text is: a sign of Chinese or Japanese takes two columns."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def room(message: str, context: str | None) -> int:
    """Return how many columns the translation of a text may take."""
    if context is None:
        return round(columns(message) * LONGEST_SENTENCE) + MORE
    return max(ROOM[context], round(columns(message) * LONGER))


def problems(catalog: Catalog) -> list[str]:
    """Return what is wrong with a language, a line for each text; nothing when it can be shipped."""
    return [f"{_told(message)}: {fault}" for message in catalog if message.id for fault in faults(message)]


def _told(message: Message) -> str:
    english = message.id[0] if isinstance(message.id, tuple | list) else message.id
    return f"{message.context} | {english}" if message.context else english


def faults(message: Message) -> Iterator[str]:
    """Yield what is wrong with one text."""
    plural = isinstance(message.id, tuple | list)
    english = list(message.id) if plural else [message.id]
    found = list(message.string) if plural else [message.string]
    if not all(found):
        yield "it is not translated"
        return
    if message.fuzzy:
        yield "the English has changed; translate it anew, and take the mark 'fuzzy' away"
    for text in found:
        # What a plural leaves out in one of its forms, the other has.
        source = english[-1] if plural else english[0]
        yield from _spoilt(source, text, message.context)
        if columns(text) > room(source, message.context):
            yield f"it takes {columns(text)} columns, and there are {room(source, message.context)}: {text}"


def _spoilt(english: str, text: str, context: str | None) -> Iterator[str]:
    if sorted(PLACES.findall(english)) != sorted(PLACES.findall(text)):
        yield f"places for values are not those of the English: {text}"
    if (english != english.lstrip(), english != english.rstrip()) != (
        text != text.lstrip(),
        text != text.rstrip(),
    ):
        yield f"spaces at its ends are not those of the English: {text}"
    for sign, allowed in ENDS.items():
        if english.rstrip().endswith(sign) and not text.rstrip().endswith(tuple(allowed)):
            yield f"it does not end with '{sign}': {text}"
    if english.endswith("...") != text.endswith("..."):
        yield f"it has or lacks '...': {text}"
    if english.count("\n") != text.count("\n"):
        yield f"it has other line breaks: {text}"
    if context and len(MNEMONIC.findall(english)) != len(MNEMONIC.findall(text)):
        yield f"it has or lacks a letter for Alt after '_': {text}"
