"""The reference compositor: what a layer stack over a photo must look like in every host.

Everything happens on stored values ("perceptual" in GIMP's terms, what Krita does anyway), whatever the
picture's transfer curve, in float32 and with one rounding at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from softlight import soft_light
from softlight.encoding import from_unit, to_unit
from softlight.layers import BlendMode, Layer, LayerStack
from softlight.picture import Picture

TILE = 512
"""Side of the squares that are computed at a time: 3 MB of float32 RGB, so that memory follows neither the
photo nor the layers."""


@dataclass(frozen=True)
class _Box:
    """Left, top, right and bottom edge in the photo, the last two exclusive."""

    x0: int
    y0: int
    x1: int
    y1: int

    def meet(self, other: _Box) -> _Box | None:
        x0, y0 = max(self.x0, other.x0), max(self.y0, other.y0)
        x1, y1 = min(self.x1, other.x1), min(self.y1, other.y1)
        return _Box(x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None

    def slices(self, x: int = 0, y: int = 0) -> tuple[slice, slice]:
        """Rows and columns of this box in an array whose first pixel lies at `x`, `y`."""
        return slice(self.y0 - y, self.y1 - y), slice(self.x0 - x, self.x1 - x)


def composite(picture: Picture, stack: LayerStack) -> Picture:
    """The photo with the layers over it, the lowest first.

    Parameters
    ----------
    picture : Picture
    stack : LayerStack
        Layers may lie partly or wholly outside the photo.

    Returns
    -------
    Picture
        Of the same type and encoding: ``photo + (blended - photo) * mask * opacity`` on the colour channels,
        alpha as it was. Bit-identical wherever ``mask * opacity`` is 0 and wherever the photo is NaN or
        infinite. Integers are rounded to nearest; floats keep values outside 0..1.

    Raises
    ------
    ValueError
        When a layer has not the photo's colour channels, or a mask of another size.
    """
    for layer in stack.layers:
        _check(layer, picture)
    pixels = picture.pixels.copy()
    visible = [layer for layer in stack.layers if layer.opacity != 0]
    for tile in _tiles_under(visible, picture):
        _composite_tile(pixels, picture.colour_channels, visible, tile)
    return replace(picture, pixels=pixels)


def bake(picture: Picture, stack: LayerStack) -> LayerStack:
    """The same stack in normal layers, for formats and hosts that know no such soft light.

    Parameters
    ----------
    picture : Picture
    stack : LayerStack

    Returns
    -------
    LayerStack
        Each soft-light layer has become a normal layer of float32 pixels that shows the blended result; mask,
        opacity and offset are kept. `composite` gives the same picture for both.
    """
    baked: list[Layer] = []
    for index, layer in enumerate(stack.layers):
        _check(layer, picture)
        if layer.blend is BlendMode.NORMAL:
            baked.append(layer)
            continue
        below, box = _seen_below(picture, replace(stack, layers=stack.layers[:index]), layer)
        colour = np.zeros(layer.pixels.shape, np.float32)
        if box is not None:
            inside = box.slices(*layer.offset)
            colour[inside] = soft_light.blend(below, to_unit(layer.pixels[inside]))
        baked.append(replace(layer, pixels=colour, blend=BlendMode.NORMAL))
    return replace(stack, layers=tuple(baked))


def quantise(stack: LayerStack, dtype: DTypeLike) -> LayerStack:
    """The stack as a host stores it: pixels and masks in the picture's own type.

    Parameters
    ----------
    stack : LayerStack
    dtype : uint8, uint16, float16 or float32
        Integers clip to 0..1 and round to nearest: put what soft light cannot hold into a normal layer
        before (`softlight.soft_light.out_of_reach`).
    """
    layers = tuple(
        replace(
            layer,
            pixels=from_unit(to_unit(layer.pixels), dtype),
            mask=from_unit(to_unit(layer.mask), dtype),
        )
        for layer in stack.layers
    )
    return replace(stack, layers=layers)


def _check(layer: Layer, picture: Picture) -> None:
    if layer.pixels.shape != (*layer.mask.shape, picture.colour_channels):
        raise ValueError(
            f"layer {layer.name!r}: pixels {layer.pixels.shape} and mask {layer.mask.shape} "
            f"do not fit a photo of {picture.colour_channels} colour channels"
        )


def _box_of(layer: Layer) -> _Box:
    height, width = layer.mask.shape
    x, y = layer.offset
    return _Box(x, y, x + width, y + height)


def _tiles_under(layers: Sequence[Layer], picture: Picture) -> Iterator[_Box]:
    """The tiles of the photo that any layer lies over, each once."""
    photo = _Box(0, 0, picture.width, picture.height)
    corners: set[tuple[int, int]] = set()
    for layer in layers:
        box = photo.meet(_box_of(layer))
        if box is not None:
            rows = range(box.y0 // TILE, (box.y1 - 1) // TILE + 1)
            columns = range(box.x0 // TILE, (box.x1 - 1) // TILE + 1)
            corners.update((row, column) for row in rows for column in columns)
    for row, column in sorted(corners):
        tile = photo.meet(_Box(column * TILE, row * TILE, (column + 1) * TILE, (row + 1) * TILE))
        assert tile is not None
        yield tile


def _composite_tile(pixels: NDArray[Any], colour_channels: int, layers: Sequence[Layer], tile: _Box) -> None:
    parts = [(layer, box) for layer in layers if (box := tile.meet(_box_of(layer))) is not None]
    # The box of a long stroke is mostly empty: a look at the masks spares the arithmetic.
    parts = [(layer, box) for layer, box in parts if layer.mask[box.slices(*layer.offset)].any()]
    if not parts:
        return
    stored = pixels[tile.slices()][..., :colour_channels]
    values = to_unit(stored)
    touched = np.zeros(values.shape[:2], np.bool_)
    for layer, box in parts:
        source, target = box.slices(*layer.offset), box.slices(tile.x0, tile.y0)
        weight = to_unit(layer.mask[source]) * np.float32(layer.opacity)
        below = values[target]
        # Infinities in the photo make NaN here; they are told apart and left out below.
        with np.errstate(invalid="ignore", over="ignore"):
            top = to_unit(layer.pixels[source])
            if layer.blend is BlendMode.SOFT_LIGHT:
                top = soft_light.blend(below, top)
            mixed = below + (top - below) * weight[..., None]
        counts = (weight != 0) & np.isfinite(mixed).all(axis=-1)
        np.copyto(below, mixed, where=counts[..., None])
        touched[target] |= counts
    np.copyto(stored, from_unit(values, stored.dtype), where=touched[..., None])


def _seen_below(picture: Picture, lower: LayerStack, layer: Layer) -> tuple[NDArray[Any], _Box | None]:
    """What `layer` lies on, unrounded, and where: the photo with the layers `lower`, cropped to `layer`."""
    box = _Box(0, 0, picture.width, picture.height).meet(_box_of(layer))
    if box is None:
        return np.zeros((0, 0, picture.colour_channels), np.float32), None
    colour = to_unit(picture.pixels[box.slices()][..., : picture.colour_channels])
    moved = tuple(
        replace(below, offset=(below.offset[0] - box.x0, below.offset[1] - box.y0)) for below in lower.layers
    )
    return composite(Picture(colour), replace(lower, layers=moved)).pixels, box
