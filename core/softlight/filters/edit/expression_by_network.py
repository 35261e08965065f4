"""How networks of the role expression change a face: a move of the photo, and what a move cannot show.

LivePortrait paints 512 px, with some 84 between the eyes, and what it paints is not quite the person. Putting
its answer, or only what lies between two of them, on the photo would show it twice wherever something moved.
So the points of the mesh are found in what it paints of the face as it is and in what it paints of the face
moved; the photo makes the same move, once and at its own resolution. What then is left between the two
paintings is added: shades of folds everywhere, and in eyes and mouth all of it, since what comes to light
there is in no photo.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import (
    Box,
    Crop,
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
from softlight.faces import analysis
from softlight.faces.analysis import AnalysedFace
from softlight.faces.mesh import EYES, INNER_LIPS, LIPS, mesh_of
from softlight.faces.prototypes import STABLE
from softlight.filters.edit.change import Subject, Unchanged
from softlight.filters.edit.expression_points import Expression, moved_points
from softlight.filters.edit.likeness import inside
from softlight.filters.edit.network_square import Added, added, allowed, resized, smoothed
from softlight.filters.edit.reshaping import (
    LANCZOS,
    SIDE,
    Move,
    move_by,
    resampled,
    shown,
    square_around,
)
from softlight.filters.monochrome import is_monochrome, without_colour
from softlight.picture import Picture
from softlight.roles.expression import Points3, Portrait, analysed, painted, stitched
from softlight.roles.face_detection import Face
from softlight.roles.landmarks import find_landmarks
from softlight.roles.parsing import Parsing, parse_face, summed
from softlight.runtime import Model, Runtime
from softlight.runtime.memory import Memory

KEPT = 84.0
"""Px between the eyes of the copy that is cut for the networks: twice as many as they see."""
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
LASHES = 0.02
"""Distances between the eyes: beyond the outline of an eye there is as much of it."""


@dataclass(frozen=True)
class Networks:
    """What an expression is made with."""

    expression: Model
    landmarks: Model
    parsing: Model
    memory: Memory
    """A face is looked at once, however often a slider is moved."""

    @classmethod
    def of(cls, runtime: Runtime) -> Networks:
        """Return those that the roles use now.

        Raises
        ------
        ModelError
            If there is no model for one of the roles.
        """
        expression, landmarks, parsing = (
            runtime.model(role) for role in ("expression", "landmarks", "parsing")
        )
        return cls(expression, landmarks, parsing, runtime.memory)


@dataclass(frozen=True, eq=False)
class Still:
    """A face that was looked at, and how the networks paint it as it is."""

    portrait: Portrait
    painted: Crop
    mesh: Points
    """(468, 2): its points in what was painted."""


@dataclass(frozen=True, eq=False)
class Expressed:
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
        source = self.move.source(block)
        inner = before[block.slices_in(around)]
        there, more = shown(source)[..., None], self.added.within(block)
        instead = self.openings.within(block)
        after = inner + there * (resampled(before, source, block, around) - inner) + more
        after += instead[..., :3] - instead[..., 3:] * after
        return after, ((there > 0) | (more != 0).any(axis=-1, keepdims=True))[..., 0] | (instead[..., 3] > 0)


def expressed(
    subject: Subject, networks: Networks, wanted: Expression, tick: Callable[[], None]
) -> Expressed:
    """Return how a face changes to another expression by models of the role expression.

    Parameters
    ----------
    subject : Subject
    networks : Networks
    wanted : Expression
    tick : callable
        Called before each run of a network.

    Raises
    ------
    ModelError
        If a network fails, or gives no finite values.
    Unchanged
        If no face is found in what is painted.
    """
    near = analysis.around(subject.picture, subject.face.points, KEPT)
    face, model = analysis.face_moved(subject.face, near.matrix), networks.expression
    # By its landmarks: beside the face itself its protection is kept.
    found = subject.face.landmarks
    still = networks.memory.beside(found, lambda: _looked_at(networks, near.pixels, face, tick))
    points = moved_points(model, still.portrait, face.landmarks, wanted, tick)
    tick()
    after, mesh = _held(still, *_painted(networks, still.portrait, points, face))
    seen = parse_face(networks.parsing, after.pixels, applied(after.matrix, face.points))
    return _change(subject, still, after, mesh, seen, chained(near.matrix, after.matrix))


def _looked_at(networks: Networks, photo: Planes, face: AnalysedFace, tick: Callable[[], None]) -> Still:
    model = networks.expression
    tick()
    portrait = analysed(model, photo, face.points)
    tick()
    # Stitched as every other is: what that does to a face at rest must not show.
    points = stitched(model, portrait, portrait.motion.points)
    return Still(portrait, *_painted(networks, portrait, points, face))


def _painted(
    networks: Networks, portrait: Portrait, points: Points3, face: AnalysedFace
) -> tuple[Crop, Points]:
    """Return what is painted of a face, and its mesh there, (468, 2) in px of it."""
    crop = painted(networks.expression, portrait, points)
    five = applied(crop.matrix, face.points)
    left, top, right, bottom = face.face.box
    middle = applied(crop.matrix, [((left + right) / 2, (top + bottom) / 2)])[0]
    half = scale_of(crop.matrix) * np.array([right - left, bottom - top]) / 2
    box = tuple(np.concatenate([middle - half, middle + half]).tolist())
    found = find_landmarks(networks.landmarks, crop.pixels, Face(box, 1.0, five))
    if found.presence < analysis.SURE:
        raise Unchanged(f"what {networks.expression.files.title} painted there is no face")
    return crop, mesh_of(found)


def _held(still: Still, crop: Crop, mesh: Points) -> tuple[Crop, Points]:
    """Return what was painted, and its mesh, with the head held where it was before."""
    stable = list(STABLE)
    back = similarity(mesh[stable], still.mesh[stable])
    return replace(crop, pixels=warped(crop.pixels, back, crop.side, crop.side)), applied(back, mesh)


def _change(
    subject: Subject, still: Still, after: Crop, mesh: Points, seen: Parsing, matrix: Matrix
) -> Expressed:
    """Return what leads from one painting to another, on the photo.

    Parameters
    ----------
    subject : Subject
    still : Still
    after : Crop
    mesh : ndarray, shape (468, 2)
        Of the face in what was painted after the change, in its px.
    seen : Parsing
        Of the same, from its px.
    matrix : ndarray
        From the photo to what was painted.
    """
    square = square_around(subject.mesh)
    between = chained(inverted(matrix), square)
    by = (mesh - still.mesh) @ between[:, :2].T
    free = inside(summed(subject.parsing.in_square(square, SIDE), *FACE, "neck"))
    here = applied(square, subject.mesh)
    hidden = _filled([*EYES, LIPS], here + by, SIDE) + _filled(EYES, here, SIDE) > 0
    move = move_by(subject.mesh, by, free, square, hidden)
    # The same move, of what was painted.
    whole = Box(0, 0, after.side, after.side)
    source = replace(move, matrix=between).source(whole)
    before = still.painted.pixels
    moved = before + shown(source)[..., None] * (resampled(before, source, whole, whole) - before)
    rest = after.pixels - moved
    if is_monochrome(before):
        rest = without_colour(rest)
    apart = subject.face.interocular * scale_of(matrix)
    openings = _filled([*EYES, LIPS], mesh, after.side) + _filled(EYES, still.mesh, after.side)
    whole_of = cv2.GaussianBlur(np.minimum(openings, 1), (0, 0), OPENINGS * apart)[..., None]
    # Where the painted face ends elsewhere, nothing is known of this one.
    both = np.minimum(
        allowed(subject.parsing, matrix, after.side, apart, *FACE),
        allowed(seen, np.eye(2, 3), after.side, apart, *FACE),
    )
    shades = smoothed(rest, resized(both, after.side), FOLDS * apart)
    rest = shades + whole_of * (rest - shades)
    left = cv2.GaussianBlur(np.abs(rest).mean(axis=-1), (0, 0), OPENINGS * apart)
    openings = _filled([*EYES, INNER_LIPS], mesh, after.side) + _filled(EYES, still.mesh, after.side)
    wide = cv2.dilate(np.minimum(openings, 1), np.ones((2 * round(LASHES * apart) + 1,) * 2))
    soft = cv2.GaussianBlur(wide, (0, 0), 1)
    covered = (soft * np.clip((left - SAME) / (ANOTHER - SAME), 0, 1))[..., None]
    instead = np.concatenate([(moved + rest) * covered, covered], axis=-1)
    return Expressed(move, added(rest, both, matrix), added(instead, both, matrix))


def _filled(outlines: list[tuple[int, ...]] | tuple[tuple[int, ...], ...], mesh: Points, side: int) -> Planes:
    """Return 1 inside of outlines of the mesh, (side, side)."""
    plane = np.zeros((side, side), np.float32)
    for outline in outlines:
        # In 1/16 of a px, as OpenCV takes them.
        cv2.fillPoly(plane, [np.round(mesh[list(outline)] * 16).astype(np.int32)], 1.0, shift=4)
    return plane
