"""Masks: what a brush left in any picture file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.encoding import LUMINANCE, from_unit, to_unit
from softlight.errors import MaskError
from softlight.files.reading import read_picture
from softlight.picture import Picture

_ROWS = 256
"""Computed at a time, so that a mask of RGB takes no float copy of itself."""


def read_mask(path: str | Path, picture: Picture) -> NDArray[Any]:
    """Read the mask of a photo from any picture file.

    A grey picture is the mask, of RGB the luminance is. Alpha counts unless it is opaque everywhere: strokes
    of one colour on a transparent layer are the mask by their alpha, whatever the colour; if the colour
    varies where alpha is not 0, the mask is luminance times alpha. Values are taken as stored, whatever the
    profile.

    Parameters
    ----------
    path : str or Path
    picture : Picture
        The photo. The mask has to have its size, both upright.

    Returns
    -------
    ndarray, shape (height, width)
        uint8 or uint16 over the full range as in the file; float files give float32, 0..1.

    Raises
    ------
    PictureError
        When the file cannot be read, as in `read_picture`.
    MaskError
        When the size is not the photo's.
    """
    path = Path(path)
    found = read_picture(path)
    if (found.width, found.height) != (picture.width, picture.height):
        turned = (found.height, found.width) == (picture.width, picture.height)
        remedy = "turn it by 90 degrees" if turned else "paint it on the photo at full size"
        raise MaskError(
            f"The mask {path.name} has {found.width} × {found.height} pixels but the photo has "
            f"{picture.width} × {picture.height}; {remedy}."
        )
    pixels = found.pixels
    if pixels.dtype.kind == "f":
        pixels = np.clip(np.nan_to_num(pixels.astype(np.float32), nan=0, posinf=1, neginf=0), 0, 1)
    return _mask_of(pixels, found.colour_channels)


def _mask_of(pixels: NDArray[Any], colour_channels: int) -> NDArray[Any]:
    colour = pixels[..., :colour_channels]
    alpha: NDArray[Any] | None = pixels[..., -1] if pixels.shape[2] in (2, 4) else None
    opaque = 1 if pixels.dtype.kind == "f" else np.iinfo(pixels.dtype).max
    if alpha is not None:
        if (alpha == opaque).all():
            alpha = None
        elif _of_one_colour(colour, alpha):
            return np.ascontiguousarray(alpha)
    if alpha is None and colour_channels == 1:
        return np.ascontiguousarray(colour[..., 0])
    mask = np.empty(pixels.shape[:2], pixels.dtype)
    for top in range(0, len(mask), _ROWS):
        rows = slice(top, top + _ROWS)
        values = to_unit(colour[rows])
        # A weighted sum of 0.2126 + 0.7152 + 0.0722 may miss 1 by a rounding; integers round it away.
        light = values[..., 0] if colour_channels == 1 else np.minimum(values @ LUMINANCE, 1)
        mask[rows] = from_unit(light if alpha is None else light * to_unit(alpha[rows]), mask.dtype)
    return mask


def _of_one_colour(colour: NDArray[Any], alpha: NDArray[Any]) -> bool:
    first = int(np.argmax(alpha != 0))
    reference = colour.reshape(-1, colour.shape[2])[first]
    return all(
        not ((colour[row] != reference).any(axis=-1) & (alpha[row] != 0)).any() for row in range(len(alpha))
    )
