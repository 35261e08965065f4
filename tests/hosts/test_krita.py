"""De-wrinkle in real Krita, in its window: everything that a retoucher does with it on a portrait.

Run:   python -m pytest -m hosts tests/hosts/test_krita.py
Needs: as `test_infrastructure.py`. 5.1 and 5.2 run by default; 5.3 and 6.0 carry the marker `all_hosts`. Each
       Krita is started once and plays `inside/krita_portrait.py`, which takes about 40 s.

The rule of agreement: the host's picture against the reference compositor's, at most 2 levels of 255.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import find_root
from krita_application import Played, install, play
from workplace import workplace

import softlight
from softlight.compositor import composite, quantise
from softlight.encoding import from_unit, to_unit
from softlight.files import read_mask, read_picture
from softlight.filters.registry import load
from softlight.filters.specification import settings_from_arguments
from softlight.layers import LayerStack
from softlight.picture import Picture
from softlight.runtime import Runtime

pytestmark = pytest.mark.hosts

SAMPLES = Path(softlight.__file__).parent / "samples"
VERSIONS = [
    pytest.param("bookworm", id="5.1"),
    pytest.param("trixie", id="5.2"),
    pytest.param("forky", id="5.3", marks=pytest.mark.all_hosts),
    pytest.param("sid", id="6.0", marks=pytest.mark.all_hosts),
]
WITH_MASKS = ("5.2", "5.3", "6.0")


@pytest.fixture(scope="module", params=VERSIONS)
def krita(request: pytest.FixtureRequest) -> Iterator[Played]:
    root = find_root(request.param)
    with workplace() as place:
        install(place, "krita_driver")
        picture = Path(shutil.copy(SAMPLES / "hopper.jpg", place.pictures / "hopper ü.jpg"))
        mask = place.folder / "mask.raw"
        mask.write_bytes(painted().tobytes())
        yield play(root, place, "krita_portrait", SOFTLIGHT_PICTURE=str(picture), SOFTLIGHT_MASK=str(mask))


def painted() -> np.ndarray:
    mask = read_mask(SAMPLES / "hopper-mask.png", read_picture(SAMPLES / "hopper.jpg"))
    return np.asarray(from_unit(to_unit(mask), np.uint8))


@pytest.fixture(scope="module")
def stack(krita: Played) -> LayerStack:
    """What the filter itself makes of the pixels that Krita has read."""
    filter_ = load("dewrinkle")
    settings = settings_from_arguments(filter_.spec, filter_.settings_type, {})
    return filter_.run(photo(krita), painted(), settings, Runtime())


def picture(krita: Played, name: str) -> np.ndarray:
    width, height = krita.found["size"]
    pixels = np.fromfile(krita.out / name, np.uint8).reshape(height, width, 4)
    return np.ascontiguousarray(pixels[..., 2::-1])


def photo(krita: Played) -> Picture:
    return Picture(picture(krita, "photo.raw"))


def difference(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


def names(layers: list[dict[str, Any]]) -> list[str]:
    return [layer["name"] for layer in layers]


def has_masks(krita: Played) -> bool:
    return krita.found["version"].startswith(WITH_MASKS)


def test_the_result_is_a_pass_through_group_directly_above(krita: Played, stack: LayerStack) -> None:
    assert krita.found["run"] == ["De-wrinkle is done.", False]
    background, group = krita.found["layers"]
    assert (group["name"], group["type"], group["pass_through"]) == ("De-wrinkle", "grouplayer", True)
    assert background["children"] == []
    assert names(group["children"]) == names([{"name": layer.name} for layer in stack.layers])
    blends = {"normal": "normal", "soft-light": "soft_light_pegtop_delphi"}
    for child, layer in zip(group["children"], stack.layers, strict=True):
        assert (child["type"], child["blend"]) == ("paintlayer", blends[layer.blend.value])
        assert child["inherits_alpha"] and child["opacity"] == 255
        assert child["box"][:2] == list(layer.offset)
        assert child["box"][2:] == [layer.mask.shape[1], layer.mask.shape[0]]
        masks = [mask["type"] for mask in child["children"]]
        assert masks == (["transparencymask"] if has_masks(krita) else [])
    assert krita.found["active"] == "De-wrinkle"


@pytest.mark.parametrize(("name", "opacity"), [("run.raw", 1.0), ("again.raw", 128 / 255)])
def test_the_picture_agrees_with_the_reference(
    krita: Played, stack: LayerStack, name: str, opacity: float
) -> None:
    layers = tuple(replace(layer, opacity=opacity) for layer in stack.layers)
    expected = composite(photo(krita), quantise(replace(stack, layers=layers), np.uint8))
    changed = difference(photo(krita).pixels, expected.pixels)
    assert changed > 20
    assert difference(picture(krita, name), expected.pixels) <= 2


def test_one_undo_takes_it_away_and_redo_brings_it_back(krita: Played) -> None:
    assert krita.found["undone"]["same"] and names(krita.found["undone"]["layers"]) == ["Background"]
    before, after = krita.found["undo"]
    assert before == after, "more than one step was taken"
    assert krita.found["redone"]["same"]
    assert krita.found["redone"]["layers"] == krita.found["layers"]


def test_the_saved_file_holds_the_layers_and_their_settings(krita: Played) -> None:
    assert krita.found["saved"]
    assert krita.found["reopened"]["same"], difference(
        picture(krita, "reopened.raw"), picture(krita, "run.raw")
    )
    assert krita.found["reopened"]["layers"] == krita.found["layers"]
    (annotation,) = krita.found["annotations"]
    record = json.loads(annotation)
    assert record["settings"]["filter"] == "dewrinkle" and record["asked"]["face_size"] is None
    assert "hopper" not in json.dumps(record) and "/" not in json.dumps({**record, "mask": None})


def test_run_again_replaces_the_group_at_its_place(krita: Played) -> None:
    assert krita.found["shown"]["strength"] == 1.0
    assert krita.found["again"] == ["The group is renewed.", False]
    background, group = krita.found["again_layers"]
    assert [background["name"], group["name"]] == ["Background", "De-wrinkle"]
    assert {child["opacity"] for child in group["children"]} == {128}


def test_before_and_after_in_the_picture(krita: Played) -> None:
    assert krita.found["toggled"] == [True, False]


def test_a_duplicate_of_the_group_remembers_too(krita: Played) -> None:
    assert len(krita.found["duplicate"]) == 3
    # Re-run at once after it was chosen takes its settings all the same, and not the user's own.
    assert krita.found["own"]["strength"] == 1 and krita.found["shown"]["strength"] == 1
    assert krita.found["again_on_duplicate"] == ["The group is renewed.", False]
    assert difference(picture(krita, "on_duplicate.raw"), picture(krita, "again.raw")) == 0


def test_bake_looks_the_same(krita: Played) -> None:
    assert krita.found["bake"] == ["The group is one normal layer now.", False]
    assert difference(picture(krita, "baked.raw"), picture(krita, "again.raw")) == 0
    background, baked = krita.found["baked"]
    assert [background["name"], baked["name"]] == ["Background", "De-wrinkle (baked)"]
    assert (baked["type"], baked["blend"]) == ("paintlayer", "normal")


def test_a_painted_mask_does_what_a_selection_does(krita: Played) -> None:
    assert krita.found["no_mask"][1] and "Paint mask" in krita.found["no_mask"][0]
    assert krita.found["painting_on"] == "Softlight brush mask"
    blue, green, red, alpha = krita.found["colour"]
    assert red > 0.9 and max(blue, green) < 0.1 and alpha == 1
    assert krita.found["empty_mask"][1] and "empty" in krita.found["empty_mask"][0]
    assert krita.found["painted"] == ["De-wrinkle is done.", False]
    assert names(krita.found["painted_layers"]) == [
        "Background",
        "De-wrinkle",
        "Softlight brush mask",
        "Above",
    ]
    assert not krita.found["painted_layers"][2]["visible"]
    assert krita.found["painted_same"]


def test_the_photo_was_never_changed(krita: Played) -> None:
    assert krita.found["photo_same"]


def test_krita_ends_well(krita: Played) -> None:
    assert krita.exit_code == 0
    assert not (krita.out / "crash.txt").read_text("utf-8")
    assert "Traceback" not in krita.log
    assert krita.quitting < 15
