"""The measures of the model cards, on pictures whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("cv2")

from training.evaluation import measures

EVERYWHERE = np.ones((96, 96), bool)


def grain(seed: int = 1, size: int = 96, strength: float = 0.02) -> measures.Array:
    """Pores: white noise around a mid tone, (size, size)."""
    noise = np.random.default_rng(seed).normal(0, strength, (size, size))
    return (0.6 + noise).astype(np.float32)


def valley(sigma: float, depth: float, size: int = 96) -> measures.Array:
    """A straight Gaussian valley down the middle, (size, size)."""
    x = np.arange(size) - size / 2
    return np.tile(-depth * np.exp(-(x**2) / (2 * sigma**2)), (size, 1)).astype(np.float32)


@given(
    depth=st.floats(0.005, 0.5),
    sigma=st.floats(1, 20),
    ground=st.floats(0, 1),
    slope=st.floats(-0.3, 0.3),
    bend=st.floats(-0.2, 0.2),
)
def test_the_fit_finds_a_valleys_depth_on_any_quadratic_ground(
    depth: float, sigma: float, ground: float, slope: float, bend: float
) -> None:
    x = np.arange(-4 * sigma, 4 * sigma, 0.25)
    t = x / (4 * sigma)
    section = ground + slope * t + bend * t**2 - depth * np.exp(-(x**2) / (2 * sigma**2))
    assert measures.valley_amplitude(section, x, sigma) == pytest.approx(depth, rel=1e-6)


def test_a_ridge_has_a_negative_amplitude() -> None:
    x = np.arange(-12, 12, 0.5)
    assert measures.valley_amplitude(0.5 + 0.1 * np.exp(-(x**2) / 18), x, 3.0) == pytest.approx(-0.1)


def test_psnr_is_the_textbooks() -> None:
    truth = np.full((96, 96, 3), 0.5, np.float32)
    # A constant error passes the low-pass unchanged: 0.1 of a peak of 1 is 20 dB.
    assert measures.psnr(truth + 0.1, truth, EVERYWHERE) == pytest.approx(20, abs=1e-4)
    half = truth.copy()
    half[:, :48] += 0.1
    assert measures.psnr(half, truth, EVERYWHERE, sigma=0) == pytest.approx(20 + 10 * np.log10(2), abs=1e-4)


def test_psnr_sees_only_the_mask_and_only_what_passes_the_low_pass() -> None:
    truth = np.full((96, 96, 3), 0.5, np.float32)
    wrong = truth.copy()
    wrong[:20] = 1
    below = np.zeros((96, 96), bool)
    below[40:] = True
    assert measures.psnr(wrong, truth, below) > 100
    noisy = truth + (grain() - 0.6)[..., None]
    assert measures.psnr(noisy, truth, EVERYWHERE) > measures.psnr(noisy, truth, EVERYWHERE, sigma=0) + 10


def test_pooled_errors_give_the_same_psnr() -> None:
    truth, other = np.stack([grain(1)] * 3, -1), np.stack([grain(2)] * 3, -1)
    error, values = measures.squared_error(other, truth, EVERYWHERE)
    assert -10 * np.log10(error / values) == pytest.approx(measures.psnr(other, truth, EVERYWHERE), abs=1e-3)


def typology_angle_of(colour: tuple[int, ...]) -> float:
    """The same angle by the formulas of IEC 61966-2-1 and CIE 15 (D65), without OpenCV."""
    stored = np.array(colour) / 255
    light = np.where(stored <= 0.04045, stored / 12.92, ((stored + 0.055) / 1.055) ** 2.4)
    y = light @ [0.2126729, 0.7151522, 0.0721750]
    z = light @ [0.0193339, 0.1191920, 0.9503041] / 1.08883
    lightness, yellow = 116 * np.cbrt(y) - 16, 200 * (np.cbrt(y) - np.cbrt(z))
    return float(np.degrees(np.arctan((lightness - 50) / yellow)))


@pytest.mark.parametrize(
    ("colour", "group"),
    [
        ((232, 205, 190), "light"),
        ((202, 162, 143), "light"),
        ((190, 150, 125), "intermediate"),
        ((173, 130, 101), "tan"),
        ((120, 86, 69), "dark"),
        ((70, 48, 38), "dark"),
    ],
)
def test_the_typology_angle_of_known_colours(colour: tuple[int, ...], group: str) -> None:
    image = np.full((8, 8, 3), colour, np.uint8)
    found = measures.typology_angle(measures.unit(image), np.ones((8, 8), bool))
    assert found == pytest.approx(typology_angle_of(colour), abs=0.6)
    assert measures.tone_group(found) == group


@pytest.mark.parametrize(
    ("angle", "group"),
    [
        (41.1, "light"),
        (41, "intermediate"),
        (28.1, "intermediate"),
        (28, "tan"),
        (10.1, "tan"),
        (10, "dark"),
        (-90, "dark"),
    ],
)
def test_the_tone_groups_have_the_published_thresholds(angle: float, group: str) -> None:
    assert measures.tone_group(angle) == group


def test_pore_energy_is_that_of_the_fine_band_alone() -> None:
    luma = grain()
    image = np.stack([luma] * 3, -1)
    energy = measures.pore_energy(image, EVERYWHERE)
    assert energy == pytest.approx(0.02, rel=0.15)
    slope = np.linspace(0, 0.4, 96, dtype=np.float32)[None, :, None]
    assert measures.pore_energy(image + slope, EVERYWHERE) == pytest.approx(energy, rel=0.01)
    assert measures.pore_energy(measures.low_pass(image), EVERYWHERE) < 0.3 * energy


def test_smearing_pores_gains_nothing_above_the_floor_but_does_without_it() -> None:
    pores = grain(strength=0.03)
    wrinkled = pores + valley(1.8, 0.15)
    floor = measures.noise_floor(pores, EVERYWHERE)
    pored = measures.ridge_energy(wrinkled, EVERYWHERE, floor)
    aside = EVERYWHERE.copy()
    aside[:, 36:60] = False
    smeared = np.where(aside, measures.low_pass(pores, 3.0), wrinkled)
    plain = [measures.ridge_energy(x, EVERYWHERE) for x in (wrinkled, smeared)]
    assert plain[1] < 0.9 * plain[0]
    assert measures.ridge_energy(smeared, EVERYWHERE, floor) > 0.97 * pored


def test_removing_the_valley_and_keeping_the_pores_removes_the_ridge_energy() -> None:
    pores = grain(strength=0.01)
    floor = measures.noise_floor(pores, EVERYWHERE)
    before = measures.ridge_energy(pores + valley(2.5, 0.12), EVERYWHERE, floor)
    assert measures.ridge_energy(pores, EVERYWHERE, floor) < 0.02 * before
    assert measures.ridge_energy(pores + valley(2.5, 0.06), EVERYWHERE, floor) < 0.3 * before


def test_widths_select_whole_parts() -> None:
    hole = np.zeros((60, 90), bool)
    for left, width in ((10, 2), (25, 6), (45, 12), (70, 17)):
        hole[5:55, left : left + width] = True
    kept = measures.widths_between(hole, 3, 12)
    assert kept[30, 26] and kept[30, 50]
    assert not kept[30, 10] and not kept[30, 75]
    assert kept.sum() == 50 * (6 + 12)


def test_a_tone_error_without_a_lightness_error_is_all_chroma() -> None:
    truth = np.full((32, 32, 3), (0.8, 0.6, 0.5), np.float32)
    whole, tint = measures.tone_error(truth, truth, EVERYWHERE[:32, :32])
    assert (whole, tint) == (0, 0)
    grey = truth - 0.05
    whole, tint = measures.tone_error(grey, truth, EVERYWHERE[:32, :32])
    assert whole > 4 * tint > 0
