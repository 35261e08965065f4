"""Meshes and 68 points come back in the photo's pixels, however the face is turned."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from softlight.alignment import applied, chained, shifting, warped
from softlight.roles.face_detection import Face
from softlight.roles.landmarks import FAN_68, MESH_468, Landmarks, Scheme, find_landmarks
from softlight.runtime import Model
from tests.core.roles.portraits import POINTS, eyes_apart, portrait
from tests.installed_models import install, real_weights
from tests.published_faces import face_mesh, fan_68, offsets

Note = Callable[[str, str, str], None]
REAL = {478: "mp_face_landmarks_detector_478.onnx", 468: "mp_face_landmark_468.onnx"}
SIDES = {478: 256, 468: 192}


def sitter(name: str) -> Face:
    """A face as a detector would give it."""
    points = np.array(POINTS[name], float)
    width = 2.1 * eyes_apart(name)
    x, y = points[:, 0].mean(), points[2, 1]
    return Face((x - width / 2, y - 0.63 * width, x + width / 2, y + 0.63 * width), 0.9, points)


def as_uniface_has_it(points: int) -> bytes:
    """The real weights under the signature of uniface's export: channels first, points in rows of three."""
    model = onnx.load_from_string(real_weights(REAL[points]))
    graph, side = model.graph, SIDES[points]
    theirs, landmarks, presence = graph.input[0].name, graph.output[0].name, graph.output[1].name
    graph.node.insert(0, helper.make_node("Transpose", ["input"], [theirs], perm=[0, 2, 3, 1]))
    for name, shape, to in ((landmarks, (-1, points, 3), "points"), (presence, (-1, 1), "score")):
        graph.initializer.append(numpy_helper.from_array(np.array(shape, np.int64), f"{to}.shape"))
        graph.node.append(helper.make_node("Reshape", [name, f"{to}.shape"], [to]))
    del graph.input[:], graph.output[:], graph.value_info[:]
    batch: int | str = "N" if points == 478 else 1  # the conversion of the smaller one fixes its batch
    describe = helper.make_tensor_value_info
    graph.input.append(describe("input", TensorProto.FLOAT, [batch, 3, side, side]))
    graph.output.append(describe("points", TensorProto.FLOAT, [batch, points, 3]))
    graph.output.append(describe("score", TensorProto.FLOAT, [batch, 1]))
    return bytes(model.SerializeToString())


@pytest.fixture(scope="module", params=REAL)
def mesh(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    content = real_weights(REAL[request.param])
    return install(tmp_path_factory.mktemp("mesh"), f"face-mesh-{request.param}-tflite", content)


def assert_fits(found: Landmarks, name: str) -> None:
    errors = np.linalg.norm(found.five - np.array(POINTS[name]), axis=1) / eyes_apart(name)
    assert errors.max() < 0.15, errors
    assert found.presence > 0.95


@pytest.mark.parametrize("name", POINTS)
def test_the_real_mesh_lies_on_the_face(mesh: Model, name: str, ran: Note) -> None:
    found = find_landmarks(mesh, portrait(name), sitter(name))
    assert_fits(found, name)
    chin, forehead = found.points[152], found.points[10]
    assert 1.5 < (chin[1] - forehead[1]) / eyes_apart(name) < 3.2
    nose, cheek = found.points[4, 2], found.points[[234, 454], 2].mean()
    assert 0.3 < (cheek - nose) / eyes_apart(name) < 2  # the nose is nearer, in the same unit
    assert all(0.15 < opening < 0.6 for opening in found.eyes_open)
    ran(mesh.contract.name, "real", "MediaPipe's weights; both sample portraits, turned by any angle")


@pytest.mark.parametrize("angle", [45, 90, 180, -120])
def test_turning_the_photo_turns_the_points(mesh: Model, angle: float) -> None:
    photo, face = portrait("hopper.jpg"), sitter("hopper.jpg")
    upright = find_landmarks(mesh, photo, face)
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    centre = face.points.mean(axis=0)
    turn = chained(shifting(*-centre), np.array([[c, -s, 300], [s, c, 300]]))
    corners = applied(turn, np.array(face.box).reshape(2, 2)[[[0, 0], [1, 0], [1, 1], [0, 1]], [0, 1]])
    low, high = corners.min(axis=0), corners.max(axis=0)
    turned = Face((*low, *high), 0.9, applied(turn, face.points))
    found = find_landmarks(mesh, warped(photo, turn, 600, 600), turned)
    errors = np.linalg.norm(found.points[:, :2] - applied(turn, upright.points[:, :2]), axis=1)
    assert errors.mean() / eyes_apart("hopper.jpg") < 0.02
    assert found.lips_open == pytest.approx(upright.lips_open, abs=0.05)


def test_nobody_is_there(mesh: Model) -> None:
    photo = np.random.default_rng(3).random((400, 400, 3), np.float32)
    points = np.array(POINTS["astronaut.png"], float)
    assert find_landmarks(mesh, photo, Face((150, 60, 290, 200), 0.9, points)).presence < 0.5


@pytest.mark.parametrize("points", REAL)
def test_the_real_mesh_as_uniface_exports_it(points: int, tmp_path: Path, ran: Note) -> None:
    photo, face = portrait("astronaut.png"), sitter("astronaut.png")
    plain = install(tmp_path / "a", f"face-mesh-{points}-tflite", real_weights(REAL[points]))
    model = install(tmp_path / "b", f"face-mesh-{points}", as_uniface_has_it(points))
    ours, theirs = (find_landmarks(each, photo, face) for each in (plain, model))
    np.testing.assert_allclose(theirs.points, ours.points, atol=1e-3)
    assert theirs.presence == pytest.approx(ours.presence, abs=1e-4)
    ran(model.contract.name, "stand-in", "MediaPipe's weights under uniface's signature; the same points")


def spot(x: float, y: float, radius: float = 9) -> np.ndarray:
    """A red disc in a dark photo of 400 x 500 px."""
    rows, columns = np.mgrid[:400, :500]
    photo = np.zeros((400, 500, 3), np.float32)
    photo[..., 0] = np.clip(radius + 0.5 - np.hypot(columns - x, rows - y), 0, 1)
    return photo


@pytest.mark.parametrize(
    ("name", "content", "scheme", "crop"),
    [
        ("fan-68", fan_68, FAN_68, 256 / 195),
        ("face-mesh-468", lambda: face_mesh(468, 192), MESH_468, None),
    ],
    ids=["fan-68", "face-mesh-468"],
)
@pytest.mark.parametrize("turn", [0, 30])
def test_networks_are_fed_and_read_as_published(
    name: str, content: Callable[[], bytes], scheme: Scheme, crop: float | None, turn: float,
    tmp_path: Path, ran: Note,
) -> None:  # fmt: skip
    """They mark what is pure red: the first point is on it, the others wind about it."""
    model = install(tmp_path, name, content())
    centre = np.array([250.0, 200])
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    across = np.array([c, s])
    eyes = np.stack([centre - 40 * across, centre + 40 * across])
    face = Face((150, 90, 350, 310), 0.9, np.concatenate([eyes, np.tile(centre, (3, 1))]))
    found = find_landmarks(model, spot(270, 180), face)
    assert found.points[0, :2] == pytest.approx((270, 180), abs=0.3)
    assert found.presence == pytest.approx(0.9 if name == "fan-68" else 1 / (1 + math.exp(-3)), abs=0.02)
    # The spiral is turned as the eyes are, and as large as the crop: 220 px of height, or the spiral's own.
    spiral = found.points[:, :2] - found.points[0, :2]
    first, last = offsets(scheme.points)[1], offsets(scheme.points)[-1]
    expected = math.atan2(last[1], last[0]) + math.radians(turn)
    assert math.cos(math.atan2(spiral[-1, 1], spiral[-1, 0]) - expected) > 0.999
    if crop is not None:
        px = 220 * crop / 256
        assert np.linalg.norm(spiral[-1]) == pytest.approx(px * np.linalg.norm(last), rel=0.01)
        assert np.linalg.norm(spiral[1]) == pytest.approx(px * np.linalg.norm(first), rel=0.02)
        assert not found.points[:, 2].any()
    else:
        scale = np.linalg.norm(spiral[-1]) / np.linalg.norm(last)
        np.testing.assert_allclose(found.points[:, 2], 8 * scale, rtol=1e-3)  # z in the photo's px
    ran(name, "generated", "marks what is pure red, in faces level and turned: colour order, 0..1, px, depth")
