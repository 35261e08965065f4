"""Borrowed texture is neighbouring skin's, and nothing else."""

from __future__ import annotations

import itertools

import numpy as np

from softlight.filters.dewrinkle.texture import borrow, low_pass, offsets


def field(seed: int = 1, side: int = 160) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.02, (side, side, 3)).astype(np.float32)


def stripe(side: int = 160, width: int = 10) -> np.ndarray:
    hole = np.zeros((side, side), bool)
    hole[side // 2 : side // 2 + width] = True
    return hole


def test_a_hole_gets_the_energy_of_the_skin_beside_it() -> None:
    band, hole = field(), stripe()
    given = borrow(np.where(hole[..., None], 0, band).astype(np.float32), hole, ~hole)
    assert 0.9 < given[hole].std() / band[~hole].std() < 1.1


def test_every_borrowed_value_is_one_of_the_sources() -> None:
    band, hole = field(), stripe()
    given = borrow(band, hole, ~hole)
    assert set(given[hole][:, 0].tolist()) <= set(band[~hole][:, 0].tolist())


def test_outside_the_hole_nothing_moves() -> None:
    band, hole = field(), stripe()
    np.testing.assert_array_equal(borrow(band, hole, ~hole)[~hole], band[~hole])


def test_where_no_skin_is_near_the_band_is_empty() -> None:
    band, hole = field(), stripe()
    assert not borrow(band, hole, np.zeros_like(hole))[hole].any()


def test_displacements_come_nearest_first() -> None:
    lengths = [np.hypot(*o) for o in offsets()]
    assert all(b > a - 1.5 for a, b in itertools.pairwise(lengths))


def test_low_pass_keeps_the_mean_and_the_shape() -> None:
    image = field() + 0.5
    smooth = low_pass(image)
    assert smooth.shape == image.shape
    assert abs(float(smooth.mean() - image.mean())) < 1e-4
    assert smooth.std() < 0.3 * image.std()
