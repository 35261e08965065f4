"""Folds drawn onto cloth: known to the last bit, on cloth alone, shaded as light does it."""

from __future__ import annotations

import numpy as np
import pytest

from training import folds

BANK = folds.bank(10, seed=4)
SIDE = 192


def patch(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Grainy blue cloth on the right, skin on the left of column 60."""
    random = np.random.default_rng(seed)
    image = np.full((SIDE, SIDE, 3), (0.35, 0.4, 0.55), np.float32)
    image += random.normal(0, 0.02, image.shape).astype(np.float32)
    cloth = np.zeros((SIDE, SIDE), np.float32)
    cloth[:, 60:] = 1
    return image, cloth


@pytest.mark.parametrize("seed", range(8))
def test_changes_undo_folds_exactly_and_lie_on_cloth_alone(seed: int) -> None:
    image, cloth = patch(seed)
    spoiled, changes = folds.spoil(image, cloth, np.random.default_rng(seed), BANK)
    assert spoiled.dtype == changes.dtype == np.float32
    np.testing.assert_array_equal(changes, image - spoiled)
    np.testing.assert_array_equal(spoiled[cloth == 0], image[cloth == 0])
    assert spoiled.min() >= 0 and spoiled.max() <= 1
    assert np.abs(changes).max() <= folds.MOST + 1e-6


def test_a_seed_draws_the_same_folds_again() -> None:
    image, cloth = patch()
    twice = [folds.spoil(image, cloth, np.random.default_rng(3), BANK)[0] for _ in range(2)]
    np.testing.assert_array_equal(*twice)
    other, _ = folds.spoil(image, cloth, np.random.default_rng(4), BANK)
    assert (other != twice[0]).any()


@pytest.mark.parametrize("kind", folds.KINDS)
def test_every_kind_is_seen(kind: str) -> None:
    random = np.random.default_rng(6)
    heights = np.stack([folds.KINDS[kind](random) for _ in range(3)]).astype(np.float16)
    bank = folds.Bank(heights, (kind,) * 3)
    image, cloth = patch()
    strongest = max(
        np.abs(folds.spoil(image, cloth, np.random.default_rng(seed), bank, kind)[1]).max()
        for seed in range(6)
    )
    assert strongest > 0.03


@pytest.mark.parametrize("kind", folds.KINDS)
def test_heights_are_smooth_but_for_creases(kind: str) -> None:
    """A curve's distances are found on a coarse grid: no step of that grid may be seen."""
    height = folds.KINDS[kind](np.random.default_rng(8))
    steep = max(np.abs(np.diff(height, axis=axis)).max() for axis in (0, 1))
    assert 0 < steep < 3


def test_flat_cloth_is_lit_evenly() -> None:
    light, sheen = folds.shaded(np.full((40, 50), 3, np.float32), np.random.default_rng(2))
    np.testing.assert_allclose(light, light[0, 0])
    assert light[0, 0] == pytest.approx(1)
    assert not sheen.any()


def test_a_ridge_has_a_lit_and_a_dark_side() -> None:
    x = np.arange(80, dtype=np.float32) - 40
    ridge = np.tile(4 * np.exp(-(x**2) / 128), (80, 1)).astype(np.float32)
    sides = []
    for seed in range(12):
        light, _ = folds.shaded(ridge, np.random.default_rng(seed))
        sides.append((light[40, :40].mean() - light[40, 41:].mean(), light[40, 0] - 1))
    assert {np.sign(lit) for lit, _ in sides} == {-1, 1}  # light comes from either side
    assert max(abs(far) for _, far in sides) < 1e-3
