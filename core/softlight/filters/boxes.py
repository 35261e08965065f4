"""Parts of a photo as boxes: cut, clipped, and planes moved from one to another."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Box
from softlight.picture import Picture

ROWS = 1024
"""Of a plane that are made at once: one of 24 megapixels in float takes 96 MB."""


def part_of(picture: Picture, box: Box) -> Picture:
    """Return a part of a picture; its pixels are a view."""
    return replace(picture, pixels=picture.pixels[box.slices])


def whole_of(picture: Picture) -> Box:
    """Return the box of all of a picture."""
    return Box(0, 0, picture.width, picture.height)


def grown(box: Box, by: float) -> Box:
    """Return a box grown by `by` px, rounded up, on every side."""
    step = int(np.ceil(by))
    return Box(box.left - step, box.top - step, box.right + step, box.bottom + step)


def extent(shown: NDArray[np.bool_]) -> Box:
    """Return the box from the first to the last row and column of a plane in which anything is true."""
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    if not len(rows):
        return Box(0, 0, 0, 0)
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def moved(plane: NDArray[Any], box: Box, target: Box) -> NDArray[Any]:
    """Return what a plane of one part of the photo is in another, 0 outside the first."""
    there = np.zeros((target.bottom - target.top, target.right - target.left), plane.dtype)
    common = box.within(target)
    if not common.empty:
        there[common.slices_in(target)] = plane[common.slices_in(box)]
    return there


def strips(box: Box) -> Iterator[Box]:
    """Cut a box into parts of `ROWS` rows at most."""
    for top in range(box.top, box.bottom, ROWS):
        yield Box(box.left, top, box.right, min(top + ROWS, box.bottom))


def cut(box: Box, side: int) -> Iterator[Box]:
    """Cut a box into parts of about equal size, at most `side` px wide and high."""
    for top, bottom in itertools.pairwise(_borders(box.bottom - box.top, side)):
        for left, right in itertools.pairwise(_borders(box.right - box.left, side)):
            yield Box(box.left + left, box.top + top, box.left + right, box.top + bottom)


def _borders(length: int, side: int) -> list[int]:
    # Counted from the box, since halves are rounded to even numbers: a crop is cut where the photo is.
    return [int(border) for border in np.linspace(0, length, -(-length // side) + 1).round()]
