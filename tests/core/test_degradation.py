"""What happens to photos happens as it is described, and the same way for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from softlight.degradation.photos import degrade
from softlight.degradation.steps import (
    LEVELS,
    Blur,
    FilmDamage,
    Grain,
    Jpeg,
    Kernel,
    Noise,
    Shrink,
    Step,
    drawn,
    level,
)
from softlight.encoding import linear_to_perceptual, perceptual_to_linear
from tests.core.roles.portraits import portrait

PHOTO = portrait("astronaut.png")[:256, 100:356]
ALL: tuple[Step, ...] = (
    *(Blur(kernel, 3.0, 0.4) for kernel in Kernel),
    Shrink(3.0),
    Shrink(6.0, pixelated=True),
    *(Noise(grain, 0.05, 2.0) for grain in Grain),
    Jpeg(40),
    FilmDamage(3, 10, 0.5),
)


def seeded(seed: int = 3) -> np.random.Generator:
    return np.random.default_rng(seed)


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(-10 * np.log10(np.mean((one - other) ** 2)))


@pytest.mark.parametrize("step", ALL, ids=str)
def test_every_step_changes_the_picture_within_its_range_and_not_in_place(step: Step) -> None:
    before = PHOTO.copy()
    bad = degrade(PHOTO, (step,), seeded())
    np.testing.assert_array_equal(PHOTO, before)
    assert bad.shape == PHOTO.shape and bad.dtype == np.float32
    assert bad.min() >= 0 and bad.max() <= 1
    assert 10 < psnr(bad, PHOTO) < 45


@pytest.mark.parametrize("step", ALL, ids=str)
def test_the_same_seed_gives_the_same_picture_and_grey_stays_grey(step: Step) -> None:
    one, same = (degrade(PHOTO, (step,), seeded(5)) for _ in range(2))
    np.testing.assert_array_equal(one, same)
    grey = np.repeat(PHOTO.mean(axis=2, keepdims=True), 3, axis=2)
    bad = degrade(grey, (step,), seeded())
    assert np.ptp(bad, axis=2).max() == 0


@pytest.mark.parametrize("kernel", list(Kernel))
def test_blur_spreads_light_and_loses_none(kernel: Kernel) -> None:
    point = np.zeros((65, 65, 3), np.float32)
    point[32, 32] = 1
    spread = perceptual_to_linear(degrade(point, (Blur(kernel, 4.0, 0.3),), seeded()))[..., 0]
    assert spread.sum() == pytest.approx(1, abs=2e-3)
    y, x = np.mgrid[:65, :65] - 32
    assert (spread * x).sum() == pytest.approx(0, abs=0.02)
    wide = float(np.sqrt((spread * (x**2 + y**2)).sum()))
    # A Gaussian's in two dimensions, a disc's, a line's.
    expected = {Kernel.GAUSSIAN: 4 * 2**0.5, Kernel.DEFOCUS: 4 / 2**0.5, Kernel.MOTION: 4 / 3**0.5}
    assert wide == pytest.approx(expected[kernel], rel=0.08)


def test_movement_has_a_direction() -> None:
    point = np.zeros((33, 33, 3), np.float32)
    point[16, 16] = 1
    across = degrade(point, (Blur(Kernel.MOTION, 5.0, 0.0),), seeded())[..., 0]
    assert across[16, 12] > 0.2 and across[12, 16] < 0.02


def test_noise_is_as_strong_as_it_is_said() -> None:
    light = np.float32(0.5)
    grey = np.full((400, 400, 3), linear_to_perceptual(np.array([light]))[0], np.float32)
    coloured = grey * np.array([1, 0.99, 1], np.float32)
    even = degrade(coloured, (Noise(Grain.GAUSSIAN, 0.03),), seeded()) - coloured
    assert even.std() == pytest.approx(0.03, rel=0.02)
    counted = perceptual_to_linear(degrade(coloured, (Noise(Grain.SHOT, 0.05),), seeded()))[..., 0]
    assert counted.std() == pytest.approx(0.05 * light**0.5, rel=0.03)
    assert counted.mean() == pytest.approx(light, rel=0.01)
    lost = degrade(grey, (Noise(Grain.IMPULSE, 0.02),), seeded())
    assert ((lost == 0) | (lost == 1)).all(axis=2).mean() == pytest.approx(0.02, rel=0.1)
    film = degrade(grey, (Noise(Grain.FILM, 0.04, 3.0),), seeded()) - grey
    assert film.std() == pytest.approx(0.04, rel=0.05)
    beside = np.corrcoef(film[:, :-1, 0].ravel(), film[:, 1:, 0].ravel())[0, 1]
    assert beside > 0.5


def test_a_shrunk_picture_holds_no_more_than_the_small_one() -> None:
    tiles = degrade(PHOTO, (Shrink(8.0, pixelated=True),), seeded())
    assert len(np.unique(tiles.reshape(-1, 3), axis=0)) <= 32 * 32
    soft = degrade(PHOTO, (Shrink(8.0),), seeded())
    fine = [np.abs(np.diff(picture, axis=1)).mean() for picture in (PHOTO, soft)]
    assert fine[1] < 0.5 * fine[0]


def test_each_level_is_worse_than_the_one_before() -> None:
    results = [degrade(PHOTO, level(number, 60), seeded()) for number in sorted(LEVELS)]
    np.testing.assert_array_equal(results[0], PHOTO)
    far = [psnr(result, PHOTO) for result in results[1:]]
    assert far == sorted(far, reverse=True) and far[0] > 30 > far[-1]


def test_a_level_leaves_faces_of_the_same_size_whatever_theirs_is() -> None:
    for size in (60.0, 480.0):
        shrunk = [step for step in level(4, size) if isinstance(step, Shrink)]
        assert size / shrunk[0].factor == pytest.approx(120 / 9)
    assert all(step.factor == 1 for step in level(4, 8.0) if isinstance(step, Shrink))


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 200, 3), (20, 30, 3)])
@pytest.mark.parametrize("size", [0.5, 120.0, 5000.0])
def test_tiny_pictures_and_faces_of_any_size_do_no_harm(shape: tuple[int, int, int], size: float) -> None:
    small = seeded().random(shape, dtype=np.float32)
    for number in LEVELS:
        bad = degrade(small, level(number, size), seeded())
        assert bad.shape == shape and np.isfinite(bad).all()


def test_drawn_steps_are_many_kinds_in_many_orders_and_end_in_a_file() -> None:
    random = seeded()
    many = [drawn(random) for _ in range(300)]
    assert {type(step) for steps in many for step in steps} == {Blur, Shrink, Noise, Jpeg, FilmDamage}
    assert {step.grain for steps in many for step in steps if isinstance(step, Noise)} == set(Grain)
    assert all(2 <= len(steps) <= 6 and isinstance(steps[-1], Jpeg) for steps in many)
    assert len({tuple(type(step) for step in steps) for steps in many}) > 30
    assert drawn(seeded(4)) == drawn(seeded(4))
