"""TIFF of every depth through tifffile: planar, tiled, compressed, either byte order."""

from __future__ import annotations

import logging
import os
from typing import Any, BinaryIO

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import TiffImagePlugin

from softlight.encoding import transfer_of
from softlight.errors import PictureError
from softlight.files.metadata import (
    ABOUT_THE_PHOTO,
    EXIF_DIRECTORY,
    GPS_DIRECTORY,
    ORIENTATION,
    directories,
    exif_of_tiff,
)
from softlight.files.sentences import check_size, damaged, unsupported
from softlight.picture import PIXEL_TYPES, ColourEncoding, Metadata, Picture

# What is wrong with a file becomes one sentence; without a handler its warnings would go to stderr as well.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

_TO_RGB = "convert it to RGB first"
_REFUSED = {
    "SEPARATED": ("a CMYK picture", _TO_RGB),
    "CIELAB": ("a Lab picture", _TO_RGB),
    "ICCLAB": ("a Lab picture", _TO_RGB),
    "ITULAB": ("a Lab picture", _TO_RGB),
    "CFA": ("a raw camera file", "develop it in a raw converter first"),
    "LINEAR_RAW": ("a raw camera file", "develop it in a raw converter first"),
}
_XMP, _DESCRIPTION, _SOFTWARE = 700, 270, 305
_CENTIMETRE = 3
_LARGEST_CLASSIC = 2**32 - 2**26
_BYTE, _ASCII, _LONG = 1, 2, 4


def read(file: BinaryIO, name: str) -> tuple[Picture, int]:
    """Decode the first full-size page; returns the picture as stored, and its orientation tag."""
    try:
        with tifffile.TiffFile(file) as tiff:
            page = _first_page(tiff)
            _check(page, file, name)
            pixels = _straight(_upright_channels(page, name), page)
            icc = page.tags.valueof(34675)
            metadata = Metadata(_exif(file, name), _bytes(page.tags.valueof(_XMP)), _dpi(page))
            turned = page.tags.valueof(ORIENTATION, default=1)
    except (PictureError, MemoryError):
        raise
    except (
        Exception
    ) as error:  # tifffile is plain Python: what it stumbles on in a damaged file may be anything
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise damaged(name, error) from error
    icc = _bytes(icc)
    return Picture(pixels, ColourEncoding(transfer_of(icc), icc), metadata), int(turned)


def _first_page(tiff: tifffile.TiffFile) -> tifffile.TiffPage:
    # Cameras and scanners put a preview first and mark it as reduced.
    pages = [page.aspage() for page in tiff.pages]
    return next((page for page in pages if not page.is_reduced), pages[0])


def _check(page: tifffile.TiffPage, file: BinaryIO, name: str) -> None:
    check_size(name, page.imagewidth, page.imagelength)
    photometric = tifffile.PHOTOMETRIC(page.photometric).name
    if photometric in _REFUSED:
        raise unsupported(name, *_REFUSED[photometric])
    if page.imagedepth != 1:
        raise unsupported(name, "a volume, not a photo", "save one slice of it")
    extra = len(page.extrasamples)
    if page.samplesperpixel - extra not in (1, 3) or extra > 1:
        raise unsupported(
            name, f"a TIFF of {page.samplesperpixel} channels", "flatten it to RGB or grey first"
        )
    if page.bitspersample != 1 and (page.dtype is None or page.dtype.type not in PIXEL_TYPES):
        raise _odd_depth(page, name)
    if page.bitspersample not in (1, 8, 16, 32):
        raise _odd_depth(page, name)
    size = os.fstat(file.fileno()).st_size
    ends = [start + length for start, length in zip(page.dataoffsets, page.databytecounts)]
    if not ends or max(ends) > size:
        raise damaged(name, f"its pixels end beyond its {size} bytes")


def _odd_depth(page: tifffile.TiffPage, name: str) -> Exception:
    kind = f"a TIFF with {page.bitspersample} bits per sample ({page.dtype or 'of an unknown type'})"
    return unsupported(name, kind, "save it with 8 or 16 bits, or as half or single float")


def _upright_channels(page: tifffile.TiffPage, name: str) -> NDArray[Any]:
    """Pixels in native byte order, shape (height, width, channels), palettes and inverted grey resolved."""
    stored = np.asarray(page.asarray())
    stored = stored.astype(stored.dtype.newbyteorder("="), copy=False)
    if page.bitspersample == 1:
        stored = stored.astype(np.uint8) * np.uint8(255)
    if page.photometric == tifffile.PHOTOMETRIC.PALETTE:
        if page.colormap is None:
            raise damaged(name, "it has a palette without colours")
        return np.ascontiguousarray(np.moveaxis(page.colormap[:, stored] >> 8, 0, -1).astype(np.uint8))
    if page.planarconfig == tifffile.PLANARCONFIG.SEPARATE and page.samplesperpixel > 1:
        stored = np.moveaxis(stored.reshape(page.samplesperpixel, page.imagelength, page.imagewidth), 0, -1)
    pixels = np.ascontiguousarray(stored.reshape(page.imagelength, page.imagewidth, page.samplesperpixel))
    if page.photometric == tifffile.PHOTOMETRIC.MINISWHITE:
        top = 1 if pixels.dtype.kind == "f" else np.iinfo(pixels.dtype).max
        pixels[..., 0] = top - pixels[..., 0]
    return pixels


def _straight(pixels: NDArray[Any], page: tifffile.TiffPage) -> NDArray[Any]:
    """Colour that was stored multiplied by alpha, divided again; what is fully transparent becomes black."""
    if not page.extrasamples or page.extrasamples[0] != tifffile.EXTRASAMPLE.ASSOCALPHA:
        return pixels
    top = 1 if pixels.dtype.kind == "f" else np.iinfo(pixels.dtype).max
    colour, alpha = pixels[..., :-1], pixels[..., -1:].astype(np.float64)
    divided = np.divide(colour * float(top), alpha, out=np.zeros(colour.shape), where=alpha > 0)
    colour[...] = np.clip(np.rint(divided), 0, top) if pixels.dtype.kind == "u" else divided
    return pixels


def _bytes(value: Any) -> bytes | None:
    return bytes(value) if isinstance(value, bytes | tuple) and value else None


def _exif(file: BinaryIO, name: str) -> bytes | None:
    position = file.tell()
    try:
        return exif_of_tiff(file)
    except Exception:  # any nonsense in maker notes; the pixels are what counts
        return None
    finally:
        file.seek(position)


def _dpi(page: tifffile.TiffPage) -> tuple[float, float] | None:
    x, y = page.tags.valueof(282), page.tags.valueof(283)
    unit = page.tags.valueof(296, default=2)
    if not x or not y or not all((*x, *y)) or unit not in (2, _CENTIMETRE):
        return None
    scale = 2.54 if unit == _CENTIMETRE else 1.0
    return x[0] / x[1] * scale, y[0] / y[1] * scale


def write(file: BinaryIO, picture: Picture) -> None:
    """A TIFF of the picture's own depth: deflate with predictor, unassociated alpha, EXIF directories."""
    pixels, metadata = picture.pixels, picture.metadata
    # Beyond 4 GB tifffile writes BigTIFF, whose directories are laid out in another way: no EXIF there.
    block = metadata.exif if pixels.nbytes < _LARGEST_CLASSIC else None
    exif = directories(block) if block is not None else None
    tags: list[tuple[int, int, int, Any, bool]] = []
    texts: dict[int, bytes] = {}
    if metadata.xmp is not None:
        tags.append((_XMP, _BYTE, len(metadata.xmp), metadata.xmp, True))
    if exif is not None:
        texts = {tag: str(exif[tag]).encode("latin-1", "replace") for tag in ABOUT_THE_PHOTO if tag in exif}
        others = {tag: text for tag, text in texts.items() if tag not in (_DESCRIPTION, _SOFTWARE)}
        tags += [(tag, _ASCII, len(text) + 1, text, True) for tag, text in others.items()]
        # tifffile refuses the tags of EXIF's directories: the number below each keeps its place.
        tags += [(tag - 1, _LONG, 1, 0, True) for tag in (EXIF_DIRECTORY, GPS_DIRECTORY) if exif.get_ifd(tag)]
    tifffile.imwrite(
        file,
        pixels[..., 0] if pixels.shape[2] == 1 else pixels,
        photometric="rgb" if picture.colour_channels == 3 else "minisblack",
        planarconfig="contig" if pixels.shape[2] > 1 else None,
        extrasamples=["unassalpha"] if picture.has_alpha else None,
        compression="adobe_deflate",
        compressionargs={"level": 1},
        predictor=True,
        iccprofile=picture.encoding.icc,
        resolution=metadata.dpi,
        resolutionunit="INCH" if metadata.dpi else None,
        description=texts.get(_DESCRIPTION),
        software=texts.get(_SOFTWARE, False),
        metadata=None,
        byteorder="<",
        extratags=tags,
    )
    if exif is not None:
        for tag in (EXIF_DIRECTORY, GPS_DIRECTORY):
            if exif.get_ifd(tag):
                _append_directory(file, tag, exif.get_ifd(tag))


def _append_directory(file: BinaryIO, tag: int, entries: dict[int, Any]) -> None:
    """Write a directory behind everything else, and enter it where `tag - 1` keeps its place."""
    file.seek(0)
    with tifffile.TiffFile(file) as tiff:
        place = tiff.pages.first.tags[tag - 1]
    directory = TiffImagePlugin.ImageFileDirectory_v2(b"II*\0\0\0\0\0", group=tag)
    for number, value in entries.items():
        directory[number] = value
    start = file.seek(0, os.SEEK_END)
    start += file.write(b"\0" * (start % 2))
    file.write(directory.tobytes(start))
    file.seek(place.offset)
    file.write(tag.to_bytes(2, "little"))
    file.seek(place.valueoffset)
    file.write(start.to_bytes(4, "little"))
    file.seek(0, os.SEEK_END)
