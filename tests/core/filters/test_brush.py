"""What was painted: its box, its widest stroke and its soft edge."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from softlight.alignment import Box
from softlight.errors import MaskError
from softlight.filters.brush import STRIP, feathered, painted_box, shares, widest_stroke


@pytest.mark.parametrize("unpainted", [0.0, np.nan])
def test_nothing_painted_has_no_box(unpainted: float) -> None:
    with pytest.raises(MaskError, match="^The mask is empty; paint over the skin first.$"):
        painted_box(np.full((5, 5), unpainted), "the skin")


def test_the_box_holds_all_that_was_painted_across_strips() -> None:
    mask = np.zeros((2 * STRIP + 30, 90), np.uint8)
    mask[STRIP - 1, 40] = mask[2 * STRIP + 3, 7] = 1
    assert painted_box(mask, "the skin") == Box(7, STRIP - 1, 41, 2 * STRIP + 4)


@pytest.mark.parametrize("size", [(300, 400), (3000, 4000)])
def test_the_widest_stroke_is_measured_across_it(size: tuple[int, int]) -> None:
    mask = np.zeros(size, np.uint8)
    width = size[0] // 10
    cv2.line(mask, (width, width), (size[1] - width, 2 * width), 255, width)
    cv2.line(mask, (width, 5 * width), (size[1] - width, 6 * width), 255, width // 3)
    assert 0.9 * width < widest_stroke(mask, painted_box(mask, "the skin")) < 1.2 * width


def test_shares_are_finite_and_between_0_and_1() -> None:
    mask = np.array([[np.nan, np.inf, -np.inf, -1, 0.25, 2]], np.float32)
    np.testing.assert_array_equal(shares(mask), np.array([[0, 1, 0, 0, 0.25, 1]], np.float32))
    np.testing.assert_array_equal(shares(np.array([[0, 255]], np.uint8)), np.array([[0, 1]], np.float32))


def test_a_feather_reaches_as_far_as_it_says_and_no_further() -> None:
    brush = np.zeros((80, 80), np.float32)
    brush[30:50, 30:50] = 1
    soft = feathered(brush, 6.0)
    near = cv2.dilate(brush, np.ones((13, 13)))
    assert not soft[near == 0].any()
    assert soft[40, 26] > 0 and soft[40, 40] == pytest.approx(1, abs=1e-6)
    np.testing.assert_array_equal(feathered(brush, 0.2), brush)
