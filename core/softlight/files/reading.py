"""Any picture file to a `Picture`."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from softlight.errors import PictureError
from softlight.files.metadata import orientation, upright_exif, upright_pixels, upright_xmp
from softlight.files.sentences import unreadable
from softlight.picture import Picture


def read_picture(path: str | Path) -> Picture:
    """Read a PNG, JPEG, TIFF or WebP file.

    The kind is told by the content, not by the name. Palettes become RGB, fewer than 8 bits become 8, alpha
    is straight, any EXIF orientation is applied to the pixels and set to 1 in the metadata kept. A float
    picture may hold NaN and infinities.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Picture
        In the file's own depth: uint8, uint16, float16 or float32.

    Raises
    ------
    PictureError
        When the file is missing, unreadable, empty, no picture, damaged, absurdly large, CMYK, Lab, raw, or
        of a depth that is not supported.
    """
    path = Path(path)
    try:
        # What decoders warn of on stderr is either harmless or becomes one sentence.
        with open(path, "rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(file, path)
    except OSError as error:
        raise unreadable(path, error) from error
    except MemoryError as error:
        raise PictureError(
            f"{path.name} is too large for the memory of this machine; "
            "close other programs or work on a part of it."
        ) from error


def _read(file: BinaryIO, path: Path) -> Picture:
    # The decoders are imported when they are needed: a JPEG should not wait for tifffile.
    head = file.read(16)
    file.seek(0)
    turned = None
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        from softlight.files import png

        picture = png.read(file, path.name)
    elif head.startswith(b"\xff\xd8\xff"):
        from softlight.files import eight_bit

        picture = eight_bit.read_jpeg(file, path.name)
    elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        from softlight.files import eight_bit

        picture = eight_bit.read_webp(file, path.name)
    elif head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        from softlight.files import tiff

        picture, turned = tiff.read(file, path.name)
    elif not head:
        raise PictureError(f"{path.name} is empty (0 bytes); copy it again from where it came from.")
    else:
        raise PictureError(
            f"{path.name} is not a PNG, JPEG, TIFF or WebP picture; convert it to one of these first."
        )
    return _upright(picture, turned)


def _upright(picture: Picture, turned: int | None) -> Picture:
    """Apply the orientation `turned`, or the one in the EXIF block, to the pixels."""
    metadata = picture.metadata
    if turned is None:
        turned = orientation(metadata.exif)
    pixels, dpi = picture.pixels, metadata.dpi
    if 2 <= turned <= 8:
        pixels = upright_pixels(pixels, turned)
        dpi = (dpi[1], dpi[0]) if dpi and turned >= 5 else dpi
    metadata = replace(metadata, exif=upright_exif(metadata.exif), xmp=upright_xmp(metadata.xmp), dpi=dpi)
    return replace(picture, pixels=pixels, metadata=metadata)
