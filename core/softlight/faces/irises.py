"""The iris of an eye: a disc with a step from dark to bright at its rim, where lids leave it to see.

MediaPipe's points of the iris stay near the middle of the eye, whichever way it looks.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from softlight.alignment import Matrix, Planes, Points, applied, chained, inverted, warped
from softlight.faces.analysis import AnalysedFace, Part
from softlight.faces.lids import (
    APART,
    CORNERS,
    HEIGHT,
    WIDTH,
    Array,
    lids_of,
    openings,
    patch_matrices,
    sharpened,
)
from softlight.runtime import Model

USUAL, SPREAD = 0.0985, 0.03
"""The radius of an iris in distances between the eyes, and the standard deviation of its logarithm: the mean
of 23 of London's people, who differ by .02."""
PAIR = (208.0, 7.0, 3.0)
"""How far apart the irises of a pair are, in px of the patches, and the standard deviations of that and of
how much higher one of them is: the same people's."""
LIKELY = 0.01
"""What one squared standard deviation counts against brightness."""
BRIGHTNESS = np.array([0.5, 0.3, 0.2], np.float32)
"""Of red, green and blue: blue irises are darkest beside their white in red."""
OPEN = 0.35
"""Of an iris's height, that is seen of an open eye at least."""
STEP = 0.02
"""How much brighter it is on either side of an iris at least; on both together twice as much each."""
ANGLES = 48
"""Directions in which the rim is looked at."""
MOST = 0.25
"""Of brightness, that a step at the rim counts at most as long as it is looked for."""
WHITE = 0.85
"""Share of an opening that is darker than its white: the rest are catchlights and the brightest of it."""
BOTH = 1.0
"""How often the weaker of the two sides counts once more: with 0 the irises of 40 of 50 officials are told,
with 1 of 43, with 2 of 42."""
DARK = 0.4
"""What brightness inside the iris counts against steps at its rim."""
PUPIL = 0.3
"""What brightness around its middle counts, once it is known about where it is."""
OFF = 0.3
"""Of the opening's height: how far above or below its middle an iris may be."""
ROUND = 0.1
"""Of the rim: more of it that is seen counts for a disc that fits as well."""
FEW = 2.5
"""Directions below which what is seen of a side says little."""
RIM = 0.16
"""Of the radius: how far inside and outside of the rim dark and bright are looked at."""


@dataclass(frozen=True, eq=False)
class Eye:
    """An eye as it is seen, in the px of its patch."""

    matrix: Matrix
    """From the photo to the patch, in which the face is upright, and `APART` px lie between its eyes."""
    lids: Array
    """(2, WIDTH): rows of the upper and the lower lid in each column; the same where there is no opening."""
    centre: Points
    """(2,): x, y of the middle of the iris."""
    radius: float
    contrast: tuple[float, float]
    """How much brighter it is at its left and at its right than in it; 0 where nothing is seen of them."""


def find_eyes(part: Part, face: AnalysedFace, mesh: Points, model: Model) -> tuple[Eye, Eye] | None:
    """Find the openings and irises of a face's eyes, the one on the picture's left first.

    Parameters
    ----------
    part : Part
        The face and its surroundings, with 200 px between the eyes where the photo has them.
    face : AnalysedFace
        In the photo.
    mesh : ndarray, shape (468, 2)
        Of the face, in px of the photo.
    model : Model
        Of the role parsing.

    Returns
    -------
    tuple of Eye, or None
        None where one of them is closed, hidden or turned away, or its iris cannot be told.
    """
    matrices = patch_matrices(mesh)
    shares = openings(part, face, model, matrices)
    corners = [applied(matrix, mesh[list(ends)]) for matrix, ends in zip(matrices, CORNERS, strict=True)]
    lids = [lids_of(*one) for one in zip(shares, corners, strict=True)]
    if lids[0] is None or lids[1] is None:
        return None
    pixels = [warped(part.pixels, chained(inverted(part.matrix), one), WIDTH, HEIGHT) for one in matrices]
    apart = applied(chained(inverted(matrices[1]), matrices[0]), np.zeros((1, 2)))[0]
    both = [lids[0], lids[1]]
    greys = [without_glare(one @ BRIGHTNESS, lid) for one, lid in zip(pixels, both, strict=True)]
    places = irises_in(greys, both, apart)
    first, second = (_looked_at(*one) for one in zip(matrices, pixels, greys, both, places, strict=True))
    return (first, second) if _told(first) and _told(second) else None


def _looked_at(matrix: Matrix, pixels: Planes, grey: Planes, lids: Array, disc: Array) -> Eye:
    """Return an eye by a first guess of its lids and of its iris (x, y, radius)."""
    disc = refined(grey, lids, disc)
    lids = sharpened(pixels, lids, disc[:2], disc[2])
    disc = refined(grey, lids, disc)
    left, right = _sides(*_steps(grey, lids, disc[None], MOST))
    return Eye(matrix, lids, disc[:2], float(disc[2]), (float(left[0]), float(right[0])))


def without_glare(grey: Planes, lids: Array) -> Planes:
    """Return brightness of an eye with nothing brighter than its white: catchlights have steps as well."""
    rows = np.arange(len(grey))[:, None]
    inside = (rows > lids[0]) & (rows < lids[1])
    return np.minimum(grey, np.float32(np.quantile(grey[inside], WHITE)))


def _told(eye: Eye) -> bool:
    column = int(np.clip(round(float(eye.centre[0])), 0, WIDTH - 1))
    high = float(eye.lids[1, column] - eye.lids[0, column])
    return high > OPEN * 2 * eye.radius and min(eye.contrast) > STEP and sum(eye.contrast) > 4 * STEP


def irises_in(greys: list[Planes], lids: list[Array], apart: Points) -> list[Array]:
    """Return about where the irises of a face's two eyes are: x, y and radius of both.

    Parameters
    ----------
    greys : list of ndarray of float32, shape (HEIGHT, WIDTH)
        Brightness of both patches.
    lids : list of ndarray, shape (2, WIDTH)
    apart : ndarray, shape (2,)
        From the first pixel of the first patch to that of the second, in px of the patches.
    """
    radii = USUAL * APART * np.exp(SPREAD * np.linspace(-2, 2, 5))
    tried, scores = [], []
    for grey, lid in zip(greys, lids, strict=True):
        open_ = np.flatnonzero(lid[1] > lid[0])
        middle = lid[:, open_].mean()
        x = np.arange(open_[0] + 0.3 * radii[2], open_[-1] - 0.3 * radii[2], 1.5)
        y = middle + np.arange(-8, 8.5, 1.5)
        places = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
        discs = np.concatenate([np.tile(places, (5, 1)), np.repeat(radii, len(places))[:, None]], axis=1)
        value = _value(grey, lid, discs) - _off_middle(lid, discs)
        tried.append(places)
        scores.append(value.reshape(5, len(places)))
    away = tried[1][None] + apart - tried[0][:, None]
    unlikely = np.square((away[..., 0] - PAIR[0]) / PAIR[1]) + np.square(away[..., 1] / PAIR[2])
    unlikely = (unlikely + np.square(np.linspace(-2, 2, 5))[:, None, None]) * LIKELY
    both = scores[0][:, :, None] + scores[1][:, None] - unlikely
    size, *at = np.unravel_index(int(both.argmax()), both.shape)
    return [np.array([*places[one], radii[size]]) for places, one in zip(tried, at, strict=True)]


def refined(grey: Planes, lids: Array, disc: Array) -> Array:
    """Return the disc near another that fits the rim of an iris best, to a tenth of a px."""
    reach = np.array([1.5, 5.0, 0.03 * disc[2]])
    for count in (9, 5, 5, 5):
        offsets = [np.linspace(-r, r, count) for r in reach]
        tried = disc + np.stack(np.meshgrid(*offsets, indexing="ij"), axis=-1).reshape(-1, 3)
        step, weight = _steps(grey, lids, tried)
        value = (step * weight).sum(axis=1) / (weight.sum(axis=1) + ROUND * ANGLES)
        value -= LIKELY * np.square(np.log(tried[:, 2] / (USUAL * APART)) / SPREAD)
        value -= _off_middle(lids, tried) + PUPIL * _inside(grey, lids, tried, (0.1, 0.2, 0.3))
        disc, reach = tried[int(value.argmax())], 1.5 * reach / (count - 1) * 2
    return disc


def _value(grey: Planes, lids: Array, discs: Array) -> Array:
    """Return how well discs (n, 3) fit the rim of an iris: bright on both sides of it, and dark inside."""
    left, right = _sides(*_steps(grey, lids, discs, MOST))
    # A corner of the eye has one side only, and a strong one.
    both = left + right + BOTH * np.minimum(left, right)
    return both - DARK * _inside(grey, lids, discs, (0.25, 0.5, 0.75))


def _off_middle(lids: Array, discs: Array) -> Array:
    """Return what counts against discs above or below the middle of the opening: pupils are to see."""
    open_ = lids[:, lids[1] > lids[0]]
    away = (discs[:, 1] - open_.mean()) / (OFF * (open_[1] - open_[0]).max())
    return np.asarray(3 * LIKELY * np.square(away))


def _inside(grey: Planes, lids: Array, discs: Array, shares: tuple[float, ...]) -> Array:
    """Return how bright discs are inside: the median, for large catchlights are a part of many irises."""
    rings = [_ring(grey, lids, discs, share) for share in shares]
    values, seen = (np.concatenate(planes, axis=1) for planes in zip(*rings, strict=True))
    values = np.sort(np.where(seen > 0, values, np.inf), axis=1)
    count = (seen > 0).sum(axis=1)
    middle = np.take_along_axis(values, (count // 2)[:, None], axis=1)[:, 0]
    return np.asarray(np.where(count > 2 * FEW, middle, 1.0))


def _steps(grey: Planes, lids: Array, discs: Array, most: float = 1.0) -> tuple[Array, Array]:
    """Return how much brighter it is outside of the rims of discs than inside, and how far that is seen."""
    rings = (_ring(grey, lids, discs, share) for share in (1 - RIM, 1 - RIM / 2, 1 + RIM / 2, 1 + RIM))
    values, seen = zip(*rings, strict=True)
    step = np.clip((values[2] + values[3] - values[0] - values[1]) / 2, -most, most)
    # The rim's sides: above and below lids and lashes are steps as well.
    return step, np.sqrt(np.abs(np.cos(_angles()))) * np.prod(seen, axis=0)


def _sides(step: Array, weight: Array) -> list[Array]:
    """Return the mean step at the left and at the right of discs; few directions seen say little."""
    across = np.cos(_angles())
    return [
        (step * weight)[:, side].sum(axis=1) / (weight[:, side].sum(axis=1) + FEW)
        for side in (across < 0, across > 0)
    ]


def _angles() -> Array:
    return (np.arange(ANGLES) + 0.5) * 2 * np.pi / ANGLES


def _ring(grey: Planes, lids: Array, discs: Array, share: float) -> tuple[Array, Array]:
    """Return brightness around discs at a share of their radius, and how far it lies between the lids."""
    x = discs[:, :1] + share * discs[:, 2:] * np.cos(_angles())
    y = discs[:, 1:2] + share * discs[:, 2:] * np.sin(_angles())
    found = cv2.remap(grey, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
    upper, lower = (np.interp(x, np.arange(WIDTH), lid) for lid in lids)
    return found.astype(np.float64), np.clip(np.minimum(y - upper, lower - y) - 0.5, 0, 1)
