"""Where lips part: the line in which they meet, and what lies between them.

The parsing says where lips are and what is between them, the photo where exactly: the points of a mesh are
up to .05 distances between the eyes away from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Matrix, Planes, Points, applied, chained, scaling, shifting, warped
from softlight.encoding import LUMINANCE
from softlight.faces.analysis import Part
from softlight.faces.mesh import LIPS
from softlight.filters.edit import reshaping
from softlight.filters.edit.reshaping import square_around
from softlight.faces.prototypes import EXTENT
from softlight.roles.parsing import Parsing, summed
from softlight.alignment import inverted

UNIT = 128
"""Px of the mouth's square from eye to eye."""
SIDE = 320
"""Px of the square: 2.5 distances between the eyes, from the nose to below the chin."""
ABOVE = 0.38
"""Share of the square that lies above the mouth."""
NARROWEST = 0.35
"""Distances between the eyes below which lips are hidden, or none."""
SEEN = 0.012
"""Distances between the eyes: the least height of what is seen between lips that are open."""
BEYOND = 0.05
"""Distances between the eyes that the line of the lips goes on beyond what the parsing calls lips."""
STEEP = 1
"""Px that a line rises at most from one column to the next."""

PALER = 3.0

Line = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Lips:
    """The lips of one face in its mouth's square; all lines by column of the square, (SIDE,), in its px."""

    matrix: Matrix
    """From the photo to the square."""
    left: float
    right: float
    """Columns of the corners."""
    top: Line
    bottom: Line
    """The outer edges of both lips."""
    upper: Line
    lower: Line
    """The inner edges, alike where the lips touch."""
    parting: Line
    """What lies above goes with the upper lip, what lies below with the lower one."""
    colours: Planes
    """(SIDE, 3): of the photo along the parting."""
    lower_colour: NDArray[np.float32]
    """(3,): of the lower lip."""

    @property
    def across(self) -> Line:
        """Where columns lie between the corners, (SIDE,): -1 at the left one, 1 at the right one."""
        columns = np.arange(SIDE, dtype=np.float64)
        return (2 * columns - self.left - self.right) / (self.right - self.left)

    @property
    def gap(self) -> Line:
        """How far the lips are apart in distances between the eyes, (SIDE,)."""
        return (self.lower - self.upper) / UNIT


def mouth_square(mesh: Points) -> Matrix:
    """Return the transform from a photo to the square of `SIDE` px around the mouth, shape (2, 3)."""
    upright = square_around(mesh)
    x, y = applied(upright, mesh[list(LIPS)]).mean(axis=0)
    scale = UNIT * EXTENT / reshaping.SIDE
    return chained(
        upright, shifting(-x, -y), scaling(scale, scale), shifting((SIDE - 1) / 2, SIDE * ABOVE)
    )


def lips_of(part: Part, parsing: Parsing, mesh: Points) -> Lips | None:
    """Return where the lips of a face part; None where there are none to be seen.

    Parameters
    ----------
    part : Part
        The surroundings of the face.
    parsing : Parsing
    mesh : ndarray, shape (468, 2)
        Its points in px of the photo.
    """
    matrix = mouth_square(mesh)
    shares = parsing.in_square(matrix, SIDE)
    inner = summed(shares, "inner mouth")[..., 0]
    mouth = _largest(inner + summed(shares, "lips")[..., 0] > 0.5)
    columns = np.flatnonzero(mouth.any(axis=0))
    if len(columns) < NARROWEST * UNIT:
        return None
    pixels = warped(part.pixels, chained(inverted(part.matrix), matrix), SIDE, SIDE)
    light = np.asarray(pixels @ LUMINANCE, np.float32)
    first, last = int(columns[0]), int(columns[-1])
    top = _filled(columns, mouth[:, columns].argmax(axis=0))
    bottom = _filled(columns, SIDE - mouth[::-1, columns].argmax(axis=0))
    between = inner > 0.5
    open_ = between.sum(axis=0) > SEEN * UNIT
    rows = np.arange(SIDE)[:, None]
    # Where lips touch, their line is the darkest between their outer edges; where they are open the darkest
    # below the middle of what is seen, which is not the shadow under the upper lip.
    seen = np.flatnonzero(open_)
    if len(seen):
        over = _filled(seen, between[:, seen].argmax(axis=0))
        under = _filled(seen, SIDE - between[::-1, seen].argmax(axis=0))
    else:
        over = under = (top + bottom) / 2
    floor = np.where(open_, over + 0.4 * (under - over), top + 0.15 * (bottom - top))
    ceiling = np.where(open_, under + 0.02 * UNIT, bottom - 0.25 * (bottom - top))
    outside = np.maximum(np.maximum(floor - rows, rows - ceiling), 0) / UNIT
    fine = cv2.GaussianBlur(light, (0, 0), 0.006 * UNIT)
    local = cv2.GaussianBlur(light, (0, 0), 0.12 * UNIT)
    reach = round((BEYOND if not len(seen) else 0.02) * UNIT)
    cost = fine / np.maximum(local, 0.02) + 8 * outside - PALER * open_ * _paler_above(pixels)
    parting = darkest(cost, first - reach, last + reach)
    upper = np.where(open_, np.minimum(over, parting), parting)
    lower = np.where(open_, np.maximum(under, parting), parting)
    upper, lower = (_smooth(one, 0.012) for one in (upper, lower))
    at = np.stack([np.arange(SIDE), parting], axis=-1).astype(np.float32)[None]
    colours = cv2.remap(pixels, at, None, cv2.INTER_LINEAR)[0]
    colours = cv2.GaussianBlur(colours[None], (0, 0), 0.03 * UNIT)[0]
    return Lips(
        matrix,
        first - reach,
        last + reach,
        np.minimum(top, upper),
        np.maximum(bottom, lower),
        np.minimum(upper, parting),
        np.maximum(lower, parting),
        parting,
        np.asarray(colours, np.float32),
        _median(pixels, mouth & (rows > lower + 0.02 * UNIT)),
    )


def _median(pixels: Planes, where: NDArray[np.bool_]) -> NDArray[np.float32]:
    return np.asarray(np.median(pixels[where], axis=0) if where.any() else np.zeros(3), np.float32)


def darkest(cost: Planes, first: int, last: int) -> Line:
    """Return the line from one column to another along which a plane adds up to least, (columns,).

    Parameters
    ----------
    cost : ndarray of float32, shape (rows, columns)
    first, last : int
        Columns; beyond them the line goes on level.
    """
    rows = len(cost)
    first, last = max(first, 0), min(last, cost.shape[1] - 1)
    total = cost[:, first].astype(np.float64)
    steps = np.zeros((last + 1 - first, rows), np.int64)
    offsets = np.arange(-STEEP, STEEP + 1)
    for number, column in enumerate(range(first + 1, last + 1), 1):
        padded = np.pad(total, STEEP, constant_values=np.inf)
        choices = np.stack([padded[STEEP + one : STEEP + one + rows] + 0.02 * abs(one) for one in offsets])
        best = choices.argmin(axis=0)
        steps[number] = offsets[best]
        total = choices[best, np.arange(rows)] + cost[:, column]
    line = np.zeros(last + 1 - first)
    row = int(total.argmin())
    for number in range(last - first, -1, -1):
        line[number] = row
        row += int(steps[number, row])
    found = np.interp(np.arange(cost.shape[1]), np.arange(first, last + 1), line)
    return _smooth(found, 0.01)


def _paler_above(pixels: Planes) -> Planes:
    """Return how much less red a picture is just above a position than just below, as teeth above a lip."""
    wide = cv2.GaussianBlur(pixels, (0, 0), 0.008 * UNIT)
    pale = wide[..., 1] / np.maximum(wide[..., 0], 0.1)
    step = round(0.02 * UNIT)
    above, below = np.roll(pale, step, axis=0), np.roll(pale, -step, axis=0)
    return np.clip(above - below, 0, 0.3)


def _smooth(line: Line, deviation: float) -> Line:
    """Return a line without steps of whole px; the deviation in distances between the eyes."""
    smooth = cv2.GaussianBlur(line[None], (0, 0), deviation * UNIT, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(smooth[0], np.float64)


def _filled(columns: NDArray[np.int64], values: NDArray[np.integer]) -> Line:
    """Return values of some columns for all; between the centre and the edge of a px lies half of one."""
    return np.interp(np.arange(SIDE), columns, values - 0.5)


def _largest(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the largest part of a mask that hangs together."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    if count < 2:
        return mask
    return np.asarray(labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()))
