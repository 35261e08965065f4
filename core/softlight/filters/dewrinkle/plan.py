"""Where De-wrinkle works: the scales of a job, its blocks, and how far it looks around them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.errors import MaskError
from softlight.filters.dewrinkle.scale import face_size, octaves, widest_stroke
from softlight.filters.dewrinkle.settings import DewrinkleSettings, Target

BLOCK = 1024
"""Side of a block in the pixels that are worked on: 30 MB a plane of work, and little context done twice."""
CONTEXT = 64
"""Px at an octave's own scale that it sees beyond its block: what the networks see around a pixel."""
OVERLAP = 16
"""Px at the coarsest octave that blocks share beyond the feather, to fade into each other."""
WIDEST_HOLE = 40
"""Px: wider holes are first filled at a coarser scale, since training saw holes of up to 40 px."""
STRIP = 512
"""Rows of the mask looked at in one go."""

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Plan:
    """The scales of a job and the blocks that follow from them; lengths in the photo's pixels."""

    scales: tuple[float, ...]
    feather: float
    block: int
    overlap: float
    """What a block covers beyond its own pixels."""
    context: int
    """What its coarsest octave sees beyond what it covers."""


def settle(mask: NDArray[Any], settings: DewrinkleSettings, size: tuple[int, int]) -> DewrinkleSettings:
    """Find the face size where the settings leave it to the filter.

    Parameters
    ----------
    mask : ndarray, shape (height, width)
        The part of the picture's mask that holds all that was painted, or more.
    settings : DewrinkleSettings
    size : tuple of int
        The whole picture's width and height.

    Raises
    ------
    MaskError
        When nothing is painted.
    """
    if settings.face_size is not None:
        return settings
    found = face_size(widest_stroke(mask, painted_box(mask)), size)
    # As people read it, so that running again with what was stored gives the same pixels.
    return replace(settings, face_size=round(found, 1))


def area(mask: NDArray[Any], settings: DewrinkleSettings) -> Box:
    """Return left, top, right, bottom of all that the filter sees, from the mask's left upper pixel.

    Parameters
    ----------
    mask : ndarray, shape (height, width)
        The part of the picture's mask that holds all that was painted, or more.
    settings : DewrinkleSettings
        Settled.

    Raises
    ------
    MaskError
        When nothing is painted.
    """
    box = painted_box(mask)
    plan = make_plan(mask, box, settings)
    left, top, right, bottom = box
    step = int(np.ceil(plan.overlap)) + plan.context
    return left - step, top - step, right + step, bottom + step


def painted_box(mask: NDArray[Any]) -> Box:
    """Left, top, right, bottom of the pixels above 0; NaN counts as unpainted.

    Raises
    ------
    MaskError
        When there are none.
    """
    found = None
    # In strips: a comparison of a whole 96 MP mask would take 96 MB.
    for start in range(0, mask.shape[0], STRIP):
        painted = mask[start : start + STRIP] > 0
        rows = np.flatnonzero(painted.any(axis=1))
        if not len(rows):
            continue
        columns = np.flatnonzero(painted.any(axis=0))
        box = int(columns[0]), start + int(rows[0]), int(columns[-1]) + 1, start + int(rows[-1]) + 1
        found = box if found is None else (min(found[0], box[0]), found[1], max(found[2], box[2]), box[3])
    if found is None:
        raise MaskError("The mask is empty; paint over the wrinkles first.")
    return found


def make_plan(mask: NDArray[Any], box: Box, settings: DewrinkleSettings) -> Plan:
    """Choose scales and blocks for a mask; `settings` are settled."""
    assert settings.face_size is not None
    scales = octaves(settings.face_size)
    if settings.target is Target.EVERYTHING:
        widest = widest_stroke(mask, box)
        while widest * scales[0] > WIDEST_HOLE:
            scales = (scales[0] / 2, *scales)
    feather = settings.feather * settings.face_size
    block = max(128, round(BLOCK / max(1.0, scales[0])))
    return Plan(scales, feather, block, feather + OVERLAP / scales[0], round(CONTEXT / scales[0]))


def blocks(mask: NDArray[Any], box: Box, plan: Plan) -> list[Box]:
    """Cut the painted box into blocks of about equal size, and keep those in which anything is painted."""

    def painted(block: Box) -> bool:
        left, top, right, bottom = block
        return bool((mask[top:bottom, left:right] > 0).any())

    return [block for block in cut(box, plan.block) if painted(block)]


def cut(box: Box, side: int) -> Iterator[Box]:
    """Cut a box into parts of about equal size, at most `side` px wide and high."""
    left, top, right, bottom = box
    for upper, lower in itertools.pairwise(_borders(bottom - top, side)):
        for start, end in itertools.pairwise(_borders(right - left, side)):
            yield left + start, top + upper, left + end, top + lower


def _borders(length: int, side: int) -> list[int]:
    # Counted from the box, since halves are rounded to even numbers: a crop is cut where the photo is.
    return [int(border) for border in np.linspace(0, length, -(-length // side) + 1).round()]


def grown(box: Box, by: float, shape: tuple[int, ...]) -> Box:
    """Grow a box by `by` px, rounded up, inside a plane of shape (height, width)."""
    step = int(np.ceil(by))
    left, top, right, bottom = box
    return max(0, left - step), max(0, top - step), min(shape[1], right + step), min(shape[0], bottom + step)
