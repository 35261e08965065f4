"""``softlight faces``: for people, for scripts, and drawn into the photo."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from softlight.faces.regions import REGIONS
from tests.core.cli.conftest import SAMPLES, Run
from tests.core.cli.test_bad_input import one_sentence
from tests.core.roles.portraits import POINTS, eyes_apart


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return Path(shutil.copy(SAMPLES / "hopper.jpg", tmp_path / "photo.jpg"))


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """The astronaut on the left of Grace Hopper."""
    both = Image.new("RGB", (1024, 600), "grey")
    for name, left in (("astronaut.png", 0), ("hopper.jpg", 512)):
        both.paste(Image.open(SAMPLES / name).convert("RGB"), (left, 0))
    both.save(tmp_path / "pair.png")
    return tmp_path / "pair.png"


def found(run: Run, *arguments: object) -> dict[str, Any]:
    done = run("faces", *arguments, "--provider", "cpu", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_faces_for_machines(softlight: Run, photo: Path) -> None:
    (face,) = found(softlight, photo)["faces"]
    assert set(face) == {"box", "score", "points", "landmarks", "regions"}
    left, top, right, bottom = face["box"]
    points = np.array(face["points"])
    assert points.shape == (5, 2) and 0.5 < face["score"] <= 1
    assert (points > (left, top)).all() and (points < (right, bottom)).all()
    errors = np.linalg.norm(points - np.array(POINTS["hopper.jpg"]), axis=1) / eyes_apart("hopper.jpg")
    assert errors.max() < 0.15, errors
    assert np.array(face["landmarks"]).shape == (478, 3)


def test_every_region_is_an_outline_on_or_below_the_face(softlight: Run, photo: Path) -> None:
    (face,) = found(softlight, photo)["faces"]
    assert tuple(face["regions"]) == REGIONS
    for name, parts in face["regions"].items():
        assert 1 <= len(parts) <= 2, name
        for part in parts:
            outline = np.array(part)
            assert outline.shape[0] >= 3 and outline.shape[1] == 2
            reach = np.abs(outline - np.array(POINTS["hopper.jpg"][2])).max() / eyes_apart("hopper.jpg")
            assert reach < 4, (name, reach)
    assert np.array(face["regions"]["forehead"][0])[:, 1].mean() < face["points"][0][1]
    assert np.array(face["regions"]["neck"][0])[:, 1].mean() > face["points"][3][1]


def test_faces_are_numbered_from_left_to_right(softlight: Run, pair: Path) -> None:
    faces = found(softlight, pair)["faces"]
    centres = [(face["box"][0] + face["box"][2]) / 2 for face in faces]
    assert len(faces) == 2 and centres[0] < 512 < centres[1]


def test_faces_for_people(softlight: Run, pair: Path) -> None:
    done = softlight("faces", pair, "--provider", "cpu")
    assert done.returncode == 0 and done.stderr == ""
    first, second = done.stdout.splitlines()
    assert first.startswith("1: ") and second.startswith("2: ") and "px between the eyes" in second


def test_no_face_is_an_answer(softlight: Run, tmp_path: Path) -> None:
    empty = tmp_path / "sky.png"
    Image.linear_gradient("L").resize((400, 300)).save(empty)
    answer = found(softlight, empty)
    assert answer["faces"] == [] and "No face was found in this photo." in answer["notes"]


def test_the_overlay_is_the_photo_with_faces_drawn_into_it(
    softlight: Run, photo: Path, tmp_path: Path
) -> None:
    target = tmp_path / "overlay.png"
    answer = found(softlight, photo, "--overlay", target)
    assert answer["overlay"] == str(target)
    drawn, own = (np.asarray(Image.open(path).convert("RGB")).astype(int) for path in (target, photo))
    assert drawn.shape == own.shape
    # The medals are no part of the face; the forehead is.
    assert (drawn[480:, 320:] == own[480:, 320:]).all()
    assert (drawn[140:160, 220:300] != own[140:160, 220:300]).any(axis=-1).mean() > 0.5


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("overlay.ora", "flat picture"),
        ("overlay", "flat picture"),
        ("photo.jpg", "which it is made from"),
        ("nowhere/overlay.png", "does not exist"),
    ],
)
def test_an_overlay_that_cannot_be_is_refused(softlight: Run, photo: Path, name: str, words: str) -> None:
    before = photo.read_bytes()
    done = softlight("faces", photo, "--overlay", photo.parent / name)
    assert done.returncode == 3 and done.stdout == "" and words in one_sentence(done.stderr)
    assert [path.name for path in photo.parent.iterdir()] == ["photo.jpg"]
    assert photo.read_bytes() == before


def test_what_is_no_photo_is_refused(softlight: Run, tmp_path: Path) -> None:
    letter = tmp_path / "letter.png"
    letter.write_text("Dear diary", "utf-8")
    done = softlight("faces", letter, "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == answer["exit_code"] == 3 and "is not a PNG" in answer["error"]
