"""Where De-wrinkle works: the scales of a job, its blocks, and how far it looks around them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight import alignment
from softlight.errors import SettingsError
from softlight.filters import boxes, brush
from softlight.filters.dewrinkle.scale import face_size, octaves
from softlight.filters.dewrinkle.settings import DewrinkleSettings, Target

BLOCK = 1024
"""Side of a block in the pixels that are worked on: 30 MB a plane of work, and little context done twice."""
CONTEXT = 64
"""Px at an octave's own scale that it sees beyond its block: what the networks see around a pixel."""
OVERLAP = 16
"""Px at the coarsest octave that blocks share beyond the feather, to fade into each other."""
WIDEST_HOLE = 40
"""Px: wider holes are first filled at a coarser scale, since training saw holes of up to 40 px."""
FACE = 3.0
"""Interocular distances around the stroke in which its face is looked for: a stroke on the forehead is 2.5
away from the chin, and the size that a stroke gives may be 1.6 times too small."""

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


def settle(
    mask: NDArray[Any] | None, settings: DewrinkleSettings, size: tuple[int, int]
) -> DewrinkleSettings:
    """Find the face size where the settings leave it to the filter.

    Parameters
    ----------
    mask : ndarray, shape (height, width), or None
        The part of the picture's mask that holds all that was painted, or more; `None` for whole faces.
    settings : DewrinkleSettings
    size : tuple of int
        The whole picture's width and height.

    Raises
    ------
    MaskError
        When nothing is painted.
    SettingsError
        When everything painted shall go, and there is no mask.
    """
    if mask is None:
        if settings.target is Target.EVERYTHING:
            raise SettingsError(
                "Without a brush only wrinkles can be removed; paint over what shall go, or choose wrinkles."
            )
        return settings
    if settings.face_size is not None:
        return settings
    widest = brush.widest_stroke(mask, alignment.Box(*painted_box(mask)))
    found = face_size(widest, size)
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
    if settings.protect and settings.target is Target.WRINKLES:
        assert settings.face_size is not None
        step = max(step, int(np.ceil(FACE * settings.face_size)))
    return left - step, top - step, right + step, bottom + step


def painted_box(mask: NDArray[Any]) -> Box:
    """Left, top, right, bottom of what was painted.

    Raises
    ------
    MaskError
        When nothing is.
    """
    return brush.painted_box(mask, "the wrinkles").edges


def make_plan(mask: NDArray[Any], box: Box, settings: DewrinkleSettings) -> Plan:
    """Choose scales and blocks for a mask; `settings` are settled."""
    assert settings.face_size is not None
    scales = octaves(settings.face_size)
    if settings.target is Target.EVERYTHING:
        widest = brush.widest_stroke(mask, alignment.Box(*box))
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

    every = (block.edges for block in boxes.cut(alignment.Box(*box), plan.block))
    return [block for block in every if painted(block)]


def grown(box: Box, by: float, shape: tuple[int, ...]) -> Box:
    """Grow a box by `by` px, rounded up, inside a plane of shape (height, width)."""
    step = int(np.ceil(by))
    left, top, right, bottom = box
    return max(0, left - step), max(0, top - step), min(shape[1], right + step), min(shape[0], bottom + step)
