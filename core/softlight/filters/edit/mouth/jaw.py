"""Where a mouth that opens or closes brings its lips, the chin and the cheeks; all in the mouth's square."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Planes, Points
from softlight.faces.mesh import bent, mean_mesh
from softlight.filters.edit.mouth.lips import SIDE, UNIT, Line, Lips
from softlight.filters.edit.reshaping import STIFF, border_knots, folded, transferred
from softlight.filters.smoothstep import smoothstep

# fmt: off
UPPER_LIP = (
    61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306,
    62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292, 78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308,
)
LOWER_LIP = (
    146, 91, 181, 84, 17, 314, 405, 321, 375, 77, 90, 180, 85, 16, 315, 404, 320, 307,
    96, 89, 179, 86, 15, 316, 403, 319, 325, 95, 88, 178, 87, 14, 317, 402, 318, 324,
)
# fmt: on
DROP = 0.125
"""Distances between the eyes that the jaw goes down at full strength."""
CORNER, RISE, NARROWER = 0.18, 0.08, 0.2
"""Of the jaw's way: that of the corners of the mouth down and inwards, and of the upper lip up."""
SEALED = 0.92
"""Of the way from the middle to a corner: beyond it lips do not part."""
SHUT, LAUGH = 0.24, 0.5
"""Distances between the eyes of a gap that closes, and how much of a wider one does: closed wholly, the lip
of a laugh was smeared, and almost closed it left a strip of teeth."""
DOWN = 0.35
"""Of the way between lips that close that the upper one goes."""
CHIN, JAW = 0.5, 0.9
"""Of the lower lip's way that the chin goes when lips close: teeth .1 high may touch behind them, a gap of
.25 is that of a jaw."""
MARGIN = 0.016
"""Distances between the eyes that lips which close lose at either edge, so that no tooth stays on them."""
OUTER = 0.8
"""Of the way of a lip's inner edge that its outer one goes when lips close."""
PASSING = 0.8
"""Distance over which one field passes into the other, for each of the distance from the corner."""
KNOT = 4
"""Px between the knots of the fields; between them they are straight."""
BORDER = 12
"""Knots along each side of the square that stay where they are."""


@dataclass(frozen=True, eq=False)
class Fields:
    """Where each pixel comes from."""

    above: Planes
    """(SIDE, SIDE, 2): what is added to a position to find what comes there with the upper lip."""
    below: Planes
    """The same with the lower lip."""
    edges: Planes
    """(SIDE, SIDE, 2): px by which a position belongs to the upper lip, and to the lower one."""
    mesh: Points
    """(468, 2): where the points of the face come to lie."""
    folded: bool
    """Whether skin would fold over itself."""

    @property
    def reach(self) -> float:
        """The farthest that anything moves, in px."""
        return max(float(np.linalg.norm(one, axis=-1).max()) for one in (self.above, self.below))


@dataclass(frozen=True, eq=False)
class _Ways:
    """How far everything goes, in px downwards; lines by column."""

    jaw: float
    upper: Line
    lower: Line
    inwards: Line
    outer: float
    """Of the way of an inner edge that the outer one goes."""
    edges: tuple[Line, Line]
    """Where the upper lip ends in the photo, and where the lower one begins."""


def opening(lips: Lips, here: Points, free: Planes, amount: float) -> Fields:
    """Return where everything comes from when a mouth opens.

    Parameters
    ----------
    lips : Lips
    here : ndarray, shape (468, 2)
        The points of the face.
    free : ndarray of float32, shape (SIDE, SIDE, 1)
        How freely each pixel may move, 0..1.
    amount : float
        0..1.
    """
    across = np.clip(lips.across, -1, 1)
    arch = np.clip(1 - (across / SEALED) ** 2, 0, 1)
    jaw = amount * DROP * UNIT
    upper, lower = CORNER - (CORNER + RISE) * arch, CORNER + (1 - CORNER) * arch
    inwards = -NARROWER * across**3
    ways = _Ways(jaw, jaw * upper, jaw * lower, jaw * inwards, 1.0, (lips.parting, lips.rim))
    return _fields(lips, here, free, ways)


def closing(lips: Lips, here: Points, free: Planes, amount: float) -> Fields:
    """Return the same when a mouth closes; see `opening`."""
    widest = float(lips.gap.max())
    share = amount * (1.0 if widest <= SHUT else LAUGH)
    lost = MARGIN * UNIT * np.clip(lips.gap / (2 * MARGIN), 0, 1)
    way = share * lips.gap * UNIT
    jaw = np.interp(widest, (0.1, 0.25), (CHIN, JAW)) * (1 - DOWN) * float(way.max())
    upper, lower = DOWN * way + amount * lost, -(1 - DOWN) * way - amount * lost
    edges = lips.upper - lost, lips.lower + lost
    return _fields(lips, here, free, _Ways(-jaw, upper, lower, np.zeros(SIDE), OUTER, edges))


def _fields(lips: Lips, here: Points, free: Planes, ways: _Ways) -> Fields:
    moved = _moved(here, ways)
    rest = np.setdiff1d(np.arange(len(here)), UPPER_LIP + LOWER_LIP)
    ends = border_knots(SIDE, BORDER)
    found: list[Planes] = []
    for inner, outline, way in ((lips.upper, lips.top, ways.upper), (lips.lower, lips.bottom, ways.lower)):
        x = np.linspace(lips.left, lips.right, 17)
        by = np.stack([_at(ways.inwards, x), _at(way, x)], axis=-1)
        edges = [np.stack([x, _at(inner, x)], axis=-1), np.stack([x, _at(outline, x)], axis=-1)[2:-2]]
        source = np.concatenate([here[rest], *edges])
        steps = np.concatenate([moved[rest], by, ways.outer * by[2:-2]])
        knots = np.concatenate([source + steps, ends])
        found.append(_spline(knots, np.concatenate([-steps, np.zeros_like(ends)])) * free)
    above, below = _one_beside(lips, *found)
    above, below = _held(above, lips.upper, downwards=True), _held(below, lips.lower, downwards=False)
    over, under = _height(above, ways.edges[0]), -_height(below, ways.edges[1])
    at = here.astype(np.float32)[None]
    loose = cv2.remap(free, at[..., 0], at[..., 1], cv2.INTER_LINEAR).reshape(-1, 1)
    edges_ = np.stack([over, under], axis=-1).astype(np.float32)
    folds = (folded(above) & (over > 0) | folded(below) & (under > 0)).any()
    return Fields(above, below, edges_, here + moved * loose, bool(folds))


def _moved(here: Points, ways: _Ways) -> Points:
    """Return how far each point of the face goes, (468, 2)."""
    mean = mean_mesh()
    shape = np.zeros_like(mean)
    # The jaw turns about the ears: most at the chin, and from the nose down ever more.
    shape[:, 1] = np.clip(1 - (mean[:, 0] / 1.2) ** 2, 0, 1) * smoothstep(mean[:, 1], 0.75, 1.3)
    moved = ways.jaw / UNIT * transferred(here, shape)
    for points, way in ((UPPER_LIP, ways.upper), (LOWER_LIP, ways.lower)):
        x = here[list(points), 0]
        moved[list(points)] = np.stack([_at(ways.inwards, x), _at(way, x)], axis=-1)
    return moved


def _spline(knots: Points, values: Points) -> Planes:
    """Return a thin-plate spline for every px of the square, (SIDE, SIDE, 2)."""
    along = np.arange(0, SIDE + 1, KNOT, dtype=np.float64)
    grid = np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)
    coarse = bent(grid / SIDE, knots / SIDE, values, STIFF).reshape(len(along), len(along), 2)
    x, y = np.meshgrid(*[np.arange(SIDE, dtype=np.float32) / KNOT] * 2)
    return np.asarray(cv2.remap(coarse.astype(np.float32), x, y, cv2.INTER_LINEAR))


def _one_beside(lips: Lips, above: Planes, below: Planes) -> tuple[Planes, Planes]:
    """Return two fields that are one beside the mouth, where one passes into the other ever more slowly."""
    beside = np.maximum(np.abs(lips.across) - 1, 0) * (lips.right - lips.left) / 2
    rows = np.arange(SIDE)[:, None]
    passed = smoothstep((rows - lips.parting) / np.maximum(PASSING * beside, 1e-3), -0.5, 0.5)[..., None]
    one, outside = above + (below - above) * passed, (beside > 0)[None, :, None]
    return np.where(outside, one, above), np.where(outside, one, below)


def _height(field: Planes, line: Line) -> Planes:
    """Return how far above a line of the photo each px comes from, in px."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    return np.asarray(_at(line, columns + field[..., 0]) - rows - field[..., 1], np.float32)


def _held(field: Planes, line: Line, downwards: bool) -> Planes:
    """Return a field that goes on beyond the edge of a lip as it is there: teeth keep their size."""
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    height = _height(field, line)
    edge = _last(height) if downwards else SIDE - 1 - _last(-height[::-1])
    kept = np.minimum(rows, edge) if downwards else np.maximum(rows, edge)
    kept = kept.astype(np.float32)
    return np.asarray(cv2.remap(field.astype(np.float32), columns, kept, cv2.INTER_LINEAR))


def _last(height: Planes) -> Line:
    """Return by column the row in which what is above 0 in the first rows passes it, between rows."""
    after, columns = np.clip((height <= 0).argmax(axis=0), 1, SIDE - 1), np.arange(SIDE)
    high, low = height[after - 1, columns], height[after, columns]
    return np.asarray(after - 1 + np.clip(high / np.maximum(high - low, 1e-6), 0, 1), np.float64)


def _at(line: Line, columns: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the values of a line at columns of any shape, and beyond its ends those there."""
    return np.asarray(np.interp(columns, np.arange(SIDE), line), np.float64)
