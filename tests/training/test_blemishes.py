"""Drawn defects are known exactly, stay on the skin, and have the sizes and colours of real ones."""

from __future__ import annotations

import numpy as np
import pytest

from training.blemish_bank import MM
from training.blemishes import COMPONENTS, KINDS, Bank, mixture, spoil

SIDE = 192
LIGHT, DARK = (0.86, 0.66, 0.56), (0.42, 0.27, 0.2)


@pytest.fixture(scope="module")
def bank() -> Bank:
    return Bank(3)


def skin_of(colour: tuple[float, float, float], side: int = SIDE) -> np.ndarray:
    """A piece of skin under light from one side, with grain."""
    random = np.random.default_rng(0)
    shading = np.linspace(0.9, 1.1, side)[:, None, None] * random.normal(1, 0.01, (side, side, 1))
    return np.clip(np.array(colour) * shading, 0, 1).astype(np.float32)


def maps(side: int = SIDE) -> tuple[np.ndarray, np.ndarray]:
    """Skin but for a border that fades out; an under-eye in a corner of it."""
    fade = np.clip((np.minimum(np.arange(side), np.arange(side)[::-1]) - 10) / 8, 0, 1)
    under_eye = np.zeros((side, side), np.float32)
    under_eye[20:60, 20:90] = 1
    return np.minimum.outer(fade, fade).astype(np.float32), under_eye


@pytest.mark.parametrize("scale", [0.3, 0.7, 1, 1.4, 3])
@pytest.mark.parametrize("kinds", [None, list(KINDS)])
def test_what_was_drawn_is_known_exactly_and_lies_on_the_skin(
    bank: Bank, scale: float, kinds: list[str] | None
) -> None:
    image, (skin, under_eye) = skin_of(LIGHT), maps()
    for seed in range(4):
        spoiled, changes = spoil(image, skin, under_eye, np.random.default_rng(seed), bank, kinds, scale)
        assert spoiled.dtype == changes.dtype == np.float32
        assert changes.shape == (len(COMPONENTS), *image.shape)
        assert spoiled.min() >= 0 and spoiled.max() <= 1
        np.testing.assert_allclose(changes.sum(axis=0), image - spoiled, rtol=0, atol=3e-7)
        assert np.array_equal(spoiled[skin == 0], image[skin == 0])
        assert not changes[:, skin == 0].any()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("colour", [LIGHT, DARK])
def test_each_kind_is_seen_and_is_undone_by_its_own_component(
    bank: Bank, kind: str, colour: tuple[float, float, float]
) -> None:
    image, (skin, under_eye) = skin_of(colour), maps()
    changes = np.stack(
        [spoil(image, skin, under_eye, np.random.default_rng(s), bank, [kind])[1] for s in range(12)]
    )
    drawn = np.abs(changes).max(axis=(0, 2, 3, 4))
    own = COMPONENTS.index(KINDS[kind])
    assert drawn[own] > 4 / 255
    assert not np.delete(drawn, own).any()
    if kind == "dark_circles":
        assert not changes[..., under_eye == 0, :].any()
    if kind == "shine":
        assert changes.max() <= 0


def test_a_picture_without_skin_or_with_spotless_skin_comes_back(bank: Bank) -> None:
    image, (skin, under_eye) = skin_of(LIGHT), maps()
    for where, kinds in ((0 * skin, list(KINDS)), (skin, [])):
        spoiled, changes = spoil(image, where, under_eye, np.random.default_rng(0), bank, kinds)
        assert np.array_equal(spoiled, image)
        assert not changes.any()


def test_a_grey_photo_stays_grey(bank: Bank) -> None:
    image, (skin, under_eye) = skin_of((0.6, 0.6, 0.6)), maps()
    spoiled, _ = spoil(image, skin, under_eye, np.random.default_rng(1), bank, list(KINDS))
    assert np.abs(spoiled - image).max() > 0.05
    assert np.ptp(spoiled, axis=-1).max() < 1e-6


def test_the_same_draw_gives_the_same_defects(bank: Bank) -> None:
    image, (skin, under_eye) = skin_of(DARK), maps()
    one, two, other = (
        spoil(image, skin, under_eye, np.random.default_rng(s), bank, list(KINDS))[0] for s in (5, 5, 6)
    )
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_moles_have_1_to_6_mm_at_every_scale(bank: Bank) -> None:
    for scale, side in ((1, 96), (2, 192)):
        image = np.full((side, side, 3), LIGHT, np.float32)
        skin = np.ones((side, side), np.float32)
        diameters = []
        for seed in range(40):
            changes = spoil(image, skin, 0 * skin, np.random.default_rng(seed), bank, ["mole"], scale)[1]
            depth = changes[COMPONENTS.index("marks"), ..., 1]
            area = (depth > depth.max() / 2).sum()
            diameters.append(np.sqrt(4 / np.pi * area) / (MM * scale))
        assert 1.2 < np.median(diameters) < 3.5
        assert min(diameters) > 0.6


def test_pimples_are_red_on_light_skin_and_darker_rather_than_red_on_dark_skin(bank: Bank) -> None:
    redness = []
    for colour in (LIGHT, DARK):
        image, (skin, under_eye) = np.full((SIDE, SIDE, 3), colour, np.float32), maps()
        random = np.random.default_rng(2)
        spoiled, _ = spoil(image, skin, under_eye, random, bank, ["pimple"])
        density = np.log(image / spoiled)
        spots = density[..., 1] > 0.5 * density[..., 1].max()
        redness.append(float(np.median(density[spots][:, 0] / density[spots][:, 1])))
    assert redness[0] < 0.35 < redness[1]


def test_most_skin_has_few_defects_some_has_many_and_some_none() -> None:
    random = np.random.default_rng(0)
    drawn = [mixture(random) for _ in range(400)]
    assert 0.05 < np.mean([not d for d in drawn]) < 0.2
    pimples = np.array([d.get("pimple", 0.0) for d in drawn])
    assert np.median(pimples) < 0.15 and np.mean(pimples > 0.6) > 0.02
    assert {kind for d in drawn for kind in d} == set(KINDS)
