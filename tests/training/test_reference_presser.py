"""What the reference presser takes of worn folds, and what it leaves."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipes need torch")

from training.reference_presser import pressed

SIDE, MIDDLE = 240, 120
WHOLE = np.ones((SIDE, SIDE), np.float32)


def woven(tone: float = 110.0) -> np.ndarray:
    """Cloth with a weave, (h, w, 3), in levels."""
    noise = np.random.default_rng(4).normal(0, 6, (SIDE, SIDE, 1))
    return np.full((SIDE, SIDE, 3), tone) + noise


def folded(depth: float, sigma: float = 7.0, at: int = MIDDLE) -> np.ndarray:
    """A valley from top to bottom, (1, w, 1), as a factor on the light."""
    across = np.arange(SIDE) - at
    return (1 - depth * np.exp(-0.5 * (across / sigma) ** 2))[None, :, None]


def levels(values: np.ndarray) -> np.ndarray:
    return np.rint(values.clip(0, 255)).astype(np.uint8)


def depth_of(image: np.ndarray, at: int = MIDDLE) -> float:
    """How much darker a valley is than the cloth 40 px beside it, in levels."""
    profile = image[60:180].astype(float).mean(axis=(0, 2))
    return float(profile[at - 42 : at - 38].mean() - profile[at - 2 : at + 3].mean())


def test_a_worn_fold_goes_and_the_weave_stays() -> None:
    image = levels(woven() * folded(0.25))
    smooth, reached = pressed(image, WHOLE, WHOLE)
    assert depth_of(image) > 20 and depth_of(smooth) < 0.45 * depth_of(image)
    fine = [picture[60:180, 60:180].astype(float) for picture in (image, smooth)]
    fine = [np.diff(picture, axis=1).std() for picture in fine]
    assert 0.9 < fine[1] / fine[0] < 1.15
    assert reached[MIDDLE, MIDDLE] > 0.99


def test_what_is_not_folded_or_no_cloth_stays_bit_by_bit() -> None:
    image = levels(woven() * folded(0.25))
    for cloth, folds in ((WHOLE, 0 * WHOLE), (0 * WHOLE, WHOLE)):
        smooth, _ = pressed(image, cloth, folds)
        np.testing.assert_array_equal(smooth, image)


def test_a_seam_and_what_is_near_it_stay() -> None:
    image = woven() * folded(0.25, at=80)
    image[:, 160:163] *= 0.4
    image = levels(image)
    smooth, reached = pressed(image, WHOLE, WHOLE)
    np.testing.assert_array_equal(smooth[:, 156:168], image[:, 156:168])
    assert not reached[:, 156:168].any()
    assert depth_of(smooth, 80) < 0.8 * depth_of(image, 80)


def test_each_channel_of_coloured_cloth_goes_back_to_its_own_tone() -> None:
    orange = woven() * np.array([1.9, 0.8, 0.4])
    shaded = levels(orange * folded(0.3) ** np.array([0.6, 1.2, 1.2]))  # the shaded side is redder
    smooth, _ = pressed(shaded, WHOLE, WHOLE)
    ratios = [
        picture[60:180, MIDDLE - 3 : MIDDLE + 4].mean((0, 1)) / levels(orange)[60:180].mean((0, 1))
        for picture in (shaded, smooth)
    ]
    # One factor for all channels would leave all of it.
    assert np.ptp(ratios[1]) < 0.65 * np.ptp(ratios[0])
