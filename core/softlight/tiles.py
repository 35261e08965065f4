"""Run a network over a picture in tiles of one fixed size, blended where they overlap."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

TILE = 256
"""Side in px. DirectML is fast for one fixed shape only, and both default networks see less than this."""
OVERLAP = 64
"""Shared by neighbours in px: the networks' answers settle within 32 px of a tile's edge."""

Planes = NDArray[np.float32]


def starts(length: int, tile: int = TILE, overlap: int = OVERLAP) -> list[int]:
    """Where tiles begin so that they cover an axis of `length` px and overlap by at least `overlap`."""
    if length <= tile:
        return [0]
    count = -(-(length - overlap) // (tile - overlap))
    return [round(i * (length - tile) / (count - 1)) for i in range(count)]


def _ramp(start: int, length: int, tile: int, overlap: int) -> NDArray[np.float32]:
    """Weights along one axis: rising and falling over the overlap, but flat at the picture's own edges."""
    edge = np.minimum(np.arange(tile) + 0.5, overlap) / overlap
    left = edge if start > 0 else np.ones(tile)
    right = edge[::-1] if start + tile < length else np.ones(tile)
    return np.asarray(left * right, np.float32)


def windows(needed: NDArray[np.bool_], tile: int = TILE, overlap: int = OVERLAP) -> Iterator[tuple[int, int]]:
    """Yield the top left corners of the tiles in which anything of `needed` (height, width) lies."""
    height, width = needed.shape
    for top in starts(height, tile, overlap):
        for left in starts(width, tile, overlap):
            if needed[top : top + tile, left : left + tile].any():
                yield top, left


def run_tiled(
    network: Callable[..., Planes],
    needed: NDArray[np.bool_],
    channels: int,
    *inputs: Planes,
    tile: int = TILE,
    overlap: int = OVERLAP,
    factor: int = 1,
) -> Planes:
    """Apply `network` tile by tile.

    Parameters
    ----------
    network : callable
        Takes float32 arrays of shape (1, c, tile, tile), one per input; returns (1, channels, factor * tile,
        factor * tile).
    needed : ndarray of bool, shape (height, width)
        Tiles without a needed pixel are left out.
    channels : int
    inputs : ndarray of float32, shape (height, width, c)
        Mirrored at the border where the picture is smaller than a tile.
    tile, overlap : int
        Side of a tile, and what neighbours share, in px.
    factor : int
        How much larger the network makes a picture.

    Returns
    -------
    ndarray of float32, shape (factor * height, factor * width, channels)
        0 where no tile ran.
    """
    height, width = needed.shape
    below, right = max(0, tile - height), max(0, tile - width)
    if below or right:
        inputs = tuple(_pad(plane, below, right) for plane in inputs)
        needed = np.pad(needed, ((0, below), (0, right)))
    rows, columns = (factor * length for length in needed.shape)
    total = np.zeros((rows, columns, channels), np.float32)
    weights = np.zeros((rows, columns, 1), np.float32)
    for top, left in windows(needed, tile, overlap):
        area = np.s_[top : top + tile, left : left + tile]
        answer = network(*(np.ascontiguousarray(p[area].transpose(2, 0, 1)[None]) for p in inputs))
        y, x, side = factor * top, factor * left, factor * tile
        down = _ramp(y, rows, side, factor * overlap)
        across = _ramp(x, columns, side, factor * overlap)
        weight = (down[:, None] * across)[..., None]
        there = np.s_[y : y + side, x : x + side]
        total[there] += answer[0].transpose(1, 2, 0) * weight
        weights[there] += weight
    np.divide(total, weights, out=total, where=weights > 0)
    return total[: factor * height, : factor * width]


def _pad(plane: Planes, below: int, right: int) -> Planes:
    padded = cv2.copyMakeBorder(plane, 0, below, 0, right, cv2.BORDER_REFLECT)
    return np.asarray(padded, np.float32).reshape(*padded.shape[:2], plane.shape[2])
