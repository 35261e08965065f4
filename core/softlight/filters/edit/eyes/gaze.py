"""Where somebody looks: both irises turn alike; the upper lids follow when they go up or down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Box, Planes, Points, applied, inverted
from softlight.faces.irises import Eye, find_eyes
from softlight.faces.lids import WIDTH
from softlight.filters import boxes
from softlight.filters.edit.change import Subject, Unchanged
from softlight.filters.edit.eyes.eyeball import Seen, bow, opening, places, turned
from softlight.filters.edit.reshaping import LANCZOS, displaced
from softlight.filters.smoothstep import smoothstep
from softlight.picture import Picture
from softlight.roles.parsing import Parsing
from softlight.runtime import Model

ACROSS, UP, DOWN = 0.7, 0.4, 0.35
"""Radii of the iris that it moves at full strength: by 20, 11 and 10 degrees of an eye of 24 mm."""
CORNER = 1.3
"""Radii that the middle of an iris stays away from the corners of the eye."""
LID = 0.5
"""How far an upper lid goes with the iris."""
SHUT = 0.35
"""Of the opening's height, that a lid comes down at most."""
FOLD = 1.8
"""Radii above the lid within which its skin gives way."""
STAYING = ("hair", "glasses", "hat", "cloth", "background")
"""What stays where it is when lids move."""


@dataclass(frozen=True, eq=False)
class Gaze:
    """How the eyes of a face come to look elsewhere."""

    eyes: tuple[Eye, Eye]
    shift: tuple[float, float]
    """Of the irises, to the right and down, in their radii."""
    lowered: float
    """Of the upper lids, in the same unit."""
    parsing: Parsing
    """Of the photo."""
    mesh: Points
    """As `Change.mesh`."""

    @property
    def margin(self) -> float:
        """As `Change.margin`: an eye is made as a whole."""
        sides = [max(one.right - one.left, one.bottom - one.top) for one in map(around_eye, self.eyes)]
        return float(max(sides))

    def box(self, picture: Picture) -> Box:
        """As `Change.box`."""
        edges = np.array([around_eye(eye).edges for eye in self.eyes])
        low, high = edges.min(axis=0), edges.max(axis=0)
        both = Box(int(low[0]), int(low[1]), int(high[2]), int(high[3]))
        return both.within(boxes.whole_of(picture))

    def made(self, before: Planes, block: Box, around: Box) -> tuple[Planes, NDArray[Any]]:
        """As `Change.made`."""
        after = before[block.slices_in(around)].copy()
        done = np.zeros(after.shape[:2], bool)
        for eye in self.eyes:
            whole = around_eye(eye).within(around)
            part = whole.within(block)
            if part.empty:
                continue
            seen = Seen(eye, np.ascontiguousarray(before[whole.slices_in(around)]), whole, self.lowered)
            lids, moved = self._lids(seen)
            shows = opening(seen)
            new = lids + shows * (turned(seen, self.shift) - lids)
            here, there = part.slices_in(block), part.slices_in(whole)
            changed = (moved | (shows[..., 0] > 0))[there]
            after[here] = np.where(changed[..., None], new[there], after[here])
            done[here] |= changed
        return after, done

    def _lids(self, seen: Seen) -> tuple[Planes, NDArray[np.bool_]]:
        """Return what lies around an eye with its upper lid moved, and where it has moved."""
        if not self.lowered:
            return seen.pixels, np.zeros(seen.pixels.shape[:2], bool)
        stays = np.clip(2 * self.parsing.mask(seen.box, *STAYING)[..., 0], 0, 1)
        down = self.lowered * _given_way(seen.eye, seen.place, self.lowered) * (1 - stays)
        turn = inverted(seen.eye.matrix)[:, :2] * seen.eye.radius
        source = np.asarray(-down[..., None] * turn[:, 1], np.float32)
        moved, there = displaced(seen.pixels, source, seen.box, seen.box)
        return moved, there > 0


def gaze(subject: Subject, model: Model, across: float, up: float) -> Gaze:
    """Return how the eyes of a face come to look elsewhere.

    Parameters
    ----------
    subject : Subject
    model : Model
        Of the role parsing.
    across, up : float
        -1..1: to the picture's left or right, and down or up. Where an iris would come into a corner of its
        eye, both go less far.

    Raises
    ------
    Unchanged
        Where one of them cannot be turned: nobody shall squint.
    """
    mesh = subject.mesh
    eyes = find_eyes(subject.part, subject.face, mesh, model)
    if eyes is None:
        raise Unchanged("an eye is closed, hidden or hard to see")
    right = across * min(ACROSS, *(_room(eye, across) for eye in eyes))
    down = -up * (UP if up > 0 else DOWN)
    highest = min(float((eye.lids[1] - eye.lids[0]).max() / eye.radius) for eye in eyes)
    lowered = min(LID * down, SHUT * highest)
    return Gaze(eyes, (right, down), lowered, subject.parsing, _with_lids(mesh, eyes, lowered))


def _room(eye: Eye, across: float) -> float:
    """Return how far an iris can go to the right (or the left, below 0) before it is in the corner."""
    open_ = np.flatnonzero(eye.lids[1] > eye.lids[0])
    first, last = (open_[[0, -1]] - eye.centre[0]) / eye.radius
    return max(float(last if across > 0 else -first) - CORNER, 0.0)


def around_eye(eye: Eye) -> Box:
    """Return the part of the photo with an eye, its upper lid, and what interpolation looks at."""
    columns = np.flatnonzero(eye.lids[1] > eye.lids[0])
    top, bottom = eye.lids[0].min() - FOLD * eye.radius, eye.lids[1].max()
    left, right = columns[0] - 1, columns[-1] + 1
    corners = applied(inverted(eye.matrix), [(x, y) for x in (left, right) for y in (top - 1, bottom + 1)])
    low = np.floor(corners.min(axis=0)).astype(int) - LANCZOS
    high = np.ceil(corners.max(axis=0)).astype(int) + LANCZOS + 1
    return Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))


def _given_way(eye: Eye, place: NDArray[Any], lowered: float = 0.0) -> NDArray[Any]:
    """Return how far skin at places goes with the upper lid, 0..1, when the lid is `lowered` by now."""
    x, y = place[..., 0], place[..., 1]
    column = x * eye.radius + eye.centre[0]
    rows = (np.interp(column, np.arange(WIDTH), lid) for lid in (eye.lids[0], eye.lids.mean(axis=0)))
    lid, middle = ((row - eye.centre[1]) / eye.radius for row in rows)
    along = bow(eye, x)
    return np.asarray(along * smoothstep(lid + lowered * along - y, FOLD, 0) * (y < middle))


def _with_lids(mesh: Points, eyes: tuple[Eye, Eye], lowered: float) -> Points:
    """Return a mesh whose upper lids have come down."""
    moved = mesh.copy()
    for eye in eyes:
        turn = inverted(eye.matrix)[:, :2] * eye.radius
        moved += lowered * _given_way(eye, places(eye, mesh))[:, None] * turn[:, 1]
    return moved
