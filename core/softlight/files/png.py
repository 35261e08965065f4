"""PNG of 8 and 16 bits: pixels through libpng (imagecodecs), everything beside them chunk by chunk.

Pillow reduces 16-bit colour to 8 bits; and what it knows beside the pixels it only knows after decoding them.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Any, BinaryIO

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from softlight.encoding import transfer_of
from softlight.files.metadata import bare_exif
from softlight.files.sentences import check_size, damaged
from softlight.picture import ColourEncoding, Metadata, Picture

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_XMP_KEYWORD = b"XML:com.adobe.xmp"
_OF_THE_PIXELS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_LARGEST_EXTRA = 64 << 20
"""Unpacked bytes of one profile or text; zlib could make a thousand times the file's size of it."""
_LARGEST_RATIO = 1040
"""Deflate never packs more than 1032 bytes into one, so that a header can be caught lying before decoding."""
_METRE = 0.0254


@dataclass
class _Beside:
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None


def read(file: BinaryIO, name: str) -> Picture:
    """Decode a PNG of any kind; palettes become RGB, fewer than 8 bits become 8, colour keys alpha."""
    data = file.read()
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise damaged(name)
    width, height, depth, colour_type = struct.unpack_from(">IIBB", data, 16)
    check_size(name, width, height)
    unpacked = height * (width * depth * _CHANNELS.get(colour_type, 1) // 8)
    if unpacked > _LARGEST_RATIO * len(data):
        raise damaged(name, f"{len(data)} bytes cannot hold {width} × {height} pixels")
    try:
        beside, picture_alone = _taken_apart(data)
        pixels = imagecodecs.png_decode(picture_alone)
    except (imagecodecs.PngError, zlib.error, struct.error, ValueError) as error:
        raise damaged(name, error) from error
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    return Picture(
        pixels,
        ColourEncoding(transfer_of(beside.icc), beside.icc),
        Metadata(bare_exif(beside.exif), beside.xmp, beside.dpi),
    )


def _taken_apart(data: bytes) -> tuple[_Beside, bytes]:
    """What lies beside the pixels, and the file without it: libpng complains about profiles on stderr."""
    found = _Beside()
    position = len(SIGNATURE)
    kept = [SIGNATURE]
    while position + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        if kind in _OF_THE_PIXELS:
            kept.append(data[position : position + 12 + length])
        body = data[position + 8 : position + 8 + length] if kind != b"IDAT" else b""
        position += 12 + length
        if kind == b"iCCP":
            found.icc = _unpacked(body[body.index(b"\0") + 2 :]) if b"\0" in body else None
        elif kind == b"eXIf":
            found.exif = body
        elif kind == b"iTXt" and body.startswith(_XMP_KEYWORD + b"\0"):
            packed = body[len(_XMP_KEYWORD) + 1] == 1
            # Keyword, flag, method, language, translated keyword, text: zero bytes between them.
            rest = body[len(_XMP_KEYWORD) + 3 :].split(b"\0", 2)[-1]
            found.xmp = _unpacked(rest) if packed else rest
        elif kind == b"pHYs" and body[8:9] == b"\1":
            x, y = struct.unpack_from(">II", body)
            found.dpi = (round(x * _METRE, 2), round(y * _METRE, 2)) if x and y else None
        elif kind == b"IEND":
            break
    return found, b"".join(kept)


def _unpacked(data: bytes) -> bytes:
    return bytes(zlib.decompressobj().decompress(data, _LARGEST_EXTRA))


def encode(
    pixels: NDArray[Any], icc: bytes | None = None, metadata: Metadata | None = None, level: int = 6
) -> bytes:
    """A PNG file of uint8 or uint16 pixels, shape (height, width, 1 to 4).

    Parameters
    ----------
    level : int
        Of deflate: 1 takes a third of the time of 6 and 4 % more room on a photo.
    """
    plain = np.ascontiguousarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    coded = bytes(imagecodecs.png_encode(plain, level=level))
    after_header = len(SIGNATURE) + 25
    chunks = [coded[:after_header]]
    if icc is not None:
        chunks.append(_chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(icc)))
    if metadata is not None:
        if metadata.dpi is not None:
            x, y = (round(value / _METRE) for value in metadata.dpi)
            chunks.append(_chunk(b"pHYs", struct.pack(">IIB", x, y, 1)))
        if metadata.exif is not None:
            chunks.append(_chunk(b"eXIf", metadata.exif))
        if metadata.xmp is not None:
            chunks.append(_chunk(b"iTXt", _XMP_KEYWORD + b"\0\0\0\0\0" + metadata.xmp))
    chunks.append(coded[after_header:])
    return b"".join(chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
