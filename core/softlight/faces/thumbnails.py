"""Small square pictures of faces, for people to choose among."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.display import BACKGROUND, fitting, for_display
from softlight.picture import Picture
from softlight.roles.face_detection import Face

AROUND = 1.5
"""Sides of the face's box that a thumbnail shows: hair and chin are in it, the neighbour mostly is not."""


def thumbnail(picture: Picture, face: Face, side: int) -> NDArray[np.uint8]:
    """Return a face and something around it as it looks in sRGB, shape (side, side, 3).

    Parameters
    ----------
    picture : Picture
        Of any type and encoding.
    face : Face
        In px of the picture.
    side : int
        Px of the thumbnail; a smaller face is enlarged.
    """
    left, top, right, bottom = face.box
    length = max(1, round(AROUND * max(right - left, bottom - top)))
    x, width = _span((left + right) / 2, length, picture.width)
    y, height = _span((top + bottom) / 2, length, picture.height)
    part = replace(picture, pixels=picture.pixels[y : y + height, x : x + width])
    shown = for_display(part, fitting(width, height, (side, side)))
    scale = side / length
    size = min(side, max(1, round(width * scale))), min(side, max(1, round(height * scale)))
    if (shown.shape[1], shown.shape[0]) != size:
        shown = np.asarray(cv2.resize(shown, size, interpolation=cv2.INTER_LINEAR))
    # Around a face that is larger than the picture lies what lies around any picture.
    square = np.full((side, side, 3), round(float(BACKGROUND) * 255), np.uint8)
    over, beside = (side - size[1]) // 2, (side - size[0]) // 2
    square[over : over + size[1], beside : beside + size[0]] = shown
    return square


def _span(centre: float, length: int, available: int) -> tuple[int, int]:
    """Return where `length` px around a centre begin, moved into the picture, and how many there are."""
    length = min(length, available)
    return min(max(0, round(centre - length / 2)), available - length), length
