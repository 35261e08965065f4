"""Softlight's own landmarks: near the teacher's, steady, and sure only where there is a face."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from softlight.alignment import applied, chained, inverted, shifting, warped
from softlight.roles.face_detection import Face
from softlight.roles.landmarks import MESH_478, Landmarks, find_landmarks
from softlight.runtime import Model, Runtime
from tests.core.roles.portraits import POINTS, eyes_apart, portrait
from tests.core.roles.test_landmarks import assert_fits, sitter
from tests.installed_models import install, real_weights


@pytest.fixture(scope="module")
def ours() -> Model:
    return Runtime("cpu").model("landmarks")


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Model:
    content = real_weights("mp_face_landmarks_detector_478.onnx")
    return install(tmp_path_factory.mktemp("mesh"), "face-mesh-478-tflite", content)


def apart(one: Landmarks, other: Landmarks, name: str) -> float:
    """Mean distance of two answers, in interocular distances."""
    distances = np.linalg.norm(one.points[:, :2] - other.points[:, :2], axis=1)
    return float(distances.mean() / eyes_apart(name))


@pytest.mark.parametrize("name", POINTS)
def test_they_lie_on_the_face(ours: Model, name: str) -> None:
    found = find_landmarks(ours, portrait(name), sitter(name))
    assert found.scheme is MESH_478
    assert found.points.shape == (478, 3)
    assert_fits(found, name)
    nose, cheek = found.points[4, 2], found.points[[234, 454], 2].mean()
    assert 0.3 < (cheek - nose) / eyes_apart(name) < 2  # the nose is nearer


@pytest.mark.parametrize("name", POINTS)
def test_they_are_near_the_teacher(ours: Model, teacher: Model, name: str) -> None:
    photo, face = portrait(name), sitter(name)
    assert apart(find_landmarks(ours, photo, face), find_landmarks(teacher, photo, face), name) < 0.05


@pytest.mark.parametrize("angle", [30, 45, 90, 180, -120])
def test_turning_the_photo_turns_them(ours: Model, angle: float) -> None:
    photo, face = portrait("hopper.jpg"), sitter("hopper.jpg")
    upright = find_landmarks(ours, photo, face)
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    turn = chained(shifting(*-face.points.mean(axis=0)), np.array([[c, -s, 300], [s, c, 300]]))
    turned = find_landmarks(
        ours, warped(photo, turn, 600, 600), Face((0, 0, 0, 0), 1, applied(turn, face.points))
    )
    back = applied(inverted(turn), turned.points[:, :2])
    errors = np.linalg.norm(back - upright.points[:, :2], axis=1)
    assert errors.mean() / eyes_apart("hopper.jpg") < 0.02


def test_noise_and_a_shift_by_a_pixel_hardly_move_them(ours: Model) -> None:
    photo, face = portrait("hopper.jpg"), sitter("hopper.jpg")
    height, width = photo.shape[:2]
    random = np.random.default_rng(4)
    found = []
    for _ in range(8):
        shift = random.uniform(-1, 1, 2)
        copy = warped(photo, shifting(*shift), width, height)
        copy += random.normal(0, 2 / 255, copy.shape).astype(np.float32)
        found.append(find_landmarks(ours, copy, face).points[:, :2] - shift)
    scatter = float(np.sqrt(np.stack(found).var(axis=0).sum(axis=1).mean()))
    assert scatter / eyes_apart("hopper.jpg") < 0.01


@pytest.mark.parametrize("apart_by", [16, 30])
def test_small_faces(ours: Model, apart_by: int) -> None:
    photo, face = portrait("hopper.jpg"), sitter("hopper.jpg")
    factor = apart_by / eyes_apart("hopper.jpg")
    small = cv2.resize(photo, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    found = find_landmarks(ours, small, Face((0, 0, 0, 0), 1, face.points * factor))
    whole = find_landmarks(ours, photo, face)
    errors = np.linalg.norm(found.points[:, :2] / factor - whole.points[:, :2], axis=1)
    assert errors.mean() / eyes_apart("hopper.jpg") < 0.08
    assert found.presence > 0.5


def places() -> dict[str, np.ndarray]:
    random = np.random.default_rng(3)
    rows, columns = np.mgrid[:400, :400].astype(np.float32) / 400
    hopper = portrait("hopper.jpg")
    return {
        "noise": random.random((400, 400, 3), np.float32),
        "one colour": np.full((400, 400, 3), 0.6, np.float32),
        "a slope": np.repeat((0.5 * rows + 0.5 * columns)[..., None], 3, axis=2),
        "cloth": np.ascontiguousarray(hopper[430:590, 20:180]),
        "stripes": np.repeat((np.sin(60 * columns) > 0).astype(np.float32)[..., None], 3, axis=2),
    }


@pytest.mark.parametrize("place", places())
def test_nobody_is_there(ours: Model, place: str) -> None:
    photo = places()[place]
    size = photo.shape[0]
    points = (np.array(POINTS["hopper.jpg"], float) - (266, 235)) * (size / 420) + size / 2
    assert find_landmarks(ours, photo, Face((0, 0, size, size), 0.9, points)).presence < 0.5
