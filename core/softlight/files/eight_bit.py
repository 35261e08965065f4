"""JPEG and WebP, which know 8 bits only, through Pillow."""

from __future__ import annotations

import io
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin, WebPImagePlugin

from softlight.encoding import transfer_of
from softlight.errors import PictureError
from softlight.files.metadata import bare_exif
from softlight.files.sentences import check_size, damaged, unsupported
from softlight.picture import ColourEncoding, Metadata, Picture

JPEG_QUALITY = 95
WEBP_SIDE = 16383
JPEG_SIDE = 65500
_JPEG_EXIF = 65533 - len(b"Exif\0\0")
JPEG_XMP = 65533 - len(b"http://ns.adobe.com/xap/1.0/\0")
"""Bytes of a packet; a longer one would have to be split, which Pillow does not do."""
_JPEG_PIXELS_PER_BYTE = 4096
"""A progressive 4:2:0 JPEG of one colour comes to some 340 pixels a byte; ten times that is a lie."""


def read_jpeg(file: BinaryIO, name: str) -> Picture:
    """Decode a JPEG, grey or RGB."""
    try:
        # Image.open would refuse photos beyond 179 megapixels; its limit is a global setting.
        image = JpegImagePlugin.JpegImageFile(file)
    except (SyntaxError, OSError, ValueError, IndexError) as error:
        raise damaged(name, error) from error
    check_size(name, *image.size)
    if image.width * image.height > _JPEG_PIXELS_PER_BYTE * file.seek(0, io.SEEK_END):
        raise damaged(name, f"so few bytes cannot hold {image.width} × {image.height} pixels")
    if image.mode == "CMYK":
        raise unsupported(name, "a CMYK picture", "convert it to RGB first")
    return _decoded(image, name)


def read_webp(file: BinaryIO, name: str) -> Picture:
    """Decode a WebP; of an animation the first picture."""
    try:
        image = WebPImagePlugin.WebPImageFile(file)
    except Image.DecompressionBombError as error:
        # 179 megapixels: Pillow's limit is a global setting, which is not ours to change.
        raise unsupported(name, "a WebP of more than 178 megapixels", "convert it to PNG first") from error
    except (SyntaxError, OSError, ValueError) as error:
        raise damaged(name, error) from error
    check_size(name, *image.size)
    return _decoded(image, name)


def _decoded(image: Image.Image, name: str) -> Picture:
    try:
        image.load()
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise damaged(name, error) from error
    if image.mode not in ("L", "RGB", "RGBA"):
        image = image.convert("RGBA" if "A" in image.mode else "RGB")
    pixels = np.asarray(image)
    icc: bytes | None = image.info.get("icc_profile") or None
    dpi = image.info.get("dpi")
    metadata = Metadata(
        bare_exif(image.info.get("exif")),
        image.info.get("xmp") or None,
        (float(dpi[0]), float(dpi[1])) if dpi and dpi[0] > 0 and dpi[1] > 0 else None,
    )
    return Picture(
        pixels if pixels.ndim == 3 else pixels[..., None], ColourEncoding(transfer_of(icc), icc), metadata
    )


def encode_jpeg(picture: Picture, name: str) -> bytes:
    """Quality 95 without chroma subsampling; the caller has seen to 8 bits and no alpha."""
    _check_side(name, "JPEG", picture, JPEG_SIDE)
    metadata = picture.metadata
    if metadata.exif is not None and len(metadata.exif) > _JPEG_EXIF:
        raise PictureError(
            f"{name} cannot be a JPEG because the photo's EXIF block is larger than JPEG allows; "
            "write PNG or TIFF."
        )
    options: dict[str, Any] = {"quality": JPEG_QUALITY, "subsampling": 0}
    if metadata.dpi is not None:
        options["dpi"] = metadata.dpi
    return _encoded(picture, "JPEG", options)


def encode_webp(picture: Picture, name: str) -> bytes:
    """Lossless, so that nothing outside the mask changes; grey becomes RGB, which is all that WebP has."""
    _check_side(name, "WebP", picture, WEBP_SIDE)
    return _encoded(picture, "WEBP", {"lossless": True, "exact": True, "method": 2})


def _check_side(name: str, kind: str, picture: Picture, side: int) -> None:
    if max(picture.width, picture.height) > side:
        raise PictureError(
            f"{name} cannot be a {kind} picture because {kind} ends at {side} pixels a side; "
            "write PNG or TIFF."
        )


def _encoded(picture: Picture, kind: str, options: dict[str, Any]) -> bytes:
    # Into memory: Pillow reports a full disk as "encoder error -2" when it writes to the file itself.
    memory = io.BytesIO()
    pixels: NDArray[Any] = picture.pixels
    image = Image.fromarray(np.ascontiguousarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels))
    if kind == "WEBP":
        image = image.convert("RGBA" if picture.has_alpha else "RGB")
    if picture.encoding.icc is not None:
        options["icc_profile"] = picture.encoding.icc
    if picture.metadata.exif is not None:
        options["exif"] = b"Exif\0\0" + picture.metadata.exif if kind == "JPEG" else picture.metadata.exif
    if picture.metadata.xmp is not None:
        options["xmp"] = picture.metadata.xmp
    try:
        image.save(memory, kind, **options)
    except ValueError as error:
        raise PictureError(
            f"The photo's profile or metadata do not fit into {kind} ({error}); write PNG or TIFF."
        ) from error
    return memory.getvalue()
