"""Face size from a mask, and the octaves that follow from it."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softlight.alignment import CANONICAL, Box
from softlight.filters.brush import painted_box, widest_stroke
from softlight.filters.dewrinkle.scale import LARGEST_ENLARGEMENT, face_size, octaves


def forehead(interocular: int) -> np.ndarray:
    """A stroke half an interocular distance high and 1.3 wide."""
    mask = np.zeros((8 * interocular, 8 * interocular), np.uint8)
    start, end = (3 * interocular, 3 * interocular), (round(3.8 * interocular), 3 * interocular)
    cv2.line(mask, start, end, 255, interocular // 2)
    return mask


@pytest.mark.parametrize("interocular", [40, 180, 700])
def test_a_painted_forehead_gives_the_face_within_a_factor_of_1_6(interocular: int) -> None:
    mask = forehead(interocular)
    found = face_size(widest_stroke(mask, painted_box(mask, "the wrinkles")), mask.shape)
    assert interocular / 1.6 < found < interocular * 1.6


def test_a_wholly_painted_photo_does_not_make_a_giant() -> None:
    mask = np.full((600, 900), 255, np.uint8)
    assert face_size(widest_stroke(mask, Box(0, 0, 900, 600)), (900, 600)) <= 0.35 * 600


@given(st.floats(16, 8192))
def test_octaves_rise_to_the_photos_own_pixels_in_steps_of_about_two(interocular: float) -> None:
    scales = octaves(interocular)
    if interocular < 0.75 * CANONICAL:
        assert len(scales) == 1
        assert 1 <= scales[0] <= LARGEST_ENLARGEMENT
        return
    assert scales[-1] == 1.0
    assert all(1.4 < b / a < 2.9 for a, b in itertools.pairwise(scales))
    assert CANONICAL / 1.5 <= scales[0] * interocular <= CANONICAL * 1.5
