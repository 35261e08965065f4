"""A filter on the area that it asks for, against the same filter on the whole photo."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlight.filters.registry import Filter
from softlight.layers import LayerStack
from softlight.picture import Picture
from softlight.progress import silent
from softlight.runtime import Runtime

Box = tuple[int, int, int, int]


def compare_on_area(
    filter_: Filter, picture: Picture, mask: np.ndarray, settings: Any, runtime: Runtime
) -> Box:
    """Assert that layers, and a view, are bit for bit those of the whole photo; return the area."""
    box, settled = _area_of(filter_, picture, mask, settings)
    left, top, right, bottom = box
    crop, brush = _part(picture, box), mask[top:bottom, left:right]
    whole = filter_.run(picture, mask, settings, runtime, silent)
    assert_same(filter_.run(crop, brush, settled, runtime, silent), whole, (left, top))
    if filter_.view is None:
        return box
    seen = filter_.view(crop, brush, settled, runtime, silent)
    seen_whole = filter_.view(picture, mask, settings, runtime, silent)
    np.testing.assert_array_equal(seen, seen_whole[top:bottom, left:right])
    assert seen_whole.max() > 0
    return box


def assert_same(part_of: LayerStack, whole: LayerStack, origin: tuple[int, int]) -> None:
    """Assert that a stack of a part of the photo, which begins at `origin`, is that of the whole one."""
    assert part_of.settings == whole.settings
    assert whole.layers
    for a, b in zip(part_of.layers, whole.layers, strict=True):
        assert (a.name, a.blend, a.opacity) == (b.name, b.blend, b.opacity)
        assert (a.offset[0] + origin[0], a.offset[1] + origin[1]) == b.offset
        np.testing.assert_array_equal(a.pixels, b.pixels)
        np.testing.assert_array_equal(a.mask, b.mask)


def _part(picture: Picture, box: Box) -> Picture:
    left, top, right, bottom = box
    return Picture(picture.pixels[top:bottom, left:right].copy(), picture.encoding)


def _area_of(filter_: Filter, picture: Picture, mask: np.ndarray, settings: Any) -> tuple[Box, Any]:
    """What an engine does: crop the mask, settle, ask for the area, clip it to the picture."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    crop = mask[top : rows[-1] + 1, left : columns[-1] + 1]
    settled = filter_.settle(crop, settings, (picture.width, picture.height))
    x0, y0, x1, y1 = filter_.area(crop, settled)
    box = max(0, left + x0), max(0, top + y0), min(picture.width, left + x1), min(picture.height, top + y1)
    return box, settled
