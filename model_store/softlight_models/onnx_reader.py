"""What an ONNX file declares: its tensors, and every file and number of bytes that it wants.

Everything that can hold weights is looked at wherever it hides: subgraphs, functions, training graphs,
attributes, sparse tensors.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from softlight_models.wire_format import BYTES, VARINT, Damaged, Field, Walk, WireError

MOST_FIELDS = 1_000_000
"""Walked through in 3 to 7 s. U²-Net, one of the busiest graphs of its kind, has 17 000."""
DEEPEST = 100
"""Protobuf itself reads no message nested deeper."""
LARGEST_FILE = (1 << 31) - 1
"""Protobuf's limit: larger models keep their weights in external data."""
LARGEST_UNPACKED = 1 << 28
"""Bytes that a sparse tensor may become: 256 MiB, five times the largest weight of the catalogue's models.
A file of 300 bytes made onnxruntime 1.31 take 2.1 GB."""

_BITS = {
    1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128,
    16: 16, 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 24: 8, 25: 2, 26: 2, 27: 6, 28: 6,
}  # fmt: skip
"""Bits of one element, by ONNX's number of the type."""
_STRING = 8
_NAMES = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string",
    9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 16: "bfloat16",
}  # fmt: skip

_NESTED: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
"""Which fields of a message hold a message that may hold weights, and of which kind (from ``onnx.proto``)."""
_ONCE = {
    ("model", 7), ("training", 1), ("training", 2), ("attribute", 5), ("attribute", 6), ("attribute", 22),
    ("sparse", 1), ("sparse", 2),
}  # fmt: skip
"""Fields that protobuf would merge when they came twice: what we saw in two halves it would see as one."""

_FOREIGN = (
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file itself"),
    (b"pk\x03\x04", "a zip archive or a PyTorch file"),
    (b"\x80\x02", "a Python pickle"),
    (b"{", "a text"),
)
"""What people have in hand when a download went wrong, by its first bytes in lower case."""


@dataclass(frozen=True)
class ScannedTensor:
    """An input or output as the file declares it."""

    name: str
    dtype: str
    """NumPy's name of the element type, or ``type N`` for those that NumPy lacks."""
    shape: tuple[int | str, ...] | None
    """Sizes; a text is the name of a size that is open, and may be empty. None if the file does not say."""


@dataclass(frozen=True)
class External:
    """Weights that lie in another file."""

    location: str
    offset: int
    length: int
    """Bytes from `offset` on."""


@dataclass(frozen=True)
class Scan:
    """What a file declares."""

    ir_version: int
    opset: int
    """Version of ONNX's own operator set; 0 if the model uses others only."""
    inputs: tuple[ScannedTensor, ...]
    """Without those that have an initializer, which nobody needs to give."""
    outputs: tuple[ScannedTensor, ...]
    external: tuple[External, ...]


class Foreign(WireError):
    """The file is of another kind; the text says of which."""


def read(file: BinaryIO) -> Scan:
    """Look through the ONNX model in `file`, whose external data is listed and not looked for.

    Raises
    ------
    WireError
        With a text that goes on after "because".
    OSError
        If reading fails.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    start = file.read(64)
    if not start:
        raise Foreign("an empty file")
    for magic, kind in _FOREIGN:
        if start.lower().lstrip().startswith(magic):
            raise Foreign(kind)
    if start[4:8] == b"TFL3":
        raise Foreign("a TensorFlow Lite model")
    if size > LARGEST_FILE:
        raise WireError("it is larger than an ONNX file can be")
    return _Reader(Walk(file, MOST_FIELDS)).model(size)


class _Reader:
    """Reads the messages of one model."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._external: list[External] = []

    def model(self, size: int) -> Scan:
        top = list(self._walk.fields(0, size))
        graph = next((field for field in top if field.number == 7), None)
        opsets = [self._opset(_bytes(field)) for field in top if field.number == 8]
        version = max((field.value for field in top if field.number == 1), default=0)
        if graph is None or not opsets or not version:
            # Cut exactly between two fields, or any other bytes that happen to look like protobuf.
            raise Damaged("it is cut short")
        self._all("model", 0, size)
        inputs, outputs = self._signature(_bytes(graph))
        # Both names stand for ONNX's own operators.
        own = [number for domain, number in opsets if domain in ("", "ai.onnx")]
        return Scan(version, max(own, default=0), inputs, outputs, tuple(self._external))

    def _all(self, kind: str, start: int, end: int) -> None:
        """Visit everything below a message; with a list of what is left, not by recursion."""
        left = [(kind, start, end, 1)]
        special: dict[str, Callable[[int, int], None]] = {
            "tensor": self._tensor,
            "sparse": self._sparse,
        }
        while left:
            kind, start, end, depth = left.pop()
            if depth > DEEPEST:
                raise WireError("its graphs are nested too deep")
            if kind in special:
                special[kind](start, end)
            nested = _NESTED[kind]
            seen: set[int] = set()
            for field in self._walk.fields(start, end) if nested else ():
                if field.number in nested:
                    _bytes(field)
                    if field.number in seen and (kind, field.number) in _ONCE:
                        raise WireError("it declares the same part twice")
                    seen.add(field.number)
                    left.append((nested[field.number], field.start, field.end, depth + 1))

    def _tensor(self, start: int, end: int) -> None:
        """Make sure that a tensor holds, or names, the data that it declares."""
        dims: list[int] = []
        code, items, raw, texts, outside = 0, 0, 0, 0, False
        entries: dict[str, str] = {}
        for field in self._walk.fields(start, end):
            match field.number:
                case 1:
                    dims += self._dims(field)
                case 2:
                    code = field.value & 0xFFFF_FFFF
                case 4:  # floats
                    items += _packed(field, 4)
                case 10:  # doubles
                    items += _packed(field, 8)
                case 5 | 7 | 11:  # whole numbers
                    items += self._walk.count_varints(field)
                case 6:
                    texts += 1
                case 9:
                    raw = _bytes(field).end - field.start
                case 13:
                    key, value = self._pair(_bytes(field))
                    if key in entries:
                        raise WireError("it names the place of its weights twice")
                    entries[key] = value
                case 14:
                    if field.value > 1:
                        raise WireError("it keeps weights in a place that ONNX does not know")
                    outside |= bool(field.value)
        count = math.prod(map(_size, dims))
        if code != _STRING and code not in _BITS:
            raise WireError("it holds weights of an unknown type")
        if outside or entries:
            # Whoever names a file without saying that it is used gets both checked.
            self._external.append(_external(entries, -(-count * _BITS.get(code, 8) // 8)))
            if outside:
                return
        if code == _STRING:
            held = texts
        else:
            # Two floats make one complex number; 4 bits and fewer share one stored number.
            per_item = 8 // _BITS[code] if _BITS[code] < 8 else 0.5 if code in (14, 15) else 1
            held = max(raw * 8 // _BITS[code], int(items * per_item))
        if count > held:
            raise WireError(f"it declares a tensor of {count} numbers and holds {held} of them")

    def _dims(self, field: Field) -> list[int]:
        if field.end - field.start > 1000:
            raise WireError("it declares a tensor of too many dimensions")
        return self._walk.varints(field)

    def _sparse(self, start: int, end: int) -> None:
        """Make sure that a sparse tensor, which onnxruntime unpacks, stays within bounds."""
        dims: list[int] = []
        for field in self._walk.fields(start, end):
            if field.number == 3:
                dims += self._dims(field)
        if math.prod(map(_size, dims)) * 8 > LARGEST_UNPACKED:
            raise WireError(
                f"it holds a sparse tensor that unpacks to more than {LARGEST_UNPACKED >> 20} MiB"
            )

    def _signature(self, graph: Field) -> tuple[tuple[ScannedTensor, ...], tuple[ScannedTensor, ...]]:
        given: set[str] = set()
        found: dict[int, list[ScannedTensor]] = {11: [], 12: []}
        for field in self._walk.fields(graph.start, graph.end):
            if field.number == 5:
                given |= {
                    self._text(part) for part in self._walk.fields(field.start, field.end) if part.number == 8
                }
            elif field.number in found:
                found[field.number].append(self._value(_bytes(field)))
        return tuple(each for each in found[11] if each.name not in given), tuple(found[12])

    def _value(self, value: Field) -> ScannedTensor:
        name, dtype = "", "type 0"
        shape: tuple[int | str, ...] | None = None
        for field in self._walk.fields(value.start, value.end):
            if field.number == 1:
                name = self._text(field)
            elif field.number == 2:
                for tensor in self._inside(field, 1):
                    for part in self._walk.fields(tensor.start, tensor.end):
                        if part.number == 1:
                            dtype = _NAMES.get(part.value, f"type {part.value}")
                        elif part.number == 2:
                            shape = tuple(self._dimension(each) for each in self._inside(part, 1))
        return ScannedTensor(name, dtype, shape)

    def _dimension(self, dimension: Field) -> int | str:
        size: int | str = ""
        for field in self._walk.fields(dimension.start, dimension.end):
            if field.number == 1 and field.kind == VARINT:
                size = _signed(field.value)
            elif field.number == 2:
                size = self._text(field)
        return size

    def _opset(self, opset: Field) -> tuple[str, int]:
        domain, version = "", 0
        for field in self._walk.fields(opset.start, opset.end):
            if field.number == 1:
                domain = self._text(field)
            elif field.number == 2:
                version = field.value
        return domain, version

    def _pair(self, pair: Field) -> tuple[str, str]:
        texts: dict[int, str] = {}
        for field in self._walk.fields(pair.start, pair.end):
            if field.number in texts:
                raise WireError("it names the place of its weights twice")
            texts[field.number] = self._text(field)
        return texts.get(1, ""), texts.get(2, "")

    def _inside(self, message: Field, number: int) -> list[Field]:
        fields = self._walk.fields(_bytes(message).start, message.end)
        return [_bytes(field) for field in fields if field.number == number]

    def _text(self, field: Field) -> str:
        if _bytes(field).end - field.start > 1 << 16:
            raise WireError("it holds a name of more than 65536 letters")
        try:
            return self._walk.content(field).decode("utf-8")
        except UnicodeDecodeError:
            raise WireError("it holds a name that is no text") from None


def _external(entries: dict[str, str], needed: int) -> External:
    if not entries.get("location"):
        raise WireError("it keeps weights in another file and names no file")
    offset, length = (_decimal(entries.get(key)) for key in ("offset", "length"))
    if length is not None and needed > length:
        raise WireError(f"it declares a tensor of {needed} bytes and names {length} of them")
    return External(entries["location"], offset or 0, needed if length is None else length)


def _bytes(field: Field) -> Field:
    if field.kind != BYTES:
        raise Damaged("it is damaged")
    return field


def _packed(field: Field, width: int) -> int:
    return (field.end - field.start) // width


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _size(value: int) -> int:
    if _signed(value) < 0:
        raise WireError("it declares a tensor of a negative size")
    return value


def _decimal(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise WireError("it names the place of its weights with something that is no number")
    return int(text)
