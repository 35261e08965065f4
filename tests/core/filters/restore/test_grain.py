"""Grain is measured where a picture is calm, laid as strongly, and brought back without edges."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from softlight.filters.restore import grain
from softlight.filters.restore.grain import NOTHING, Grain, laid, measured, own

EVERYWHERE = np.ones((240, 320), np.float32)


def scene(strength: float, size: float = 0.0, seed: int = 1) -> np.ndarray:
    """A slope with a disc and a line, and grain of one colour over it."""
    down, across = np.mgrid[0:240, 0:320].astype(np.float32)
    plane = 0.3 + 0.3 * across / 320 + 0.2 * (np.hypot(down - 100, across - 150) < 40)
    plane[:, 200:203] = 0.9
    noise = np.random.default_rng(seed).standard_normal(plane.shape).astype(np.float32)
    if size:
        noise = cv2.GaussianBlur(noise, (0, 0), size)
        noise /= noise.std()
    return np.repeat((plane + strength * noise)[..., None], 3, axis=2)


@pytest.mark.parametrize("strength", [0.005, 0.02, 0.06])
def test_white_grain_is_measured_beside_edges(strength: float) -> None:
    found = measured(scene(strength), EVERYWHERE)
    assert found.strength == pytest.approx(strength, rel=0.12) and found.size == 0


def test_a_clean_slope_has_none() -> None:
    assert measured(scene(0.0), EVERYWHERE).strength < 5e-4


@pytest.mark.parametrize("size", [0.0, 0.5, 0.8])
def test_its_size_is_told_and_what_is_laid_is_as_strong(size: float) -> None:
    found = measured(scene(0.03, size), EVERYWHERE)
    assert found.size == size
    tile = laid(found)
    again = measured(np.repeat(0.5 + tile[:240, :320, None], 3, axis=2), EVERYWHERE)
    assert again.strength == pytest.approx(found.strength, rel=0.15)


def test_a_tile_goes_on_without_a_seam() -> None:
    tile = laid(Grain(0.02, 1.2))
    along = np.abs(np.diff(np.concatenate([tile, tile]), axis=0)).mean(axis=1)
    assert along[grain.SIDE - 1] == pytest.approx(along.mean(), rel=0.15)
    np.testing.assert_array_equal(tile, laid(Grain(0.02, 1.2)))


def test_only_the_place_that_is_asked_for_is_measured() -> None:
    image = scene(0.0)
    image[:, :160] += np.random.default_rng(3).normal(0, 0.05, (240, 160, 1)).astype(np.float32)
    left = EVERYWHERE.copy()
    left[:, 160:] = 0
    assert measured(image, left).strength > 0.04 > 0.002 > measured(image, 1 - left).strength


def test_its_size_is_measured_at_that_place_too() -> None:
    image = scene(0.0)
    image[:, 160:] = scene(0.03, 0.8)[:, 160:]
    right = EVERYWHERE.copy()
    right[:, :160] = 0
    assert measured(image, right).size == 0.8


@pytest.mark.parametrize("shape", [(4, 4), (20, 20), (240, 320)])
def test_where_nothing_can_be_seen_nothing_is_said(shape: tuple[int, int]) -> None:
    black = np.zeros((*shape, 3), np.float32)
    assert measured(black, np.ones(shape, np.float32)) == NOTHING
    assert not laid(NOTHING).any()


def test_the_own_grain_comes_back_and_edges_do_not() -> None:
    strength = 0.02
    noisy, clean = scene(strength), scene(0.0)
    back = own(noisy - clean, strength)
    calm = np.s_[170:230, 20:180]
    assert np.corrcoef(back[calm].ravel(), (noisy - clean)[calm].ravel())[0, 1] > 0.9
    assert np.abs(own(clean, strength)).max() <= grain.LOUDEST * strength + 1e-6
