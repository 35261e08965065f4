"""From finished pixels to the layers that hold them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight import soft_light
from softlight.alignment import Box, Planes
from softlight.encoding import finite, from_unit, from_working, to_unit
from softlight.filters.boxes import extent
from softlight.filters.solving import solver
from softlight.filters.specification import FilterSpec, arguments_from_settings
from softlight.filters.threads import in_threads
from softlight.layers import BlendMode, Layer, LayerStack, SourceType
from softlight.picture import Picture
from softlight.runtime import Runtime

CHUNK = 1 << 16
"""Pixels solved at once: their float copies stay in the processor's cache, and a job took half the time."""


def stack_of(
    layers: tuple[Layer, ...],
    spec: FilterSpec,
    settings: object,
    runtime: Runtime,
    nothing: str,
    notes: Sequence[str] = (),
    source_type: SourceType | None = None,
) -> LayerStack:
    """Return a filter's layers with its settings, by which it can run again, and with what it has to say.

    `nothing` is the note where there is no layer; `notes` come after those of the runtime. `source_type` is
    what pictures with these layers must say of themselves; without a layer, nothing.
    """
    said = (*runtime.notes, *notes) if layers else (*runtime.notes, *notes, nothing)
    stored = {"filter": spec.name, **arguments_from_settings(settings)}
    return LayerStack(spec.label, layers, stored, said, source_type if layers else None)


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

    def add_working(self, box: Box, finished: Planes, weight: Planes) -> None:
        """Put in a block of working values (height, width, 3); what is not finite in the photo stays."""
        picture = self._picture
        good = finite(picture.pixels[box.slices][..., : picture.colour_channels])
        if good is not None:
            weight = weight * good
        self.add(
            box.edges, from_working(finished, picture.encoding.transfer, picture.colour_channels), weight
        )

    def layers(self, opacity: float) -> tuple[Layer, ...]:
        """The layers, the lowest first; none when nothing changed."""
        changed = np.zeros(self._weight.shape, bool)

        def compare(rows: slice) -> None:
            if not self._weight[rows].any():
                return
            different = self._finished[rows] != self._photo[rows]
            # Channel by channel: numpy's reductions over a last axis of three take ten times as long.
            for channel in range(different.shape[-1]):
                changed[rows] |= different[..., channel]
            changed[rows] &= self._weight[rows] > 0
            self._weight[rows][~changed[rows]] = 0

        self._everywhere(compare)
        if not changed.any():
            return ()
        if self._blend is BlendMode.NORMAL:
            return (
                self._layer(self._name, self._finished, self._weight, BlendMode.NORMAL, opacity, changed),
            )
        changed = self._trim(changed)
        b, beyond = self._solve(changed)
        within = changed & ~beyond
        rest = self._weight * beyond
        self._weight[beyond] = 0
        found = []
        if within.any():
            found.append(self._layer(self._name, b, self._weight, BlendMode.SOFT_LIGHT, opacity, within))
        if beyond.any():
            name = f"{self._name} (beyond soft light)"
            found.append(self._layer(name, self._finished, rest, BlendMode.NORMAL, opacity, beyond))
        return tuple(found)

    def _trim(self, changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Leave all that lies around what changed: a layer of the rest need not be copied, 100 MB at 8K."""
        rows, columns = area = extent(changed).slices
        self._left, self._top = self._left + columns.start, self._top + rows.start
        self._photo, self._finished, self._weight = (
            plane[area] for plane in (self._photo, self._finished, self._weight)
        )
        return changed[area]

    def _solve(self, changed: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """The blend layer at the photo's depth, and where it does not reach."""
        b = np.full_like(self._finished, from_unit(np.array(soft_light.NEUTRAL), self._finished.dtype))
        beyond = np.zeros_like(changed)
        solve = solver(self._photo.dtype)

        def solved(rows: slice) -> None:
            columns = np.flatnonzero(changed[rows].any(axis=0))
            if len(columns):
                part = (rows, slice(int(columns[0]), int(columns[-1]) + 1))
                b[part], missed = solve(self._photo[part], self._finished[part])
                beyond[part] = missed & changed[part]

        self._everywhere(solved)
        return b, beyond

    def _layer(
        self, name: str, pixels: NDArray[Any], mask: NDArray[Any], blend: BlendMode, opacity: float,
        shown: NDArray[np.bool_],
    ) -> Layer:  # fmt: skip
        """Trim a layer to where it shows."""
        rows, columns = area = extent(shown).slices
        offset = (self._left + columns.start, self._top + rows.start)
        shown_pixels, shown_mask = np.ascontiguousarray(pixels[area]), np.ascontiguousarray(mask[area])
        return Layer(name, shown_pixels, shown_mask, blend, opacity, offset)

    def _everywhere(self, work: Callable[[slice], None]) -> None:
        """Call a function on some rows after the other."""
        rows = max(1, CHUNK // self._photo.shape[1])
        for _ in in_threads(work, (slice(r, r + rows) for r in range(0, self._photo.shape[0], rows))):
            pass


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
