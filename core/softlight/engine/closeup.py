"""Which part of a photo a preview shows: a filter sees more than what it works on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.layers import LayerStack
from softlight.picture import Picture
from softlight_bridge.messages import Box

AROUND = 1 / 3
"""Of its longer side, shown beyond it: wrinkles are large enough to be judged, and the face around them is
still seen."""


def around_change(picture: Picture, stack: LayerStack, mask: NDArray[Any] | None) -> Box:
    """Return what a brush has marked and what has changed, with something around it.

    Parameters
    ----------
    picture : Picture
        What the filter has seen.
    stack : LayerStack
        What it returned.
    mask : ndarray, shape (height, width), or None
        What the brush marked there.

    Returns
    -------
    Box
        All of the picture where nothing was marked or changed.
    """
    boxes = [
        (*layer.offset, layer.offset[0] + layer.mask.shape[1], layer.offset[1] + layer.mask.shape[0])
        for layer in stack.layers
    ]
    if mask is not None:
        rows, columns = (np.flatnonzero((mask > 0).any(axis=axis)).tolist() for axis in (1, 0))
        boxes += [(columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)] if rows else []
    if not boxes:
        return Box(0, 0, picture.width, picture.height)
    left, top = (min(box[side] for box in boxes) for side in (0, 1))
    right, bottom = (max(box[side] for box in boxes) for side in (2, 3))
    margin = round(AROUND * max(right - left, bottom - top))
    left, top = max(0, left - margin), max(0, top - margin)
    right, bottom = min(picture.width, right + margin), min(picture.height, bottom + margin)
    return Box(left, top, right - left, bottom - top)


def cut_out(picture: Picture, stack: LayerStack, box: Box) -> tuple[Picture, LayerStack]:
    """Return a part of a photo, and the layers over it."""
    rows, columns = slice(box.top, box.top + box.height), slice(box.left, box.left + box.width)
    layers = tuple(
        replace(layer, offset=(layer.offset[0] - box.left, layer.offset[1] - box.top))
        for layer in stack.layers
    )
    return replace(picture, pixels=picture.pixels[rows, columns]), replace(stack, layers=layers)
