"""A photo with its faces drawn into it: boxes, numbers, points and the regions in which wrinkles lie."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Points
from softlight.display import displayed
from softlight.faces.analysis import AnalysedFace
from softlight.faces.regions import outlines
from softlight.picture import Picture

BOX = (255, 210, 60)
POINT = (90, 255, 120)
COLOURS = {
    "forehead": (230, 85, 70),
    "glabella": (245, 200, 40),
    "crows_feet": (70, 190, 240),
    "under_eye": (160, 110, 250),
    "nasolabial": (255, 120, 190),
    "mouth": (250, 150, 60),
    "chin": (80, 210, 150),
    "cheeks": (190, 190, 190),
    "neck": (110, 140, 255),
}
"""Of each region, R, G, B; a new one is drawn in the boxes' colour until it gets its own."""
TINT = 0.35
"""How much a region's colour covers the photo: enough to tell nine apart, and the skin still shows."""
FINE = 4
"""Bits behind the point in OpenCV's coordinates: a sixteenth of a px."""


def overlay(picture: Picture, faces: Iterable[AnalysedFace]) -> NDArray[np.uint8]:
    """Return the picture as it looks in sRGB, with its faces drawn into it.

    Parameters
    ----------
    picture : Picture
        Of any type and encoding; never changed.
    faces : iterable of AnalysedFace
        In the order in which they are numbered, from 1.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        At the picture's own size.
    """
    drawn = displayed(picture)
    for number, face in enumerate(faces, 1):
        _draw_regions(drawn, outlines(face.landmarks))
        _draw_points(drawn, face)
        _draw_box(drawn, face, f"{number}  {face.face.score:.2f}")
    return drawn


def _draw_regions(drawn: NDArray[np.uint8], regions: dict[str, tuple[Points, ...]]) -> None:
    for name, parts in regions.items():
        colour = COLOURS.get(name, BOX)
        for part in parts:
            _tint(drawn, part, colour)


def _tint(drawn: NDArray[np.uint8], part: Points, colour: tuple[int, int, int]) -> None:
    """Colour the inside of an outline, working on nothing but the box around it."""
    height, width = drawn.shape[:2]
    left, top = np.maximum(np.floor(part.min(axis=0)).astype(int), 0)
    right, bottom = np.minimum(np.ceil(part.max(axis=0)).astype(int) + 1, (width, height))
    if left >= right or top >= bottom:
        return
    around = drawn[top:bottom, left:right]
    filled = around.copy()
    polygon = [_fixed(part - (left, top))]
    cv2.fillPoly(filled, polygon, colour, cv2.LINE_AA, FINE)
    cv2.addWeighted(filled, TINT, around, 1 - TINT, 0, dst=filled)
    cv2.polylines(filled, polygon, True, colour, 1, cv2.LINE_AA, FINE)
    around[:] = filled


def _draw_points(drawn: NDArray[np.uint8], face: AnalysedFace) -> None:
    radius = max(0.3, face.interocular / 150)
    for x, y in _fixed(face.landmarks.points[:, :2]).tolist():
        cv2.circle(drawn, (x, y), _fixed_length(radius), POINT, cv2.FILLED, cv2.LINE_AA, FINE)
    for x, y in _fixed(face.points).tolist():
        cv2.circle(drawn, (x, y), _fixed_length(3.5 * radius), BOX, _width(face), cv2.LINE_AA, FINE)


def _draw_box(drawn: NDArray[np.uint8], face: AnalysedFace, label: str) -> None:
    left, top, right, bottom = (round(side) for side in face.face.box)
    width = _width(face)
    cv2.rectangle(drawn, (left, top), (right, bottom), BOX, width, cv2.LINE_AA)
    # Below the box where there is no room above it; a small face gets letters that can still be read.
    scale = max(0.5, (right - left) / 400)
    font = cv2.FONT_HERSHEY_SIMPLEX
    (long, high), _ = cv2.getTextSize(label, font, scale, width)
    base = top - high // 2 if top > 2 * high else bottom + 2 * high
    start = max(0, min(left, drawn.shape[1] - long))
    cv2.putText(drawn, label, (start, base), font, scale, (0, 0, 0), 3 * width, cv2.LINE_AA)
    cv2.putText(drawn, label, (start, base), font, scale, BOX, width, cv2.LINE_AA)


def _width(face: AnalysedFace) -> int:
    return max(1, round(face.interocular / 60))


def _fixed(points: Points) -> NDArray[np.int32]:
    # Far outside of the picture OpenCV's fixed point would overflow.
    return np.asarray(np.rint(np.clip(points, -1e6, 1e6) * (1 << FINE)), np.int32)


def _fixed_length(length: float) -> int:
    return max(1, round(length * (1 << FINE)))
