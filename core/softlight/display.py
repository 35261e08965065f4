"""What a part of a photo looks like on an ordinary screen: 8-bit sRGB, through the photo's own profile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import imagecodecs
import numpy as np
from numpy.typing import NDArray

from softlight.encoding import linear_to_perceptual, perceptual_to_linear, to_unit, transfer_of
from softlight.picture import Picture, Transfer

BACKGROUND = np.float32(0.75)
"""What shows through a transparent photo: a light grey."""
SEEN = np.array([1.0, 0.25, 0.55], np.float32)
"""Magenta, which no skin has."""
DIMMED = np.float32(0.6)
"""The photo's brightness under what a filter sees."""
ROWS = 256
"""Rows converted at once: the float copies of a photo of 8K stay below 50 MB."""


def fitting(width: int, height: int, largest: tuple[int, int]) -> tuple[int, int]:
    """Return the size at which a picture fits into `largest` with its proportions; it is never enlarged."""
    scale = min(1.0, largest[0] / width, largest[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def shrink(values: NDArray[Any], size: tuple[int, int]) -> NDArray[np.float32]:
    """Return unit values averaged down to a size, shape (height, width, channels).

    Parameters
    ----------
    values : ndarray, shape (height, width) or (height, width, channels)
        Stored values of a supported type.
    size : tuple of int
        Width and height.
    """
    if values.dtype == np.float16:
        values = values.astype(np.float32)
    if values.dtype.kind == "f":
        values = np.nan_to_num(values, nan=0.0, posinf=1.0, neginf=0.0)
    small = to_unit(cv2.resize(np.ascontiguousarray(values), size, interpolation=cv2.INTER_AREA))
    return small if small.ndim == 3 else small[..., None]


def for_display(picture: Picture, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a picture as it looks, shape (height, width, 3), at a size of the screen.

    Parameters
    ----------
    picture : Picture
    size : tuple of int
        Width and height, no larger than the picture's.
    """
    values = shrink(picture.pixels, size)
    colours = picture.colour_channels
    shown = _to_srgb(np.clip(values[..., :colours], 0, 1), picture)
    if picture.has_alpha:
        alpha = np.clip(values[..., colours:], 0, 1)
        shown = shown * alpha + BACKGROUND * (1 - alpha)
    return np.asarray(np.rint(np.clip(shown, 0, 1) * 255), np.uint8)


def displayed(picture: Picture) -> NDArray[np.uint8]:
    """Return a whole picture as it looks, shape (height, width, 3), at its own size."""
    shown = np.empty((picture.height, picture.width, 3), np.uint8)
    for start in range(0, picture.height, ROWS):
        part = replace(picture, pixels=picture.pixels[start : start + ROWS])
        shown[start : start + ROWS] = for_display(part, (part.width, part.height))
    return shown


def seen_over(photo: NDArray[np.uint8], seen: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return what a filter sees, in colour over the dimmed, grey photo.

    Parameters
    ----------
    photo : ndarray, shape (height, width, 3)
        As `for_display` returns it.
    seen : ndarray, shape (height, width) or (height, width, 1)
        0..1.
    """
    over = np.empty_like(photo)
    for start in range(0, len(photo), ROWS):
        rows = slice(start, start + ROWS)
        grey = photo[rows].mean(axis=2, keepdims=True, dtype=np.float32) / 255 * DIMMED
        weight = np.clip(seen[rows], 0, 1).reshape(*grey.shape)
        over[rows] = np.rint((grey * (1 - weight) + SEEN * weight) * 255)
    return over


def _to_srgb(values: NDArray[np.float32], picture: Picture) -> NDArray[np.float32]:
    """Unit values of the picture's encoding as perceptual sRGB, shape (height, width, 3)."""
    icc, transfer = picture.encoding.icc, picture.encoding.transfer
    # GIMP hands over values on a display curve whatever curve the image's profile has.
    expected = Transfer.PERCEPTUAL if icc is None else transfer_of(icc)
    if transfer is not expected:
        convert = perceptual_to_linear if expected is Transfer.LINEAR else linear_to_perceptual
        values = convert(values)
    converted = None if icc is None else _through_profile(values, icc)
    if converted is not None:
        return converted
    if expected is Transfer.LINEAR:
        values = linear_to_perceptual(values)
    return np.repeat(values, 3, axis=2) if values.shape[2] == 1 else values


def _through_profile(values: NDArray[np.float32], icc: bytes) -> NDArray[np.float32] | None:
    """The same through littleCMS; None for a profile that it cannot use, which is then taken for sRGB."""
    grey = values.shape[2] == 1
    try:
        return np.asarray(
            imagecodecs.cms_transform(
                np.ascontiguousarray(values[..., 0] if grey else values),
                icc,
                imagecodecs.cms_profile("srgb"),
                colorspace="gray" if grey else "rgb",
                outcolorspace="rgb",
                outdtype="f4",
            ),
            np.float32,
        )
    except (imagecodecs.CmsError, ValueError, TypeError):
        return None
