"""What a brush says about the size of faces."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from softlight.filters.face_size import LARGEST_SHARE, SMALLEST_SHARE, guessed


def hand(interocular: int) -> np.ndarray:
    """The back of a hand and its fingers, painted over, in a photo 9 distances between the eyes high."""
    mask = np.zeros((9 * interocular, 12 * interocular), np.uint8)
    unit = interocular / 10
    cv2.ellipse(
        mask, (round(60 * unit), round(50 * unit)), (round(7 * unit), round(7 * unit)), 0, 0, 360, 255, -1
    )
    for finger in range(4):
        start = (round((55 + 3 * finger) * unit), round(45 * unit))
        cv2.line(mask, start, (start[0], round(30 * unit)), 255, round(2 * unit))
    return mask


@pytest.mark.parametrize("interocular", [60, 180, 500])
def test_the_back_of_a_hand_gives_the_scale_within_a_factor_of_1_5(interocular: int) -> None:
    mask = hand(interocular)
    found = guessed(mask, (mask.shape[1], mask.shape[0]), "the skin")
    assert interocular / 1.5 < found < interocular * 1.5


def test_a_dab_makes_no_dwarf_and_a_wholly_painted_photo_no_giant() -> None:
    dab = np.zeros((2000, 3000), np.uint8)
    cv2.circle(dab, (900, 700), 6, 255, -1)
    assert guessed(dab, (3000, 2000), "the skin") == SMALLEST_SHARE * 2000
    everything = np.full((600, 900), 255, np.uint8)
    assert guessed(everything, (900, 600), "the skin") == LARGEST_SHARE * 600
    assert guessed(dab[680:720, 880:920], (40, 40), "the skin") == 16.0
