"""Reads settings, policies and entries key by key, and says which key is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

MOST = (1 << 63) - 1
"""The largest whole number that TOML has; Python's parsers take any, and then no float can hold it."""


class SchemaError(ValueError):
    """A key is missing, unknown, or holds something else than it should; the text names it."""


def reason(error: Exception) -> str:
    """Return what `error` says, without a path and without a full stop, to be put into a sentence."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__


def printable(text: str, most: int = 80) -> str:
    """Return what a stranger wrote as it may be shown: no line breaks, no commands to a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:most])


class Table:
    """One table of a TOML or JSON file, of which each key is taken once.

    Parameters
    ----------
    content : object
        What the parser returned.
    path : str
        Where the table lies in the file, for messages.
    """

    def __init__(self, content: object, path: str = "") -> None:
        if not isinstance(content, dict):
            raise SchemaError(f"{path or 'the file'} is not a table")
        self._content: Mapping[str, Any] = content
        self._path = path
        self._left = set(content)

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def __iter__(self) -> Iterator[str]:
        return iter(self._content)

    def key(self, key: str) -> str:
        """Return the full name of `key`, for a message: of one line, whatever the file holds."""
        shown = printable(key)
        return f"{self._path}.{shown}" if self._path else shown

    def take(self, key: str) -> Any:
        """Return the value of `key`, whatever it is."""
        if key not in self._content:
            raise SchemaError(f"{self.key(key)} is missing")
        self._left.discard(key)
        return self._content[key]

    def text(self, key: str, *, like: re.Pattern[str] | None = None) -> str:
        """Return a text of one line."""
        value = self.take(key)
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise SchemaError(f"{self.key(key)} is not a line of text")
        if like is not None and not like.fullmatch(value):
            raise SchemaError(f"{self.key(key)} is not written as it must be")
        return value

    def optional(self, key: str, *, like: re.Pattern[str] | None = None) -> str | None:
        """Return a text of one line, or None if the key is not there."""
        return self.text(key, like=like) if key in self else None

    def number(self, key: str, *, least: int) -> int:
        """Return a whole number that is not below `least`."""
        value = self.take(key)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST:
            raise SchemaError(f"{self.key(key)} is not a whole number from {least}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self.take(key) if key in self else default
        if not isinstance(value, bool):
            raise SchemaError(f"{self.key(key)} is not true or false")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty if the key is not there."""
        value = self.take(key) if key in self else []
        if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
            raise SchemaError(f"{self.key(key)} is not a list of texts")
        return tuple(value)

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """Return a list of pairs of texts, empty if the key is not there."""
        value = self.take(key) if key in self else []
        if not isinstance(value, list):
            raise SchemaError(f"{self.key(key)} is not a list of pairs")
        for pair in value:
            if (
                not isinstance(pair, list)
                or len(pair) != 2
                or not all(isinstance(part, str) for part in pair)
            ):
                raise SchemaError(f"{self.key(key)} is not a list of pairs")
        return tuple((first, second) for first, second in value)

    def table(self, key: str) -> Table:
        """Return the table under `key`."""
        return Table(self.take(key), self.key(key))

    def tables(self, key: str, *, least: int = 1) -> tuple[Table, ...]:
        """Return the list of at least so many tables under `key`."""
        value = self.take(key) if key in self or least else []
        if not isinstance(value, list) or len(value) < least:
            raise SchemaError(f"{self.key(key)} is not a list of tables")
        return tuple(Table(item, self.key(key)) for item in value)

    def finish(self) -> None:
        """Refuse what was not taken: a misspelt key must not be passed over in silence."""
        if self._left:
            raise SchemaError(f"{self.key(min(self._left))} is not a key that is known here")
