"""Protobuf's wire format: a message is a row of numbered fields, and that is all a walk through it needs.

ONNX files are protobuf messages. Reading them with this, not with the onnx package, costs no dependency and
no memory: of a 300 MB model only the few kilobytes between its weights are looked at. It is read and not
mapped, because a mapped file that shrinks, or a network drive that goes away, ends the process.
The format: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""The kinds of field. Groups (3, 4) were given up before ONNX began; 6 and 7 never were."""

_CONTINUED = bytes(range(0x80, 0x100))
"""Every byte of a varint but its last has the highest bit set."""


class WireError(ValueError):
    """The bytes are no message that we take; the text goes on after "because"."""


class Damaged(WireError):
    """The bytes are not made of fields, or end too early."""


class TooManyFields(WireError):
    """There are more fields than any model has."""


class Field(NamedTuple):
    """One field: its number, its kind, and either its value or where its bytes lie."""

    number: int
    kind: int
    value: int
    """The number itself; for bytes and fixed numbers 0."""
    start: int
    end: int


PAGE = 1 << 16
"""Bytes that are read at once."""


class Walk:
    """A walk through the messages of `file`, which counts its steps.

    Parameters
    ----------
    file : file object
        Open for reading bytes, and seekable.
    most : int
        How many fields there may be in all, so that no file keeps us busy for hours.
    """

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file = file
        self._left = most
        self._page = b""
        self._page_start = 0

    def fields(self, start: int, end: int) -> Iterator[Field]:
        """Yield the fields of the message that lies from `start` to `end`.

        Raises
        ------
        WireError
            As soon as the bytes make no sense.
        """
        at = start
        while at < end:
            self._left -= 1
            if self._left < 0:
                raise TooManyFields("it has more parts than any model")
            tag, at = self._varint(at, end)
            number, kind = tag >> 3, tag & 7
            if not number or tag >= 1 << 32:
                raise Damaged("it holds a field without a number")
            if kind == VARINT:
                value, behind = self._varint(at, end)
                yield Field(number, kind, value, at, behind)
            elif kind == BYTES:
                length, at = self._varint(at, end)
                behind = at + length
                if behind > end:
                    raise Damaged("it is cut short")
                yield Field(number, kind, 0, at, behind)
            elif kind in (FIXED32, FIXED64):
                behind = at + (4 if kind == FIXED32 else 8)
                if behind > end:
                    raise Damaged("it is cut short")
                yield Field(number, kind, 0, at, behind)
            else:
                raise Damaged("it holds a field of an unknown kind")
            at = behind

    def content(self, field: Field) -> bytes:
        """Return a copy of a field's bytes: for names, never for weights."""
        return self._read(field.start, field.end)

    def varints(self, field: Field) -> list[int]:
        """Return the whole numbers of a field, packed into bytes or alone."""
        if field.kind == VARINT:
            return [field.value]
        values, at = [], field.start
        while at < field.end:
            value, at = self._varint(at, field.end)
            values.append(value)
        return values

    def count_varints(self, field: Field) -> int:
        """Return how many whole numbers a field holds, without making them."""
        if field.kind == VARINT:
            return 1
        step, count = 1 << 20, 0
        for at in range(field.start, field.end, step):
            count += len(self._read(at, min(at + step, field.end)).translate(None, _CONTINUED))
        return count

    def _read(self, start: int, end: int) -> bytes:
        self._file.seek(start)
        content = self._file.read(end - start)
        if len(content) < end - start:
            raise Damaged("it is cut short")
        return content

    def _byte(self, at: int) -> int:
        offset = at - self._page_start
        if not 0 <= offset < len(self._page):
            self._file.seek(at)
            self._page, self._page_start, offset = self._file.read(PAGE), at, 0
            if not self._page:
                raise Damaged("it is cut short")
        return self._page[offset]

    def _varint(self, at: int, end: int) -> tuple[int, int]:
        """Return the number that starts at `at`, cut to 64 bits as protobuf does, and where it ends."""
        value = 0
        for shift in range(0, 70, 7):
            if at >= end:
                raise Damaged("it is cut short")
            byte = self._byte(at)
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & 0xFFFF_FFFF_FFFF_FFFF, at
        raise Damaged("it holds a number of more than 64 bits")
