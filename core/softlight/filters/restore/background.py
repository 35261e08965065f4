"""What surrounds the faces, restored block by block at the scale that suits them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from softlight.alignment import Box, applied, chained, put_back, scaling, shifting, warped
from softlight.encoding import to_working
from softlight.filters import boxes
from softlight.filters.boxes import part_of
from softlight.filters.restore.monochrome import without_colour
from softlight.picture import Picture
from softlight.roles import background_restoration
from softlight.runtime import Model
from softlight.tiles import Planes

CANONICAL = 127.0
"""Px between the eyes at which a photo of larger faces is restored: their own scale in the networks' square.
A blur of so many px at 500 between the eyes is a fourth of that there."""
BLOCK = 768
"""Px of a block at that scale: 7 MB a plane of three channels."""
CONTEXT = 64
"""Px around a block that the network sees as well."""


@dataclass(frozen=True)
class Scale:
    """How much smaller than the photo the network sees it."""

    factor: float
    """1 or less."""

    @classmethod
    def of(cls, interocular: float | None) -> Scale:
        """Return the scale for faces with so many px between the eyes; `None` where there are none."""
        return cls(1.0 if interocular is None else min(1.0, CANONICAL / interocular))


def changes(
    model: Model,
    picture: Picture,
    area: Box,
    scale: Scale,
    *,
    grey: bool,
    wanted: Callable[[Box], bool],
    tick: Callable[[], None],
) -> Iterator[tuple[float, Box, Planes, Planes]]:
    """Yield how much is done, a block of the photo, its working values, and what is to be added to them.

    Parameters
    ----------
    model : Model
        Of the role background-restoration.
    picture : Picture
    area : Box
        The part of it that is restored.
    scale : Scale
    grey : bool
        The photo has no colours of its own, and gets none.
    wanted : callable
        Whether a block is of any use.
    tick : callable
        Called before each tile.
    """
    blocks = list(boxes.cut(area, max(1, round(BLOCK / scale.factor))))
    for number, block in enumerate(blocks):
        if not wanted(block):
            continue
        around = boxes.grown(block, CONTEXT / scale.factor).within(boxes.whole_of(picture))
        seen = to_working(part_of(picture, around).pixels, picture.encoding.transfer)
        change = _change(model, seen, around, scale, tick)
        if grey:
            change = without_colour(change)
        inner = block.slices_in(around)
        yield number / len(blocks), block, seen[inner], change[inner]


def _change(model: Model, seen: Planes, around: Box, scale: Scale, tick: Callable[[], None]) -> Planes:
    """Return what is to be added to a part of the photo."""
    if scale.factor == 1:
        clipped = np.clip(seen, 0, 1)
        return background_restoration.restore(model, clipped, tick) - clipped
    # On the photo's own grid, wherever the block begins: neighbours agree.
    to_small = chained(shifting(around.left, around.top), scaling(scale.factor, scale.factor))
    height, width = seen.shape[:2]
    corners = applied(to_small, [(-0.5, -0.5), (width - 0.5, height - 0.5)])
    left, top = np.floor(corners[0] + 0.5).astype(int).tolist()
    right, bottom = np.ceil(corners[1] + 0.5).astype(int).tolist()
    matrix = chained(to_small, shifting(-left, -top))
    small = np.clip(warped(seen, matrix, max(1, right - left), max(1, bottom - top)), 0, 1)
    change = background_restoration.restore(model, small, tick) - small
    return put_back(change, matrix, Box(0, 0, width, height))
