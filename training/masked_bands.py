"""Bands of a picture that know no pixel outside a mask: for skin that borders on hair, lips and cloth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

FEW = 1e-3
"""A blurred weight below this has no skin near: what is divided by it would be noise."""


def _gaussian(values: Array, sigma: float) -> Array:
    # At 2.5 and more px of a smaller picture a blur looks the same, and is many times faster.
    step = max(1, int(sigma // 2.5))
    if step == 1:
        return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REFLECT), np.float32)
    height, width = values.shape[:2]
    small = cv2.resize(values, (-(-width // step), -(-height // step)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / step, borderType=cv2.BORDER_REFLECT)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def low(values: Array, weight: Array, sigma: float) -> Array:
    """Return the Gaussian mean of the weighted pixels alone (normalised convolution).

    Parameters
    ----------
    values : ndarray, float32, shape (height, width) or (height, width, channels)
    weight : ndarray, float32, shape (height, width)
        0..1; where it is 0, a pixel has no say.
    sigma : float
        In px.

    Returns
    -------
    ndarray
        As `values`; the pixel's own value where nothing weighted is near.
    """
    total = _gaussian(weight, sigma)
    part = weight if values.ndim == 2 else weight[..., None]
    total = total if values.ndim == 2 else total[..., None]
    blurred = _gaussian(values * part, sigma).reshape(values.shape)
    return np.where(total > FEW, blurred / np.maximum(total, FEW), values).astype(np.float32)


def membrane(values: Array, hole: NDArray[np.bool_], known: NDArray[np.bool_]) -> Array:
    """Fill a hole as smoothly as its rim allows (Laplace's equation), from known pixels only.

    Parameters
    ----------
    values : ndarray, float32, shape (height, width, channels)
    hole, known : ndarray, bool, shape (height, width)
        What is neither is never read.

    Returns
    -------
    ndarray
        As `values`, other in the hole alone.
    """
    filled = values.copy()
    if not hole.any():
        return filled
    start = known.astype(np.float32)
    for sigma in (32.0, 16.0, 8.0, 4.0, 2.0):  # coarse to fine, so that few steps of relaxation are left
        near = _gaussian(start, sigma)
        guess = low(values, start, sigma)
        take = hole & (near > 0.02)
        filled[take] = guess[take]
    _relax(filled, hole, known | hole)
    return filled


def _relax(filled: Array, hole: NDArray[np.bool_], read: NDArray[np.bool_], steps: int = 40) -> None:
    """Bring the pixels of a hole to the mean of their neighbours again and again, in place."""
    height, width = hole.shape
    rows, columns = np.nonzero(hole)
    flat = filled.reshape(-1, filled.shape[-1])
    neighbours, weights = [], []
    for dy, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        y, x = np.clip(rows + dy, 0, height - 1), np.clip(columns + dx, 0, width - 1)
        neighbours.append(y * width + x)
        weights.append(read[y, x].astype(np.float32))
    total = np.maximum(np.sum(weights, axis=0), FEW)
    here, share = rows * width + columns, [(w / total)[:, None] for w in weights]
    for _ in range(steps):
        flat[here] = sum(flat[n] * w for n, w in zip(neighbours, share))
