"""MediaPipe's blendshapes are shown the points that it shows them, and answer as it does."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch", reason="the evaluations need torch")
pytest.importorskip("cv2", reason="the faces are cut out with OpenCV")
pytest.importorskip("onnxruntime", reason="MediaPipe's networks run on it")

from tests.installed_models import REAL_WEIGHTS
from tests.training.faces import mean_mesh
from training import teachers
from training.evaluation import expressions_seen
from training.evaluation.expressions_seen import NAMES, SEEN, Expressions, smile


@pytest.fixture(scope="module")
def judge() -> Expressions:
    needed = [expressions_seen.FILE, teachers.FILES["detector"], teachers.FILES["mesh"]]
    for name in needed:
        if not (REAL_WEIGHTS / name).is_file():
            pytest.skip(f"{name} is not at hand")
    return Expressions(REAL_WEIGHTS)


def sample(name: str) -> np.ndarray:
    with as_file(files("softlight.samples") / name) as path:
        return np.asarray(Image.open(Path(path)).convert("RGB"))


def test_points_and_names_are_complete() -> None:
    assert len(SEEN) == 146
    assert list(SEEN) == sorted(set(SEEN))
    assert SEEN[-10:] == tuple(range(468, 478))
    assert len(set(NAMES)) == len(NAMES) == 52
    left = {name.removesuffix("Left") for name in NAMES if name.endswith("Left")}
    assert left == {name.removesuffix("Right") for name in NAMES if name.endswith("Right")}


def test_the_samples_are_seen_as_mediapipe_sees_them(judge: Expressions) -> None:
    """What MediaPipe 1.2.2's face landmarker said of the same photos; its own squares differ a little."""
    seen = judge(sample("astronaut.png"))
    assert smile(seen) == pytest.approx(0.902, abs=0.05)
    assert seen["mouthUpperUpLeft"] == pytest.approx(0.468, abs=0.1)
    assert seen["jawOpen"] < 0.1
    assert smile(judge(sample("hopper.jpg"))) == pytest.approx(0.006, abs=0.03)


def test_what_the_points_do_is_told_and_not_where_they_are(judge: Expressions) -> None:
    mesh = mean_mesh() * 80 + (300, 250)
    at_rest = judge.of_points(mesh)
    again = judge.of_points(3 * mesh + (40, -70))
    assert max(abs(again[name] - at_rest[name]) for name in NAMES) < 0.01
    assert smile(at_rest) > 0.6  # of the portraits behind the mean face most smile
    sad = mesh.copy()
    for corner, side in ((61, -1), (291, 1)):
        near = np.exp(-np.sum((mesh - mesh[corner]) ** 2, axis=1) / (2 * 20**2))
        sad -= near[:, None] * np.array([side * 8, -10])
    assert smile(judge.of_points(sad)) < 0.3


def test_a_picture_without_a_face_cannot_be_judged(judge: Expressions) -> None:
    with pytest.raises(ValueError, match="no face"):
        judge(np.full((200, 200, 3), 128, np.uint8))


def test_separation_counts_pairs() -> None:
    low, high = np.array([0.1, 0.5]), np.array([0.5, 0.9])
    assert expressions_seen.separation(low, high) == pytest.approx(3.5 / 4)
    assert expressions_seen.separation(high, high) == 0.5
