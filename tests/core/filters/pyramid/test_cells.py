"""The lowest level's cells over a box, and what may change in them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softlight.alignment import Box, applied
from softlight.faces import analysis, protection
from softlight.filters.boxes import whole_of
from softlight.filters.pyramid.cells import Faces, cells_of, free, largest
from softlight.picture import Picture
from softlight.runtime import Runtime


@settings(deadline=None)
@given(
    st.integers(0, 900), st.integers(0, 900), st.integers(1, 700), st.integers(1, 700), st.floats(16, 3000)
)
def test_cells_cover_the_box_and_begin_at_a_multiple_of_their_side(
    left: int, top: int, width: int, height: int, interocular: float
) -> None:
    box = Box(left, top, left + width, top + height)
    cells = cells_of(box, interocular)
    assert cells.box.left % cells.side == cells.box.top % cells.side == 0
    assert 0 <= left - cells.box.left < cells.side and 0 <= top - cells.box.top < cells.side
    assert (cells.box.right, cells.box.bottom) == (box.right, box.bottom)
    assert cells.side == 1 or 127 <= interocular / cells.side <= 255
    rows, columns = np.mgrid[cells.box.top : cells.box.bottom, cells.box.left : cells.box.right]
    x, y = applied(cells.matrix, [(columns[-1, -1], rows[-1, -1])])[0]
    assert round(x - 1e-6) <= cells.whole.right - 1 and round(y - 1e-6) <= cells.whole.bottom - 1


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([90.0, 300.0, 800.0]), st.integers(0, 10**6))
def test_the_largest_value_of_each_cell(height: int, width: int, interocular: float, seed: int) -> None:
    plane = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    cells = cells_of(Box(0, 0, width, height), interocular)
    found = largest(plane, cells)
    assert found.shape == (cells.whole.bottom, cells.whole.right)
    for y, x in np.ndindex(found.shape):
        part = plane[y * cells.side : (y + 1) * cells.side, x * cells.side : (x + 1) * cells.side]
        assert found[y, x] == part.max()


@pytest.mark.parametrize("scale", [1, 4])
def test_what_must_stay_is_the_same_in_cells_and_a_retouch_fades_out_before_it(
    portrait: np.ndarray, runtime: Runtime, scale: int
) -> None:
    picture = Picture(cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC))
    found = analysis.find(picture, runtime)
    faces = Faces(found, tuple(protection.parse(picture, face, runtime) for face in found))
    cells = cells_of(whole_of(picture), max(face.interocular for face in found))
    assert cells.side == max(1, scale // 2)
    may = free(faces.on(cells), cells)
    exact = protection.free_in(faces.faces, faces.parsings, whole_of(picture))
    means = exact.reshape(cells.whole.bottom, cells.side, cells.whole.right, cells.side).mean(axis=(1, 3))
    assert (may <= means + 0.06).all()
    far = np.s_[: cells.whole.bottom // 20]
    np.testing.assert_allclose(may[far], means[far], atol=0.01)
    assert (may == 0).sum() > (means < 0.002).sum()


def test_nothing_must_stay_where_nobody_is() -> None:
    cells = cells_of(Box(5, 7, 40, 50), 300.0)
    assert (free(Faces((), ()), cells) == 1).all()
