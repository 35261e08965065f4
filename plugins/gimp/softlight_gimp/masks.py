"""A mask as it travels: 8-bit values over the full range, cropped to what is painted."""

from __future__ import annotations

from typing import NamedTuple

from softlight_bridge.messages import PixelFormat, Raster

FORMAT = PixelFormat("Y", "u8")
"""256 levels of "how much" are enough for what people paint, in pictures of any depth."""


class Mask(NamedTuple):
    """Where a filter works."""

    raster: Raster
    origin: tuple[int, int]
    """x and y of its left upper pixel in the picture."""


def cropped(data: bytes, width: int, origin: tuple[int, int]) -> Mask | None:
    """Return the smallest box of 8-bit rows that holds every painted pixel; None when none is painted."""
    top = (len(data) - len(data.lstrip(b"\0"))) // width
    bottom = -(-len(data.rstrip(b"\0")) // width)
    if bottom <= top:
        return None
    rows = [data[start : start + width] for start in range(top * width, bottom * width, width)]
    painted = [row for row in rows if any(row)]
    left = min(width - len(row.lstrip(b"\0")) for row in painted)
    right = max(len(row.rstrip(b"\0")) for row in painted)
    raster = Raster(right - left, bottom - top, FORMAT, b"".join(row[left:right] for row in rows))
    return Mask(raster, (origin[0] + left, origin[1] + top))
