"""Reading the values of a header that anyone may have written: of the right kind, and within bounds."""

from __future__ import annotations

import math
from typing import Any, Sequence

from softlight_bridge.errors import WireError
from softlight_bridge.messages import CHANNELS, DEPTHS, Box, PixelFormat

LARGEST_SIDE = 1 << 19
"""Pixels: GIMP's own limit, 524288."""
LARGEST_RASTER = 1 << 29
"""Pixels, 536 million: what the engine takes of a file, too."""


def garbled(what: str) -> WireError:
    """Return the error for a header that is not what this protocol sends."""
    return WireError(f"A message was garbled on its way (its {what}).")


def whole(header: dict[str, Any], name: str, lowest: int, highest: int) -> int:
    """Return the integer `name`, which must lie in this inclusive range."""
    value = header.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise garbled(name)
    return value


def number(header: dict[str, Any], name: str, lowest: float, highest: float) -> float:
    """Return the number `name`, which must lie in this inclusive range."""
    value = header.get(name)
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not lowest <= value <= highest:
        raise garbled(name)
    return float(value)


def text(header: dict[str, Any], name: str, longest: int = 200) -> str:
    """Return the string `name`."""
    value = header.get(name)
    if not isinstance(value, str) or len(value) > longest:
        raise garbled(name)
    return value


def flag(header: dict[str, Any], name: str) -> bool:
    """Return the boolean `name`."""
    value = header.get(name)
    if not isinstance(value, bool):
        raise garbled(name)
    return value


def one_of(header: dict[str, Any], name: str, known: Sequence[str]) -> str:
    """Return the string `name`, which must be one of those known."""
    value = text(header, name)
    if value not in known:
        raise garbled(name)
    return value


def items(header: dict[str, Any], name: str, most: int) -> list[Any]:
    """Return the list `name`."""
    value = header.get(name)
    if not isinstance(value, list) or len(value) > most:
        raise garbled(name)
    return value


def part(header: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the object `name`."""
    value = header.get(name)
    if not isinstance(value, dict):
        raise garbled(name)
    return value


def sentences(header: dict[str, Any], name: str, most: int) -> tuple[str, ...]:
    """Return the list of strings `name`."""
    found = items(header, name, most)
    if not all(isinstance(one, str) and len(one) <= 2000 for one in found):
        raise garbled(name)
    return tuple(found)


def plain(header: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the object `name` of a filter's settings: null, booleans, finite numbers and short strings."""
    found = part(header, name)
    if len(found) > 100:
        raise garbled(name)
    for key, value in found.items():
        short = not isinstance(value, str) or len(value) <= 1000
        finite = not isinstance(value, float) or math.isfinite(value)
        if (
            len(key) > 100
            or not isinstance(value, (bool, int, float, str, type(None)))
            or not (short and finite)
        ):
            raise garbled(name)
    return found


def pixel_format(header: dict[str, Any], name: str) -> PixelFormat:
    """Return the pixel format `name`."""
    found = part(header, name)
    return PixelFormat(one_of(found, "channels", tuple(CHANNELS)), one_of(found, "depth", tuple(DEPTHS)))


def box(header: dict[str, Any], name: str) -> Box:
    """Return the box `name`, of a sensible size and at no negative place."""
    found = part(header, name)
    left, top = (whole(found, side, 0, LARGEST_SIDE) for side in ("left", "top"))
    return Box(left, top, *size(found))


def sides(header: dict[str, Any], name: str) -> tuple[int, int]:
    """Return "width" and "height" of the picture `name`, of which a part at most is ever sent."""
    canvas = part(header, name)
    width, height = (whole(canvas, side, 1, LARGEST_SIDE) for side in ("width", "height"))
    return width, height


def size(header: dict[str, Any]) -> tuple[int, int]:
    """Return "width" and "height", whose product memory can be taken for."""
    width, height = (whole(header, side, 1, LARGEST_SIDE) for side in ("width", "height"))
    if width * height > LARGEST_RASTER:
        raise garbled("size")
    return width, height
