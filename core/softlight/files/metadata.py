"""EXIF, XMP and resolution: found, made upright, and handed on."""

from __future__ import annotations

import re
import struct
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

ORIENTATION = 274
EXIF_DIRECTORY, GPS_DIRECTORY = 34665, 34853

ABOUT_THE_PHOTO = (270, 271, 272, 305, 306, 315, 316, 33432)
"""Description, make, model, software, date, artist, computer, copyright: what an EXIF block has beside its
directories. The rest of a TIFF's first directory describes that file's own storage."""

_EXIF_PREFIX = b"Exif\0\0"


def bare_exif(block: bytes | None) -> bytes | None:
    """An EXIF block without the prefix that JPEG gives it; `None` when it is none."""
    if not block:
        return None
    block = block.removeprefix(_EXIF_PREFIX)
    return block if block[:4] in (b"II*\0", b"MM\0*") else None


def _orientation_at(exif: bytes) -> tuple[str, int] | None:
    """Byte order, and position of the orientation's value in the first directory."""
    order = "<" if exif[:2] == b"II" else ">"
    try:
        (start,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, start)
        for entry in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind = struct.unpack_from(order + "HH", exif, entry)
            if tag == ORIENTATION and kind == 3:
                struct.unpack_from(order + "H", exif, entry + 8)
                return order, entry + 8
    except struct.error:
        pass
    return None


def orientation(exif: bytes | None) -> int:
    """1 to 8 as in the EXIF tag; 1 when there is none or it makes no sense."""
    found = _orientation_at(exif) if exif else None
    if exif is None or found is None:
        return 1
    order, position = found
    value = int(struct.unpack_from(order + "H", exif, position)[0])
    return value if 1 <= value <= 8 else 1


def upright_exif(exif: bytes | None) -> bytes | None:
    """The block with orientation 1, changed in place so that maker notes keep their offsets."""
    found = _orientation_at(exif) if exif else None
    if exif is None or found is None:
        return exif
    order, position = found
    return exif[:position] + struct.pack(order + "H", 1) + exif[position + 2 :]


def upright_xmp(xmp: bytes | None) -> bytes | None:
    """The packet with tiff:Orientation 1; some programs trust it more than EXIF."""
    if xmp is None:
        return None
    return re.sub(rb"(tiff:Orientation(?:\s*=\s*[\"']|>))[1-8]", rb"\g<1>1", xmp)


def upright_pixels(pixels: NDArray[Any], turned: int) -> NDArray[Any]:
    """Pixels, shape (height, width, channels), as they are to be seen when EXIF says `turned`."""
    if turned in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if turned in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if turned in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def exif_of_tiff(file: BinaryIO) -> bytes | None:
    """What a TIFF's directories say about the photo, as an EXIF block of its own."""
    file.seek(0)
    found = Image.Exif()
    found.load_from_fp(file)
    kept = Image.Exif()
    for tag in ABOUT_THE_PHOTO:
        if tag in found:
            kept[tag] = found[tag]
    for directory in (EXIF_DIRECTORY, GPS_DIRECTORY):
        entries = dict(found.get_ifd(directory))
        if entries:
            kept[directory] = entries
    return bare_exif(kept.tobytes()) if len(kept) else None


def directories(exif: bytes) -> Image.Exif:
    """An EXIF block taken apart."""
    parsed = Image.Exif()
    parsed.load(exif)
    return parsed
