"""What the labelling scripts share, and what a training machine needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from training import labelling, mesh_points

MANIFEST = "file,age\npd/a.jpg,40\ncc0/b.jpg,\nlondon/c.jpg,30\nhistoric/d.jpg,\n"


@pytest.fixture
def portraits(tmp_path: Path) -> Path:
    (tmp_path / "MANIFEST.csv").write_text(MANIFEST)
    return tmp_path


def test_each_portrait_of_the_sets_is_labelled_once(portraits: Path, tmp_path: Path) -> None:
    asked: list[str] = []

    def label(name: str) -> dict[str, np.ndarray] | None:
        asked.append(name)
        return None if name == "cc0/b.jpg" else {"mesh": np.arange(3)}

    for _ in range(2):
        labelling.label_all(portraits, tmp_path / "out", ("pd", "cc0"), label)
    # Where no face was found is looked at again: nothing tells it from what was not reached.
    assert asked == ["pd/a.jpg", "cc0/b.jpg", "cc0/b.jpg"]
    assert [p.name for p in (tmp_path / "out").rglob("*.*")] == ["a.npz"]
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "pd" / "a.npz")["mesh"], np.arange(3))


def test_a_labelling_that_breaks_off_leaves_no_file_that_counts(portraits: Path, tmp_path: Path) -> None:
    class Broken:
        def __array__(self, *_: object, **__: object) -> np.ndarray:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        labelling.label_all(portraits, tmp_path / "out", ("pd",), lambda name: {"mesh": Broken()})
    assert not list((tmp_path / "out").rglob("*.npz"))


def test_a_folder_without_a_manifest_is_said(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"MANIFEST\.csv does not exist; name the folder"):
        labelling.names(tmp_path, ("pd",))


def test_the_surroundings_of_a_face_end_where_the_picture_does() -> None:
    mesh = np.zeros((478, 2))
    mesh[mesh_points.RIGHT_EYE], mesh[mesh_points.LEFT_EYE] = (100, 100), (140, 100)
    box, scale = labelling.around_eyes(mesh, (180, 400), (2, 3, 2, 5), 80)
    assert box == (40, 0, 180, 300)
    assert scale == 2


def test_the_recipes_need_torch_numpy_and_pillow_only() -> None:
    """A machine with a GPU may have no more: not the package, its OpenCV or onnxruntime."""
    pytest.importorskip("torch", reason="the recipes need torch")
    recipes = ["wrinkle_map", "skin_inpainting", "landmarks", "face_detection", "parsing"]
    absent = ["cv2", "onnxruntime", "onnx", "softlight", "softlight_models"]
    hidden = f"import sys; sys.modules.update(dict.fromkeys({absent}))"
    imports = ", ".join(f"training.{recipe}" for recipe in recipes)
    subprocess.run([sys.executable, "-c", f"{hidden}; import {imports}"], check=True, timeout=120)
