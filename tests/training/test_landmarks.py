"""Points of the landmarks recipe lie on what they mark, however a face is cut out, mirrored or drawn anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipes need torch")

import torch

from softlight.alignment import applied
from softlight.roles.landmarks import MESH_478, square_around
from tests.training.faces import mean_mesh
from training import landmark_faces, landmarks


def face(seed: int = 1) -> np.ndarray:
    """Points of an upright face in the middle of a stored picture, roughly where they are: (478, 3)."""
    random = np.random.default_rng(seed)
    points = np.empty((478, 3))
    points[:, :2] = 192 + 80 * random.uniform(-1, 1, (478, 2))
    points[:, 2] = 20 * random.uniform(-1, 1, 478)
    eyes = {33: (-62, -30), 133: (-22, -30), 362: (22, -30), 263: (62, -30)}
    for index, place in eyes.items():
        points[index, :2] = 192 + np.array(place)
    return points


def dotted(points: np.ndarray) -> np.ndarray:
    """A dark picture with a white disc of 9 px on each of some points."""
    rows, columns = np.mgrid[:384, :384]
    picture = np.full((384, 384, 3), 20, np.uint8)
    for x, y in points[:, :2]:
        picture[np.hypot(columns - x, rows - y) < 4.5] = 255
    return picture


@pytest.fixture
def crops(tmp_path: Path) -> landmarks.Crops:
    points = np.stack([face(1), face(2)]).astype(np.float32)
    marked = [0, 33, 263]
    np.save(tmp_path / "points.npy", points)
    np.save(tmp_path / "faces.npy", np.stack([dotted(p[marked]) for p in points]))
    np.save(tmp_path / "places.npy", np.full((2, 384, 384, 3), 90, np.uint8))
    return landmarks.Crops(tmp_path, seed=3)


def test_the_square_is_the_one_that_the_filter_cuts(crops: landmarks.Crops) -> None:
    for points, square in zip(crops.points, crops.squares, strict=True):
        matrix = square_around(points[:468, :2].astype(float), MESH_478, 256)
        x, y, side, angle = square
        half = side / 2 * np.exp(1j * angle)
        ends = np.array([x + 1j * y - half, x + 1j * y + half])
        middle = applied(matrix, np.stack([ends.real, ends.imag], axis=1))
        np.testing.assert_allclose(middle, [(-0.5, 127.5), (255.5, 127.5)], atol=0.01)


def test_points_lie_where_the_picture_shows_them(crops: landmarks.Crops) -> None:
    """Also where the square misses: turned, shifted, another size."""
    for index in (0, 1):
        for _ in range(5):
            square = crops.missed(crops.squares[index])
            crops.filed = lambda crop: crop  # type: ignore[method-assign]
            seen = np.asarray(crops.seen(crops.faces[index], square), float)[..., 0] - 20
            for x, y, _ in crops.placed(index, square)[[0, 33, 263]]:
                left, top = round(float(x)) - 7, round(float(y)) - 7
                window = seen[top : top + 15, left : left + 15]
                rows, columns = np.mgrid[top : top + 15, left : left + 15]
                assert (columns * window).sum() / window.sum() == pytest.approx(x, abs=0.3)
                assert (rows * window).sum() / window.sum() == pytest.approx(y, abs=0.3)


def test_a_batch_has_what_the_loss_wants(crops: landmarks.Crops) -> None:
    image, points, presence = crops.batch(12)
    assert image.shape == (12, 3, 256, 256) and points.shape == (12, 478, 3)
    assert image.min() >= 0 and image.max() <= 1
    assert presence[:, 0].tolist() == [1, 1, 1, 1, 1, 0] * 2
    sure = 20 * (2 * presence - 1)
    least = float(landmarks.loss(points, sure, points, presence))
    assert least < 0.02  # the rounded tip of the cone
    moved = points + torch.tensor([3.0, 4.0, 0.0])
    unit = float(landmarks.loss(moved, sure, points, presence))
    assert unit > least + 0.03
    assert float(landmarks.loss(points, -sure, points, presence)) > 0.9


def test_the_last_layer_starts_as_the_shapes_of_faces() -> None:
    random = np.random.default_rng(1)
    basis = random.normal(size=(5, 478 * 3))
    shapes = (128 + random.normal(size=(100, 5)) @ basis).reshape(100, 478, 3).astype(np.float32)
    network = landmarks.Landmarks().eval()
    network.start_from(shapes)
    mean, axes = network.shapes.bias.detach().numpy(), network.shapes.weight.detach().numpy()
    np.testing.assert_allclose(mean * 256, shapes.reshape(100, -1).mean(axis=0), atol=1e-3)
    rest = shapes[0].ravel() / 256 - mean
    coefficients = np.linalg.lstsq(axes, rest, rcond=None)[0]
    np.testing.assert_allclose(axes @ coefficients, rest, atol=1e-4)
    with torch.no_grad():
        points, presence = network(torch.rand(2, 3, 256, 256))
    assert points.shape == (2, 478, 3) and presence.shape == (2, 1)


def test_a_face_drawn_anew_has_its_features_where_they_were_put() -> None:
    points = real_face()
    marked = [33, 263, 61, 291, 4]
    random = np.random.default_rng(8)
    for _ in range(4):
        drawn, there = landmark_faces.redrawn(dotted(points[marked]), points, random)
        for x, y in there[marked, :2]:
            left, top = round(x) - 6, round(y) - 6
            assert drawn[top : top + 13, left : left + 13].max() > 150


def real_face() -> np.ndarray:
    """The mean mesh that the package holds, in the middle of a stored picture, on a rounded head."""
    flat = 72 * (mean_mesh() - (0, 0.5))
    deep = 0.006 * (flat**2).sum(axis=1, keepdims=True)
    return np.concatenate([192 + flat, deep], axis=1)
