"""Hair in another shape: its own strands, brought to where a field says, over what was behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Box, Points
from softlight.filters import boxes
from softlight.filters.edit.hair.mask import HairMask, blurred
from softlight.filters.edit.hair.shape import FULLER, HairShape, Surroundings
from softlight.filters.edit.reshaping import LANCZOS, enlarged, resampled, shown
from softlight.picture import Picture
from softlight.tiles import Planes

NEAR = 0.1
"""Standard deviation of the window in which hair, and what is behind it, have one colour; interocular
distances."""
FINE = 0.02
"""Standard deviation, in interocular distances, of what is finer than strands that are seen one by one."""
SHARPER = 0.3
"""Power of the stretch by which the contrast of what is finer grows: as steep as it was, though wider."""
SHADOW, SOFT = 0.25, 0.06
"""Share of light that hair takes from what it newly lies on, and over how many interocular distances."""
BODY = 0.1
"""Interocular distances: half the width of what is more than a loose lock, and how far from that one lies."""
OTHERS = (0.4, 0.8)
"""Share of face, neck or cloth up to which hair moves, and from which it is taken for a fold or a freckle."""
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
    coming: Planes
    """(height, width, 2) of the shape: how much of the hair there moves, and how much more contrast its fine
    strands get."""
    there: Planes
    """(height, width, 9): by how much hair is brighter than what is behind it, where it is (three channels)
    and where it comes from (three); how much of a pixel may be new hair; the share of light that this takes;
    and how much the background goes with it."""

    @property
    def margin(self) -> float:
        """As `Change.margin`."""
        return self.shape.reach + LANCZOS + self._apart

    def box(self, picture: Picture) -> Box:
        """As `Change.box`."""
        return self.shape.box(picture)

    def made(self, before: Planes, block: Box, around: Box) -> tuple[Planes, NDArray[Any]]:
        """As `Change.made`."""
        source = self.shape.source(block)
        local = float(np.abs(source).max())
        # Most blocks move less than the farthest that moves.
        near = boxes.grown(block, local + LANCZOS + self._apart).within(around)
        before = before[near.slices_in(around)]
        around, inner = near, block.slices_in(near)
        photo = before[inner]
        share = self.mask.mask_in(before, around) if local else np.zeros((1, 1), np.float32)
        if not share.any():
            return photo, np.zeros(photo.shape[:2], np.float32)
        old = share[inner][..., None]
        moving, gain = np.split(enlarged(self.coming, self.shape.matrix, around), 2, axis=-1)
        strands = before + gain * self._fine(before, share)
        moved = resampled(np.dstack([strands, share[..., None] * moving]), source, block, around)
        # OpenCV moves four planes at a time.
        threes = (np.ascontiguousarray(self.there[..., i : i + 3]) for i in (0, 3, 6))
        contrast, brought, shares = (enlarged(some, self.shape.matrix, block) for some in threes)
        free, shadow, carried = np.split(shares, 3, axis=-1)
        come, dense = moved[..., :3], moved[..., 3:]
        new = _ramp(dense, SOLID) * free
        most = np.maximum(new, old)
        rest = (photo - old * contrast) * (1 - shadow * (1 - old))
        stays = photo + (1 - old) * contrast
        # Where less hair comes than was there, that stays.
        turn = np.square(np.divide(new, most, out=np.zeros_like(new), where=most > 0))
        # What showed of the background between hairs is none of what comes.
        hair = stays + turn * (come + (1 - dense) * brought - stays)
        after = rest + most * (hair - rest)
        after += carried * (come - after)
        done = (new > 0) | (shadow > 1e-4) | (carried > 1e-4)
        return np.asarray(after, np.float32), shown(source) * done[..., 0]

    @property
    def _apart(self) -> float:
        """Px within which pixels tell what is finer than strands."""
        return 4 * FINE * self.mask.interocular

    def _fine(self, pixels: Planes, share: Planes) -> Planes:
        """Return what of some pixels is hair finer than strands, (height, width, 3)."""
        weight, sigma = share[..., None], max(0.5, FINE * self.mask.interocular)
        some = blurred(np.dstack([pixels * weight, weight]), sigma)
        return np.asarray(weight * (pixels - some[..., :3] / np.maximum(some[..., 3:], 1e-3)), np.float32)


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


def grown(mesh: Points, mask: HairMask, around: Surroundings, shape: HairShape, loose: bool = False) -> Grown:
    """Return hair that comes over what was there, with its shadow.

    Loose locks take what is behind them along, or are left behind: alone they would leave a shadow of
    themselves, or be the rim of a shoulder before a wall of the hair's colour.
    """
    seen, hair, unit = around.pixels, around.hair, around.unit
    front = _filled(seen, _ramp(hair, (0.7, 1.0)), NEAR * unit)
    behind = _filled(seen, (1 - _ramp(hair, (0.0, 0.3))) * (1 - around.face), NEAR * unit)
    free = (1 - _ramp(around.face, SPARED)) * (1 - around.theirs)
    moving = 1 - _ramp(np.maximum(around.face, around.below), OTHERS)
    new = (shape.moved(hair) * free - hair).clip(0, 1)
    shadow = cv2.GaussianBlur(new, (0, 0), SOFT * unit) * around.below * free
    body = _body(around)
    if loose:
        carried = _loose(around, body) * moving * free
    else:
        moving, carried = moving * _soft(body, unit), np.zeros_like(hair)
    contrast = front - behind
    coming = np.dstack([moving, shape.stretch() ** SHARPER - 1])
    there = np.dstack([contrast, shape.moved(contrast), free, SHADOW * shadow, carried])
    return Grown(mesh, mask, shape, np.asarray(coming, np.float32), np.asarray(there, np.float32))


def _body(around: Surroundings) -> Planes:
    """Return 1 on what is more than a loose lock, and a little around it, 0 elsewhere."""
    disc, sure = _disc(BODY * around.unit), (around.hair > 0.5).astype(np.float32)
    return np.asarray(cv2.dilate(cv2.morphologyEx(sure, cv2.MORPH_OPEN, disc), disc), np.float32)


def _loose(around: Surroundings, body: Planes) -> Planes:
    """Return where locks lie apart from the body of the hair, (height, width), 0..1, and softly around."""
    apart = ((around.hair > 0.1) & (body == 0)).astype(np.float32)
    return _soft(np.asarray(cv2.dilate(apart, _disc(FULLER * around.unit)), np.float32), 3 * around.unit)


def _soft(plane: Planes, unit: float) -> Planes:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), BODY / 3 * unit), np.float32)


def _ramp(values: Planes, ends: tuple[float, float]) -> Planes:
    return np.asarray(((values - ends[0]) / (ends[1] - ends[0])).clip(0, 1), np.float32)


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
