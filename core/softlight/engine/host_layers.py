"""A filter's layer stack as layers that a host can set without touching a pixel."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.compositor import bake
from softlight.encoding import from_unit, to_unit
from softlight.engine.pixels import DTYPES, to_raster
from softlight.layers import BlendMode, Layer, LayerStack
from softlight.picture import Picture
from softlight_bridge.messages import Box, Job, Result, ResultLayer

ROWS = 512
"""Rows converted at once: the float copies stay below 50 MB for an 8K layer."""


def host_layers(picture: Picture, stack: LayerStack, job: Job, box: Box) -> Result:
    """Return the layers in the formats that the job asks for.

    Parameters
    ----------
    picture : Picture
        The part of the photo that the filter has seen.
    stack : LayerStack
        What it returned.
    job : Job
    box : Box
        Where that part lies in the photo.
    """
    if BlendMode.SOFT_LIGHT.value not in job.blends:
        stack = bake(picture, stack)
    layers = []
    for layer in stack.layers:
        inside = _inside(layer, picture)
        if inside is not None:
            layers.append(_host_layer(inside, job, box))
    source_type = stack.source_type.value if layers and stack.source_type is not None else None
    return Result(stack.name, tuple(layers), dict(stack.settings), stack.notes, source_type)


def _inside(layer: Layer, picture: Picture) -> Layer | None:
    """The part of a layer that lies on the photo."""
    (x, y), (height, width) = layer.offset, layer.mask.shape
    left, top, right, bottom = (
        max(x, 0),
        max(y, 0),
        min(x + width, picture.width),
        min(y + height, picture.height),
    )
    if left >= right or top >= bottom:
        return None
    area = np.s_[top - y : bottom - y, left - x : right - x]
    return Layer(
        layer.name, layer.pixels[area], layer.mask[area], layer.blend, layer.opacity, (left, top)
    )  # fmt: skip


def _host_layer(layer: Layer, job: Job, box: Box) -> ResultLayer:
    height, width = layer.mask.shape
    dtype = np.dtype(DTYPES[job.layer_format.depth])
    colours = len(job.layer_format.channels) - 1
    # A grey photo's layer in an RGB document is the same three times; BGR is RGB backwards.
    order = {"YA": [0], "RGBA": [0, 1, 2], "BGRA": [2, 1, 0]}[job.layer_format.channels]
    if layer.pixels.shape[2] == 1:
        order = [0] * colours
    pixels = np.zeros((height, width, colours + 1), dtype)
    mask = None if job.mask_depth is None else np.zeros((height, width), DTYPES[job.mask_depth])
    for start in range(0, height, ROWS):
        rows = slice(start, start + ROWS)
        if mask is None:
            alpha = _stored(layer.mask[rows], dtype)
            shown = alpha > 0
            pixels[rows, :, colours] = alpha
        else:
            mask[rows] = _stored(layer.mask[rows], mask.dtype)
            shown = mask[rows] > 0
            np.copyto(pixels[rows, :, colours], _full(dtype), where=shown)
        colour = _stored(layer.pixels[rows], dtype)
        for channel, source in enumerate(order):
            # Nothing where nothing shows: it costs no room in the saved file.
            np.copyto(pixels[rows, :, channel], colour[..., source], where=shown)
    return ResultLayer(
        name=layer.name,
        blend=layer.blend.value,
        opacity=float(layer.opacity),
        box=Box(box.left + layer.offset[0], box.top + layer.offset[1], width, height),
        pixels=to_raster(pixels, job.layer_format.channels),
        mask=None if mask is None else to_raster(mask, "Y"),
    )


def _stored(values: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Values as a type stores them, as `softlight.compositor.quantise` rounds them."""
    if values.dtype == dtype and dtype.kind == "u":
        return values
    return from_unit(to_unit(values), dtype)


def _full(dtype: np.dtype[Any]) -> Any:
    return dtype.type(np.iinfo(dtype).max if dtype.kind == "u" else 1)
