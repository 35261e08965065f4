"""The fine band of skin: pores and grain, borrowed from beside a hole."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

FINE = 1.5
"""Standard deviation in px of the low-pass that divides tone from texture."""

_RADII = (5, 8, 12, 17, 24, 34, 48)
_ANGLES = 12


def low_pass(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """The part of `image` (height, width, channels) that is no texture."""
    smooth = cv2.GaussianBlur(image, (0, 0), FINE, borderType=cv2.BORDER_REFLECT)
    return np.asarray(smooth, np.float32).reshape(image.shape)


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
