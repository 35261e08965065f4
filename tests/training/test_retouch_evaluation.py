"""The figures of Skin retouch's card are counted right, on pictures whose answers are known."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the evaluations need torch")

from training.blemishes import COMPONENTS, Bank, spoil
from training.evaluation import measures, retouch, retouchers
from training.evaluation.faces import Face
from training.evaluation.retouch import Case, Score
from training.evaluation.retouchers import Sitter, Task

SIDE = 288
SKIN = (202, 162, 143)


def sitter(name: str = "pd/anna-nobody", colour: tuple[int, int, int] = SKIN) -> Sitter:
    """A person of nothing but skin, with a little grain, in the upper three quarters of a picture."""
    noise = np.random.default_rng(3).normal(0, 3, (SIDE, SIDE, 1))
    image = np.rint(np.clip(np.array(colour) + noise, 0, 255)).astype(np.uint8)
    skin = np.zeros((SIDE, SIDE), np.uint8)
    skin[: SIDE * 3 // 4] = 255
    none = np.zeros_like(skin)
    mesh = np.zeros((478, 2), np.float32)
    face = Face(name, None, image, skin, none, none, none, none, none, skin, mesh, 180.0)
    changes = np.zeros((len(COMPONENTS), SIDE, SIDE, 3), np.int8)
    return Sitter(face, measures.unit(skin), measures.unit(none), changes)


@pytest.fixture(scope="module")
def bank() -> Bank:
    return Bank(2)


def case(inside: slice = np.s_[20:60]) -> Case:
    """A darker band across the picture."""
    whom = sitter()
    spoiled, where = whom.face.image.copy(), np.zeros((SIDE, SIDE), bool)
    where[inside] = True
    spoiled[where] -= 30
    return Case("mark", Task(whom, spoiled, "blemishes"), whom.face.image, where)


def test_doing_nothing_costs_the_defects_own_strength_and_leaves_the_rest() -> None:
    one = case()
    found = retouch.score(one, one.task.image)
    assert found.inside == pytest.approx(20 * np.log10(255 / 30), abs=0.01)
    assert found.similarity < 0.99
    assert found.outside == found.skin == retouch.CAP


def test_perfect_work_has_no_error() -> None:
    one = case()
    assert retouch.score(one, one.truth) == Score(retouch.CAP, 1.0, retouch.CAP, retouch.CAP)


def test_what_changes_beyond_the_edit_counts_outside_and_on_skin_apart() -> None:
    one = case()
    result = one.truth.copy()
    result[SIDE * 3 // 4 :] += 10  # below the skin: a quarter of the picture
    found = retouch.score(one, result)
    wrong, beyond = SIDE // 4, SIDE - 40 - 2 * retouch.APART
    assert found.outside == pytest.approx(20 * np.log10(255 / 10) - 10 * np.log10(wrong / beyond), abs=0.01)
    assert found.skin == found.inside == retouch.CAP


def test_every_kind_is_drawn_where_it_says_and_kept_marks_are_their_own_truth(bank: Bank) -> None:
    whom = sitter()
    found = {one.name: one for one in retouch.drawn(whom, whom.face.image, bank)}
    assert {*retouch.KINDS, *retouch.KEPT.values()} - {"dark_circles"} <= set(found)  # nobody has eyes here
    for one in found.values():
        changed = (one.task.image != whom.face.image).any(axis=-1)
        assert changed[one.inside].all()
        assert not changed[SIDE * 3 // 4 :].any()
    kept = found["mole, to be kept"]
    assert kept.truth is kept.task.image and kept.task.component is None
    assert found["mole"].task.component == "marks"
    np.testing.assert_array_equal(found["mole"].truth, whom.face.image)


def test_the_mixtures_truth_keeps_marks_and_texture(bank: Bank) -> None:
    whom = sitter()
    mixed = next(one for one in retouch.drawn(whom, whom.face.image, bank) if one.name == retouch.MIXTURE)
    random = np.random.default_rng([retouch.SEED, len(retouch.KINDS), *whom.face.name.encode()])
    image = measures.unit(whom.face.image)
    _, changes = spoil(image, whom.skin, whom.under_eye, random, bank)
    left = image - changes[COMPONENTS.index("marks")] - changes[COMPONENTS.index("texture")]
    np.testing.assert_allclose(measures.unit(mixed.truth), left, atol=0.51 / 255)


def test_means_are_over_people_and_not_over_their_pictures() -> None:
    who = [sitter(name) for name in ("pd/anna-nobody", "pd/bert-nobody")]
    scores = [
        (Case("mark", Task(one, one.face.image), one.face.image, np.ones((SIDE, SIDE), bool)),
         Score(level, 1, 99, np.nan))
        for one, level in ((who[0], 20.0), (who[0], 30.0), (who[1], 45.0))
    ]  # fmt: skip
    assert retouch.mean(scores, lambda one: one.inside) == 35
    assert np.isnan(retouch.mean(scores, lambda one: one.skin))
    line = retouch.row("mark", {"us": scores, "nobody": scores[:1]}, lambda one: True)
    assert line == ["mark", "2", "**35.0** / **1.000**", "20.0 / **1.000**"]


def test_what_is_asked_for_comes_on_top_of_the_defaults_or_alone() -> None:
    whom = sitter()

    def weights(*asked: Any) -> set[str]:
        return {name for name, weight in Task(whom, whom.face.image, *asked).weights.items() if weight == 1}

    default = {"blemishes", "evenness", "shine", "under_eye"}
    assert weights() == default
    assert weights("marks") == default | {"marks"}
    assert weights("marks", True) == {"marks"}
    assert weights(None, True) == default


def test_a_mask_decides_how_much_of_a_programs_change_counts() -> None:
    before, after = (np.full((1, 3, 3), value, np.uint8) for value in (100, 201))
    mask = np.array([[0, 0.5, 1]], np.float32)
    assert retouchers.masked(before, after, mask)[0, :, 0].tolist() == [100, 150, 201]


def test_one_portrait_of_a_person_and_so_many_of_each_tone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dark = (70, 48, 38)
    people = [
        sitter("london/001_neutral"),
        sitter("london/001_smiling"),
        *(sitter(f"pd/{name}-nobody", dark) for name in ("anna", "bert", "carl")),
    ]
    for one in people:
        file = tmp_path / f"{one.face.name}.npz"
        file.parent.mkdir(exist_ok=True)
        np.savez(file, skin=one.face.skin, under_eye=one.face.hair, changes=one.changes)
    monkeypatch.setattr(retouchers.faces, "held_out", lambda options: iter([one.face for one in people]))
    found = retouchers.sitters(argparse.Namespace(retouched=tmp_path, each=2))
    names = [one.face.name for one in found]
    assert names == ["london/001_neutral", "pd/anna-nobody", "pd/carl-nobody"]


def test_similarity_is_that_of_scikit_image() -> None:
    """Golden: structural_similarity with gaussian_weights, sigma 1.5, no sample covariance, range 1."""
    random = np.random.default_rng(5)
    truth = (0.5 + 0.1 * random.standard_normal((48, 48))).astype(np.float32)
    image = (0.9 * truth + 0.03 + 0.05 * random.standard_normal((48, 48))).astype(np.float32)
    found = measures.structural_similarity(*(np.stack([x] * 3, axis=-1) for x in (image, truth)))
    # Its window ends at 3.5 sigma, ours at 4.
    assert found[16:32, 16:32].mean() == pytest.approx(0.865976, abs=1e-4)
    assert found[24, 24] == pytest.approx(0.821304, abs=1e-4)
