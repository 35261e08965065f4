"""Tiles cover a picture, and a network that looks at one pixel cannot tell that they are there."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from softlight.tiles import OVERLAP, TILE, run_tiled, starts, windows


@given(st.integers(1, 5000))
def test_tiles_cover_an_axis_and_overlap(length: int) -> None:
    found = starts(length)
    assert found[0] == 0
    if length > TILE:
        assert found[-1] + TILE == length
        assert all(b - a <= TILE - OVERLAP for a, b in itertools.pairwise(found))


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 700), st.integers(1, 700), st.integers(0, 2**32 - 1))
def test_a_pointwise_network_is_applied_exactly_once(height: int, width: int, seed: int) -> None:
    image = np.random.default_rng(seed).random((height, width, 3), np.float32)
    everywhere = np.ones((height, width), bool)

    def invert(tile: np.ndarray) -> np.ndarray:
        assert tile.shape == (1, 3, TILE, TILE)
        return 1 - tile

    answer = run_tiled(invert, everywhere, 3, image)
    assert answer.shape == image.shape
    np.testing.assert_allclose(answer, 1 - image, atol=1e-6)


def test_tiles_without_a_needed_pixel_do_not_run() -> None:
    needed = np.zeros((1000, 1000), bool)
    needed[10, 10] = True
    assert list(windows(needed)) == [(0, 0)]


def test_a_seam_between_tiles_that_disagree_is_a_slope_not_a_step() -> None:
    calls = iter(range(100))

    def disagree(tile: np.ndarray) -> np.ndarray:
        return np.full((1, 1, TILE, TILE), next(calls) % 2, np.float32)

    answer = run_tiled(disagree, np.ones((TILE, 448), bool), 1, np.zeros((TILE, 448, 1), np.float32))
    assert np.abs(np.diff(answer[..., 0], axis=1)).max() < 0.05
