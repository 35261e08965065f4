"""The opening of an eye between its lids, as the photo shows it.

MediaPipe's points of the lids lie up to a tenth of an eye's width off. The parsing says it better, where it
looks at the eyes from nearer than at a face.
"""

from __future__ import annotations

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
    shifting,
    similarity,
    warped,
)
from softlight.faces.analysis import AnalysedFace, Part, face_moved
from softlight.faces.mesh import EYES, mean_mesh
from softlight.faces.prototypes import STABLE
from softlight.roles.parsing import parse_face
from softlight.runtime import Model

Array = NDArray[np.float64]

APART = 200
"""Px of an eye's patch that are the distance between the eyes: an iris is 39 px wide."""
WIDTH, HEIGHT = 144, 96
"""Px of the patch; an eye is some 90 px wide."""
CLOSER = (1.4, 1.8, 2.3)
"""How often as large as in the template the parsing sees the face. The mean of the three ends at the lids; at
1.4 most edges lie outside of them, at 2.3 inside (25 people looked at)."""
CORNERS = ((33, 133), (362, 263))
"""Of the eyes in the mesh, left and right."""
TRUSTED = 0.8
"""How far the corners of an opening go out to those of the mesh: shares are round where lids meet."""
NARROWEST, LOWEST = 12, 2.0
"""Px of the patch, below which there is no opening."""
FEWEST = 20
"""Pixels from which colours of white, iris or skin are known."""
LIKELIEST, TRUST = 3.0, 0.05
"""That a pixel may speak for a lid's place, and what a squared px away from the parsing's counts."""
REST = 0.3
"""Of the radius: how far an iris may go on under a lower lid that is moved down to its end."""
NOISE = 0.03
"""Standard deviation of colours that counts as none."""


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
    """Return how much of each pixel of patches shows an eye between its lids, 0..1, (HEIGHT, WIDTH, 1)."""
    five = face_moved(face, part.matrix).points
    middle = five[:2].mean(axis=0)
    shares = [np.zeros((HEIGHT, WIDTH, 1), np.float32) for _ in matrices]
    for closer in CLOSER:
        parsing = parse_face(model, part.pixels, middle + (five - middle) / closer)
        for share, matrix in zip(shares, matrices, strict=True):
            to_patch = chained(inverted(parsing.matrix), inverted(part.matrix), matrix)
            share += warped(parsing.share("eyes"), to_patch, WIDTH, HEIGHT).reshape(share.shape) / len(CLOSER)
    return shares


def lids_of(share: Planes, corners: Points) -> Array | None:
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
    if len(columns) < NARROWEST:
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
    return result if (result[1] - result[0]).max() >= LOWEST else None


def _crossings(share: Planes, inside: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the rows in which a column of shares crosses a half, above and below."""
    rows = np.flatnonzero(inside)
    padded = np.pad(share.astype(np.float64), 1)
    top, bottom = (padded[rows[at] + 1 : rows[at] + 2].item() for at in (0, -1))
    over, under = padded[rows[0]], padded[rows[-1] + 2]
    above, below = (top - 0.5) / max(top - over, 1e-6), (bottom - 0.5) / max(bottom - under, 1e-6)
    return rows[0] - min(float(above), 1.0), rows[-1] + min(float(below), 1.0)


def sharpened(pixels: Planes, lids: Array, centre: Points, radius: float) -> Array:
    """Return lids with the lower one moved to where white and iris end: beyond it is what looks like skin.

    Not the upper one: its lashes look like many irises.

    Parameters
    ----------
    pixels : ndarray of float32, shape (HEIGHT, WIDTH, 3)
        Perceptual RGB, 0..1.
    lids : ndarray, shape (2, WIDTH)
    centre, radius : ndarray of shape (2,) and float
        Of the iris, in px of the patch.
    """
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
    far = np.hypot(columns - centre[0], rows - centre[1]) / radius
    inner = np.minimum(rows - lids[0], lids[1] - rows) > 2
    first, last = np.flatnonzero(lids[1] > lids[0])[[0, -1]]
    skin = (rows > lids[1] + 4) & (rows < lids[1] + 14) & (columns > first) & (columns < last)
    if skin.sum() < FEWEST or last - first < NARROWEST:
        return lids
    iris = np.where(far < 1.02, _unlike(pixels, inner & (far < 0.95)), np.inf)
    eye = np.minimum(_unlike(pixels, inner & (far > 1.2)), iris)
    likely = np.clip(_unlike(pixels, skin) - eye, -LIKELIEST, LIKELIEST)
    total = np.cumsum(likely, axis=0).astype(np.float32)
    along = np.clip((columns[0] - first) / (last - first) * 2 - 1, -1, 1)
    bow = 1 - along**2
    shapes = [(up, tilt) for up in np.arange(-3, 6.1, 0.5) for tilt in np.arange(-3, 3.1, 1.0)]
    moved = np.array([lids[1] + bow * (up + tilt * along) for up, tilt in shapes])
    values = _down_to(total, moved)[:, first : last + 1].mean(axis=1)
    best = moved[int((values - TRUST * np.square(shapes).sum(axis=1)).argmax())]
    # Then column by column, and smoothed.
    steps = np.arange(-3, 3.1, 0.25)[:, None]
    moved = best + bow * steps
    values = cv2.GaussianBlur(_down_to(total, moved), (0, 0), sigmaX=3, sigmaY=0.1)
    best = np.take_along_axis(moved, (values - 4 * TRUST * steps**2).argmax(axis=0)[None], axis=0)
    lower = _around_iris(pixels.mean(axis=-1), cv2.GaussianBlur(best, (0, 0), 3)[0], inner, centre, radius)
    # They meet at the corners as before.
    lower = lids[1] + np.minimum(4 * bow, 1) * (lower - lids[1])
    result = np.stack([lids[0], np.maximum(lower, lids[0])])
    return result if (result[1] - result[0]).max() >= LOWEST else lids


def _around_iris(
    grey: Planes, lower: Array, inner: NDArray[np.bool_], centre: Points, radius: float
) -> Array:
    """Return a lower lid below an iris that goes on a little under it: a rest of it would stay to see."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
    far = np.hypot(columns - centre[0], rows - centre[1]) / radius
    across = np.clip((columns[0] - centre[0]) / radius, -1, 1)
    end = np.where(np.abs(across) < 0.8, centre[1] + radius * np.sqrt(1 - across**2), -1.0)
    rest = (rows > lower) & (rows < end) & (end < lower + REST * radius)
    iris, beyond = inner & (far < 0.95), rest.any(axis=0) & (rows > end + 1) & (rows < end + 4)
    if min(rest.sum(), iris.sum(), beyond.sum()) < FEWEST:
        return lower
    dark, bright = np.median(grey[iris]), np.median(grey[beyond])
    if np.median(grey[rest]) > (dark + bright) / 2:
        return lower
    # All of the lid near it is as much lower: it has no notch there.
    near = np.exp(-np.square((columns[0] - centre[0]) / (1.2 * radius)))
    return np.asarray(lower + near * ((end + 0.5 - lower) / near)[rest.any(axis=0)].max())


def _down_to(total: Planes, rows: Array) -> Planes:
    """Return sums over columns down to rows (n, WIDTH) between those of pixels."""
    x = np.broadcast_to(np.arange(WIDTH, dtype=np.float32), rows.shape)
    found = cv2.remap(total, np.ascontiguousarray(x), rows.astype(np.float32), cv2.INTER_LINEAR)
    return np.asarray(found, np.float32)


def _unlike(pixels: Planes, some: NDArray[np.bool_]) -> Array:
    """Return how unlike some of the pixels each one is: minus the logarithm of a normal distribution."""
    if some.sum() < FEWEST:
        return np.full(pixels.shape[:2], np.inf)
    known = pixels[some].astype(np.float64)
    spread = np.cov(known.T) + NOISE**2 * np.eye(3)
    away = pixels - np.median(known, axis=0)
    distance = np.einsum("hwi,ij,hwj->hw", away, np.linalg.inv(spread), away)
    return np.asarray((distance + np.linalg.slogdet(spread)[1]) / 2)
