"""Tiles cover a picture, and a network that looks at one pixel cannot tell that they are there."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from softlight.tiles import OVERLAP, TILE, Tiling, exact_tiles, run_tiled, starts, windows


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


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 700), st.integers(1, 300), st.integers(0, 60), st.sampled_from([1, 4, 16]), st.data())
def test_exact_tiles_keep_each_needed_pixel_once_and_see_what_it_takes(
    height: int, width: int, reach: int, step: int, data: st.DataObject
) -> None:
    tiling = Tiling(side=data.draw(st.integers(2 * reach + 1, 400)), reach=reach, step=step)
    needed = np.zeros((height, width), bool)
    for _ in range(data.draw(st.integers(0, 3))):
        y, x = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
        needed[y : y + data.draw(st.integers(1, 300)), x : x + data.draw(st.integers(1, 300))] = True
    kept = np.zeros((height, width), int)
    for tile in exact_tiles(needed, tiling):
        assert needed[tile.kept].any()
        kept[tile.kept] += 1
        for seen, part, inner, length in zip(tile.seen, tile.kept, tile.inner, (height, width), strict=True):
            assert seen.start % step == 0 and (seen.stop % step == 0 or seen.stop == length)
            assert seen.start <= max(0, part.start - reach) and seen.stop >= min(length, part.stop + reach)
            assert seen.stop - seen.start <= tiling.side + 2 * (step - 1)
            assert (seen.start + inner.start, seen.start + inner.stop) == (part.start, part.stop)
    assert (kept[needed] == 1).all() and kept.max(initial=0) <= 1


def test_a_picture_as_large_as_a_tile_is_one() -> None:
    tiling = Tiling(side=256, reach=100, step=16)
    (tile,) = exact_tiles(np.ones((256, 130), bool), tiling)
    assert tile.seen == tile.kept == np.s_[0:256, 0:130]
    assert len(list(exact_tiles(np.ones((257, 130), bool), tiling))) > 1
