"""Portraits are made odd as they should be, and what was drawn on them is followed."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

pytest.importorskip("torch", reason="the evaluations need torch")

from training.blemishes import COMPONENTS
from training.evaluation import measures, odd_skin
from training.evaluation.faces import Face
from training.evaluation.retouchers import Sitter

HEIGHT, WIDTH = 620, 480
SKIN = (202, 162, 143)


def sitter(name: str = "pd/anna-nobody", level: int = 0) -> Sitter:
    """A face without features: the mean mesh on plain skin."""
    with (files("softlight.faces") / "mean_mesh.npy").open("rb") as file:
        mesh = 180 * np.load(file) + [WIDTH / 2, 200]
    mesh = np.concatenate([mesh, mesh[:10]]).astype(np.float32)
    image = np.full((HEIGHT, WIDTH, 3), np.array(SKIN) + level, np.uint8)
    everywhere, none = (np.full((HEIGHT, WIDTH), value, np.uint8) for value in (255, 0))
    face = Face(name, None, image, everywhere, none, none, none, everywhere, none, everywhere, mesh, 180.0)
    changes = np.zeros((len(COMPONENTS), HEIGHT, WIDTH, 3), np.int8)
    return Sitter(face, measures.unit(everywhere), measures.unit(none), changes)


@pytest.fixture(scope="module")
def made() -> dict[str, np.ndarray]:
    whom = sitter()
    return {
        name: kind.change(whom, np.random.default_rng(1)).astype(float)
        for name, kind in odd_skin.KINDS.items()
    }


def test_grey_has_no_colour_and_grain_is_as_strong_as_said(made: dict[str, np.ndarray]) -> None:
    for name in ("grey", "film grain"):
        assert np.ptp(made[name], axis=-1).max() == 0
    assert made["film grain"].std() == pytest.approx(18, rel=0.05)
    assert made["grey"][0, 0, 0] == pytest.approx(np.dot(SKIN, (0.299, 0.587, 0.114)), abs=0.5)


def test_a_flash_burns_out_the_middle_and_leaves_the_sides(made: dict[str, np.ndarray]) -> None:
    x, y = np.rint(sitter().face.mesh[4]).astype(int)
    assert made["hard flash"][y, x].max() == 255
    assert (made["hard flash"][-1, 0] < SKIN).all()


@pytest.mark.parametrize("name", ["tattoos", "make-up"])
def test_what_is_drawn_lies_on_the_face_and_is_followed(name: str, made: dict[str, np.ndarray]) -> None:
    plain = sitter().face.image
    drawing = (made[name] - plain).astype(np.float32)
    where = np.abs(drawing).max(axis=-1) >= odd_skin.STEP
    assert 0.005 < where.mean() < 0.3
    before = np.rint(made[name]).astype(np.uint8)
    half = np.rint(plain + drawing / 2).astype(np.uint8)
    for after, left in ((before, 1.0), (plain, 0.0), (half, 0.5)):
        assert odd_skin.left_of(drawing, plain, after) == pytest.approx(left, abs=0.02)


def test_those_of_a_kind_are_the_first_of_their_rank_or_spread_evenly() -> None:
    everybody = [sitter(f"pd/{name}-nobody", level) for name, level in (("a", 9), ("b", -90), ("c", 0))]

    def names(kind: odd_skin.Kind, count: int) -> list[str]:
        return [one.face.name[3] for one in odd_skin.of_kind(kind, everybody, count)]

    assert names(odd_skin.KINDS["very dark skin"], 2) == ["b", "c"]
    assert names(odd_skin.KINDS["very light skin"], 1) == ["a"]
    assert names(odd_skin.KINDS["grey"], 2) == ["a", "c"]
