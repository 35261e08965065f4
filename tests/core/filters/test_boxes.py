"""Parts of a photo as boxes."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from softlight.alignment import Box
from softlight.filters.boxes import ROWS, cut, extent, grown, moved, part_of, strips, whole_of
from softlight.picture import Picture

EDGES = st.tuples(*[st.integers(-40, 40)] * 2, *[st.integers(1, 60)] * 2)


def box_of(edges: tuple[int, int, int, int]) -> Box:
    left, top, width, height = edges
    return Box(left, top, left + width, top + height)


@settings(deadline=None)
@given(EDGES, st.integers(1, 70))
def test_parts_cover_a_box_once_wherever_it_lies(edges: tuple[int, int, int, int], side: int) -> None:
    box = box_of(edges)
    times = np.zeros((box.bottom - box.top, box.right - box.left), int)
    for part in cut(box, side):
        assert 0 < part.right - part.left <= side and 0 < part.bottom - part.top <= side
        times[part.slices_in(box)] += 1
    assert (times == 1).all()
    here = [part.edges for part in cut(box, side)]
    there = [part.edges for part in cut(Box(box.left + 3, box.top, box.right + 3, box.bottom), side)]
    assert there == [(left + 3, top, right + 3, bottom) for left, top, right, bottom in here]


@settings(deadline=None)
@given(EDGES, EDGES)
def test_what_is_moved_lies_where_it_lay(
    one: tuple[int, int, int, int], other: tuple[int, int, int, int]
) -> None:
    box, target = box_of(one), box_of(other)
    rows, columns = np.mgrid[box.top : box.bottom, box.left : box.right]
    plane = 1000 + 100 * rows + columns
    there = moved(plane, box, target)
    rows, columns = np.mgrid[target.top : target.bottom, target.left : target.right]
    inside = (rows >= box.top) & (rows < box.bottom) & (columns >= box.left) & (columns < box.right)
    np.testing.assert_array_equal(there, np.where(inside, 1000 + 100 * rows + columns, 0))


def test_strips_are_low_and_complete() -> None:
    box = Box(3, 5, 9, 5 + 2 * ROWS + 1)
    parts = list(strips(box))
    assert [part.bottom - part.top for part in parts] == [ROWS, ROWS, 1]
    assert (parts[0].top, parts[-1].bottom) == (box.top, box.bottom)


def test_a_part_of_a_picture_is_a_view() -> None:
    picture = Picture(np.arange(60, dtype=np.uint8).reshape(4, 5, 3))
    part = part_of(picture, grown(Box(2, 2, 3, 3), 0.2).within(whole_of(picture)))
    np.testing.assert_array_equal(part.pixels, picture.pixels[1:4, 1:4])
    assert np.shares_memory(part.pixels, picture.pixels)


def test_the_extent_is_what_holds_all_that_is_true() -> None:
    shown = np.zeros((9, 7), bool)
    assert extent(shown).empty
    shown[2, 3] = shown[5, 1] = True
    assert extent(shown) == Box(1, 2, 4, 6)
