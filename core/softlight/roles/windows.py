"""The squares in which a face detector sees a photo: all of it, and parts of it in finer pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Matrix, applied, chained, inverted, scaling, shifting
from softlight.roles.detectors import SIDE
from softlight.tiles import Planes

LONGEST = 1792
"""A photo is looked at with this long side at most: three squares with overlaps, in which a face of 32 px of
24 megapixels has 10. Whoever has a larger one may shrink it to this before."""
SHARED = 64
"""Px that neighbouring squares have in common, so that a face of that size lies whole in one of them."""
FINER = 2.0
"""Squares are cut only where they show this much more than the whole photo in one square does. Below, a face
of 32 px has 16 there, which is enough, and a portrait of 1000 px is looked at once instead of five times."""
EDGE = 2.0
"""A face of which the box comes so near (px) to where a square was cut is whole in the next one, or too large
for squares."""


@dataclass(frozen=True, eq=False)
class Window:
    """A part of the photo, as a network is to see it."""

    pixels: Planes
    """The upper left of the square; the rest of it is black."""
    side: int
    """Of the square."""
    to_photo: Matrix
    cut: tuple[bool, bool, bool, bool]
    """Whether the photo goes on to the left, above, to the right and below."""

    @property
    def square(self) -> Planes:
        """What the network sees, 0..255, shape (side, side, 3)."""
        square = np.zeros((self.side, self.side, 3), np.float32)
        rows, columns = self.pixels.shape[:2]
        square[:rows, :columns] = np.clip(self.pixels, 0, 1) * np.float32(255)
        return square

    def whole(self, boxes: Planes) -> NDArray[np.bool_]:
        """Return which boxes (n, 4), in px of the square, no edge has cut."""
        rows, columns = self.pixels.shape[:2]
        distances = (boxes[:, 0], boxes[:, 1], columns - 1 - boxes[:, 2], rows - 1 - boxes[:, 3])
        whole = np.ones(len(boxes), bool)
        for cut, distance in zip(self.cut, distances, strict=True):
            if cut:
                whole &= distance > EDGE
        return whole

    def shows(self, box: tuple[float, float, float, float], sizes: tuple[float, float]) -> bool:
        """Return whether it shows all of a box of the photo, with a side (root of its area) in this range."""
        here = applied(inverted(self.to_photo), np.reshape(box, (2, 2))).reshape(1, 4)
        size = float(np.sqrt(np.prod(np.maximum(here[0, 2:] - here[0, :2], 0))))
        return sizes[0] <= size <= sizes[1] and bool(self.whole(here.astype(np.float32))[0])


def windows(photo: Planes, wholes: Sequence[int]) -> Iterator[Window]:
    """Yield parts of the photo in squares of finer pixels, and the whole photo in squares of these sides.

    A small photo is not enlarged: a face that fills 600 of 640 px is larger than most networks know. Nor is
    it looked at once more in a smaller square that it fits into as it is.

    Parameters
    ----------
    photo : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.
    wholes : sequence of int
        Px, the largest first.
    """
    level, to_photo = _shrunk(photo, min(1.0, LONGEST / max(photo.shape[:2])))
    if max(level.shape[:2]) >= SIDE * FINER:
        yield from _tiles(level, to_photo)
    for number, side in enumerate(wholes):
        longest = max(level.shape[:2])
        if number and longest <= side:
            continue
        level, to_level = _shrunk(level, min(1.0, side / longest))
        to_photo = chained(to_level, to_photo)
        yield Window(level, side, to_photo, (False,) * 4)


def _tiles(level: Planes, to_photo: Matrix) -> Iterator[Window]:
    height, width = level.shape[:2]
    for top in _starts(height):
        for left in _starts(width):
            yield Window(
                level[top : top + SIDE, left : left + SIDE],
                SIDE,
                chained(shifting(left, top), to_photo),
                (left > 0, top > 0, left + SIDE < width, top + SIDE < height),
            )


def _starts(length: int) -> list[int]:
    """Return where the squares along one side begin, evenly spread."""
    count = max(0, -(-(length - SIDE) // (SIDE - SHARED))) + 1
    return [round(start) for start in np.linspace(0, max(0, length - SIDE), count).tolist()]


def _shrunk(photo: Planes, factor: float) -> tuple[Planes, Matrix]:
    """Return a smaller photo and the way from its pixels to those of the larger one."""
    height, width = photo.shape[:2]
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    if size == (width, height):
        return photo, np.eye(2, 3)
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32), inverted(scaling(size[0] / width, size[1] / height))
