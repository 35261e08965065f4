"""Faces are found blurred, covered, upside down and by the hundred; what only looks like one is none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from softlight.faces import analysis
from softlight.picture import Picture
from softlight.runtime import Runtime
from tests.core.faces.conftest import sample
from tests.core.roles.portraits import POINTS

SAMPLES = sorted(POINTS)


def found_at(picture: np.ndarray, runtime: Runtime, points: np.ndarray) -> list[bool]:
    """For each face that is found, whether its points are these, within a third of the eyes' distance."""
    apart = np.linalg.norm(points[1] - points[0])
    faces = analysis.find(Picture(picture), runtime)
    return [bool(np.linalg.norm(face.points - points, axis=1).max() < apart / 3) for face in faces]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_blurred_face(name: str, runtime: Runtime) -> None:
    """By 4 % of its width; Hopper's is 2.1 distances between the eyes wide."""
    points = np.array(POINTS[name], float)
    sigma = 0.04 * 2.1 * float(np.linalg.norm(points[1] - points[0]))
    assert found_at(cv2.GaussianBlur(sample(name), (0, 0), sigma), runtime, points) == [True]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_face_upside_down(name: str, runtime: Runtime) -> None:
    picture = np.ascontiguousarray(sample(name)[::-1, ::-1])
    points = np.array(picture.shape[1::-1]) - 1 - np.array(POINTS[name], float)
    assert found_at(picture, runtime, points) == [True]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_face_in_sunglasses(name: str, runtime: Runtime) -> None:
    picture, points = sample(name).copy(), np.array(POINTS[name])
    apart = int(points[1, 0] - points[0, 0])
    cv2.line(picture, points[0].tolist(), points[1].tolist(), (20, 20, 20), apart // 10)
    for eye in points[:2].tolist():
        cv2.ellipse(picture, eye, (round(0.42 * apart), round(0.3 * apart)), 0, 0, 360, (25, 25, 30), -1)
    assert found_at(picture, runtime, points.astype(float)) == [True]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_face_in_a_mask(name: str, runtime: Runtime) -> None:
    """Its points lie below the mask, so only that it is found, and where."""
    picture, points = sample(name).copy(), np.array(POINTS[name])
    apart = int(points[1, 0] - points[0, 0])
    x, y = points[2].tolist()
    rim = [(-0.9, -0.1), (0, -0.35), (0.9, -0.1), (0.75, 0.8), (0, 1.35), (-0.75, 0.8)]
    cloth = np.array([(x + apart * right, y + apart * down) for right, down in rim])
    cv2.fillPoly(picture, [np.rint(cloth).astype(np.int32)], (150, 190, 210))
    (face,) = analysis.find(Picture(picture), runtime)
    assert np.linalg.norm(face.points[:2] - points[:2], axis=1).max() < 0.4 * apart


def test_a_hundred_faces(runtime: Runtime) -> None:
    tiles = []
    for name in SAMPLES:
        points = np.array(POINTS[name])
        apart, (x, y) = int(points[1, 0] - points[0, 0]), points[2].tolist()
        reach = 2 * apart
        part = sample(name)[max(0, y - reach) : y + reach, max(0, x - reach) : x + reach]
        tiles.append(cv2.resize(part, (170, 170), interpolation=cv2.INTER_AREA))
    rows = [np.concatenate([tiles[(row + column) % 2] for column in range(10)], axis=1) for row in range(10)]
    faces = analysis.find(Picture(np.concatenate(rows)), runtime)
    assert len(faces) == 100
    places = {tuple((face.points.mean(axis=0) // 170).astype(int).tolist()) for face in faces}
    assert len(places) == 100


def smiley(side: int) -> np.ndarray:
    picture = np.full((side, side, 3), 255, np.uint8)
    at = side // 2
    cv2.circle(picture, (at, at), round(0.4 * side), (250, 210, 40), -1)
    for x in (0.36, 0.64):
        cv2.circle(picture, (round(x * side), round(0.4 * side)), round(0.05 * side), (0, 0, 0), -1)
    cv2.ellipse(picture, (at, at), (side // 5, side // 5), 0, 20, 160, (0, 0, 0), side // 40)
    return picture


def hopper_s_buttons() -> np.ndarray:
    """The detector takes two of them for faces, at .8 and .7."""
    return sample("hopper.jpg")[400:]


@pytest.mark.parametrize("picture", [smiley(300), hopper_s_buttons(), sample("astronaut.png")[250:]])
def test_nobody(picture: np.ndarray, runtime: Runtime) -> None:
    assert analysis.find(Picture(picture), runtime) == ()
