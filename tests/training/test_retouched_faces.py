"""What is counted on retouched real faces, on pictures whose answers are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="the evaluations need torch")

from training.blemish_finder import Blemish
from training.evaluation import retouched_faces
from training.evaluation.retouched_faces import Verdict

SIDE = 160
PLACES = ((30.0, 40.0, 3.0), (80.0, 70.0, 5.0), (120.0, 110.0, 4.0))
"""Rows, columns and radii of spots."""


def spotted(contrast: float) -> np.ndarray:
    """A picture of skin in a slanting light, with round spots so many levels darker, (h, w, 3)."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    levels = 130 + 25 * rows / SIDE
    for y, x, radius in PLACES:
        levels = levels - contrast / (1 + np.exp(2 * (np.hypot(rows - y, columns - x) - radius)))
    return np.rint(np.stack([levels] * 3, axis=-1)).astype(np.uint8)


SPOTS = [
    Blemish(y, x, radius, contrast=(-9.0, 0.0, 0.0), strength=9.0, edge=1.0, length=1.0, kind="mole")
    for y, x, radius in PLACES
]


def test_the_depth_of_a_spot_is_its_contrast_whatever_the_light() -> None:
    for contrast in (10, 40):
        found = [retouched_faces.depth(spotted(contrast), spot) for spot in SPOTS]
        assert found == pytest.approx([contrast] * 3, rel=0.1)


def test_what_is_left_is_a_share_of_the_depth_before() -> None:
    before = spotted(40)
    assert retouched_faces.depths_left(before, spotted(10), SPOTS) == pytest.approx([0.25] * 3, rel=0.15)
    assert retouched_faces.depths_left(before, before, SPOTS) == [1.0] * 3
    assert retouched_faces.depths_left(before, 255 - before, SPOTS) == [0.0] * 3


def test_a_mole_that_is_taken_for_a_pimple_later_on_is_no_new_blemish() -> None:
    mole, near = SPOTS[0], replace(SPOTS[0], y=SPOTS[0].y + 3, kind="pimple")
    far = replace(near, y=near.y + 30)
    assert retouched_faces.unlike([mole, near, far], [mole]) == [far]
    assert retouched_faces.unlike([mole, near, far], []) == [near, far]


def verdict(before: int, after: int, pores: float, distance: float = 0.1) -> Verdict:
    changed = {"features": 0.5, "hair": 0.25}
    return Verdict((before, after), 0.4, pores, distance, 4, 3, None, changed)


def test_counts_are_added_up_and_the_others_are_means() -> None:
    line = retouched_faces.row("us", [verdict(30, 3, 0.9), verdict(10, 9, 1.1, 0.3), verdict(0, 0, np.nan)])
    assert line == [
        "us", "3", "40 → 12", "70%", "40%", "1.00 (0.90, 1.10)", "0.167 (0.300)",
        "9 of 12", "–", "0.50", "0.25", "–",
    ]  # fmt: skip
    assert len(line) == len(retouched_faces.HEADER)


def test_the_aims_are_counted_on_the_faces_that_can_reach_them() -> None:
    told = retouched_faces.summary([verdict(30, 3, 0.9), verdict(10, 9, 1.2, 0.3), verdict(0, 0, np.nan)])
    assert "80% or more on 1 of 2 faces" in told
    assert "0.85 to 1.1 on 1 of 2" in told
    assert "below 0.2 on 2 of 3" in told


def test_sheets_take_turns_between_the_skin_tones() -> None:
    tones = ["light"] * 5 + ["dark"] * 2 + ["tan"]
    assert retouched_faces.evenly(tones, 5) == [0, 1, 5, 6, 7]
    assert retouched_faces.evenly(tones, 24) == list(range(8))
