"""The prototypes that come along: what they do to the mean face, and that both sides do the same."""

from __future__ import annotations

import numpy as np
import pytest

from softlight.faces import prototypes as room
from softlight.faces.mesh import mean_mesh
from softlight.faces.prototypes import grid, onto_face, prototypes

NAMES = {"smile", "smile-closed", "brows", "eyes", "age", "masculine"}


def test_there_is_one_for_each_slider() -> None:
    assert set(prototypes()) == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_both_sides_of_a_face_do_the_same(name: str) -> None:
    found, mean = prototypes()[name], mean_mesh()
    mirror = ((mean[:, None] * (-1, 1) - mean) ** 2).sum(axis=-1).argmin(axis=1)
    np.testing.assert_allclose(found.shape, found.shape[mirror] * (-1, 1), atol=2e-3)
    np.testing.assert_allclose(found.tone, found.tone[:, ::-1], atol=2e-3)
    np.testing.assert_allclose(found.texture, found.texture[:, ::-1], atol=2e-3)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_nothing_is_strong_or_reaches_the_border(name: str) -> None:
    found = prototypes()[name]
    assert np.linalg.norm(found.shape, axis=1).max() < 0.15
    assert np.abs(found.tone).max() < 0.35
    for plane in (found.tone, found.texture):
        assert not plane[[0, -1]].any() and not plane[:, [0, -1]].any()


def test_a_smile_lifts_and_widens_the_mouth_and_a_closed_one_keeps_it_closed() -> None:
    for name in ("smile", "smile-closed"):
        shape = prototypes()[name].shape
        assert shape[61, 1] < -0.05 and shape[291, 1] < -0.05, "corners up"
        assert shape[61, 0] < -0.04 and shape[291, 0] > 0.04, "and apart"
    opened, closed = (prototypes()[name].shape for name in ("smile", "smile-closed"))
    assert opened[14, 1] - opened[13, 1] > 0.05
    assert abs(closed[14, 1] - closed[13, 1]) < 0.005
    assert abs(closed[152, 1]) < 0.005, "the jaw does not drop"


def test_brows_rise_and_lids_stay() -> None:
    shape = prototypes()["brows"].shape
    assert shape[105, 1] < -0.05 and abs(shape[159, 1]) < 1e-3


def test_eyes_open_upwards_mostly() -> None:
    shape = prototypes()["eyes"].shape
    assert shape[159, 1] < -3 * shape[145, 1] < 0
    assert np.abs(shape[[33, 133]]).max() < 2e-3, "corners stay"


def test_age_and_sex_change_what_they_are_known_to_change() -> None:
    masculine = prototypes()["masculine"].shape
    assert masculine[152, 1] > 0.02, "a longer chin"
    assert masculine[105, 1] > 0.015, "lower brows"


def test_the_mean_face_lies_where_the_grid_says() -> None:
    mean = mean_mesh()
    found = onto_face(100 * mean + (300, 200), 90)
    inside = np.s_[5:-5, 5:-5]
    np.testing.assert_allclose(found[inside], (100 * grid(90) + (300, 200))[inside], atol=0.05)


def test_training_uses_the_same_square() -> None:
    pytest.importorskip("torch", reason="the recipes need torch")
    from training import prototypes as recipe

    assert (recipe.CORNER, recipe.EXTENT, recipe.SIDE) == (room.CORNER, room.EXTENT, room.SIDE)
