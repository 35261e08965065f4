"""The eyes of a face: the opening between the lids, and the disc of the iris in it.

A mesh's points are not enough: MediaPipe's lids were up to a tenth of an eye's width off, and its irises stay in the
middle of the eye. So both are found in the photo: the opening by the parsing, which looks at it from nearer
than at a face, and the iris by the step from dark to bright at its rim.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import (
    Matrix,
    Planes,
    Points,
    applied,
    chained,
    inverted,
    scale_of,
    scaling,
    shifting,
    similarity,
    warped,
)
from softlight.faces.analysis import AnalysedFace, Part, face_moved
from softlight.faces.mesh import EYES, mean_mesh
from softlight.faces.prototypes import STABLE
from softlight.roles.parsing import parse_face
from softlight.runtime import Model

APART = 200
"""Px of an eye's patch that are the distance between the eyes: an iris is 39 px wide."""
WIDTH, HEIGHT = 144, 96
"""Px of the patch; an eye is some 90 px wide."""
CLOSER = (1.4, 1.8, 2.3)
"""How often as large as in the template the parsing sees the face: of the mean of the three the edge lies on the
lids; at its own size it lies outside of them, at the largest inside."""
USUAL, SPREAD = 0.0985, 0.03
"""The radius of an iris in distances between the eyes, and the standard deviation of its logarithm."""
PAIR = (207.0, 7.0, 3.0)
"""How far apart the irises of a pair are, in px of the patches (the mesh's eyes lie nearer to each other), and the
standard deviations of that and of the difference of their heights: 23 people of London's."""
LIKELY = 0.01
"""What one squared standard deviation counts against brightness."""
BRIGHTNESS = np.array([0.5, 0.3, 0.2], np.float32)
"""Of red, green and blue: blue irises are darkest beside their white in red."""
OPEN = 0.35
"""Of an iris's height, that is seen of an open eye at least."""
STEP = 0.02
"""How much brighter it is on either side of an iris at least; on both together twice as much each."""
CORNERS = ((33, 133), (362, 263))
"""Of the eyes in the mesh, left and right."""
TRUSTED = 0.8
"""How far the corners of an opening go towards those of the mesh."""
FEWEST = 20
"""Pixels from which colours of white, iris or skin are known."""
MOST_LIKELY, TRUST = 3.0, 0.05
"""That a pixel may speak for a lid's place, and what a squared px away from the parsing's counts."""
ANGLES = 48
"""Directions in which the rim is looked at."""
MOST = 0.25
"""Of brightness, that a step at the rim counts at most: a catchlight beside it is brighter than any sclera."""
DARK = 0.4
"""What brightness inside the iris counts against steps at its rim."""
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
    """From the photo to the patch, in which the face is upright; `APART` px are the distance between the eyes."""
    lids: NDArray[np.float64]
    """(2, WIDTH): rows of the upper and the lower lid in each column; the same where there is no opening."""
    centre: Points
    """(2,): x, y of the middle of the iris."""
    radius: float
    contrast: tuple[float, float]
    """How much brighter it is beside the iris than in it, on its left and its right; 0 where nothing is seen."""


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
    places = irises_in([one @ BRIGHTNESS for one in pixels], [lids[0], lids[1]], apart)
    first, second = (
        _looked_at(*one) for one in zip(matrices, pixels, (lids[0], lids[1]), places, strict=True)
    )
    return (first, second) if _told(first) and _told(second) else None


def _looked_at(matrix: Matrix, pixels: Planes, lids: NDArray[np.float64], disc: NDArray[np.float64]) -> Eye:
    """Return an eye by a first guess of its lids and of its iris (x, y, radius)."""
    grey = pixels @ BRIGHTNESS
    disc = _refined(grey, lids, disc)
    lids = _sharpened(pixels, lids, disc[:2], disc[2])
    disc = _refined(grey, lids, disc)
    left, right = _sides(*_steps(grey, lids, disc[None]))
    return Eye(matrix, lids, disc[:2], float(disc[2]), (float(left[0]), float(right[0])))


def _told(eye: Eye) -> bool:
    column = int(np.clip(round(float(eye.centre[0])), 0, WIDTH - 1))
    high = float(eye.lids[1, column] - eye.lids[0, column])
    return high > OPEN * 2 * eye.radius and min(eye.contrast) > STEP and sum(eye.contrast) > 4 * STEP


def patch_matrices(mesh: Points) -> tuple[Matrix, Matrix]:
    """Return the transforms from a photo to the patches of both eyes, the picture's left one first."""
    mean = mean_mesh()
    upright = similarity(mesh[list(STABLE)], mean[list(STABLE)])
    first, second = (_centred(upright, applied(upright, mesh[list(eye)]).mean(axis=0)) for eye in EYES)
    return first, second


def _centred(upright: Matrix, middle: Points) -> Matrix:
    middle_of_patch = shifting((WIDTH - 1) / 2, (HEIGHT - 1) / 2)
    turn = chained(upright, shifting(*-middle), np.array([[APART, 0, 0], [0, APART, 0]], np.float64))
    return chained(turn, middle_of_patch)


def openings(part: Part, face: AnalysedFace, model: Model, matrices: tuple[Matrix, ...]) -> list[Planes]:
    """Return how much of each pixel of patches shows an eye between its lids, (HEIGHT, WIDTH, 1) each, 0..1."""
    five = face_moved(face, part.matrix).points
    middle = five[:2].mean(axis=0)
    shares = [np.zeros((HEIGHT, WIDTH, 1), np.float32) for _ in matrices]
    for closer in CLOSER:
        parsing = parse_face(model, part.pixels, middle + (five - middle) / closer)
        for share, matrix in zip(shares, matrices, strict=True):
            to_patch = chained(inverted(parsing.matrix), inverted(part.matrix), matrix)
            share += warped(parsing.share("eyes"), to_patch, WIDTH, HEIGHT).reshape(share.shape) / len(CLOSER)
    return shares


def lids_of(share: Planes, corners: Points) -> NDArray[np.float64] | None:
    """Return smooth lids around what is eye by more than a half; None where nothing is.

    Parameters
    ----------
    share : ndarray of float32, shape (HEIGHT, WIDTH, 1)
        How much of each pixel is eye, 0..1.
    corners : ndarray, shape (2, 2)
        Of the eye, left and right, by the mesh: shares are round where lids meet.

    Returns
    -------
    ndarray, shape (2, WIDTH), or None
        As `Eye.lids`.
    """
    inside = (share[..., 0] > 0.5).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(inside)
    if count < 2:
        return None
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    columns = np.flatnonzero((labels == largest).any(axis=0))
    if len(columns) < 12:
        return None
    edges = np.array([_crossings(share[:, x, 0], labels[:, x] == largest) for x in columns]).T
    ends = np.array([(columns[at], edges[:, at].mean()) for at in (0, -1)])
    outside = np.array([corners[0, 0] < ends[0, 0], corners[1, 0] > ends[1, 0]])
    ends[outside] += TRUSTED * (corners - ends)[outside]
    (x0, y0), (x1, y1) = ends
    every = np.arange(WIDTH, dtype=np.float64)
    along = np.clip((every - x0) / (x1 - x0), 0, 1)
    line = y0 + (y1 - y0) * along
    bow = along * (1 - along)
    terms = np.stack([bow * (along - 0.5) ** power for power in range(3)], axis=1)
    result = np.tile(line, (2, 1))
    for side, edge in enumerate(edges):
        weight = np.ones(len(columns))
        for _ in range(4):
            away, known = edge - line[columns], terms[columns]
            solved = np.linalg.lstsq(known * weight[:, None], away * weight, rcond=None)[0]
            weight = 1 / np.maximum(np.abs(known @ solved - away), 0.5)
        result[side] += terms @ solved
    middle = result.mean(axis=0)
    result[0], result[1] = np.minimum(result[0], middle), np.maximum(result[1], middle)
    return result


def _crossings(share: Planes, inside: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the rows in which a column of shares crosses a half, above and below."""
    rows = np.flatnonzero(inside)
    top, bottom = int(rows[0]), int(rows[-1])
    above = 0.0 if top == 0 else (share[top] - 0.5) / max(share[top] - share[top - 1], 1e-6)
    below = 0.0 if bottom == len(share) - 1 else (share[bottom] - 0.5) / max(share[bottom] - share[bottom + 1], 1e-6)
    return top - min(float(above), 1.0), bottom + min(float(below), 1.0)


def _sharpened(pixels: Planes, lids: NDArray[np.float64], centre: Points, radius: float) -> NDArray[np.float64]:
    """Return lids with the lower one moved to where white and iris end: beyond it is what looks like skin.

    Not the upper one: its lashes look like many irises.
    """
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
    far = np.hypot(columns - centre[0], rows - centre[1]) / radius
    above = np.minimum(rows - lids[0], lids[1] - rows)
    first, last = np.flatnonzero(lids[1] > lids[0])[[0, -1]]
    skin = (rows > lids[1] + 4) & (rows < lids[1] + 14) & (columns > first) & (columns < last)
    if skin.sum() < FEWEST:
        return lids
    iris = _unlike(pixels, (above > 2) & (far < 0.95)) + 99 * (far > 1.02)
    eye = np.minimum(_unlike(pixels, (above > 2) & (far > 1.2)), iris)
    likely = np.clip(_unlike(pixels, skin) - eye, -MOST_LIKELY, MOST_LIKELY)
    total = np.cumsum(likely, axis=0).astype(np.float32)
    along = np.clip((columns[0] - first) / (last - first) * 2 - 1, -1, 1)
    bow = 1 - along**2
    shapes = [
        (a, b) for a in np.arange(-3, 6.1, 0.5) for b in np.arange(-3, 3.1, 1.0)
    ]
    moved = np.array([lids[1] + bow * (a + b * along) for a, b in shapes], np.float32)
    x = np.broadcast_to(columns[0].astype(np.float32), moved.shape)
    values = cv2.remap(total, np.ascontiguousarray(x), moved, cv2.INTER_LINEAR)[:, first : last + 1].mean(axis=1)
    best = moved[int((values - TRUST * np.square(shapes).sum(axis=1)).argmax())]
    # Then column by column, and smoothed.
    steps = np.arange(-3, 3.1, 0.25, dtype=np.float32)
    nearby = best + bow.astype(np.float32) * steps[:, None]
    values = cv2.remap(total, np.ascontiguousarray(np.broadcast_to(x[:1], nearby.shape)), nearby, cv2.INTER_LINEAR)
    values = cv2.GaussianBlur(values, (0, 0), sigmaX=3, sigmaY=0.1) - 4 * TRUST * np.square(steps)[:, None]
    best = np.take_along_axis(nearby, values.argmax(axis=0)[None], axis=0)[0]
    best = cv2.GaussianBlur(best[None], (0, 0), 3)[0]
    return np.stack([lids[0], np.where(bow > 0, np.maximum(best, lids[0]), lids[0])])


def _unlike(pixels: Planes, some: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how unlike some of the pixels each pixel is: minus the logarithm of a normal distribution's density."""
    if some.sum() < FEWEST:
        return np.full(pixels.shape[:2], 50.0)
    known = pixels[some].astype(np.float64)
    middle = np.median(known, axis=0)
    spread = np.cov(known.T) + 0.03**2 * np.eye(3)
    away = pixels - middle
    return np.asarray((np.einsum("hwi,ij,hwj->hw", away, np.linalg.inv(spread), away) + np.linalg.slogdet(spread)[1]) / 2)


def irises_in(
    greys: list[Planes], lids: list[NDArray[np.float64]], apart: Points
) -> list[NDArray[np.float64]]:
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
        value = _value(grey, lid, discs) - 0.03 * np.square((discs[:, 1] - middle) / 10)
        tried.append(places)
        scores.append(value.reshape(5, len(places)))
    away = tried[1][None] + apart - tried[0][:, None]
    unlikely = np.square((away[..., 0] - PAIR[0]) / PAIR[1]) + np.square(away[..., 1] / PAIR[2])
    unlikely = (unlikely + np.square(np.linspace(-2, 2, 5))[:, None, None]) * LIKELY
    both = scores[0][:, :, None] + scores[1][:, None] - unlikely
    size, *at = np.unravel_index(int(both.argmax()), both.shape)
    return [np.array([*places[one], radii[size]]) for places, one in zip(tried, at, strict=True)]


def _refined(
    grey: Planes, lids: NDArray[np.float64], disc: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the disc near another that fits the rim of an iris best, to a tenth of a px."""
    middle = lids[:, lids[1] > lids[0]].mean()
    reach = np.array([1.5, 5.0, 0.03 * disc[2]])
    for count in (9, 5, 5, 5):
        offsets = [np.linspace(-r, r, count) for r in reach]
        tried = disc + np.stack(np.meshgrid(*offsets, indexing="ij"), axis=-1).reshape(-1, 3)
        step, weight = _steps(grey, lids, tried, 2 * MOST)
        value = (step * weight).sum(axis=1) / (weight.sum(axis=1) + ROUND * ANGLES)
        value -= LIKELY * np.square(np.log(tried[:, 2] / (USUAL * APART)) / SPREAD)
        value -= 0.03 * np.square((tried[:, 1] - middle) / 10)
        disc, reach = tried[int(value.argmax())], 1.5 * reach / (count - 1) * 2
    return disc


def _value(grey: Planes, lids: NDArray[np.float64], discs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how well discs (n, 3) fit the rim of an iris: bright on both sides of it, and dark inside."""
    left, right = _sides(*_steps(grey, lids, discs))
    rings = [_ring(grey, lids, discs, share) for share in (0.25, 0.5, 0.75)]
    values, seen = (np.concatenate(planes, axis=1) for planes in zip(*rings, strict=True))
    # The median: large catchlights are a part of many irises.
    values = np.sort(np.where(seen > 0, values, np.inf), axis=1)
    count = (seen > 0).sum(axis=1)
    inside = np.take_along_axis(values, (count // 2)[:, None], axis=1)[:, 0]
    return left + right - DARK * np.where(count > 2 * FEW, inside, 1.0)


def _steps(
    grey: Planes, lids: NDArray[np.float64], discs: NDArray[np.float64], most: float = MOST
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how much brighter it is outside of the rims of discs than inside, and how far that is seen."""
    rings = (_ring(grey, lids, discs, share) for share in (1 - RIM, 1 - RIM / 2, 1 + RIM / 2, 1 + RIM))
    values, seen = zip(*rings, strict=True)
    step = np.clip((values[2] + values[3] - values[0] - values[1]) / 2, -most, most)
    # The rim's sides: above and below lids and lashes are steps as well.
    return step, np.sqrt(np.abs(np.cos(_angles()))) * np.prod(seen, axis=0)


def _sides(step: NDArray[np.float64], weight: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return the mean step at the left and at the right of discs; few directions seen say little."""
    across = np.cos(_angles())
    return [
        (step * weight)[:, side].sum(axis=1) / (weight[:, side].sum(axis=1) + FEW)
        for side in (across < 0, across > 0)
    ]


def _angles() -> NDArray[np.float64]:
    return (np.arange(ANGLES) + 0.5) * 2 * np.pi / ANGLES


def _ring(
    grey: Planes, lids: NDArray[np.float64], discs: NDArray[np.float64], share: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return brightness around discs at a share of their radius, and how far it lies between the lids."""
    x = discs[:, :1] + share * discs[:, 2:] * np.cos(_angles())
    y = discs[:, 1:2] + share * discs[:, 2:] * np.sin(_angles())
    found = cv2.remap(grey, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
    upper, lower = (np.interp(x, np.arange(WIDTH), lid) for lid in lids)
    return found.astype(np.float64), np.clip(np.minimum(y - upper, lower - y) - 0.5, 0, 1)
