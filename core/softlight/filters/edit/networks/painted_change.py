"""From two paintings of a face to a change of the photo: a move, and what a move cannot show.

A network paints a few hundred px, and what it paints is not quite the person. Putting its answer, or only
what lies between two of them, on the photo would show twice whatever moved. So the photo makes the same move
as the points of the mesh from one painting to the other, once and at its own resolution. What is then left
between the paintings is added: shades of folds everywhere, and in eyes and mouth all of it, since what comes
to light there is in no photo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import (
    Box,
    Matrix,
    Planes,
    Points,
    applied,
    chained,
    inverted,
    scale_of,
    similarity,
    warped,
)
from softlight.faces.mesh import EYES, INNER_LIPS, LIPS
from softlight.faces.prototypes import STABLE
from softlight.filters.edit.change import Subject
from softlight.filters.edit.likeness import inside
from softlight.filters.edit.networks.square import Added, added, allowed, resized, smoothed
from softlight.filters.edit.reshaping import (
    LANCZOS,
    SIDE,
    Move,
    displaced,
    move_by,
    square_around,
)
from softlight.filters.monochrome import is_monochrome, without_colour
from softlight.picture import Picture
from softlight.roles.parsing import Parsing, summed

FACE = ("skin", "brows", "eyes", "nose", "inner mouth", "lips")
"""What changes its tone. It may move, and over the neck: so does a chin."""
FOLDS = 0.03
"""Distances between the eyes: standard deviation of the shades that are taken from what is painted. Finer
lines stay those of the photo."""
OPENINGS = 0.03
"""The same of the edge of eyes and mouth, which are taken whole."""
SAME, ANOTHER = 0.02, 0.06
"""Mean difference that the move leaves in an eye or a mouth, up to which the photo's fine detail stays, and
from which what was painted is shown in its place: an iris would shine through a lid."""
NEAR = 0.1
"""Distances between the eyes: standard deviation within which a move must be seen."""
LASHES = 0.02
"""Distances between the eyes: beyond the outline of an eye there is as much of it."""


@dataclass(frozen=True, eq=False)
class Painting:
    """What a network painted of a face."""

    pixels: Planes
    """(side, side, 3), perceptual RGB, 0..1."""
    mesh: Points
    """(468, 2): the points of the face, in px of it."""

    @property
    def side(self) -> int:
        return int(self.pixels.shape[0])

    def held(self, other: Painting) -> Painting:
        """Return the same with its head where it is in another painting."""
        stable = list(STABLE)
        back = similarity(self.mesh[stable], other.mesh[stable])
        held = Painting(warped(self.pixels, back, self.side, self.side), applied(back, self.mesh))
        # Points are less sure of it than a picture whose head did stay.
        return min((self, held), key=lambda one: float(np.abs(one.pixels - other.pixels).mean()))


@dataclass(frozen=True, eq=False)
class PaintedChange:
    """What gives a face another expression."""

    move: Move
    added: Added
    """To what has moved."""
    openings: Added
    """Shown instead in eyes and mouth: colours, times how much they cover, and that."""

    @property
    def mesh(self) -> Points:
        """As `Change.mesh`."""
        return self.move.mesh

    @property
    def margin(self) -> float:
        """As `Change.margin`."""
        return self.move.reach + LANCZOS

    def box(self, picture: Picture) -> Box:
        """As `Change.box`."""
        one, other = self.move.box(picture.height, picture.width), self.added.box(picture)
        return Box(
            min(one.left, other.left),
            min(one.top, other.top),
            max(one.right, other.right),
            max(one.bottom, other.bottom),
        )

    def made(self, before: Planes, block: Box, around: Box) -> tuple[Planes, NDArray[Any]]:
        """As `Change.made`."""
        after, there = displaced(before, self.move.source(block), block, around)
        more, instead = self.added.within(block), self.openings.within(block)
        after += more
        after += instead[..., :3] - instead[..., 3:] * after
        done = (there[..., None] > 0) | (more != 0).any(axis=-1, keepdims=True) | (instead[..., 3:] > 0)
        return after, done[..., 0]


def change_between(
    subject: Subject, before: Painting, after: Painting, seen: Parsing, matrix: Matrix
) -> PaintedChange:
    """Return what leads from one painting to another, on the photo.

    Parameters
    ----------
    subject : Subject
    before, after : Painting
        Of its face, of the same size, with the head in one place.
    seen : Parsing
        Of the later one, from its px.
    matrix : ndarray
        From the photo to both.
    """
    apart = subject.face.interocular * scale_of(matrix)
    move, between = _move(subject, before, after, matrix)
    moved = _moved(before, move, between)
    # Where the painted face ends elsewhere, nothing is known of this one.
    where = np.minimum(
        allowed(subject.parsing, matrix, after.side, apart, *FACE),
        allowed(seen, np.eye(2, 3), after.side, apart, *FACE),
    )
    rest = after.pixels - moved
    if is_monochrome(before.pixels):
        rest = without_colour(rest)
    shades = smoothed(rest, resized(where, after.side), FOLDS * apart)
    eyes = np.maximum(_filled(EYES, before.mesh, after.side), _filled(EYES, after.mesh, after.side))
    entire = cv2.GaussianBlur(
        np.maximum(eyes, _filled([LIPS], after.mesh, after.side)), (0, 0), OPENINGS * apart
    )
    rest = shades + entire[..., None] * (rest - shades)
    covered = _covered(rest, eyes, after.mesh, apart)
    instead = np.concatenate([(moved + rest) * covered, covered], axis=-1)
    return PaintedChange(move, added(rest, where, matrix), added(instead, where, matrix))


def _move(subject: Subject, before: Painting, after: Painting, matrix: Matrix) -> tuple[Move, Matrix]:
    """Return the move of the photo, and what leads from the paintings to its square."""
    square = square_around(subject.mesh)
    between, here = chained(inverted(matrix), square), applied(square, subject.mesh)
    by = (after.mesh - before.mesh) @ between[:, :2].T
    # Cubed: the outline of a face stays, and walls beside it straight.
    free = inside(summed(subject.parsing.in_square(square, SIDE), *FACE, "neck")) ** 3
    hidden = _filled([*EYES, LIPS], here + by, SIDE) + _filled(EYES, here, SIDE) > 0
    move = move_by(subject.mesh, by, free, square, hidden)
    apart = subject.face.interocular * scale_of(matrix)
    seen = _seen(before.pixels, after.pixels, _moved(before, move, between), apart)
    free = free * np.clip(warped(seen, between, SIDE, SIDE), 0, 1)
    return move_by(subject.mesh, by, free, square, hidden), between


def _moved(painting: Painting, move: Move, between: Matrix) -> Planes:
    """Return a painting after the move of the photo; `between` leads from it to the square of the move."""
    whole = Box(0, 0, painting.side, painting.side)
    source = replace(move, matrix=between).source(whole)
    return displaced(painting.pixels, source, whole, whole)[0]


def _seen(before: Planes, after: Planes, moved: Planes, apart: float) -> Planes:
    """Return how far a move is seen in what was painted, (side, side, 1), 0..1.

    The points of brows follow those of a mouth that smiles, though nobody painted them elsewhere: where the
    face as it was is nearer to what was painted than the moved one, the move is made smaller.
    """

    def missed(painting: Planes) -> Planes:
        less = after - painting
        fine = less - cv2.GaussianBlur(less, (0, 0), NEAR * apart)
        return np.asarray(cv2.GaussianBlur(np.square(fine).mean(axis=-1), (0, 0), NEAR * apart), np.float32)

    without, with_move = missed(before), missed(moved)
    share = 2 * without / np.maximum(without + with_move, 1e-9)
    return np.asarray(np.minimum(share, 1), np.float32)[..., None]


def _covered(rest: Planes, eyes: Planes, mesh: Points, apart: float) -> Planes:
    """Return where what was painted takes the place of the photo, (side, side, 1), 0..1."""
    side = len(rest)
    left = cv2.GaussianBlur(np.abs(rest).mean(axis=-1), (0, 0), OPENINGS * apart)
    lashes = np.ones((2 * round(LASHES * apart) + 1,) * 2)
    openings = np.maximum(cv2.dilate(eyes, lashes), _filled([INNER_LIPS], mesh, side))
    soft = cv2.GaussianBlur(openings, (0, 0), 1)
    return np.asarray(soft * np.clip((left - SAME) / (ANOTHER - SAME), 0, 1), np.float32)[..., None]


def _filled(outlines: Sequence[tuple[int, ...]], mesh: Points, side: int) -> Planes:
    """Return 1 inside of outlines of the mesh, (side, side)."""
    plane = np.zeros((side, side), np.float32)
    for outline in outlines:
        # In 1/16 of a px, as OpenCV takes them.
        cv2.fillPoly(plane, [np.round(mesh[list(outline)] * 16).astype(np.int32)], 1.0, shift=4)
    return plane
