"""Hair in another shape: its own strands, brought to where a field says, over what was behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Box, Points
from softlight.filters.edit.hair_mask import HairMask
from softlight.filters.edit.hair_shape import HairShape, Surroundings
from softlight.filters.edit.reshaping import LANCZOS, enlarged, resampled, shown
from softlight.picture import Picture
from softlight.tiles import Planes

NEAR = 0.1
"""Standard deviation of the window in which hair, and what is behind it, have one colour; interocular
distances."""
SHADOW, SOFT = 0.25, 0.06
"""Share of light that hair takes from what it newly lies on, and over how many interocular distances."""
BODY, LOOSE = 0.07, 0.2
"""Interocular distances: half the width of what is hair for sure, and how far from it loose strands are taken
for some: beyond them there are folds of a collar that has its colour."""
SOLID = (0.1, 0.95)
"""Share of hair up to which a moved pixel is none, and from which it is nothing else: behind what moved there
is something else, of which more would shine through than did before."""
SPARED = (0.05, 0.35)
"""Share of face from which a pixel gets less new hair, and from which none."""


@dataclass(frozen=True, eq=False)
class Grown:
    """Hair that comes over what was there."""

    mesh: Points
    """As `Change.mesh`."""
    mask: HairMask
    shape: HairShape
    planes: Planes
    """(height, width, 6) of the shape: by how much hair is brighter than what is behind it (three channels),
    how much of a pixel may be new hair, the share of light that it takes, and how much of the hair moves."""

    @property
    def margin(self) -> float:
        """As `Change.margin`."""
        return self.shape.reach + LANCZOS

    def box(self, picture: Picture) -> Box:
        """As `Change.box`."""
        return self.shape.box(picture)

    def made(self, before: Planes, block: Box, around: Box) -> tuple[Planes, NDArray[Any]]:
        """As `Change.made`."""
        share = self.mask.mask_in(before, around)
        source, inner = self.shape.source(block), block.slices_in(around)
        old, photo = share[inner], before[inner]
        if not share.any():
            return photo, np.zeros(old.shape, np.float32)
        planes = enlarged(self.planes, self.shape.matrix, around)
        # What shows of the background between hairs is none of what moves.
        strands = before + (1 - share)[..., None] * planes[..., :3]
        moved = resampled(np.dstack([strands, share * planes[..., 5]]), source, block, around)
        contrast, free, shadow = planes[inner][..., :3], planes[inner][..., 3], planes[inner][..., 4]
        new = ((moved[..., 3] - SOLID[0]) / (SOLID[1] - SOLID[0])).clip(0, 1) * free
        most = np.maximum(new, old)
        rest = (photo - old[..., None] * contrast) * (1 - shadow * (1 - old))[..., None]
        stays = photo + (1 - old)[..., None] * contrast
        # Where the hair that comes is thinner than what was there, that stays.
        turn = np.square(np.divide(new, most, out=np.zeros_like(new), where=most > 0))[..., None]
        hair = stays + turn * (moved[..., :3] - stays)
        after = rest + most[..., None] * (hair - rest)
        done = shown(source) * ((new > 0) | (shadow > 1e-4))
        return np.asarray(after, np.float32), done


@dataclass(frozen=True, eq=False)
class Flattened:
    """Hair that lies closer, and takes what is beside it along."""

    mesh: Points
    """As `Change.mesh`."""
    shape: HairShape

    @property
    def margin(self) -> float:
        """As `Change.margin`."""
        return self.shape.reach + LANCZOS

    def box(self, picture: Picture) -> Box:
        """As `Change.box`."""
        return self.shape.box(picture)

    def made(self, before: Planes, block: Box, around: Box) -> tuple[Planes, NDArray[Any]]:
        """As `Change.made`."""
        source = self.shape.source(block)
        return resampled(before, source, block, around), shown(source)


def grown(mesh: Points, mask: HairMask, around: Surroundings, shape: HairShape) -> Grown:
    """Return hair that comes over what was there, with its shadow."""
    seen, hair, sigma = around.pixels, around.hair, NEAR * around.unit
    front = _filled(seen, ((hair - 0.7) / 0.3).clip(0, 1), sigma)
    behind = _filled(seen, ((0.3 - hair) / 0.3).clip(0, 1) * (1 - around.face), sigma)
    free = 1 - ((around.face - SPARED[0]) / (SPARED[1] - SPARED[0])).clip(0, 1)
    free = free * (1 - around.theirs)
    body = cv2.morphologyEx((hair > 0.5).astype(np.uint8), cv2.MORPH_OPEN, _disc(BODY * around.unit))
    near = cv2.dilate(body, _disc(LOOSE * around.unit)).astype(np.float32)
    near = np.asarray(cv2.GaussianBlur(near, (0, 0), LOOSE * around.unit / 4), np.float32)
    others = np.maximum(around.face, around.below)
    near = np.asarray(near * (1 - ((others - 0.4) / 0.4).clip(0, 1)), np.float32)
    new = (shape.moved(hair) * free - hair).clip(0, 1)
    shadow = cv2.GaussianBlur(new, (0, 0), SOFT * around.unit) * around.below * free
    planes = np.dstack([front - behind, free, SHADOW * shadow, near])
    return Grown(mesh, mask, shape, np.asarray(planes, np.float32))


def _disc(radius: float) -> NDArray[np.uint8]:
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def _filled(pixels: Planes, weight: NDArray[np.floating], sigma: float) -> Planes:
    """Return the mean colour of what counts nearby, farther where there is nothing, (height, width, 3)."""
    total = np.zeros((*weight.shape, 4), np.float32)
    some = np.dstack([pixels * weight[..., None], weight]).astype(np.float32)
    for share, wider in ((1.0, 1.0), (1e-2, 3.0), (1e-4, 9.0)):
        total += np.float32(share) * cv2.GaussianBlur(some, (0, 0), max(0.5, wider * sigma))
    return np.asarray(total[..., :3] / np.maximum(total[..., 3:], 1e-9), np.float32)
