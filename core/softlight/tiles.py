"""Run a network over a picture in tiles: of one fixed size, blended where they overlap; or exact ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Tiling:
    """How a network is run in tiles that leave its answers as they are; lengths in px."""

    side: int
    """Of the largest tile."""
    reach: int
    """How far from a pixel the network looks for its answer."""
    step: int
    """What tiles start at multiples of: a multiple of the network's coarsest cell."""

    def shrunk(self, factor: int) -> Tiling:
        """Return the same tiles in a picture that is enlarged by `factor` for the network."""
        return Tiling(self.side // factor, -(-self.reach // factor), max(1, self.step // factor))


@dataclass(frozen=True)
class Tile:
    """What a network sees of a picture, and what is kept of its answer; slices of rows and columns."""

    seen: tuple[slice, slice]
    kept: tuple[slice, slice]

    @property
    def inner(self) -> tuple[slice, slice]:
        """Where `kept` lies in the network's answer."""
        (rows, columns), (top, left) = self.kept, (part.start for part in self.seen)
        return slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)


def exact_tiles(needed: NDArray[np.bool_], tiling: Tiling) -> Iterator[Tile]:
    """Yield tiles in which a network answers as if it saw the whole picture: no answer near a cut is kept.

    Parameters
    ----------
    needed : ndarray of bool, shape (height, width)
        Where the answer is of use. Tiles shrink to what is needed in them; those without it are left out.
    tiling : Tiling

    Yields
    ------
    Tile
        Only at the picture's own right and lower border is its size no multiple of the step.
    """
    for top, bottom in _parts(needed.shape[0], tiling):
        for left, right in _parts(needed.shape[1], tiling):
            part = needed[top:bottom, left:right]
            kept = _extent(part.max(axis=1), top), _extent(part.max(axis=0), left)
            if kept[0].stop > kept[0].start:
                seen = (_seen(axis, tiling, size) for axis, size in zip(kept, needed.shape, strict=True))
                yield Tile((next(seen), next(seen)), kept)


def _parts(length: int, tiling: Tiling) -> Iterator[tuple[int, int]]:
    """Cut an axis evenly into as few parts as tiles can keep; the first and last look beyond one side."""
    count = 1
    while count < length and -(-length // count) + min(count - 1, 2) * tiling.reach > tiling.side:
        count += 1
    for number in range(count):
        yield length * number // count, length * (number + 1) // count


def _extent(needed: NDArray[np.bool_], start: int) -> slice:
    there = np.flatnonzero(needed)
    return slice(start + int(there[0]), start + int(there[-1]) + 1) if len(there) else slice(start, start)


def _seen(kept: slice, tiling: Tiling, length: int) -> slice:
    first = (kept.start - tiling.reach) // tiling.step * tiling.step
    last = -(-(kept.stop + tiling.reach) // tiling.step) * tiling.step
    return slice(max(0, first), min(length, last))
