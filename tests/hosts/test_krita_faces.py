"""De-wrinkle on whole faces in real Krita: two people in one picture, and no brush.

Run:   python -m pytest -m hosts tests/hosts/test_krita_faces.py
Needs: what `roots.py` needs; some 60 s for each Krita. 5.2 runs by default.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from conftest import find_root
from krita_application import KRITAS, Played, install, play
from two_people import draw_two_people
from workplace import workplace

from softlight.compositor import composite, quantise
from softlight.filters.registry import load
from softlight.filters.specification import settings_from_arguments
from softlight.layers import LayerStack
from softlight.picture import Picture
from softlight.runtime import Runtime

pytestmark = pytest.mark.hosts

ONE = {"faces": "2", "forehead": 0.0, "mouth": 0.5}


@pytest.fixture(scope="module", params=KRITAS)
def krita(request: pytest.FixtureRequest) -> Iterator[Played]:
    root = find_root(request.param)
    with workplace() as place:
        install(place, "krita_driver")
        picture = draw_two_people(place.pictures / "zwei.png")
        mask = place.folder / "mask.raw"
        width, height = picture.size
        mask.write_bytes(bytes(width * (height - 1)) + b"\xff" * width)
        file = str(place.pictures / "zwei.png")
        yield play(root, place, "krita_faces", SOFTLIGHT_PICTURE=file, SOFTLIGHT_MASK=str(mask))


def picture(krita: Played, name: str) -> np.ndarray:
    width, height = krita.found["size"]
    pixels = np.fromfile(krita.out / name, np.uint8).reshape(height, width, 4)
    return np.ascontiguousarray(pixels[..., 2::-1])


def reference(krita: Played, **arguments: Any) -> LayerStack:
    """What the filter itself makes of the pixels that Krita has read."""
    filter_ = load("dewrinkle")
    settings = settings_from_arguments(filter_.spec, filter_.settings_type, arguments)
    return filter_.run(Picture(picture(krita, "photo.raw")), None, settings, Runtime())


def agree(krita: Played, name: str, stack: LayerStack) -> None:
    photo = picture(krita, "photo.raw")
    expected = composite(Picture(photo), quantise(stack, np.uint8)).pixels
    assert np.abs(photo.astype(int) - expected).max() > 10, "the filter does nothing here"
    assert np.abs(picture(krita, name).astype(int) - expected).max() <= 2


def names(layers: list[dict[str, Any]]) -> list[str]:
    return [layer["name"] for layer in layers]


def test_automatic_is_the_brush_mask_else_the_selection_else_whole_faces(krita: Played) -> None:
    assert krita.found["nothing_marked"] == ["Whole faces (automatic)", True, False, "all"]
    assert krita.found["selected"] == ["Selection (automatic)", False, False, "all"]
    assert krita.found["painted"] == ["Brush mask (automatic)", False, False, "all", True]


def test_faces_are_found_and_shown(krita: Played) -> None:
    assert krita.found["stopped"] == ["", False, "Find faces"]
    assert krita.found["search"]["words"] == "All faces" and krita.found["search"]["note"] == ""
    assert krita.found["search"]["heard"] > 0
    assert krita.found["thumbnails"] == [48, 48]


def test_the_map_is_seen_before_anything_is_changed(krita: Played) -> None:
    assert not krita.found["preview"][1], krita.found["preview"][0]
    assert krita.found["previewed"] == {"label": "Wrinkle map", "map": True, "after": True, "same": True}


def test_each_face_has_layers_of_its_own(krita: Played) -> None:
    assert krita.found["run"] == ["De-wrinkle is done.", False]
    stack = reference(krita)
    _, group = krita.found["layers"]
    assert names(group["children"]) == [layer.name for layer in stack.layers]
    assert {"De-wrinkle 1", "De-wrinkle 2"} <= set(names(group["children"]))
    agree(krita, "all.raw", stack)
    assert krita.found["bake"] == ["The group is one normal layer now.", False]
    assert np.array_equal(picture(krita, "baked.raw"), picture(krita, "all.raw"))
    assert krita.found["undone"] == ["De-wrinkle", True], "Bake is not one step, or the run is not"


def test_one_face_and_some_regions(krita: Played) -> None:
    assert krita.found["chosen"] == ["2", "1 of 2 faces"]
    assert krita.found["last"] == ["2", "One face at least has to stay chosen."]
    assert krita.found["one"] == ["De-wrinkle is done.", False]
    half = krita.found["size"][0] // 2
    photo, one = picture(krita, "photo.raw"), picture(krita, "one.raw")
    assert np.array_equal(one[:, :half], photo[:, :half]) and not np.array_equal(one, photo)


def test_one_face_and_some_regions_agree_with_the_reference(krita: Played) -> None:
    agree(krita, "one.raw", reference(krita, **ONE))


def test_run_again_keeps_faces_and_regions(krita: Played) -> None:
    record = json.loads(krita.found["record"])
    assert record["mask"] is None
    assert {name: record["asked"][name] for name in ONE} == ONE
    # The numbers of one photo's faces mean nothing in another one.
    assert krita.found["other_photo"] == ["Whole faces (automatic)", True, False, "all"]
    assert krita.found["reset"] == [True, True], "not what was chosen was reset, but what was chosen before"
    assert krita.found["group"] == ["Selection (automatic)", True, False, "2", 0.0, 0.5]
    assert krita.found["again"] == ["The group is renewed.", False]
    assert krita.found["again_layers"] == krita.found["one_layers"]
    assert np.array_equal(picture(krita, "again.raw"), picture(krita, "one.raw"))


def test_what_cannot_be_done_is_said_in_a_sentence(krita: Played) -> None:
    for case in ("everything", "no_such_face", "no_face_run"):
        sentence, failed = krita.found[case]
        assert failed and sentence.endswith(".") and "defect" not in sentence, sentence
    assert krita.found["unchanged"] and krita.found["no_face_layers"] == 1
    note = krita.found["no_face"]["note"]
    assert "face" in note and note.endswith(".")


def test_the_photo_was_never_changed_and_krita_ends_well(krita: Played) -> None:
    assert krita.found["photo_same"]
    assert krita.exit_code == 0 and "Traceback" not in krita.log
    assert not (krita.out / "crash.txt").read_text("utf-8")
