"""Where the lips of a face part: the line in which they meet, and what is seen between them.

The parsing says where lips are and what is between them, the photo where exactly: the points of the mesh lie
up to .05 distances between the eyes beside the line.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Matrix, Planes, Points, applied, chained, inverted, scaling, shifting, warped
from softlight.encoding import LUMINANCE
from softlight.faces.analysis import Part
from softlight.faces.mesh import LIPS
from softlight.faces.prototypes import EXTENT
from softlight.filters.edit import reshaping
from softlight.filters.edit.reshaping import square_around
from softlight.roles.parsing import Parsing, summed

UNIT = 128
"""Px of the mouth's square from eye to eye."""
SIDE = 320
"""Px of the square: 2.5 distances between the eyes, from the eyes to the neck."""
ABOVE = 0.38
"""Share of the square that lies above the mouth."""
NARROWEST = 0.35
"""Distances between the eyes below which lips are hidden, or none."""
OPEN = 0.012
"""Distances between the eyes: the least height of what is seen between open lips."""
BEYOND, WITHIN = 0.05, 0.02
"""Distances between the eyes that the line goes on beyond what the parsing calls lips: closed ones, open."""
PALER = 1.5
"""How much the edge of teeth above a lip counts, beside the logarithm of how dark the line is."""
TOOTH = 0.08
"""Distances between the eyes: the width of a tooth."""
ROW, VALLEY = 0.04, 0.1
"""The least height of the lower teeth that are seen, in distances between the eyes, and how dark at least the
line between both rows is (a logarithm): .13 and .26 on the two of 16 smiles that show both."""
FINE, NEAR = 0.006, (0.03, 0.06)
"""Distances between the eyes: standard deviations of the light of a line, and of that around it, between
closed lips and open ones."""
USUAL = 0.42
"""Where the line of closed lips lies between their outer edges: painted upper lips may be as dark as it."""
STEP = 0.02
"""Added for each px that the line rises or falls from one column to the next."""
OUTSIDE = 40.0
"""Added for each distance between the eyes that it leaves the part in which it is looked for."""

Line = NDArray[np.float64]
"""A row of the mouth's square for each column, (SIDE,)."""
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Lips:
    """The lips of one face, in its mouth's square."""

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
    """Their inner edges, alike where the lips touch."""
    parting: Line
    """What lies above goes with the upper lip: of what is seen between them the upper teeth."""
    rim: Line
    """What lies below goes with the lower lip: the same line without the ends of teeth."""
    colours: Planes
    """(SIDE, 3): of the photo along the parting."""
    dark: NDArray[np.float32]
    """(3,): the darkest colour in it or between the lips."""
    flesh: NDArray[np.float32]
    """(3,): the colour of the lower lip."""
    black: float
    """The light of the darkest thousandth of the square: most often in a nostril."""

    @property
    def across(self) -> Line:
        """Where columns lie between the corners: -1 at the left one, 1 at the right one."""
        columns = np.arange(SIDE, dtype=np.float64)
        return (2 * columns - self.left - self.right) / (self.right - self.left)

    @property
    def gap(self) -> Line:
        """How far the lips are apart in distances between the eyes."""
        return (self.lower - self.upper) / UNIT


def mouth_square(mesh: Points) -> Matrix:
    """Return the transform from a photo to the square of `SIDE` px around a mouth, shape (2, 3)."""
    upright = square_around(mesh)
    x, y = applied(upright, mesh[list(LIPS)]).mean(axis=0)
    scale = UNIT * EXTENT / reshaping.SIDE
    to_middle = shifting((SIDE - 1) / 2, SIDE * ABOVE)
    return chained(upright, shifting(-x, -y), scaling(scale, scale), to_middle)


def lips_of(part: Part, parsing: Parsing, mesh: Points) -> Lips | None:
    """Return where the lips of a face part; None where none are seen.

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
    between = summed(shares, "inner mouth")[..., 0] > 0.5
    mouth = _largest(summed(shares, "inner mouth", "lips")[..., 0] > 0.5)
    columns = np.flatnonzero(mouth.any(axis=0))
    if len(columns) < NARROWEST * UNIT:
        return None
    pixels = warped(part.pixels, chained(inverted(part.matrix), matrix), SIDE, SIDE)
    top, bottom = _extent(mouth, columns)
    there = between.sum(axis=0) > OPEN * UNIT
    reach = round((WITHIN if there.any() else BEYOND) * UNIT)
    ends = int(columns[0]) - reach, int(columns[-1]) + reach
    over, under = _extent(between, np.flatnonzero(there)) if there.any() else (top, bottom)
    parting = _parting(pixels, ends, np.where(there, over, top), np.where(there, under, bottom), there)
    # Between what is open and what is not, edges run together within the width of a pixel of the parsing.
    upper = np.minimum(_smooth(np.where(there, np.minimum(over, parting), parting), 0.012), parting)
    lower = np.maximum(_smooth(np.where(there, np.maximum(under, parting), parting), 0.012), parting)
    rows = np.arange(SIDE)[:, None]
    inside = mouth & (rows > upper - 0.01 * UNIT) & (rows < lower + 0.01 * UNIT)
    inside = inside if inside.any() else mouth
    light = pixels @ LUMINANCE
    return Lips(
        matrix,
        *ends,
        np.minimum(top, upper),
        np.maximum(bottom, lower),
        upper,
        lower,
        parting,
        _rim(parting, lower - upper),
        _along(pixels, parting),
        _median(pixels, inside & (light <= np.quantile(light[inside], 0.1, method="nearest"))),
        _median(pixels, mouth & (rows > lower + 0.02 * UNIT)),
        float(np.quantile(light, 0.001)),
    )


def _parting(pixels: Planes, ends: tuple[int, int], over: Line, under: Line, there: Mask) -> Line:
    """Return the line in which the lips part, or what is seen between them where they are open.

    Parameters
    ----------
    pixels : ndarray of float32, shape (SIDE, SIDE, 3)
    ends : tuple of int
        Columns of the corners.
    over, under : ndarray, shape (SIDE,)
        The inner edges of open lips, the outer ones of closed lips.
    there : ndarray of bool, shape (SIDE,)
        Where they are open.
    """
    light = np.asarray(pixels @ LUMINANCE, np.float32)
    fine, closed, open_ = (cv2.GaussianBlur(light, (0, 0), one * UNIT) for one in (FINE, *NEAR))
    near = np.where(there, open_, closed)
    darkness = np.log(np.maximum(near, 0.02) / np.maximum(fine, 0.02))
    height, rows = under - over, np.arange(SIDE)[:, None]
    darkness -= ~there * ((rows - over) / np.maximum(height, 1) - USUAL) ** 2
    # Of open lips not the shadow of the upper one.
    first = over + np.where(there, 0.4, 0.15) * height
    between = _darkest(darkness, ends, first, over + 0.85 * height)
    if there.any() and _lower_teeth(pixels, darkness, ends, between, over, under):
        return between
    last = np.where(there, under + 0.02 * UNIT, over + 0.75 * height)
    return _darkest(darkness + PALER * there * _paler_above(pixels), ends, first, last)


def _lower_teeth(
    pixels: Planes, darkness: Planes, ends: tuple[int, int], line: Line, over: Line, under: Line
) -> bool:
    """Return whether both rows of teeth are seen, and a line lies between them."""
    rows, quarter = np.arange(SIDE)[:, None], 0.3 * (ends[1] - ends[0])
    middle = (np.arange(SIDE) > ends[0] + quarter) & (np.arange(SIDE) < ends[1] - quarter)
    if min(np.median((under - line)[middle]), np.median((line - over)[middle])) < ROW * UNIT:
        return False
    if darkness[np.round(line).astype(int), np.arange(SIDE)][middle].mean() < VALLEY:
        return False
    edge = 0.016 * UNIT
    bands = (over, line), (line, under), (under, under + 3 * edge)
    upper, lower, lip = (
        np.median(_paleness(pixels)[(rows > a + edge) & (rows < b - edge) & middle]) for a, b in bands
    )
    return bool(lower - lip > 0.5 * (upper - lip) > 0)


def _paleness(pixels: Planes) -> Planes:
    """Return green light over red: of teeth .9, of lips .5 to .7."""
    return np.asarray(pixels[..., 1] / np.maximum(pixels[..., 0], 0.1), np.float32)


def _paler_above(pixels: Planes) -> Planes:
    """Return how much paler a picture is just above a position than just below, as teeth above a lip."""
    pale = _paleness(np.asarray(cv2.GaussianBlur(pixels, (0, 0), 0.008 * UNIT), np.float32))
    step = round(0.02 * UNIT)
    below = np.roll(pale, step, axis=0) - np.roll(pale, -step, axis=0)
    return np.asarray(np.clip(below, 0, 0.3), np.float32)


def _darkest(darkness: Planes, ends: tuple[int, int], first: Line, last: Line) -> Line:
    """Return the line from corner to corner along which darkness adds up to most.

    By dynamic programming, a px up or down from column to column; beyond the corners it goes on level.
    """
    rows = np.arange(SIDE)[:, None]
    outside = np.maximum(np.maximum(first - rows, rows - last), 0) / UNIT
    cost = np.asarray(OUTSIDE * outside - darkness, np.float64)
    begin, end = max(ends[0], 0), min(ends[1], SIDE - 1)
    total, came = cost[:, begin], np.zeros((SIDE, SIDE), np.int64)
    for column in range(begin + 1, end + 1):
        padded = np.pad(total, 1, constant_values=np.inf)
        choices = np.stack([padded[:-2] + STEP, padded[1:-1], padded[2:] + STEP])
        came[column] = choices.argmin(axis=0) - 1
        total = choices.min(axis=0) + cost[:, column]
    line, row = np.empty(SIDE), int(total.argmin())
    line[end:] = row
    for column in range(end, begin, -1):
        row += int(came[column, row])
        line[column - 1] = row
    line[:begin] = row
    return _smooth(line, 0.01)


def _rim(parting: Line, height: Line) -> Line:
    """Return where the lower lip begins on which teeth have lain: without the gaps between their ends."""
    wide = np.ones((1, 2 * round(TOOTH * UNIT / 2) + 1), np.uint8)
    filled = cv2.morphologyEx(parting[None], cv2.MORPH_CLOSE, wide, borderType=cv2.BORDER_REPLICATE)[0]
    below = _smooth(filled, TOOTH / 4) + 0.012 * UNIT
    return np.asarray(parting + np.clip(height / UNIT / 0.04, 0, 1) * (below - parting))


def _along(pixels: Planes, line: Line) -> Planes:
    """Return the colours along a line, (SIDE, 3), soft."""
    at = np.arange(SIDE, dtype=np.float32)[None], line.astype(np.float32)[None]
    found = cv2.remap(pixels, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.GaussianBlur(found, (0, 0), 0.03 * UNIT)[0], np.float32)


def _median(pixels: Planes, where: Mask) -> NDArray[np.float32]:
    found = pixels[where] if where.any() else np.zeros((1, 3))
    return np.asarray(np.median(found, axis=0), np.float32)


def _smooth(line: Line, deviation: float) -> Line:
    """Return a line without steps of whole px; the deviation in distances between the eyes."""
    soft = cv2.GaussianBlur(line[None], (0, 0), deviation * UNIT, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(soft[0], np.float64)


def _extent(mask: Mask, columns: NDArray[np.int64]) -> tuple[Line, Line]:
    """Return the upper and the lower edge of a mask; beside its columns they go on level."""
    first = mask[:, columns].argmax(axis=0) - 0.5
    last = SIDE - 0.5 - mask[::-1, columns].argmax(axis=0)
    every = np.arange(SIDE)
    return np.interp(every, columns, first), np.interp(every, columns, last)


def _largest(mask: Mask) -> Mask:
    """Return the largest part of a mask that hangs together."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    if count < 2:
        return mask
    return np.asarray(labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()))
