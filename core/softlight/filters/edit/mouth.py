"""A mouth that opens or closes: lips and jaw move as a jaw does, and what they uncover is dark.

Two fields lead back to the photo, one of what goes with the upper lip and one of what goes with the lower; both
are the same beside the mouth. What lies between lips that close stays where it is, and they slide over it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Box, Matrix, Planes, Points, applied, covered, inverted, scale_of
from softlight.encoding import LUMINANCE
from softlight.faces.mesh import bent, mean_mesh
from softlight.filters.edit.change import Subject
from softlight.filters.edit.lips import SIDE, UNIT, Line, Lips, lips_of
from softlight.filters.edit.reshaping import LANCZOS, LEAST, STIFF, enlarged, resampled, shown, transferred
from softlight.filters.monochrome import is_monochrome
from softlight.picture import Picture
from softlight.roles.parsing import summed

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
DROP = 0.15
"""Distances between the eyes that the jaw goes down at full strength."""
CORNER, RISE, NARROWER = 0.33, 0.08, 0.2
"""Of the jaw's way: how far the corners of the mouth go down and inwards, and the upper lip up."""
SEALED = 0.92
"""Of the way from the middle to a corner: beyond it lips do not part."""
SHUT = 0.22
"""Distances between the eyes of a gap that closes; of a wider one that much."""
DOWN = 0.35
"""Of the way between lips that close that the upper one goes."""
CHIN = 0.5
"""Of the lower lip's way that the chin goes when lips close: the teeth behind them may be closed already."""
FREE = ("skin", "nose", "inner mouth", "lips", "neck")
FADE = 0.1
EDGE = 0.008
"""Distances between the eyes over which the edge of a lip fades."""
MARGIN = 0.01
"""Distances between the eyes that lips lose at their edges when they close, so that no tooth stays on them."""
STEP = 4
"""Px of the square from one knot of the fields to the next; between them they are straight."""
BORDER = 12
"""Knots along each side of the square that stay where they are."""


@dataclass(frozen=True, eq=False)
class Mouth:
    """How one mouth opens or closes."""

    matrix: Matrix
    """From the photo to the mouth's square."""
    mesh: Points
    """As `Change.mesh`."""
    above: Planes
    """(SIDE, SIDE, 2): what is added to a position to find what comes there with the upper lip."""
    below: Planes
    """The same with the lower lip."""
    edges: Planes
    """(SIDE, SIDE, 2): px that a position lies on the upper lip's side of its edge, and on the lower one's."""
    between: Planes
    """(SIDE, SIDE, 4): what is seen between the lips, and how much it hides of the photo."""
    line: Planes
    """(SIDE, SIDE, 3): the share of light that is taken from lips that touch."""

    @property
    def margin(self) -> float:
        """As `Change.margin`."""
        longest = max(float(np.linalg.norm(one, axis=-1).max()) for one in (self.above, self.below))
        return longest / scale_of(self.matrix) + LANCZOS

    def box(self, picture: Picture) -> Box:
        """As `Change.box`."""
        return covered(self.matrix, SIDE, picture.height, picture.width)

    def made(self, before: Planes, block: Box, around: Box) -> tuple[Planes, NDArray[Any]]:
        """As `Change.made`."""
        inner = before[block.slices_in(around)]
        upper, up = self._moved(self.above, before, block, around)
        lower, down = self._moved(self.below, before, block, around)
        scale = scale_of(self.matrix)
        soft = max(EDGE * UNIT, scale)
        over, under = np.moveaxis(enlarged(self.edges, self.matrix, block) / soft, -1, 0)[..., None]
        between = enlarged(self.between, self.matrix, block)
        line = enlarged(self.line, self.matrix, block)
        grain = before - cv2.GaussianBlur(before, (0, 0), 1.0)
        grain = grain[block.slices_in(around)]
        shade = between[..., 3:]
        after = inner * (1 - shade) + between[..., :3] + 0.5 * shade * np.clip(grain, -0.02, 0.02)
        # The lower lip goes on below the upper one's edge: where they touch, nothing is seen between them.
        after += np.clip(under + 1, 0, 1) * (lower - after)
        after += np.clip(over + 0.5, 0, 1) * (upper - after)
        after *= 1 - line
        done = (np.maximum(up, down) > 0) | (shade[..., 0] > 0) | (line > 0).any(axis=-1)
        return np.asarray(after, np.float32), done

    def _moved(
        self, field: Planes, before: Planes, block: Box, around: Box
    ) -> tuple[Planes, Planes]:
        turn = inverted(self.matrix)[:, :2].T.astype(np.float32)
        source: Planes = enlarged(field, self.matrix, block) @ turn
        inner, there = before[block.slices_in(around)], shown(source)
        return inner + there[..., None] * (resampled(before, source, block, around) - inner), there


def mouth(subject: Subject, amount: float) -> Mouth | None:
    """Return how a mouth opens (amount above 0) or closes (below 0); None where no lips are seen."""
    lips = lips_of(subject.part, subject.parsing, subject.mesh)
    if lips is None:
        return None
    free = _free(subject.parsing.in_square(lips.matrix, SIDE))
    here = applied(lips.matrix, subject.mesh)
    for share in (1.0, 0.85, 0.7, 0.55, 0.4, 0.25):
        found = _fields(lips, here, free, share * amount)
        if not found.folded:
            break
    between, line = _cavity(lips, found, amount) if amount > 0 else _closed(lips, found, amount)
    if is_monochrome(subject.part.pixels):
        line = np.repeat(line.mean(axis=-1, keepdims=True), 3, axis=-1)
    at = here.astype(np.float32)
    loose = cv2.remap(free, at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR)[0]
    there = here + found.moved * loose.reshape(-1, 1)
    return Mouth(
        lips.matrix,
        applied(inverted(lips.matrix), there),
        found.above,
        found.below,
        np.stack([found.over, found.under], axis=-1),
        between,
        line,
    )


@dataclass(frozen=True, eq=False)
class _Fields:
    above: Planes
    below: Planes
    over: Planes
    under: Planes
    moved: Points
    folded: bool


def _fields(lips: Lips, here: Points, free: Planes, amount: float) -> _Fields:
    """Return where everything comes from, (SIDE, SIDE, ...) and in px of the mouth's square."""
    across = np.clip(lips.across, -1, 1)
    arch = np.clip(1 - (across / SEALED) ** 2, 0, 1)
    if amount > 0:
        jaw = amount * DROP * UNIT
        upper_way = jaw * (CORNER - (CORNER + RISE) * arch)
        lower_way = jaw * (CORNER + (1 - CORNER) * arch)
        inwards = -jaw * NARROWER * across**3
        # At the lower lip's edge lie the ends of teeth that have gone up.
        edges = lips.parting, lips.parting + 0.012 * UNIT * np.clip(lips.gap / 0.02, 0, 1)
        outer = 1.0
    else:
        way = lips.gap * UNIT
        middle = max(float(way.max()), 1e-6)
        shut = SHUT * UNIT
        way = -amount * way * min(1.0, max(shut - 1.5 * (middle - shut), 0.4 * shut) / middle)
        jaw = -CHIN * (1 - DOWN) * float(way.max())
        upper_way, lower_way = DOWN * way, -(1 - DOWN) * way
        inwards = np.zeros(SIDE)
        lost = MARGIN * UNIT * np.clip(lips.gap / (2 * MARGIN), 0, 1)
        edges = lips.upper - lost, lips.lower + lost
        # What they lose they go farther.
        upper_way, lower_way = upper_way - amount * lost, lower_way + amount * lost
        outer = 0.8
    mean = mean_mesh()
    shape = np.zeros_like(mean)
    shape[:, 1] = np.clip(1 - (mean[:, 0] / 1.2) ** 2, 0, 1) * _ramp((mean[:, 1] - 0.75) / 0.55)
    moved = jaw / UNIT * transferred(here, shape)
    columns = here[:, 0].clip(0, SIDE - 1)
    for points, way in ((UPPER_LIP, upper_way), (LOWER_LIP, lower_way)):
        some = list(points)
        moved[some] = np.stack([_at(inwards, columns[some]), _at(way, columns[some])], axis=-1)
    rest = np.setdiff1d(np.arange(len(here)), UPPER_LIP + LOWER_LIP)
    x = np.linspace(lips.left, lips.right, 17)
    ends = _border()
    fields: list[Planes] = []
    for inner, outline, way in ((lips.upper, lips.top, upper_way), (lips.lower, lips.bottom, lower_way)):
        at = [np.stack([x, _at(inner, x)], axis=-1), np.stack([x, _at(outline, x)], axis=-1)[2:-2]]
        by = np.stack([_at(inwards, x), _at(way, x)], axis=-1)
        source = np.concatenate([here[rest], *at])
        ways = np.concatenate([moved[rest], by, outer * by[2:-2]])
        knots = np.concatenate([source + ways, ends])
        fields.append(_spline(knots, np.concatenate([-ways, np.zeros_like(ends)])) * free)
    above, below = fields
    rows, cols = np.mgrid[:SIDE, :SIDE].astype(np.float64)
    # Beside the mouth both are one field, which passes from one to the other ever more slowly.
    beside = np.maximum(np.abs(lips.across) - 1, 0) * (lips.right - lips.left) / 2
    passed = _ramp(0.5 + (rows - lips.parting) / np.maximum(0.8 * beside, 1e-3))[..., None]
    one = above + (below - above) * passed
    outside = (beside > 0)[None, :, None]
    above, below = np.where(outside, one, above), np.where(outside, one, below)
    above = _held(above, lips.upper, 1)
    below = _held(below, lips.lower, -1)
    over = _line_at(edges[0], cols + above[..., 0]) - rows - above[..., 1]
    under = rows + below[..., 1] - _line_at(edges[1], cols + below[..., 0])
    folded = _folds(above, over > 0) or _folds(below, under > 0)
    f = np.float32
    return _Fields(above.astype(f), below.astype(f), over.astype(f), under.astype(f), moved, folded)


def _held(field: Planes, line: Line, sign: int) -> Planes:
    """Return a field that goes on beyond the edge of a lip as it is there: teeth keep their size."""
    rows, cols = np.mgrid[:SIDE, :SIDE].astype(np.float64)
    side = sign * (_line_at(line, cols + field[..., 0]) - rows - field[..., 1])
    edge = _crossing(side[::sign])
    if sign < 0:
        edge = SIDE - 1 - edge
    kept = np.minimum(rows, edge) if sign > 0 else np.maximum(rows, edge)
    at = cols.astype(np.float32), kept.astype(np.float32)
    return cv2.remap(field.astype(np.float32), *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _crossing(side: Planes) -> Line:
    """Return by column the row at which values from above 0 fall below it, between rows."""
    first = np.clip((side <= 0).argmax(axis=0), 1, SIDE - 1)
    cols = np.arange(SIDE)
    high, low = side[first - 1, cols], side[first, cols]
    return first - 1 + np.clip(high / np.maximum(high - low, 1e-6), 0, 1)


def _spline(knots: Points, values: Points) -> Planes:
    count = SIDE // STEP + 1
    along = np.arange(count) * float(STEP)
    grid = np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)
    coarse = bent(grid / SIDE, knots / SIDE, values, STIFF).reshape(count, count, 2).astype(np.float32)
    fine = np.arange(SIDE, dtype=np.float32) / STEP
    x, y = np.meshgrid(fine, fine)
    return cv2.remap(coarse, x, y, cv2.INTER_LINEAR)


def _cavity(lips: Lips, found: _Fields, amount: float) -> tuple[Planes, Planes]:
    """Return what is seen between lips that part."""
    rows = np.arange(SIDE)[:, None]
    from_upper = np.maximum(-found.over, 0) / UNIT
    from_lower = np.maximum(-found.under, 0) / UNIT
    whole = slice(round(lips.left), round(lips.right) + 1)
    light = lips.colours[whole] @ LUMINANCE
    dark = lips.colours[whole][light <= np.quantile(light, 0.25)].mean(axis=0)
    # Towards the lower lip there is its wet inner side, and the floor of the mouth.
    deep = dark * min(1.0, 0.09 / max(float(dark @ LUMINANCE), 0.02))
    wet = deep + 0.35 * (lips.lower_colour - deep)
    low = np.exp(-((from_lower / 0.05) ** 2))[..., None]
    colour = deep + (wet - deep) * 0.5 * low
    own = np.minimum(lips.colours * 0.8, 0.6 * lips.lower_colour)[None]
    near = np.maximum(np.exp(-from_upper / 0.012), np.exp(-from_lower / 0.012))[..., None]
    colour = colour + (own - colour) * near
    apart = ((found.over < UNIT * 0.1) & (found.under < UNIT * 0.1))[..., None]
    seen = apart & (np.abs(lips.across) <= 1)[None, :, None]
    shade = seen.astype(np.float32)
    return np.concatenate([colour * shade, shade], axis=-1).astype(np.float32), np.zeros((SIDE, SIDE, 3), np.float32)


def _closed(lips: Lips, found: _Fields, amount: float) -> tuple[Planes, Planes]:
    """Return the shade of lips that slide over teeth, and the line in which they touch."""
    apart = np.maximum(-(found.over + found.under), 0) / UNIT
    was = np.clip(lips.gap / 0.02, 0, 1) * np.clip(-amount * 2, 0, 1)
    touch = np.clip(1 - apart / 0.02, 0, 1) * was
    away = found.over / UNIT
    line = touch * (0.5 * np.exp(-((away / 0.010) ** 2)) + 0.2 * np.exp(-((away / 0.03) ** 2)))
    line = line[..., None] * np.array([0.9, 1.0, 1.0])
    under_lip = np.exp(-np.maximum(-found.over, 0) / UNIT / 0.02) * (found.over < 0) * was
    shade = 0.5 * (under_lip * (found.under < 0))[..., None]
    return np.concatenate([np.zeros((SIDE, SIDE, 3)), shade], axis=-1).astype(np.float32), line.astype(np.float32)


def _free(shares: Planes) -> Planes:
    """Return how freely each px of the square may move, 0..1, (SIDE, SIDE, 1)."""
    rows, cols = np.mgrid[:SIDE, :SIDE] / UNIT
    beard = (rows > 0.3 * SIDE / UNIT) & (np.abs(cols - SIDE / 2 / UNIT) < 0.6)
    share = summed(shares, *FREE)[..., 0] + summed(shares, "hair")[..., 0] * beard
    fade = FADE * UNIT
    whole = cv2.erode(share, np.ones((3, 3), np.uint8), iterations=round(fade / 2))
    return np.clip(cv2.GaussianBlur(whole, (0, 0), fade / 2), 0, 1)[..., None]


def _folds(field: Planes, there: NDArray[np.bool_]) -> bool:
    down_x, across_x = np.gradient(field[..., 0])
    down_y, across_y = np.gradient(field[..., 1])
    area = (1 + across_x) * (1 + down_y) - down_x * across_y
    area = area[there]
    return bool(area.min() < 0.1 or area.max() > 1 / LEAST)


def _border() -> Points:
    along = np.linspace(0, SIDE - 1, BORDER)
    ends = np.zeros(BORDER), np.full(BORDER, SIDE - 1.0)
    return np.concatenate([np.stack(pair, axis=1) for end in ends for pair in ((along, end), (end, along))])


def _at(line: Line, columns: NDArray[np.float64]) -> Line:
    return np.interp(columns, np.arange(SIDE), line)


def _line_at(line: Line, columns: Planes) -> Planes:
    return np.interp(columns, np.arange(SIDE), line)


def _ramp(along: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 0 below 0, 1 above 1, and what passes smoothly between."""
    inside = np.clip(along, 0, 1)
    return inside * inside * (3 - 2 * inside)
