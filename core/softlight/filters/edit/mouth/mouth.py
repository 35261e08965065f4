"""A mouth that opens or closes: lips and jaw move as a jaw does, and what they uncover is dark.

Two fields lead back to the photo: one of what goes with the upper lip, one of what goes with the lower.
Beside the mouth they are one. Teeth keep their size: open lips take along what is seen between them as it is,
and lips that close slide over it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Box, Matrix, Planes, Points, applied, covered, inverted, scale_of
from softlight.encoding import LUMINANCE
from softlight.filters.edit.change import Subject, Unchanged
from softlight.filters.edit.mouth.jaw import Fields, closing, opening
from softlight.filters.edit.mouth.lips import SIDE, UNIT, Lips, lips_of
from softlight.filters.edit.reshaping import LANCZOS, displaced, enlarged
from softlight.filters.monochrome import is_monochrome
from softlight.picture import Picture
from softlight.roles.parsing import summed

SHARES = (1.0, 0.85, 0.7, 0.55, 0.4, 0.25)
"""Of the slider: the first at which no skin folds over itself is taken."""
FREE = ("skin", "nose", "inner mouth", "lips", "neck")
"""What may move, beside a beard that the parsing calls hair. What is near the rest moves less."""
FADE = 0.1
"""Distances between the eyes within which a move fades before what stays."""
NOSE = 0.4, 0.2
"""Distances between the eyes from the top of the square to where moves begin, and over which they do."""
BEARD = 0.6
"""Distances between the eyes to either side of the mouth within which hair is a beard."""
SOFT = 0.008
"""Distances between the eyes over which the edge of a lip fades."""
DEEP = 0.07
"""The lightest that the depth of a mouth is, perceptual, where the photo has a black."""
FADED = 0.65
"""Of the darkest around a mouth: in faded prints and soft light .07 was a hole, blacker than all else."""
WET = 0.25
"""Of the lower lip's colour that the lowest of it has."""
FINEST, GRAIN = 0.01, 0.5
"""The most of what is as fine as a pixel in the photo that is grain, perceptual, and how much of that is also
in what is drawn."""


@dataclass(frozen=True, eq=False)
class Mouth:
    """How one mouth opens or closes; planes in its square."""

    matrix: Matrix
    """From the photo to the square."""
    fields: Fields
    mesh: Points
    """As `Change.mesh`."""
    between: Planes
    """(SIDE, SIDE, 4): what is drawn between the lips, times how much it hides; and that."""
    shade: Planes
    """(SIDE, SIDE, 3): the share of light that is taken from everything."""

    @property
    def margin(self) -> float:
        """As `Change.margin`."""
        return self.fields.reach / scale_of(self.matrix) + LANCZOS

    def box(self, picture: Picture) -> Box:
        """As `Change.box`."""
        return covered(self.matrix, SIDE, picture.height, picture.width)

    def made(self, before: Planes, block: Box, around: Box) -> tuple[Planes, NDArray[Any]]:
        """As `Change.made`."""
        soft = max(SOFT * UNIT, scale_of(self.matrix))
        edges = enlarged(self.fields.edges, self.matrix, block) / soft
        between = enlarged(self.between, self.matrix, block)
        shade = enlarged(self.shade, self.matrix, block)
        fine = (before - cv2.GaussianBlur(before, (0, 0), 1.0)).clip(-FINEST, FINEST)
        inner, grain = before[block.slices_in(around)], fine[block.slices_in(around)]
        hidden = between[..., 3:]
        after = inner * (1 - hidden) + between[..., :3] + GRAIN * hidden * grain
        done = (hidden[..., 0] > 0) | (shade > 0).any(axis=-1)
        # The lower lip goes on behind the upper one: where they touch, nothing is seen between them.
        for field, shift, edge in ((self.fields.below, 1.0, 1), (self.fields.above, 0.5, 0)):
            share = np.clip(edges[..., edge, None] + shift, 0, 1)
            rows = np.flatnonzero(share.any(axis=(1, 2)))
            if len(rows):
                some = slice(int(rows[0]), int(rows[-1]) + 1)
                strip = Box(block.left, block.top + some.start, block.right, block.top + some.stop)
                moved, there = self._moved(field, before, strip, around)
                after[some] += share[some] * (moved - after[some])
                done[some] |= (there > 0) & (share[some, :, 0] > 0)
        return np.asarray(after * (1 - shade), np.float32), done

    def _moved(self, field: Planes, before: Planes, box: Box, around: Box) -> tuple[Planes, Planes]:
        """Return a part of the photo as a field leaves it, and how much of it is another."""
        turn = inverted(self.matrix)[:, :2].T.astype(np.float32)
        source: Planes = enlarged(field, self.matrix, box) @ turn
        return displaced(before, source, box, around)


def mouth(subject: Subject, amount: float) -> Mouth:
    """Return how a mouth opens (amount above 0) or closes (below 0), -1..1.

    Raises
    ------
    Unchanged
        Where no lips are seen, and where lips that shall close are closed.
    """
    lips = lips_of(subject.part, subject.parsing, subject.mesh)
    if lips is None:
        raise Unchanged("no lips are to be seen")
    if amount < 0 and not lips.gap.any():
        raise Unchanged("no parted lips are to be seen")
    here = applied(lips.matrix, subject.mesh)
    free = _free(subject.parsing.in_square(lips.matrix, SIDE))
    way = opening if amount > 0 else closing
    for share in SHARES:
        fields = way(lips, here, free, share * abs(amount))
        if not fields.folded:
            break
    drawn = _opened(lips, fields) if amount > 0 else _closed(lips, fields, -amount)
    between, shade = (one.astype(np.float32) for one in drawn)
    if is_monochrome(subject.part.pixels):
        shade = np.repeat(shade[..., 1:2], 3, axis=-1)
    return Mouth(lips.matrix, fields, applied(inverted(lips.matrix), fields.mesh), between, shade)


def _opened(lips: Lips, fields: Fields) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return what is seen between lips that part, and their shade."""
    over, under = np.moveaxis(fields.edges / UNIT, -1, 0)[..., None]
    dark, flesh = (_paler(one) for one in (lips.dark, lips.flesh))
    deep = dark * min(1.0, max(DEEP, FADED * lips.black) / max(float(dark @ LUMINANCE), 0.01))
    # Towards the lower lip there is its wet inner side, and the floor of the mouth.
    wet = WET * np.exp(-((np.minimum(under, 0) / 0.06) ** 2))
    colour = deep + wet * (flesh - deep)
    # Closed lips go over into the depth from the line between them on; teeth would have a halo.
    teeth = np.clip(lips.gap / 0.04, 0, 1)[:, None]
    line = np.minimum(0.8 * lips.colours, 0.6 * lips.flesh)
    line = line + teeth * (deep - line)
    colour = colour + np.exp(np.minimum(np.maximum(over, under), 0) / 0.012) * (line - colour)
    hidden = _between(lips) & (np.maximum(over, under) < 0.1)
    round_ = 0.3 * np.exp(-np.maximum(under, 0) / 0.02) * teeth * (under > -0.05) * _between(lips)
    return np.concatenate([colour * hidden, hidden], axis=-1), np.repeat(round_, 3, axis=-1)


def _paler(colour: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a colour of lips with half of its red: there is no lipstick behind them."""
    return np.asarray((colour + colour @ LUMINANCE) / 2, np.float32)


def _closed(lips: Lips, fields: Fields, amount: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the shadow of a lip on teeth, and the line between lips that touch.

    Of eleven closed mouths that line was .62, .45 and .50 times as light as the skin, .7, .58 and .62 times
    as the lips, and .03 distances between the eyes high.
    """
    over, under = np.moveaxis(fields.edges / UNIT, -1, 0)[..., None]
    moved = np.clip(lips.gap / 0.02, 0, 1)[:, None] * min(2 * amount, 1.0)
    shadow = 0.5 * np.exp(np.minimum(over, 0) / 0.02) * (over < 0) * (under < 0) * moved
    touch = np.clip(1 + np.minimum(over + under, 0) / 0.02, 0, 1) * moved
    line = 0.32 * np.exp(-((over / 0.012) ** 2)) + 0.1 * np.exp(-((over / 0.03) ** 2))
    return np.concatenate([np.zeros((SIDE, SIDE, 3)), shadow], axis=-1), touch * line * (0.75, 1.0, 0.95)


def _between(lips: Lips) -> NDArray[np.bool_]:
    """Return which columns lie between the corners, (1, SIDE, 1)."""
    return (np.abs(lips.across) <= 1)[None, :, None]


def _free(shares: Planes) -> Planes:
    """Return how freely each px of the square may move, 0..1, (SIDE, SIDE, 1)."""
    along = np.arange(SIDE) / UNIT
    beard = np.abs(along - SIDE / 2 / UNIT) < BEARD
    share = summed(shares, *FREE)[..., 0] + summed(shares, "hair")[..., 0] * beard
    fade = FADE * UNIT
    whole = cv2.erode(share, np.ones((3, 3), np.uint8), iterations=round(fade / 2))
    soft = np.clip(cv2.GaussianBlur(whole, (0, 0), fade / 2), 0, 1)
    below = np.clip((along - NOSE[0]) / NOSE[1], 0, 1)
    return np.asarray((soft * below[:, None])[..., None], np.float32)
