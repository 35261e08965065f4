"""How far a filter of the blend pyramid sees around a brush."""

from __future__ import annotations

import numpy as np
import pytest

from softlight import blend_pyramid
from softlight.alignment import Box
from softlight.errors import MaskError
from softlight.filters.pyramid.painted import area


def test_the_area_holds_the_face_and_all_that_the_pyramid_sees() -> None:
    mask = np.zeros((50, 60), np.uint8)
    mask[10:20, 30:40] = 1
    for size in (30.0, 200.0, 1500.0):
        found = area(mask, size, 0.1, "the skin")
        sight = blend_pyramid.seen(Box(30, 10, 40, 20), size)
        assert found.left <= min(30 - 3.1 * size, sight.left) and found.top <= min(10 - 3.1 * size, sight.top)
        assert found.right >= max(40 + 3.1 * size, sight.right)
        assert found.bottom >= max(20 + 3.1 * size, sight.bottom)
    with pytest.raises(MaskError, match="^The mask is empty; paint over the skin first.$"):
        area(np.zeros((5, 5), np.uint8), 100.0, 0.0, "the skin")
