"""OpenRaster (.ora): the photo with a group of layers over it, for GIMP, Krita and MyPaint.

The format (https://www.openraster.org, version 0.0.5) is a zip of PNG files and one XML file. Its soft light
is the W3C's, another formula than the hosts' own, so soft-light layers are baked into normal ones; masks
become alpha.

Measured in GIMP 3.0.4 and Krita 5.2.9 (tests/hosts/test_openraster_in_hosts.py): both show the layers with
names, offsets and group. GIMP's loader makes an 8-bit sRGB image of every file, and mixes half masks and
opacities in linear light, which the format cannot forbid: 2 levels of 255 from our compositor for changes of
up to 28 levels, 11 for changes of 86. Krita mixes like us; it makes an 8-bit image around layers of 16 bits,
which they keep when the image is converted to 16, and stores a layer's opacity in a byte.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from typing import Any, BinaryIO
from xml.etree import ElementTree

import cv2
import imagecodecs
import numpy as np
from numpy.typing import DTypeLike, NDArray

from softlight.compositor import bake, composite, quantise
from softlight.encoding import from_unit, perceptual_to_linear, to_unit
from softlight.files import png, source_type
from softlight.layers import Layer, LayerStack
from softlight.picture import Metadata, Picture

_THUMBNAIL = 256
_FAST = 1
"""Deflate level: an .ora holds the photo twice, and level 6 takes three times as long for 4 % less room."""

CLIPPED = (
    "OpenRaster holds integers only: the float photo was stored with 16 bits, "
    "and values outside 0..1 were clipped."
)
SIXTEEN_BITS = (
    "GIMP opens OpenRaster with 8 bits per channel; Krita keeps the layers' 16 bits, "
    "but shows them all only after Image > Convert Image Color Space to 16 bits."
)
MARKED_INSIDE = (
    "OpenRaster has no metadata of its own: the mark 'edited with AI' is in the merged picture inside it, "
    "which GIMP and Krita do not look at; say it where you publish what you make of the file."
)


def write(file: BinaryIO, picture: Picture, stack: LayerStack) -> tuple[str, ...]:
    """Write the photo as the bottom layer, and the stack's layers in a group over it.

    Parameters
    ----------
    file : binary file
        Open for writing and seeking.
    picture : Picture
    stack : LayerStack
        Layers are stored with their crop only: the box where their mask is not 0 and the photo is.

    Returns
    -------
    tuple of str
        Sentences on what was lost.
    """
    baked = bake(picture, stack)
    notes = []
    if picture.pixels.dtype.kind == "f":
        notes.append(CLIPPED)
        picture = _as_integers(picture)
    elif picture.pixels.dtype == np.uint16:
        notes.append(SIXTEEN_BITS)
    baked = quantise(baked, picture.pixels.dtype)
    picture = replace(picture, encoding=replace(picture.encoding, icc=_profile(picture)))
    merged = composite(picture, baked)
    beside = Metadata()
    if stack.source_type is not None:
        told, kept_from = source_type.mark(picture, stack)
        beside = Metadata(xmp=told.metadata.xmp)
        notes += kept_from or (MARKED_INSIDE,)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        # First and uncompressed, so that the kind of file can be told from its first bytes.
        archive.writestr(_member("mimetype"), "image/openraster")
        root = ElementTree.Element("image", version="0.0.5", w=str(picture.width), h=str(picture.height))
        if picture.metadata.dpi is not None:
            root.set("xres", str(round(picture.metadata.dpi[0])))
            root.set("yres", str(round(picture.metadata.dpi[1])))
        top = ElementTree.SubElement(root, "stack")
        if baked.layers:
            group = ElementTree.SubElement(
                top, "stack", {"name": _text(stack.name), **_SHOWN, "opacity": "1"}
            )
            for index in reversed(range(len(baked.layers))):
                _add_layer(archive, group, f"data/layer{index:03}.png", baked.layers[index], picture)
        photo = {"name": "Photo", "src": "data/photo.png", "x": "0", "y": "0", "opacity": "1", **_SHOWN}
        ElementTree.SubElement(top, "layer", photo)
        icc = picture.encoding.icc
        archive.writestr(_member("data/photo.png"), png.encode(picture.pixels, icc, picture.metadata, _FAST))
        archive.writestr(_member("stack.xml"), ElementTree.tostring(root, "UTF-8", xml_declaration=True))
        archive.writestr(_member("mergedimage.png"), png.encode(merged.pixels, icc, beside, _FAST))
        archive.writestr(_member("Thumbnails/thumbnail.png"), png.encode(_thumbnail(merged.pixels)))
        if stack.settings:
            archive.writestr(
                _member("softlight/settings.json"), json.dumps(dict(stack.settings), ensure_ascii=False)
            )
    return tuple(notes)


def _member(name: str) -> zipfile.ZipInfo:
    """Return a file of the archive, uncompressed and dated 1980: the same picture makes the same bytes."""
    return zipfile.ZipInfo(name)


_SHOWN = {"visibility": "visible", "composite-op": "svg:src-over"}


def _add_layer(
    archive: zipfile.ZipFile, group: ElementTree.Element, source: str, layer: Layer, picture: Picture
) -> None:
    pixels, (x, y) = _cropped(layer, picture)
    archive.writestr(_member(source), png.encode(pixels, picture.encoding.icc, Metadata(), _FAST))
    place = {"src": source, "x": str(x), "y": str(y), "opacity": f"{layer.opacity:.6g}"}
    ElementTree.SubElement(group, "layer", {"name": _text(layer.name), **place, **_SHOWN})


def _cropped(layer: Layer, picture: Picture) -> tuple[NDArray[Any], tuple[int, int]]:
    """The layer with its mask as alpha, cropped to what shows; one transparent pixel when nothing does."""
    x, y = layer.offset
    rows = np.flatnonzero(layer.mask.any(axis=1))
    columns = np.flatnonzero(layer.mask.any(axis=0))
    rows = rows[(rows + y >= 0) & (rows + y < picture.height)]
    columns = columns[(columns + x >= 0) & (columns + x < picture.width)]
    channels = picture.colour_channels
    if not len(rows) or not len(columns):
        return np.zeros((1, 1, channels + 1), layer.pixels.dtype), (0, 0)
    crop = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    x, y = x + int(columns[0]), y + int(rows[0])
    mask = layer.mask[crop]
    if picture.has_alpha:
        # Source-over must not make a cut-out opaque. Exact where the photo is opaque or fully transparent.
        height, width = mask.shape
        under = picture.pixels[y : y + height, x : x + width, -1]
        mask = from_unit(to_unit(mask) * to_unit(under), mask.dtype)
    pixels = np.concatenate([layer.pixels[crop], mask[..., None]], axis=2)
    pixels[mask == 0] = 0
    return pixels, (x, y)


def _as_integers(picture: Picture) -> Picture:
    return replace(picture, pixels=_converted(picture.pixels, np.uint16))


def _profile(picture: Picture) -> bytes | None:
    """The photo's profile; sRGB for an untagged one of 16 bits, since Krita asks for each layer without."""
    if picture.encoding.icc is not None or picture.pixels.dtype == np.uint8:
        return picture.encoding.icc
    if picture.colour_channels == 3:
        return bytes(imagecodecs.cms_profile("srgb"))
    curve = perceptual_to_linear(np.linspace(0, 1, 1024, dtype=np.float32))
    return bytes(imagecodecs.cms_profile("gray", transferfunction=curve))


def _converted(pixels: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
    """Row by row, so that no float copy of the photo is made; NaN becomes 0."""
    converted = np.empty(pixels.shape, dtype)
    for row, stored in enumerate(pixels):
        converted[row] = from_unit(np.nan_to_num(to_unit(stored), nan=0, posinf=1, neginf=0), dtype)
    return converted


def _thumbnail(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    scale = min(1.0, _THUMBNAIL / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return _converted(small.reshape(size[1], size[0], pixels.shape[2]), np.uint8)


def _text(name: str) -> str:
    """A name without the characters that XML 1.0 has no place for."""
    return "".join(letter for letter in name if letter >= " " and letter not in "\ufffe\uffff")
