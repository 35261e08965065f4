"""Where hair goes that gets more or less volume, or longer: a smooth field, none on the face.

It is found at one scale, on the surroundings of the face, and used once at the photo's own resolution. What
comes where the field leads is `growth`'s.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Box, Matrix, applied, chained, inverted, scale_of, scaling, shifting
from softlight.faces import analysis
from softlight.faces.analysis import AnalysedFace
from softlight.filters.edit.hair.mask import HairMask, fading
from softlight.filters.edit.reshaping import area_of, enlarged
from softlight.filters.smoothstep import smoothstep
from softlight.picture import Picture
from softlight.tiles import Planes

KEPT = 40.0
"""Px between the eyes at which a field is kept at most: it is smoother than a tenth of that."""
FULLER, FLATTER = 0.28, 0.2
"""Interocular distances by which free hair moves outwards at a volume of 1, and inwards at -1."""
ROOM = 0.7
"""Interocular distances from what stays over which hair becomes free: strands are stretched to 1.7 times
their distance at most."""
AT_REST = 0.04
"""Interocular distances from what stays within which nothing moves."""
SMOOTH = 0.07
"""Standard deviation, in interocular distances, by which fields are smoothed."""
PULLED = 1.0
"""Interocular distances around hair over which the background follows it inwards."""
LONGER = 1.35
"""Times its length to which hanging hair grows at a length of 1."""
SHORTER, LIFTED = 0.25, 1.3
"""Interocular distances by which the ends of hair go up at a length of -1, and over how many below them what
lies there follows: with more of the first a shoulder is lifted that one sees, and pearls become eggs."""
ASIDE = 0.15
"""Interocular distances beside the face over which hair comes to rest that goes up."""
COLUMN, SIDEWAYS = 0.1, 0.25
"""Width of the columns in which hair is looked for its end, and standard deviation over which their ends are
smoothed, in interocular distances."""
MOUTH, AT_BORDER = 0.9, 0.15
"""Interocular distances below the eyes from which on hair hangs that can change its length; from the photo's
border within which it does not end but leaves."""
ROOTS, EASED = 0.0, 0.35
"""Interocular distances below the eyes from which on hair hangs, and over which its growth sets in."""
FRONT = (0.35, 0.7)
"""Interocular distances from the middle of the face, across, up to which nothing grows and from which all
does: what hangs there is a beard."""
BEYOND = 2
"""Px of the field beyond the surroundings: hair may leave the photo, and its field does not end there."""
LEAST_HANGING = 0.5
"""Squared interocular distances of hair beside and below the mouth that can be made longer: bobs that end at
the chin have .2 and less, hair that ends at the neck .6 and more (of 31 portraits)."""
BORDER = 0.6
"""Interocular distances from the photo's border over which hair comes to rest that must not leave it."""


@dataclass(frozen=True, eq=False)
class HairShape:
    """Where each pixel around a face comes from when its hair changes its shape."""

    back: Planes
    """(height, width, 2): what is added to a position to find what comes there, in px of the photo."""
    matrix: Matrix
    """From the photo to the field."""

    @property
    def reach(self) -> float:
        """The farthest that anything moves, in px of the photo."""
        return float(np.linalg.norm(self.back, axis=-1).max())

    def box(self, picture: Picture) -> Box:
        """Return the part of the picture that may move; an empty box where nothing does."""
        rows, columns = (np.flatnonzero(self.back.any(axis=(axis, 2))) for axis in (1, 0))
        if not len(rows):
            return Box(0, 0, 0, 0)
        corners = [(columns[0] - 1, rows[0] - 1), (columns[-1] + 1, rows[-1] + 1)]
        (left, top), (right, bottom) = applied(inverted(self.matrix), corners)
        whole = Box(0, 0, picture.width, picture.height)
        return Box(int(left), int(top), int(np.ceil(right)) + 1, int(np.ceil(bottom)) + 1).within(whole)

    def source(self, box: Box) -> Planes:
        """Return where the pixels of a part of the photo come from, relative to themselves, in its px."""
        return enlarged(self.back, self.matrix, box)

    def stretch(self) -> Planes:
        """Return how much wider everything becomes where it comes to lie, (height, width), 1 and more."""
        area = area_of(self.back * np.float32(scale_of(self.matrix)))
        return np.asarray(1 / area.clip(0.3, 1), np.float32)

    def moved(self, planes: Planes) -> Planes:
        """Return planes of the field's own size after the move, of the same shape."""
        height, width = planes.shape[:2]
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        step = self.back * np.float32(scale_of(self.matrix))
        found = cv2.remap(planes, x + step[..., 0], y + step[..., 1], cv2.INTER_LINEAR)
        return np.asarray(found, np.float32).reshape(planes.shape)


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Of a face, at the scale of the field."""

    pixels: Planes
    """(height, width, 3), perceptual RGB."""
    hair: Planes
    """(height, width), 0..1."""
    face: Planes
    """(height, width), 0..1: with ears and hat."""
    below: Planes
    """(height, width), 0..1: neck and cloth."""
    theirs: Planes
    """(height, width), 0..1: what is another person's."""
    ending: Planes
    """(height, width), 0..1: 0 where nothing is known any more."""
    matrix: Matrix
    """From the photo to these."""
    unit: float
    """Interocular distance in their px."""
    across: Planes
    """(height, width): how far each pixel is from the middle of the eyes, in interocular distances: to the
    side, as the head is held."""
    down: Planes
    """The same downwards."""
    axes: Planes
    """(2, 2): these two directions, of length 1, (x, y)."""
    border: Planes
    """(height, width): interocular distances to the photo's border."""


@dataclass(frozen=True, eq=False)
class Ends:
    """Where hanging hair ends, by how far it hangs from the middle of the face; interocular distances."""

    across: NDArray[np.float64]
    """(columns,): to the side, as `Surroundings.across`."""
    down: NDArray[np.float64]
    """(columns,): below the eyes."""
    seen: NDArray[np.float64]
    """(columns,), 0..1: whether it hangs there, and its end is in the photo."""

    @property
    def width(self) -> float:
        """Across how many interocular distances ends are seen."""
        return float(self.seen.sum() * COLUMN)


def surroundings(
    picture: Picture, faces: tuple[AnalysedFace, ...], number: int, mask: HairMask
) -> Surroundings:
    """Return what lies around one of the faces of a picture, of which the hair's mask is known."""
    face, near = faces[number], mask.part
    step = min(1.0, KEPT / (face.interocular * scale_of(near.matrix)))
    height, width = (max(1, round(step * side)) for side in near.pixels.shape[:2])
    to_small = scaling(width / near.pixels.shape[1], height / near.pixels.shape[0])
    matrix = chained(near.matrix, to_small, shifting(BEYOND, BEYOND))
    ending = fading(picture, near, face.interocular * scale_of(near.matrix))
    planes = _small([near.pixels, np.dstack([mask.shares, mask.beside, ending])], (width, height))
    hair, faces_here, below, ending = np.moveaxis(planes[..., 3:], -1, 0)
    unit = face.interocular * scale_of(matrix)
    x, y = np.meshgrid(np.arange(planes.shape[1]), np.arange(planes.shape[0]))
    at = np.stack([x, y], axis=-1) - applied(matrix, face.points[:2].mean(axis=0))
    axes = np.array([(face.down[1], -face.down[0]), face.down])
    across, down = np.moveaxis(at @ axes.T / unit, -1, 0).astype(np.float32)
    corners = [(-0.5, -0.5), (picture.width - 0.5, picture.height - 0.5)]
    (left, top), (right, bottom) = applied(matrix, corners)
    sides = np.minimum(np.minimum(x - left, right - x), np.minimum(y - top, bottom - y))
    return Surroundings(
        planes[..., :3],
        hair,
        faces_here,
        below,
        _theirs(faces, number, matrix, hair.shape),
        ending,
        matrix,
        unit,
        across,
        down,
        axes.astype(np.float32),
        (sides / unit).clip(0, None).astype(np.float32),
    )


def volume(around: Surroundings, amount: float) -> HairShape:
    """Return the field of hair that stands fuller, or lies flatter with a negative amount (-1..1).

    Outwards is away from the middle of the eyes, and beside and below them to the side.
    """
    unit = around.unit
    stays = np.maximum(np.maximum(around.face, around.below), around.theirs)
    apart = (_distance_to(stays > 0.3) / unit - AT_REST).clip(0, None)
    free = np.tanh(apart / ROOM) * smoothstep(apart, 0, 2 * SMOOTH)
    away = _distance_to(around.hair > 0.3) / unit
    if amount < 0:
        free = free * (1 - smoothstep(away, 0, PULLED)) * smoothstep(around.border, 0, BORDER)
    free = cv2.GaussianBlur(free, (0, 0), SMOOTH * unit) * smoothstep(apart, 0, SMOOTH) * (away < PULLED)
    up = -np.logaddexp(0, -6 * around.down) / 6  # a corner at the eyes would be one in the field
    length = np.maximum(np.hypot(around.across, up), 0.3)
    outwards = np.stack([around.across / length, up / length], axis=-1)
    far = -amount * (FULLER if amount > 0 else FLATTER)
    return _shape(around, np.float32(far) * free[..., None] * outwards)


def hanging(around: Surroundings) -> float:
    """Return how much hair hangs below the mouth, beside it, in squared interocular distances."""
    there = around.hair * smoothstep(np.abs(around.across), *FRONT) * (around.down > MOUTH)
    return float(there.sum()) / around.unit**2


def longer(around: Surroundings, amount: float) -> HairShape:
    """Return the field of hanging hair that grows downwards (0..1)."""
    stretch = 1 + (LONGER - 1) * amount
    below = (around.down - ROOTS).clip(0, None)
    far = (1 / stretch - 1) * below * below / (below + EASED)
    far = far * smoothstep(np.abs(around.across), *FRONT) * (1 - around.theirs)
    # Farther from hair than it grows, with its shadow, nothing comes.
    far = far * (_distance_to(around.hair > 0.02) / around.unit < (LONGER - 1) * below + 3 * SMOOTH)
    return _shape(around, np.stack([np.zeros_like(far), far], axis=-1))


def shorter(around: Surroundings, amount: float, ends: Ends) -> HairShape:
    """Return the field of hanging hair whose ends go up (0..1), with what lies below them."""
    down, away = around.down, _distance_to(around.face > 0.1) / around.unit
    end, far = (_across(around, ends, plane) for plane in (ends.down, ends.seen))
    hung = ((down - ROOTS) / np.maximum(end - ROOTS, EASED)).clip(0, 1)
    up = (
        SHORTER
        * amount
        * far
        * hung
        * (1 - smoothstep(down - end, 0, LIFTED))
        * smoothstep(around.border, 0, PULLED)
    )
    up = up * smoothstep(np.abs(around.across), *FRONT) * (1 - around.theirs)
    up = cv2.GaussianBlur(up * smoothstep(away, 0, ASIDE), (0, 0), SMOOTH * around.unit) * smoothstep(
        away, 0, SMOOTH
    )
    return _shape(around, np.stack([np.zeros_like(up), up], axis=-1))


def _across(around: Surroundings, ends: Ends, values: NDArray[np.float64]) -> Planes:
    return np.asarray(np.interp(around.across, ends.across, values), np.float32)


def ends_of(around: Surroundings) -> Ends:
    """Return where hanging hair ends."""
    edges = np.arange(-5.0, 5.0, COLUMN)
    sure = cv2.GaussianBlur(around.hair, (0, 0), SMOOTH * around.unit) > 0.5
    sure &= (around.down > MOUTH) & (np.abs(around.across) < 4.9)
    column = np.searchsorted(edges, around.across[sure]) - 1
    down, border = np.zeros(len(edges)), np.full(len(edges), 9.0)
    np.maximum.at(down, column, around.down[sure])
    np.minimum.at(border, column, around.border[sure])
    hangs = (down > 0).astype(np.float64)
    seen = hangs * (border > AT_BORDER)
    near = np.exp(-0.5 * np.square(np.arange(-9, 10) * COLUMN / SIDEWAYS))
    total, wide, there = (np.convolve(one, near / near.sum(), "same") for one in (down, hangs, seen))
    return Ends(edges + COLUMN / 2, total / np.maximum(wide, 1e-6), (2 * there).clip(0, 1))


def _shape(around: Surroundings, along: NDArray[np.floating]) -> HairShape:
    """Return the shape of a field in interocular distances across and down the head."""
    to_photo = np.float32(around.unit / scale_of(around.matrix))
    return HairShape(
        np.asarray(along @ around.axes * to_photo * around.ending[..., None], np.float32), around.matrix
    )


def _small(planes: list[Planes], size: tuple[int, int]) -> Planes:
    """Return planes side by side, shrunk to a size and with some px beyond it."""
    small = [cv2.resize(some, size, interpolation=cv2.INTER_AREA) for some in planes]
    wide = [cv2.copyMakeBorder(some, *4 * (BEYOND,), cv2.BORDER_REPLICATE) for some in small]
    return np.dstack(wide).astype(np.float32)


def _theirs(faces: tuple[AnalysedFace, ...], number: int, matrix: Matrix, size: tuple[int, int]) -> Planes:
    """Return what is nearer to another face (height, width), 0..1, and softly what is almost."""
    if len(faces) == 1:
        return np.zeros(size, np.float32)
    here = [analysis.face_moved(one, matrix) for one in faces]
    mine = analysis.nearest(here, number, Box(0, 0, size[1], size[0]))
    away = _distance_to(~mine) / here[number].interocular
    return 1 - smoothstep(away, 0.05, 0.3)


def _distance_to(there: NDArray[np.bool_]) -> Planes:
    """Return how far each pixel is from the nearest that is true, in px (height, width)."""
    if not there.any():
        return np.full(there.shape, 1e6, np.float32)
    return np.asarray(cv2.distanceTransform((~there).astype(np.uint8), cv2.DIST_L2, 5), np.float32)
