"""A `Picture` or a layer stack to a file, whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from softlight.compositor import composite
from softlight.errors import PictureError
from softlight.files import layer_folder
from softlight.files.atomic import appearing, check_absent, replacing
from softlight.layers import LayerStack
from softlight.picture import Picture

_DEPTHS = {
    ".png": ("PNG", ("uint8", "uint16")),
    ".jpg": ("JPEG", ("uint8",)),
    ".jpeg": ("JPEG", ("uint8",)),
    ".webp": ("WebP", ("uint8",)),
    ".tif": ("TIFF", ("uint8", "uint16", "float16", "float32")),
    ".tiff": ("TIFF", ("uint8", "uint16", "float16", "float32")),
}
_SPOKEN = {"uint8": "8 bits", "uint16": "16 bits", "float16": "half float", "float32": "float"}
LAYERED = (".ora", layer_folder.SUFFIX)
"""One file for programs with a screen, a folder for scripts."""


def check_target(path: str | Path, picture: Picture) -> None:
    """Say before any work whether `path` can hold `picture` at its own depth.

    Raises
    ------
    PictureError
        When the suffix is unknown, when the format has not the picture's depth or its alpha, when the
        folder is not there, or when there is already something where a folder of layers shall be.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if not path.absolute().parent.is_dir():
        raise PictureError(
            f"{path.name} cannot be written because the folder {path.absolute().parent} does not exist; "
            "create it first."
        )
    if suffix == layer_folder.SUFFIX:
        check_absent(path)
    if suffix in LAYERED:
        return
    if suffix not in _DEPTHS:
        raise PictureError(
            f"{path.name} does not end in a format that Softlight writes; "
            "use .ora for layers, .layers for scripts, or .png, .tif, .jpg or .webp."
        )
    format_name, depths = _DEPTHS[suffix]
    depth = picture.pixels.dtype.name
    if depth not in depths:
        able = ".tif" if depth.startswith("float") else ".png or .tif"
        raise PictureError(
            f"{format_name} cannot hold this photo's {_SPOKEN[depth]} per channel; write {able}."
        )
    if format_name == "JPEG" and picture.has_alpha and not _opaque(picture):
        raise PictureError("JPEG cannot hold this photo's transparency; write .png, .tif or .webp.")


def write_picture(path: str | Path, picture: Picture) -> None:
    """Write PNG, JPEG, TIFF or WebP, told by the suffix, with the picture's own depth and profile.

    PNG, TIFF and WebP (lossless) give back the same pixels; JPEG is of quality 95 without chroma subsampling,
    and loses an alpha channel that is opaque everywhere. EXIF, XMP and resolution are kept, except that WebP
    knows a resolution in EXIF only.

    Parameters
    ----------
    path : str or Path
    picture : Picture

    Raises
    ------
    PictureError
        As in `check_target`, and when the file cannot be written. An old file at `path` is then untouched and
        nothing else is left behind.
    """
    path = Path(path)
    check_target(path, picture)
    suffix = path.suffix.lower()
    if suffix in LAYERED:
        write_stack(path, picture, LayerStack("", ()))
        return
    with replacing(path) as file:
        if suffix == ".png":
            from softlight.files import png

            file.write(png.encode(picture.pixels, picture.encoding.icc, picture.metadata))
        elif suffix == ".webp":
            from softlight.files import eight_bit

            file.write(eight_bit.encode_webp(picture, path.name))
        elif suffix in (".tif", ".tiff"):
            from softlight.files import tiff

            tiff.write(file, picture)
        else:
            from softlight.files import eight_bit

            colour = replace(picture, pixels=picture.pixels[..., : picture.colour_channels])
            file.write(eight_bit.encode_jpeg(colour, path.name))


def write_stack(path: str | Path, picture: Picture, stack: LayerStack) -> tuple[str, ...]:
    """Write the layers with their photo as OpenRaster (.ora), alone as a folder (.layers), or all flat.

    Where the stack has a source type, the file's XMP says so (`softlight.files.source_type`): that of a flat
    picture, and in OpenRaster that of the merged picture. A folder of layers names it for the program that
    reads it.

    Parameters
    ----------
    path : str or Path
    picture : Picture
    stack : LayerStack

    Returns
    -------
    tuple of str
        Sentences on what the format could not hold.

    Raises
    ------
    PictureError
        As in `write_picture`.
    """
    path = Path(path)
    check_target(path, picture)
    suffix = path.suffix.lower()
    if suffix not in LAYERED:
        from softlight.files import eight_bit, source_type

        longest = eight_bit.JPEG_XMP if _DEPTHS[suffix][0] == "JPEG" else None
        picture, notes = source_type.mark(picture, stack, longest)
        write_picture(path, composite(picture, stack))
        return notes
    if suffix == layer_folder.SUFFIX:
        with appearing(path) as folder:
            layer_folder.write(folder, picture, stack)
        return ()
    from softlight.files import openraster

    with replacing(path) as file:
        return openraster.write(file, picture, stack)


def _opaque(picture: Picture) -> bool:
    alpha = picture.pixels[..., -1]
    return bool((alpha == np.iinfo(alpha.dtype).max).all())
