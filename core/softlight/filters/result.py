"""From finished pixels to the layers that hold them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight import soft_light
from softlight.encoding import from_unit, to_unit
from softlight.layers import BlendMode, Layer
from softlight.picture import Picture

ROWS = 256
"""Rows solved at once: the float copies stay below 30 MB for an 8K picture."""
EXACT = 1e-5
"""How far a float soft-light layer may miss its result, in stored values: the hosts' own error there."""


class ResultLayers:
    """Collects finished blocks of a photo and turns them into layers.

    Parameters
    ----------
    picture : Picture
    name : str
        Of the layers.
    box : tuple of int
        Left, top, right, bottom: the part of the photo that may change.
    blend : BlendMode
        `SOFT_LIGHT` puts what that mode cannot hold into a second, normal layer.
    """

    def __init__(self, picture: Picture, name: str, box: tuple[int, int, int, int], blend: BlendMode) -> None:
        self._picture, self._name, self._blend = picture, name, blend
        self._left, self._top, right, bottom = box
        self._photo = picture.pixels[self._top : bottom, self._left : right, : picture.colour_channels]
        stored: np.dtype[Any] = picture.pixels.dtype
        depth = stored if stored.kind == "u" else np.dtype(np.float32)
        self._finished: NDArray[Any] = np.zeros(self._photo.shape, depth)
        self._weight: NDArray[Any] = np.zeros(self._photo.shape[:2], depth)
        self._levels = int(np.iinfo(stored).max) if stored.kind == "u" else 0

    def add(
        self, box: tuple[int, int, int, int], finished: NDArray[np.float32], weight: NDArray[np.float32]
    ) -> None:
        """Put in a block; where it overlaps earlier ones it fades in over the overlap.

        Parameters
        ----------
        box : tuple of int
            Left, top, right, bottom in the photo, inside the result's own box after clipping.
        finished : ndarray of float32, shape (height, width, 1 or 3)
            Unit values at full strength; equal to the photo's where nothing changed.
        weight : ndarray of float32, shape (height, width)
            0..1, the brush.
        """
        left, top = max(box[0], self._left), max(box[1], self._top)
        right = min(box[2], self._left + self._photo.shape[1])
        bottom = min(box[3], self._top + self._photo.shape[0])
        inner = np.s_[top - box[1] : bottom - box[1], left - box[0] : right - box[0]]
        area = np.s_[top - self._top : bottom - self._top, left - self._left : right - self._left]
        finished, weight = finished[inner], weight[inner]
        before = self._weight[area] > 0
        if before.any():
            fade = _fade(before)[..., None]
            finished = to_unit(self._finished[area]) * (1 - fade) + finished * fade
            weight = np.maximum(to_unit(self._weight[area]), weight)
        self._finished[area] = from_unit(finished, self._finished.dtype)
        self._weight[area] = from_unit(weight, self._weight.dtype)

    def layers(self, opacity: float) -> tuple[Layer, ...]:
        """The layers, the lowest first; none when nothing changed."""
        changed = np.zeros(self._weight.shape, bool)
        for rows in self._chunks():
            different = (self._finished[rows] != self._photo[rows]).any(axis=-1)
            changed[rows] = different & (self._weight[rows] > 0)
        if not changed.any():
            return ()
        self._weight[~changed] = 0
        if self._blend is BlendMode.NORMAL:
            return (
                self._layer(self._name, self._finished, self._weight, BlendMode.NORMAL, opacity, changed),
            )
        b, beyond = self._solve(changed)
        found = []
        if (changed & ~beyond).any():
            within = np.where(beyond, self._weight.dtype.type(0), self._weight)
            found.append(self._layer(self._name, b, within, BlendMode.SOFT_LIGHT, opacity, changed & ~beyond))
        if beyond.any():
            rest = np.where(beyond, self._weight, self._weight.dtype.type(0))
            name = f"{self._name} (beyond soft light)"
            found.append(self._layer(name, self._finished, rest, BlendMode.NORMAL, opacity, beyond))
        return tuple(found)

    def _solve(self, changed: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """The blend layer at the photo's depth, and where it does not reach."""
        b = np.empty_like(self._finished)
        beyond = np.zeros_like(changed)
        for rows in self._chunks():
            photo, finished = to_unit(self._photo[rows]), to_unit(self._finished[rows])
            if not self._levels:
                # Infinite pixels are never changed; their differences would only warn.
                photo, finished = (
                    np.nan_to_num(v, nan=0.5, posinf=0.5, neginf=0.5) for v in (photo, finished)
                )
            part = soft_light.solve(photo, finished)
            b[rows] = from_unit(part, b.dtype)
            if self._levels:
                missed = soft_light.out_of_reach(photo, finished, self._levels)
            else:
                missed = ~(np.abs(soft_light.blend(photo, part) - finished).max(axis=-1) <= EXACT)
            beyond[rows] = missed & changed[rows]
        return b, beyond

    def _layer(
        self, name: str, pixels: NDArray[Any], mask: NDArray[Any], blend: BlendMode, opacity: float,
        shown: NDArray[np.bool_],
    ) -> Layer:  # fmt: skip
        """Trim a layer to where it shows."""
        rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
        area = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        offset = (self._left + int(columns[0]), self._top + int(rows[0]))
        return Layer(name, pixels[area].copy(), mask[area].copy(), blend, opacity, offset)

    def _chunks(self) -> Iterator[slice]:
        for start in range(0, self._photo.shape[0], ROWS):
            yield slice(start, start + ROWS)


def _fade(before: NDArray[np.bool_]) -> NDArray[np.float32]:
    """From 0 to 1 over the strips at the left and upper edge that earlier blocks have covered."""
    height, width = before.shape
    fade = np.ones(before.shape, np.float32)
    covered_rows = int(np.argmin(before.any(axis=1))) if not before.any(axis=1).all() else height
    covered_columns = int(np.argmin(before.any(axis=0))) if not before.any(axis=0).all() else width
    if 0 < covered_rows < height:
        fade[:covered_rows] *= np.linspace(0, 1, covered_rows, dtype=np.float32)[:, None]
    if 0 < covered_columns < width:
        fade[:, :covered_columns] *= np.linspace(0, 1, covered_columns, dtype=np.float32)
    return np.where(before, fade, np.float32(1))
