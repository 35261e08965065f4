"""Where somebody looks: both irises turn alike, between lids that stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Box, Planes, Points, applied, inverted, scale_of
from softlight.faces.irises import Eye
from softlight.filters import boxes
from softlight.filters.edit.eyeball import Seen, opening, turned
from softlight.filters.edit.reshaping import LANCZOS
from softlight.picture import Picture

ACROSS, UP = 0.7, 0.4
"""Radii of the iris that it moves at full strength: by 20 and 11 degrees of an eye of 24 mm."""
CORNER = 1.15
"""Radii that the middle of an iris stays away from the corners of the eye."""


@dataclass(frozen=True, eq=False)
class Gaze:
    """How the eyes of a face come to look elsewhere."""

    eyes: tuple[Eye, ...]
    """Both, or none where one cannot be turned."""
    shift: tuple[float, float]
    """Of the irises, to the right and down, in their radii."""
    mesh: Points
    """As `Change.mesh`: no point of it moves."""

    @property
    def margin(self) -> float:
        """As `Change.margin`: an eye is made as a whole."""
        sides = [max(one.right - one.left, one.bottom - one.top) for one in map(around, self.eyes)]
        return float(max(sides, default=0))

    def box(self, picture: Picture) -> Box:
        """As `Change.box`."""
        if not self.eyes:
            return Box(0, 0, 0, 0)
        edges = np.array([around(eye).edges for eye in self.eyes])
        low, high = edges.min(axis=0), edges.max(axis=0)
        both = Box(int(low[0]), int(low[1]), int(high[2]), int(high[3]))
        return both.within(boxes.whole_of(picture))

    def made(self, before: Planes, block: Box, around_: Box) -> tuple[Planes, NDArray[Any]]:
        """As `Change.made`."""
        after = before[block.slices_in(around_)].copy()
        done = np.zeros(after.shape[:2], np.float32)
        for eye in self.eyes:
            whole = around(eye).within(around_)
            part = whole.within(block)
            if part.empty:
                continue
            seen = Seen(eye, np.ascontiguousarray(before[whole.slices_in(around_)]), whole)
            shows = opening(seen)[part.slices_in(whole)]
            at = part.slices_in(block)
            after[at] += shows * (turned(seen, self.shift)[part.slices_in(whole)] - after[at])
            done[at] = np.maximum(done[at], shows[..., 0] > 0)
        return after, done


def gaze(eyes: tuple[Eye, Eye] | None, mesh: Points, across: float, up: float) -> Gaze:
    """Return how eyes come to look elsewhere.

    Parameters
    ----------
    eyes : tuple of Eye, or None
        None where one of them cannot be turned.
    mesh : ndarray, shape (468, 2)
        Of the face.
    across, up : float
        -1..1: to the picture's left or right, and down or up.
    """
    if eyes is None:
        return Gaze((), (0.0, 0.0), mesh)
    wanted = ACROSS * across
    for eye in eyes:
        open_ = np.flatnonzero(eye.lids[1] > eye.lids[0])
        first, last = (open_[[0, -1]] - eye.centre[0]) / eye.radius
        wanted = float(np.clip(wanted, min(first + CORNER, 0), max(last - CORNER, 0)))
    return Gaze(eyes, (wanted, -UP * up), mesh)


def around(eye: Eye) -> Box:
    """Return the part of the photo in which an eye lies, with what its interpolation looks at."""
    columns = np.flatnonzero(eye.lids[1] > eye.lids[0])
    left, right = columns[0] - 1, columns[-1] + 1
    top, bottom = eye.lids[0].min() - 1, eye.lids[1].max() + 1
    corners = applied(inverted(eye.matrix), [(x, y) for x in (left, right) for y in (top, bottom)])
    low = np.floor(corners.min(axis=0)).astype(int) - LANCZOS
    high = np.ceil(corners.max(axis=0)).astype(int) + LANCZOS + 1
    return Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))
