"""Pixels without any library: PNG files out, raw layers in, masks cropped and widened.

Everything is 8 bits per channel and whole rows are handled at a time: a loop over pixels takes Python 2.7
a second per megapixel.
"""

import io
import json
import os
import struct
import zlib
from collections import namedtuple

MYPY = False
if MYPY:
    from typing import Any, Iterable, List, Optional, Tuple  # noqa: F401

COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
"""PNG's numbers for grey, grey and alpha, RGB, RGB and alpha."""
OPAQUE_WHERE_PAINTED = b"\0" + b"\xff" * 255

Mask = namedtuple("Mask", "width height origin data")
"""Where a filter works: rows of 8-bit values, cropped to what is painted; `origin` is its x and y."""

Layer = namedtuple("Layer", "name blend opacity offset width height pixels mask")
"""A result's layer: `pixels` with alpha, ready to be set, and `mask`, both rows of 8-bit values."""

Stack = namedtuple("Stack", "group settings notes layers source_type")
"""A result, its layers the lowest first; `source_type` is what a picture with them must say, or None."""


def write_png(path, size, channels, rows, level, icc=None):
    # type: (str, Tuple[int, int], int, Iterable[bytes], int, Optional[bytes]) -> None
    """Write an 8-bit PNG.

    Parameters
    ----------
    size : tuple of int
        Width and height.
    rows : iterable of bytes
        Pieces of any number of whole rows, from the top.
    level : int
        Of deflate; 0 stores.
    """
    width, height = size
    stride = width * channels
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        _chunk(file, b"IHDR", struct.pack(">IIBBBBB", width, height, 8, COLOUR_TYPES[channels], 0, 0, 0))
        if icc:
            _chunk(file, b"iCCP", b"ICC profile\0\0" + zlib.compress(icc))
        packer = zlib.compressobj(level)
        for piece in rows:
            # Every row starts with the number of its filter; 0 is none.
            filtered = b"".join(b"\0" + piece[at : at + stride] for at in range(0, len(piece), stride))
            _chunk(file, b"IDAT", packer.compress(filtered))
        _chunk(file, b"IDAT", packer.flush())
        _chunk(file, b"IEND", b"")


def _chunk(file, kind, body):
    # type: (Any, bytes, bytes) -> None
    file.write(struct.pack(">I", len(body)) + kind + body)
    file.write(struct.pack(">I", zlib.crc32(kind + body) & 0xFFFFFFFF))


def cropped(data, width, origin):
    # type: (bytes, int, Tuple[int, int]) -> Optional[Mask]
    """Return the smallest box of 8-bit rows that holds every painted pixel; None when none is painted."""
    top = (len(data) - len(data.lstrip(b"\0"))) // width
    bottom = -(-len(data.rstrip(b"\0")) // width)
    if bottom <= top:
        return None
    rows = [data[start : start + width] for start in range(top * width, bottom * width, width)]
    painted = [row for row in rows if row.strip(b"\0")]
    left = min(width - len(row.lstrip(b"\0")) for row in painted)
    right = max(len(row.rstrip(b"\0")) for row in painted)
    pixels = b"".join(row[left:right] for row in rows)
    return Mask(right - left, bottom - top, (origin[0] + left, origin[1] + top), pixels)


def widened(mask, width, height):
    # type: (Mask, int, int) -> Iterable[bytes]
    """Yield the rows of a mask as large as the picture, which the mask lies in."""
    x, y = mask.origin
    empty = b"\0" * width
    before, after = b"\0" * x, b"\0" * (width - x - mask.width)
    for _ in range(y):
        yield empty
    for start in range(0, len(mask.data), mask.width):
        yield before + mask.data[start : start + mask.width] + after
    for _ in range(height - y - mask.height):
        yield empty


def read_stack(folder):
    # type: (str) -> Stack
    """Read what ``softlight ... -o NAME.layers`` wrote for an 8-bit picture.

    Raises
    ------
    IOError, ValueError, KeyError
        When it is not such a folder.
    """
    with io.open(os.path.join(folder, "stack.json"), encoding="utf-8") as file:
        stored = json.load(file)
    if stored["format"] != "softlight-layers" or stored["version"] != 1:
        raise ValueError("another format")
    layers = [_read_layer(folder, entry) for entry in stored["layers"]]
    return Stack(stored["group"], stored["settings"], stored["notes"], layers, stored.get("source_type"))


def _read_layer(folder, entry):
    # type: (str, Any) -> Layer
    width, height = entry["size"]
    mask = _read_raw(folder, entry["mask"], width * height)
    colours = len(entry["pixels"]["channels"])
    pixels = _read_raw(folder, entry["pixels"], width * height * colours)
    offset = (entry["offset"][0], entry["offset"][1])
    return Layer(
        entry["name"], entry["blend"], entry["opacity"], offset, width, height,
        with_alpha(pixels, colours, mask.translate(OPAQUE_WHERE_PAINTED)), mask,
    )  # fmt: skip


def _read_raw(folder, entry, size):
    # type: (str, Any, int) -> bytes
    with open(os.path.join(folder, entry["file"]), "rb") as file:
        data = file.read()
    if entry["depth"] != "u8" or len(data) != size:
        raise ValueError("another depth or size")
    return data


def with_alpha(pixels, colours, alpha):
    # type: (bytes, int, bytes) -> bytes
    """Return the pixels with an alpha channel after their colours."""
    joined = bytearray(len(alpha) * (colours + 1))
    for channel in range(colours):
        joined[channel :: colours + 1] = pixels[channel::colours]
    joined[colours :: colours + 1] = alpha
    return bytes(joined)
