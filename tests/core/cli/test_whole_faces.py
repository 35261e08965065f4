"""De-wrinkle without a brush, and the wrinkle map, through the real command line."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
from PIL import Image

from tests.core.cli.conftest import SAMPLES, Job, Run
from tests.core.cli.test_bad_input import contents, one_sentence

USAGE = 2


def of_hopper(job: Job) -> Job:
    """The same with the portrait that has wrinkles."""
    photo = job.folder / "hopper.png"
    Image.open(SAMPLES / "hopper.jpg").save(photo)
    return replace(job, photo=photo)


def whole(job: Job, *more: object) -> tuple[object, ...]:
    return ("dewrinkle", job.photo, "--provider", "cpu", *more)


def opened(path: object) -> np.ndarray:
    return np.asarray(Image.open(str(path)).convert("RGB")).astype(int)


def test_a_whole_face_is_worked_on_and_nothing_else(softlight: Run, job: Job) -> None:
    job = of_hopper(job)
    done = softlight(*whole(job, "-o", job.out, "--json"))
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert [layer["name"] for layer in answer["layers"]][:1] == ["De-wrinkle"]
    assert answer["settings"]["faces"] == "all"
    change = np.abs(opened(job.out) - opened(job.photo)).max(axis=-1)
    assert (change[100:330, 180:360] > 0).mean() > 0.02
    assert (change[420:] == 0).all() and (change[:, :120] == 0).all()


def test_a_region_that_is_off_stays_as_it_is(softlight: Run, job: Job) -> None:
    job = of_hopper(job)
    regions = ("forehead", "glabella", "crows-feet", "under-eye", "mouth", "chin", "cheeks", "neck")
    off = [f"--{name}=0" for name in regions]
    assert softlight(*whole(job, "-o", job.out, *off)).returncode == 0
    change = np.abs(opened(job.out) - opened(job.photo)).max(axis=-1)
    # Of the nasolabial folds alone: beside nose and mouth, and not above the eyes or on the neck.
    assert (change[215:310] > 0).any() and (change[:190] == 0).all() and (change[350:] == 0).all()


def test_the_map_is_shown_before_anything_is_changed(softlight: Run, job: Job) -> None:
    job = of_hopper(job)
    map_ = job.folder / "map.png"
    before = contents(job.folder)
    done = softlight(*whole(job, "--view", map_, "--json"))
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert answer["view"] == str(map_) and "output" not in answer
    assert {name: data for name, data in contents(job.folder).items() if name != "map.png"} == before
    shown = opened(map_)
    assert shown.shape == opened(job.photo).shape
    red = shown[..., 0] - shown[..., 1] > 60
    assert red[100:330, 180:360].any() and not red[420:].any()


def test_what_is_to_be_told_is_told_with_the_map_alone(softlight: Run, job: Job) -> None:
    arguments = ("dewrinkle", job.photo, "--view", job.folder / "map.png", "--provider", "cuda", "--json")
    done = softlight(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    # Nowhere do the tests run on onnxruntime's package for CUDA.
    assert any("CUDA" in note for note in json.loads(done.stdout)["notes"])


def test_map_and_result_at_once_with_a_brush(softlight: Run, job: Job) -> None:
    map_ = job.folder / "map.png"
    done = softlight(*job.arguments("--view", map_))
    assert done.returncode == 0 and done.stdout.split() == [str(job.out), str(map_)]
    assert map_.is_file() and job.out.is_file()


def refused(run: Run, job: Job, arguments: tuple[object, ...], status: int, words: str) -> None:
    before = contents(job.folder)
    done = run(*arguments)
    assert done.returncode == status, done.stdout + done.stderr
    assert words in one_sentence(done.stderr)
    assert contents(job.folder) == before


def test_a_result_needs_a_name(softlight: Run, job: Job) -> None:
    refused(softlight, job, whole(job), USAGE, "give one with -o or --view")
    same = job.folder / "same.png"
    for also in (same, job.folder / ".." / job.folder.name / same.name):
        refused(softlight, job, whole(job, "-o", same, "--view", also), USAGE, "give two")
    refused(softlight, job, whole(job, "--view", job.photo), 3, "which it is made from")
    refused(softlight, job, whole(job, "--view", job.folder / "map.ora"), 3, "flat picture")


def test_a_face_that_is_not_there_is_told(softlight: Run, job: Job) -> None:
    refused(softlight, job, whole(job, "-o", job.out, "--faces", "2"), USAGE, "face")
    refused(softlight, job, whole(job, "-o", job.out, "--faces", "first"), USAGE, "'1,3'")


def test_everything_needs_a_brush(softlight: Run, job: Job) -> None:
    refused(softlight, job, whole(job, "-o", job.out, "--target", "everything"), USAGE, "brush")


def test_a_photo_without_faces_is_told_what_to_do(softlight: Run, job: Job) -> None:
    Image.linear_gradient("L").resize((400, 300)).save(job.photo)
    for target in (("-o", job.out), ("--view", job.folder / "map.png")):
        refused(softlight, job, whole(job, *target), 4, "paint")
