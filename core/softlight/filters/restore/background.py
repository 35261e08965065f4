"""What surrounds the faces, restored block by block at the scale that suits them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from softlight.alignment import Box, Matrix, chained, put_back, scaling, shifting
from softlight.encoding import to_working
from softlight.filters import boxes
from softlight.filters.monochrome import without_colour
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
AT_ONCE = 2048
"""Px of the photo that are taken in or finished at once: where a face is 4000 px wide, a block has 12,000."""
GRID = 16
"""Px of the photo that are a whole number of those of the smaller copy: so it is the same in pieces."""


@dataclass(frozen=True)
class Scale:
    """How much smaller than the photo the network sees it."""

    factor: float
    """1 or less, in steps of 1 / GRID."""

    @classmethod
    def of(cls, interocular: float | None) -> Scale:
        """Return the scale for faces with so many px between the eyes; `None` where there are none."""
        if interocular is None:
            return cls(1.0)
        return cls(min(GRID, max(1, round(GRID * CANONICAL / interocular))) / GRID)


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
        matrix, small = _seen(picture, around, scale.factor)
        change = background_restoration.restore(model, small, tick) - small
        if grey:
            change = without_colour(change)
        for part in boxes.cut(block, AT_ONCE):
            if wanted(part):
                before = to_working(picture.pixels[part.slices], picture.encoding.transfer)
                inner = part.slices_in(around)
                there = change[inner] if scale.factor == 1 else put_back(change, matrix, part)
                yield number / len(blocks), part, before, there


def _seen(picture: Picture, around: Box, factor: float) -> tuple[Matrix, Planes]:
    """Return the way from the photo to what the network sees of a part of it, and that, clipped to 0..1."""
    transfer = picture.encoding.transfer
    if factor == 1:
        pixels = to_working(picture.pixels[around.slices], transfer)
        return shifting(-around.left, -around.top), np.clip(pixels, 0, 1)
    # On the photo's own grid, wherever the part begins: neighbours agree, and pieces.
    left, top = (GRID * (edge // GRID) for edge in around.edges[:2])
    right, bottom = (GRID * -(-edge // GRID) for edge in around.edges[2:])
    small = np.empty((round((bottom - top) * factor), round((right - left) * factor), 3), np.float32)
    for row in range(top, bottom, AT_ONCE):
        for column in range(left, right, AT_ONCE):
            piece = Box(column, row, min(column + AT_ONCE, right), min(row + AT_ONCE, bottom))
            within = piece.within(boxes.whole_of(picture))
            pixels = to_working(picture.pixels[within.slices], transfer)
            beyond = (0, piece.bottom - within.bottom), (0, piece.right - within.right), (0, 0)
            pixels = np.pad(pixels, beyond, mode="edge")
            size = round(pixels.shape[1] * factor), round(pixels.shape[0] * factor)
            x, y = round((column - left) * factor), round((row - top) * factor)
            small[y : y + size[1], x : x + size[0]] = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    matrix = chained(shifting(-left, -top), scaling(factor, factor))
    return matrix, np.clip(small, 0, 1)
