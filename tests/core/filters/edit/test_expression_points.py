"""Sliders move LivePortrait's key points, in proportion and to the sides that they should."""

from __future__ import annotations

import numpy as np
import pytest

from softlight.filters.edit.networks.expression_points import Expression, moved_points
from softlight.roles.expression import Portrait, analysed
from softlight.roles.landmarks import MESH_468, Landmarks
from softlight.runtime import Model
from tests.installed_models import install
from tests.published_motion import facefusion

FACE = np.array([[150.0, 120], [190, 128], [168, 150], [148, 170], [180, 176]])
X, Y = 0, 1
KEPT = 0.75
"""Of a move, by the generated stitching; the scale of the generated head is 1.6."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return install(tmp_path_factory.mktemp("store"), "live-portrait", facefusion())


@pytest.fixture(scope="module")
def portrait(model: Model) -> Portrait:
    return analysed(model, np.full((300, 320, 3), (0.6, 0.3, 0.1), np.float32), FACE)


def landmarks(eyes: float, lips: float) -> Landmarks:
    """Of eyes and lips that are open so far: height over width."""
    points = np.zeros((468, 3))
    scheme = MESH_468
    for (upper, lower), (a, b), open_ in (
        (scheme.right_lids, (scheme.right_eye[0], scheme.right_eye[3]), eyes),
        (scheme.left_lids, (scheme.left_eye[0], scheme.left_eye[3]), eyes),
        (scheme.lips, scheme.mouth, lips),
    ):
        points[b, 0], points[lower, 1] = points[a, 0] + 100, points[upper, 1] + 100 * open_
    return Landmarks(points, 1.0, scheme)


def moved(model: Model, portrait: Portrait, wanted: Expression) -> np.ndarray:
    """How far the points go, in the unit of an expression."""
    found = moved_points(model, portrait, landmarks(0.3, 0.2), wanted, lambda: None)
    return (found - portrait.motion.points) / (KEPT * portrait.motion.scale)


def test_nothing_wanted_moves_nothing(model: Model, portrait: Portrait) -> None:
    assert not Expression()
    np.testing.assert_allclose(moved(model, portrait, Expression()), 0, atol=1e-6)


@pytest.mark.parametrize("name", ["smile", "brows"])
def test_half_a_slider_is_half_of_the_way(model: Model, portrait: Portrait, name: str) -> None:
    for end in (1.0, -1.0):
        whole, half = (moved(model, portrait, Expression(**{name: share})) for share in (end, end / 2))
        assert np.abs(whole).max() > 0.01
        np.testing.assert_allclose(half, whole / 2, atol=1e-6)


def test_the_corners_of_the_mouth_go_up_with_a_smile_and_down_without(
    model: Model, portrait: Portrait
) -> None:
    """y goes down; 14 moves the corners."""
    up, down = (moved(model, portrait, Expression(smile=share))[14, Y] for share in (1.0, -1.0))
    assert (up, down) == pytest.approx((-0.025, 0.020), abs=1e-6)


@pytest.mark.parametrize(
    ("wanted", "due"),
    [
        # The generated retargeters: a hundredth of how much further they shall be open.
        (Expression(eyes=1.0), 0.01 * (0.6 - 0.3)),
        (Expression(eyes=-0.5), 0.5 * 0.01 * (0.0 - 0.3)),
        (Expression(mouth=1.0), 0.01 * (1.0 - 0.2)),
        (Expression(mouth=-1.0), 0.01 * (0.0 - 0.2)),
    ],
)
def test_eyes_and_lips_open_and_close_by_their_own_networks(
    model: Model, portrait: Portrait, wanted: Expression, due: float
) -> None:
    found = moved(model, portrait, wanted) * portrait.motion.scale
    np.testing.assert_allclose(found, np.full((21, 3), due), atol=1e-5)
