"""Both exports of LivePortrait say and do the same through the role."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from softlight.alignment import applied, covered, inverted, put_back, template
from softlight.roles.expression import (
    Portrait,
    analysed,
    eyes_moved,
    lips_moved,
    painted,
    rotation,
    stitched,
    with_expression,
)
from softlight.runtime import Model
from tests.installed_models import install
from tests.published_motion import EXPRESSION, PITCH, REST, ROLL, TRANSLATION, YAW, facefusion, visomaster

EXPORTS = {"live-portrait": facefusion, "live-portrait-bins": visomaster}
FACE = np.array([[150.0, 120], [190, 128], [168, 150], [148, 170], [180, 176]])


@pytest.fixture(scope="module", params=EXPORTS)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return install(tmp_path_factory.mktemp("store"), request.param, EXPORTS[request.param]())


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    """Even colour: whatever is cut out of it has the same mean."""
    return np.full((300, 320, 3), (0.6, 0.3, 0.1), np.float32)


@pytest.fixture(scope="module")
def portrait(model: Model, photo: np.ndarray) -> Portrait:
    return analysed(model, photo, FACE)


def test_a_head_is_measured(portrait: Portrait) -> None:
    motion = portrait.motion
    assert (motion.pitch, motion.yaw, motion.roll) == pytest.approx((PITCH, YAW, ROLL), abs=1e-4)
    assert motion.scale == pytest.approx(1.6, abs=1e-3)  # 1 and the mean of red in 0..1
    np.testing.assert_allclose(motion.translation, TRANSLATION, atol=1e-7)
    # Written out once more: turned about x, then y, then z, then moved.
    turned = (rotation(0, 0, ROLL) @ rotation(0, YAW, 0) @ rotation(PITCH, 0, 0) @ REST.T).T
    np.testing.assert_allclose(motion.points, motion.scale * (turned + EXPRESSION) + TRANSLATION, atol=1e-5)


def test_rotations_turn_the_way_of_the_right_hand() -> None:
    np.testing.assert_allclose(rotation(90, 0, 0) @ [0, 1, 0], [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(rotation(0, 90, 0) @ [0, 0, 1], [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(rotation(0, 0, 90) @ [1, 0, 0], [0, 1, 0], atol=1e-12)


def test_moved_points_paint_another_face(
    model: Model, portrait: Portrait, photo: np.ndarray, ran: Callable[[str, str, str], None]
) -> None:
    there = portrait.motion.points + np.array([0.2, 0.5, 0.1], np.float32)
    crop = painted(model, portrait, there)
    assert crop.pixels.shape == (512, 512, 3)
    assert crop.pixels.mean(axis=(0, 1), dtype=np.float64) == pytest.approx([0.8, 0.3, 0.1], abs=1e-3)
    still = painted(model, portrait, portrait.motion.points)
    np.testing.assert_allclose(still.pixels, np.broadcast_to(photo[0, 0], still.pixels.shape), atol=1e-3)
    ran(
        model.contract.name,
        "generated",
        "head pose and key points, stitching, eyes and lips, a face painted with moved points, the way there "
        "and back",
    )


def test_stitching_goes_from_where_the_points_shall_be_towards_where_they_are(
    model: Model, portrait: Portrait
) -> None:
    here = portrait.motion.points
    np.testing.assert_allclose(stitched(model, portrait, here), here, atol=1e-6)
    np.testing.assert_allclose(stitched(model, portrait, here + 0.4), here + 0.3, atol=1e-6)


def test_eyes_and_lips_are_opened(model: Model, portrait: Portrait) -> None:
    np.testing.assert_allclose(
        eyes_moved(model, portrait, (0.3, 0.1), 0.6), np.full((21, 3), 0.004), atol=1e-6
    )
    np.testing.assert_allclose(lips_moved(model, portrait, 0.1, 0.5), np.full((21, 3), 0.004), atol=1e-6)


def test_another_expression_moves_only_the_expression(portrait: Portrait) -> None:
    smile = EXPRESSION + np.float32(0.01)
    moved = with_expression(portrait.motion, smile).points - portrait.motion.points
    np.testing.assert_allclose(moved, np.full((21, 3), 1.6 * 0.01), atol=1e-5)


def test_what_is_painted_lies_where_the_face_was(model: Model) -> None:
    photo = np.zeros((300, 320, 3), np.float32)
    photo[140:160, 158:178] = (0, 1, 0)  # about the nose, 20 px wide
    portrait = analysed(model, photo, FACE)
    np.testing.assert_allclose(
        applied(portrait.crop.matrix, FACE)[2], template("live_portrait_512", 256)[2], atol=12
    )
    crop = painted(model, portrait, portrait.motion.points)
    box = covered(crop.matrix, crop.side, *photo.shape[:2])
    back = put_back(crop.pixels, crop.matrix, box)[..., 1]
    rows, columns = np.nonzero(back > 0.5)
    centre = columns.mean() + box.left, rows.mean() + box.top
    assert centre == pytest.approx((167.5, 149.5), abs=0.35)
    corners = applied(inverted(crop.matrix), [(-0.5, -0.5), (511.5, 511.5)])
    assert box.left <= max(corners[:, 0].min() + 1, 0)
