"""A mask is cropped to what is painted, and nothing of it is lost."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from softlight_gimp.masks import cropped

SHAPES = array_shapes(min_dims=2, max_dims=2, max_side=20)


@given(arrays(np.uint8, SHAPES, elements=st.sampled_from([0, 0, 0, 1, 255])), st.integers(0, 9))
def test_the_smallest_box_that_holds_every_painted_pixel(painted: np.ndarray, shift: int) -> None:
    mask = cropped(painted.tobytes(), painted.shape[1], (shift, 2 * shift))
    rows, columns = np.nonzero(painted)
    if not rows.size:
        assert mask is None
        return
    assert mask is not None
    assert mask.origin == (shift + columns.min(), 2 * shift + rows.min())
    found = np.frombuffer(mask.raster.data, np.uint8).reshape(mask.raster.height, mask.raster.width)
    box = painted[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert np.array_equal(found, box)
