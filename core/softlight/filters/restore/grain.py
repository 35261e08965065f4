"""The grain of photos: measured, kept, and laid anew over what was restored.

It is measured where a picture is flat, by the mask of J. Immerkaer, "Fast noise variance estimation", CVIU
64(2), 1996, whose answer to straight edges and slopes is 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from softlight.encoding import LUMINANCE
from softlight.tiles import Planes

_MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_FLAT = 0.4
"""Share of the cells that are looked at, the calmest ones."""
_CELL = 8
"""Px of the cells in which a picture is judged."""
_FEWEST = 12
"""Cells below which nothing is said."""
SIDE = 512
"""Px after which laid grain repeats."""
_SEED = 20267
FINE = 1.2
"""Standard deviation in px of the low-pass that grain is what is left of."""
LOUDEST = 2.5
"""Times its standard deviation: what is stronger is no grain but an edge."""


@dataclass(frozen=True)
class Grain:
    """How strong grain is, and how large."""

    strength: float
    """Standard deviation that Immerkaer's mask tells, of white noise its own; 0 for none."""
    size: float
    """Standard deviation in px of the blur that white noise of that size has seen."""


NOTHING = Grain(0.0, 0.0)
_SIZES = ((0.65, 0.0), (1.5, 0.5), (4.0, 0.8))
"""The largest ratio of a halved picture's strength to the picture's, and the size that it tells: white noise
has .5, blurred by .5, .8 and 1.2 px .8, 2.7 and 5.9."""
_LARGEST = 1.2


def measured(image: Planes, where: Planes) -> Grain:
    """Measure the grain in the calm parts of a picture.

    Parameters
    ----------
    image : ndarray of float32, shape (height, width, 3)
        Perceptual RGB.
    where : ndarray of float32, shape (height, width)
        Where to look: above one half.

    Returns
    -------
    Grain
        `NOTHING` where too little can be seen.
    """
    luminance = np.ascontiguousarray(image @ LUMINANCE)
    fine = _strength(luminance, where)
    coarse = _strength(_halved(luminance), _halved(where))
    if fine is None:
        return NOTHING
    ratio = (coarse or 0.0) / max(fine, 1e-6)
    return Grain(fine, next((size for most, size in _SIZES if ratio <= most), _LARGEST))


def laid(grain: Grain) -> Planes:
    """Return a tile of grain that repeats without a seam, float32 of shape (SIDE, SIDE); always the same."""
    noise = np.random.default_rng(_SEED).standard_normal((SIDE, SIDE)).astype(np.float32)
    if grain.size:
        repeated = cv2.GaussianBlur(np.tile(noise, (3, 3)), (0, 0), grain.size)
        noise = np.asarray(repeated[SIDE : 2 * SIDE, SIDE : 2 * SIDE], np.float32)
    there = _strength(noise, np.ones_like(noise))
    return np.asarray(noise * (grain.strength / there if there else 0.0), np.float32)


def own(image: Planes, strength: float) -> Planes:
    """Return a picture's own grain: what a low-pass takes from it, as far as it is no edge.

    Parameters
    ----------
    image : ndarray of float32, shape (height, width, 3)
    strength : float
        Of its grain, by `measured`.
    """
    band = image - cv2.GaussianBlur(image, (0, 0), FINE)
    limit = np.float32(LOUDEST * strength)
    return np.asarray(np.clip(band, -limit, limit), np.float32)


def _strength(plane: Planes, where: Planes) -> float | None:
    """Return the standard deviation of the noise in the calm cells of a plane; `None` if there are few."""
    rows, columns = (length // _CELL for length in plane.shape)
    if not rows or not columns:
        return None
    answers = np.abs(cv2.filter2D(plane, -1, _MASK, borderType=cv2.BORDER_REFLECT_101))
    size = (columns, rows)
    area = np.s_[: rows * _CELL, : columns * _CELL]
    noise, inside, mean, square = (
        cv2.resize(np.ascontiguousarray(of[area], np.float32), size, interpolation=cv2.INTER_AREA)
        for of in (answers, where, plane, cv2.GaussianBlur(plane, (0, 0), 2.0))
    )
    # How much the picture itself changes in a cell: what lies beside it.
    slope = cv2.morphologyEx(square, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    # Where all is black or white no grain can be seen.
    usable = (inside > 0.9) & (mean > 0.03) & (mean < 0.97)
    if usable.sum() < _FEWEST:
        return None
    calm = usable & (slope <= np.quantile(slope[usable], _FLAT))
    return float(np.sqrt(np.pi / 2) / 6 * np.median(noise[calm]))


def _halved(plane: Planes) -> Planes:
    size = (max(1, plane.shape[1] // 2), max(1, plane.shape[0] // 2))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)
