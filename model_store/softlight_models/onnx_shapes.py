"""Opens sizes that an ONNX file fixes although its network has none.

A converter that traced one example writes that example's sizes down as if they were the network's own, and
a runtime then refuses every other size. Only the declarations are rewritten; nodes and weights stay.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from softlight_models.onnx_reader import MOST_FIELDS
from softlight_models.wire_format import BYTES, VARINT, Walk

_GRAPH = 7  # ModelProto
_INPUT, _OUTPUT = 11, 12  # GraphProto
_NAME, _TYPE = 1, 2  # ValueInfoProto
_TENSOR = 1  # TypeProto
_ELEMENT, _SHAPE = 1, 2  # TypeProto.Tensor
_DIMENSION = 1  # TensorShapeProto
_SIZE, _SYMBOL = 1, 2  # TensorShapeProto.Dimension


def with_shapes(content: bytes, shapes: Mapping[str, Sequence[int | str]]) -> bytes:
    """Return an ONNX file that declares other shapes for some of its inputs and outputs.

    Parameters
    ----------
    content : bytes
        A file that was looked through before.
    shapes : mapping of str to sequence of int or str
        By the tensors' names in the file; a text is the name of an open size.

    Raises
    ------
    WireError
        If the bytes are no ONNX file.
    """
    walk = Walk(io.BytesIO(content), MOST_FIELDS)
    view = memoryview(content)
    model: list[bytes | memoryview] = []
    at = 0
    for field in walk.fields(0, len(content)):
        if field.number == _GRAPH and field.kind == BYTES:
            model.append(_bytes(_GRAPH, b"".join(_graph(walk, view, field.start, field.end, shapes))))
        else:
            model.append(view[at : field.end])
        at = field.end
    return b"".join(model)


def _graph(
    walk: Walk, view: memoryview, start: int, end: int, shapes: Mapping[str, Sequence[int | str]]
) -> list[bytes | memoryview]:
    parts: list[bytes | memoryview] = []
    at = start
    for field in walk.fields(start, end):
        part: bytes | memoryview = view[at : field.end]
        if field.number in (_INPUT, _OUTPUT) and field.kind == BYTES:
            name, element = _name_and_element(walk, field.start, field.end)
            if name in shapes:
                part = _bytes(field.number, _value(name, element, shapes[name]))
        parts.append(part)
        at = field.end
    return parts


def _name_and_element(walk: Walk, start: int, end: int) -> tuple[str, int]:
    name, element = "", 0
    for field in walk.fields(start, end):
        if field.number == _NAME:
            name = walk.content(field).decode("utf-8", "replace")
        elif field.number == _TYPE:
            for kind in walk.fields(field.start, field.end):
                if kind.number == _TENSOR:
                    for part in walk.fields(kind.start, kind.end):
                        element = part.value if part.number == _ELEMENT else element
    return name, element


def _value(name: str, element: int, shape: Sequence[int | str]) -> bytes:
    sizes = b"".join(
        _bytes(_DIMENSION, _bytes(_SYMBOL, size.encode()) if isinstance(size, str) else _number(_SIZE, size))
        for size in shape
    )
    tensor = _number(_ELEMENT, element) + _bytes(_SHAPE, sizes)
    return _bytes(_NAME, name.encode()) + _bytes(_TYPE, _bytes(_TENSOR, tensor))


def _bytes(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | BYTES) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3 | VARINT) + _varint(value)


def _varint(value: int) -> bytes:
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    digits.append(value)
    return bytes(digits)
