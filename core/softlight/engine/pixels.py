"""A host's pixels as arrays in this program's channel order, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight_bridge.messages import CHANNELS, PixelFormat, Raster

DTYPES: dict[str, type[Any]] = {"u8": np.uint8, "u16": np.uint16, "f16": np.float16, "f32": np.float32}


def to_array(raster: Raster) -> NDArray[Any]:
    """Return the pixels, shape (height, width, channels), channels in the order grey or RGB, then alpha.

    No copy is made where the order is that already.
    """
    stored = np.frombuffer(raster.data, DTYPES[raster.format.depth])
    array = stored.reshape(raster.height, raster.width, CHANNELS[raster.format.channels])
    if raster.format.channels in ("BGR", "BGRA"):
        ordered = array.copy()
        ordered[..., 0], ordered[..., 2] = array[..., 2], array[..., 0]
        return ordered
    return array


def to_raster(array: NDArray[Any], channels: str) -> Raster:
    """Return an array, its channels in the order that `channels` names already, as the wire sends it."""
    height, width = array.shape[:2]
    depth = next(name for name, dtype in DTYPES.items() if array.dtype == dtype)
    data = np.ascontiguousarray(array).data.cast("B")
    return Raster(width, height, PixelFormat(channels, depth), data)
