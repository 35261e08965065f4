"""The fine band of skin: pores and grain, borrowed from beside a hole."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

FINE = 2.5
"""Standard deviation in px of the low-pass that divides tone from texture.

At 1.5 px retouched faces lost 23 % of their pore band (14 faces), for what the low-pass of a smooth fill
takes from the band's coarse end; at 2.5 px they lose 15 % (48 faces).
"""
WINDOW = 6.0
"""Standard deviation in px of the window in which energies are compared: a few pores wide."""
OUTLIER = 4.5
"""Times the median of a band's size: beyond three standard deviations of skin's grain."""
LARGEST_GAIN = 1.5
"""Of borrowed texture: more would show its grain as noise."""

_RADII = (5, 8, 12, 17, 24, 34, 48)
_ANGLES = 12


def low_pass(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """The part of `image` (height, width, channels) that is no texture."""
    smooth = cv2.GaussianBlur(image, (0, 0), FINE, borderType=cv2.BORDER_REFLECT)
    return np.asarray(smooth, np.float32).reshape(image.shape)


def missing_texture(
    image: NDArray[np.float32],
    filled: NDArray[np.float32],
    hole: NDArray[np.bool_],
    core: NDArray[np.float32],
    source: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """The texture that a fill lacks, to be added to it.

    It shall be as strong as the skin's own off the crease. The fill keeps what fine structure the network
    foresaw, since that is its best guess; borrowed grain is independent of it, so energies add up.

    Parameters
    ----------
    image, filled : ndarray of float32, shape (height, width, 3)
        The picture, and the picture with its hole filled.
    hole : ndarray of bool, shape (height, width)
    core : ndarray of float32, shape (height, width)
        0..1: where the picture's own texture is the crease's.
    source : ndarray of bool, shape (height, width)
        Skin that texture may be borrowed from.

    Returns
    -------
    ndarray of float32, shape (height, width, 3)
        0 outside the hole.
    """
    band = filled - low_pass(filled)
    borrowed = borrow(band, hole, source & ordinary(band, source)) * hole[..., None]
    there = _energy(band, hole.astype(np.float32))
    lent = _energy(borrowed, hole.astype(np.float32))
    own = _energy(image - low_pass(image), (1 - core) * hole, otherwise=lent)
    gain = np.sqrt(np.clip((own - there) / np.maximum(lent, 1e-8), 0, LARGEST_GAIN**2))
    return np.asarray(borrowed * gain[..., None], np.float32)


def ordinary(band: NDArray[np.float32], source: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where a band is as weak as skin's: no highlight on a lens, no hair, no edge of a frame.

    Parameters
    ----------
    band : ndarray of float32, shape (height, width, 3)
    source : ndarray of bool, shape (height, width)
        Mostly skin; its median tells how strong its band is.
    """
    size = np.abs(band).max(axis=-1)
    if not source.any():
        return source
    return np.asarray(size < OUTLIER * np.median(size[source]))


def _energy(
    band: NDArray[np.float32], weight: NDArray[np.float32], otherwise: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Weighted mean square of a band around each pixel; `otherwise` where the weights say nothing."""
    square = cv2.GaussianBlur((band**2).mean(axis=-1) * weight, (0, 0), WINDOW)
    total = cv2.GaussianBlur(weight, (0, 0), WINDOW)
    mean = square / np.maximum(total, 1e-3)
    return np.asarray(mean if otherwise is None else np.where(total > 0.05, mean, otherwise), np.float32)


def offsets() -> list[tuple[int, int]]:
    """Displacements (down, right) to look for skin at, the nearest first, in all directions."""
    turns = [(i * 5) % _ANGLES for i in range(_ANGLES)]
    found = []
    for ring, radius in enumerate(_RADII):
        for turn in turns:
            angle = 2 * np.pi * (turn + 0.37 * ring) / _ANGLES
            found.append((round(radius * np.sin(angle)), round(radius * np.cos(angle))))
    return found


def borrow(
    band: NDArray[np.float32], hole: NDArray[np.bool_], source: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Fill the fine band of a hole with that of the nearest skin.

    Each hole pixel takes the band at the nearest displacement that leads to skin; neighbours mostly take
    the same one, so that the grain stays whole. The band has no tone, hence no seam to hide.

    Parameters
    ----------
    band : ndarray of float32, shape (height, width, 3)
        Image less its low-pass.
    hole : ndarray of bool, shape (height, width)
    source : ndarray of bool, shape (height, width)
        Where skin may be taken from.

    Returns
    -------
    ndarray of float32, shape (height, width, 3)
        `band` outside the hole; inside, borrowed, or 0 where no skin is within 48 px.
    """
    result = np.where(hole[..., None], np.float32(0), band)
    rows, columns = np.nonzero(hole)
    for down, right in offsets():
        if not len(rows):
            break
        r, c = rows + down, columns + right
        inside = (r >= 0) & (r < hole.shape[0]) & (c >= 0) & (c < hole.shape[1])
        found = np.zeros(len(rows), bool)
        found[inside] = source[r[inside], c[inside]]
        result[rows[found], columns[found]] = band[r[found], c[found]]
        rows, columns = rows[~found], columns[~found]
    return result
