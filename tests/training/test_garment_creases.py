"""The batches of the garment recipe: folds on cloth, with what undoes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipes need torch")

import torch

from training import garment_creases
from training.abpn import LocalRetouching, retouching_error
from training.garment_creases import Labelled, Patches

SIZE = 220


def person(folded: int = 0) -> Labelled:
    """A white shirt beside skin."""
    image = np.full((SIZE, SIZE, 3), (200, 160, 140), np.uint8)
    cloth = np.zeros((SIZE, SIZE), np.uint8)
    image[:, 90:], cloth[:, 90:] = 210, 255
    return Labelled.of("pd/somebody.npz", image, cloth, np.full_like(cloth, folded))


def test_a_batch_is_what_the_error_takes() -> None:
    patches = Patches([person()], seed=2, side=64, entries=40)
    image, cloth, sure, changes = patches.batch(32)
    assert image.shape == (32, 3, 64, 64) and changes.shape == (32, 1, 3, 64, 64)
    assert cloth.shape == sure.shape == (32, 1, 64, 64)
    assert image.min() >= 0 and image.max() <= 1
    # Most patches are folded, of some hundred: a drawing does not fall into every window.
    folded = [patches.batch(32)[3].abs().amax((1, 2, 3, 4)) > 0 for _ in range(20)]
    assert torch.cat(folded).float().mean() > 0.5
    assert not changes.abs().amax(2)[cloth < 0.1].any()  # and their skin is not
    answer = LocalRetouching(1).parts(image)
    assert torch.isfinite(retouching_error(answer, cloth, changes, sure))


def test_folds_of_its_own_count_little_where_nobody_took_them() -> None:
    patches = Patches([person(folded=255)], seed=2, side=64, entries=1)
    worn, cloth = patches.people[0], patches.people[0].cloth > 0
    assert worn.reached[110, 200] == 255 and not worn.reached[:, 60:100].any()
    _, _, sure, _ = patches.batch(16)
    assert float(sure.min()) == pytest.approx(garment_creases.FOLDED_TOO) and float(sure.max()) == 1
    assert cloth.any()


def test_worn_folds_are_taught_as_the_presser_takes_them() -> None:
    clean = person(folded=255)
    shaded = (
        clean.image * (1 - 0.3 * np.exp(-0.5 * ((np.arange(SIZE) - 160) / 6) ** 2))[None, :, None]
    ).astype(np.uint8)
    worn = Labelled.of(clean.name, shaded, clean.cloth, clean.folded)
    patches = Patches([worn], seed=3, side=64, entries=1)
    pair, _, _ = patches._cut()
    pairs = np.concatenate([pair, *(patches._cut()[0] for _ in range(12))])
    assert (pairs[1::2] - pairs[::2]).max() > 0.05


def test_a_patch_and_its_truth_are_changed_alike() -> None:
    cloth = np.ones((32, 32), np.float32)
    pair = np.stack([np.full((32, 32, 3), value, np.float32) for value in (0.3, 0.3)])
    for change in (garment_creases.toned, garment_creases.dyed, garment_creases.patterned):
        one, other = change(pair, cloth, np.random.default_rng(7))
        np.testing.assert_array_equal(one, other)
        assert (one != pair[0]).any()


def test_the_tone_of_cloth_is_any() -> None:
    random = np.random.default_rng(5)
    navy, cloth = np.full((32, 32, 3), 0.1, np.float32), np.ones((32, 32), np.float32)
    tones = [float(garment_creases.toned(navy, cloth, random).mean()) for _ in range(30)]
    assert min(tones) < 0.15 and max(tones) > 0.3


def test_cloth_takes_any_colour_and_what_is_beside_it_keeps_its_own() -> None:
    random = np.random.default_rng(5)
    grey, cloth = np.full((32, 32, 3), 0.3, np.float32), np.zeros((32, 32), np.float32)
    cloth[:, 16:] = 1
    suits = [garment_creases.dyed(grey, cloth, random) for _ in range(40)]
    assert all((suit[:, :16] == grey[:, :16]).all() for suit in suits)
    colours = np.array([suit[0, 20] for suit in suits])
    assert set(colours.argmax(axis=1)) == {0, 1, 2}
    assert (np.ptp(colours, axis=1) > 0.4).sum() >= 4


def test_patterns_are_woven_into_cloth_alone() -> None:
    random = np.random.default_rng(5)
    grey, cloth = np.full((64, 64, 3), 0.4, np.float32), np.zeros((64, 64), np.float32)
    cloth[:, 32:] = 1
    striped = garment_creases.patterned(grey, cloth, random)
    assert (striped[:, :32] == grey[:, :32]).all()
    assert striped[:, 32:].std() > 0.005


def test_only_people_who_show_cloth_are_loaded_and_each_on_one_side(tmp_path: Path) -> None:
    (tmp_path / "pd").mkdir()
    for number in range(12):
        there = person()
        cloth = there.cloth if number else np.zeros_like(there.cloth)
        np.savez(tmp_path / "pd" / f"p-{number}.npz", image=there.image, cloth=cloth, folded=there.folded)
    sides = [{p.name for p in garment_creases.load(tmp_path, held_out)} for held_out in (False, True)]
    assert not sides[0] & sides[1]
    assert sides[0] | sides[1] == {f"pd/p-{number}.npz" for number in range(1, 12)}
