"""What a recipe does to its pictures on its device is what the core does to photos."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipes need torch")

import torch

from softlight.degradation import photos
from softlight.degradation.steps import (
    Blur,
    FilmDamage,
    Grain,
    Jpeg,
    Kernel,
    Noise,
    Shrink,
    Step,
    drawn,
)
from tests.core.roles.portraits import portrait
from training import degrading

PHOTO = portrait("astronaut.png")[:240, 100:340]
SURE: tuple[Step, ...] = (
    *(Blur(kernel, size, 0.7) for kernel in Kernel for size in (0.8, 4.0)),
    Shrink(3.3),
    Shrink(8.0, pixelated=True),
)


def in_torch(image: np.ndarray, *steps: Step, seed: int = 1) -> np.ndarray:
    planes = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))
    return degrading.degrade(planes, steps, np.random.default_rng(seed)).permute(1, 2, 0).numpy()


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(-10 * np.log10(np.mean((one - other) ** 2)))


@pytest.mark.parametrize("step", SURE, ids=str)
def test_what_no_dice_decide_is_the_same(step: Step) -> None:
    expected = photos.degrade(PHOTO, (step,), np.random.default_rng(1))
    near = psnr(in_torch(PHOTO, step), expected)
    assert near > 34 and near > psnr(PHOTO, expected) + 8


def test_files_lose_as_much() -> None:
    for quality in (30, 80):
        expected = photos.degrade(PHOTO, (Jpeg(quality),), np.random.default_rng(1))
        lost = [psnr(one, PHOTO) for one in (in_torch(PHOTO, Jpeg(quality)), expected)]
        assert lost[0] == pytest.approx(lost[1], abs=1.5)


@pytest.mark.parametrize("grain", list(Grain))
def test_noise_is_as_strong(grain: Grain) -> None:
    grey = np.full((300, 300, 3), (0.5, 0.6, 0.4), np.float32)
    step = Noise(grain, 0.04, 2.5)
    expected = photos.degrade(grey, (step,), np.random.default_rng(1)) - grey
    found = in_torch(grey, step) - grey
    np.testing.assert_allclose(found.std(axis=(0, 1)), expected.std(axis=(0, 1)), rtol=0.1)
    beside = [np.corrcoef(one[:, :-1, 0].ravel(), one[:, 1:, 0].ravel())[0, 1] for one in (found, expected)]
    assert beside[0] == pytest.approx(beside[1], abs=0.03)


def test_film_ages_alike() -> None:
    faded = FilmDamage(0, 0, 0.5)
    expected = photos.degrade(PHOTO, (faded,), np.random.default_rng(1))
    assert psnr(in_torch(PHOTO, faded), expected) > 60
    worn = in_torch(PHOTO, FilmDamage(4, 20, 0.0))
    assert 0.001 < (np.abs(worn - PHOTO).max(axis=2) > 0.1).mean() < 0.1


def test_the_same_seed_gives_the_same_picture_within_its_range() -> None:
    for seed in range(12):
        steps = drawn(np.random.default_rng(seed))
        one, same = (in_torch(PHOTO, *steps, seed=seed) for _ in range(2))
        np.testing.assert_array_equal(one, same)
        assert one.min() >= 0 and one.max() <= 1 and np.isfinite(one).all()
