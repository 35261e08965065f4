"""How wide texts are on a terminal: a sign of Chinese or Japanese takes two columns, an accent none."""

from __future__ import annotations

import unicodedata


def width(text: str) -> int:
    """Return how many columns a text takes."""
    return sum(map(_width, text))


def padded(text: str, columns: int) -> str:
    """Return a text with spaces behind it, this many columns wide at least."""
    return text + " " * (columns - width(text))


def cut(text: str, columns: int) -> str:
    """Return the beginning of a text that is this many columns wide at most."""
    taken = 0
    for number, sign in enumerate(text):
        taken += _width(sign)
        if taken > columns:
            return text[:number]
    return text


def _width(sign: str) -> int:
    return 0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
