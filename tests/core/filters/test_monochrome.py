"""Grey and toned pictures are told from those in colour, and stay what they are."""

from __future__ import annotations

import numpy as np
import pytest

from softlight.encoding import LUMINANCE
from softlight.filters.monochrome import is_grey, is_monochrome, without_colour
from softlight.picture import Picture
from tests.core.filters.conftest import SAMPLES, opened


def grey(portrait: np.ndarray) -> np.ndarray:
    return np.repeat((portrait.astype(np.float32) / 255 @ LUMINANCE)[..., None], 3, axis=2)


def test_photos_in_colour_are_not_monochrome(portrait: np.ndarray) -> None:
    for photo in (portrait, opened(SAMPLES / "astronaut.png")):
        assert not is_monochrome(photo.astype(np.float32) / 255)
        assert not is_grey(Picture(photo))


@pytest.mark.parametrize("tone", [(1.0, 1.0, 1.0), (1.0, 0.85, 0.65), (0.8, 0.9, 1.0)])
def test_grey_and_toned_photos_are(portrait: np.ndarray, tone: tuple[float, ...]) -> None:
    toned = grey(portrait) ** np.float32([0.8, 1.0, 1.3]) * np.float32(tone)
    assert is_monochrome(toned)
    noisy = toned + np.random.default_rng(1).normal(0, 0.005, toned.shape).astype(np.float32)
    assert is_monochrome(noisy), "a file leaves a little"
    assert is_grey(Picture(np.rint(255 * toned.clip(0, 1)).astype(np.uint8)))


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_an_empty_picture_is_no_fault(value: float) -> None:
    assert is_monochrome(np.full((8, 8, 3), value, np.float32))


def test_a_grey_picture_of_one_channel_is_grey(portrait: np.ndarray) -> None:
    assert is_grey(Picture(portrait[..., :1]))


def test_a_change_without_colour_is_that_of_its_luminance() -> None:
    change = np.random.default_rng(2).normal(0, 0.1, (6, 7, 3)).astype(np.float32)
    plain = without_colour(change)
    assert (plain[..., 0] == plain[..., 1]).all() and (plain[..., 1] == plain[..., 2]).all()
    np.testing.assert_allclose(plain @ LUMINANCE, change @ LUMINANCE, atol=1e-6)
