"""De-wrinkle on whole faces in the real GIMP 2.10: layers, what is stored, running again, going on in GIMP 3.

And Face restore, and Edit attributes.

Run:   python -m pytest -m hosts tests/hosts/test_gimp210_faces.py
Needs: what `roots.py` needs; some 60 s.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from conftest import find_gimp210, find_root
from gimp3 import gimp3
from gimp210 import Gimp210
from two_people import draw_two_people
from workplace import workplace

SEAM = 400
"""Height of the picture, and where its right half begins: the left one is square. Smaller is quicker."""
pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]


@pytest.fixture(scope="module")
def gimp() -> Iterator[Gimp210]:
    with workplace() as place:
        host = find_gimp210(place)
        draw_two_people(place.pictures / "two.png", SEAM)
        yield host


@pytest.fixture(scope="module")
def told(gimp: Gimp210) -> dict[str, Any]:
    found, log = gimp.run("gimp210_faces", "faces")
    assert "Traceback" not in log
    return dict(found)


def alike(gimp: Gimp210, one: list[dict[str, Any]], other: list[dict[str, Any]]) -> bool:
    """Whether two results have the same layers, to the bit, and the same record."""
    pairs = zip(gimp.layers(one[0]), gimp.layers(other[0]), strict=True)
    return one[0]["record"] == other[0]["record"] and all(
        a.name == b.name and np.array_equal(a.mask, b.mask) and np.array_equal(a.pixels, b.pixels)
        for a, b in pairs
    )


def test_each_face_gets_its_layer(gimp: Gimp210, told: dict[str, Any]) -> None:
    (group,) = told["both"]
    names = [layer["name"] for layer in group["children"]]
    assert group["name"] == "De-wrinkle" and group["mode"] == "pass-through" and told["notes"] == ""
    for number in "12":
        assert any(f"De-wrinkle {number}" in name for name in names)
    record = group["record"]
    assert (record["version"], record["mask"], record["settings"]["faces"]) == (2, None, "all")


def test_with_nothing_marked_it_is_whole_faces(told: dict[str, Any]) -> None:
    (left,) = told["left"]
    assert (left["record"]["mask"], left["record"]["settings"]["faces"]) == (None, "1")
    assert all(layer["offset"][0] < SEAM for layer in left["children"])


def test_one_face_and_its_regions_run_again_as_they_were(gimp: Gimp210, told: dict[str, Any]) -> None:
    (right,) = told["right"]
    settings = right["record"]["settings"]
    assert (settings["faces"], settings["forehead"], settings["neck"]) == ("2", 0.0, 0.25)
    assert all(layer["offset"][0] >= SEAM for layer in right["children"])
    assert alike(gimp, told["again"], told["right"])
    assert told["mask stays"], "it was not used"
    assert told["after"] == told["before"], "the photo is never touched"


def test_a_restoration_is_a_layer_for_each_face_above_its_background(told: dict[str, Any]) -> None:
    (group,) = told["restored"]
    names = ["Face restore 2", "Face restore 1", "Face restore (background)"]
    assert [layer["name"] for layer in group["children"]] == names
    assert (group["name"], group["record"]["settings"]["filter"]) == ("Face restore", "restore")


def test_each_attribute_is_a_layer(told: dict[str, Any]) -> None:
    (group,) = told["edited"]
    names = ["Edit attributes: Smile 2", "Edit attributes: Age 2"]
    assert [layer["name"] for layer in group["children"]] == names
    assert (group["name"], group["record"]["settings"]["filter"]) == ("Edit attributes", "edit")


BY_HAND = (
    ("both", ("dewrinkle",)),
    ("restored", ("restore",)),
    ("edited", ("edit", "--smile", "0.5", "--age", "10", "--faces", "2")),
)
"""Cells, and the command that gives the same."""


@pytest.mark.parametrize(("cell", "asked"), BY_HAND)
def test_the_layers_are_those_of_the_command_line(
    gimp: Gimp210, told: dict[str, Any], cell: str, asked: tuple[str, ...]
) -> None:
    place = gimp.place.pictures
    target = place / f"{cell} by hand.layers"
    name, *settings = asked
    command = [sys.executable, "-I", "-m", "softlight", name, place / "two.png", *settings, "-o", target]
    subprocess.run(command, env=gimp.place.environment, check=True, capture_output=True)
    stored = json.loads((target / "stack.json").read_text("utf-8"))
    for entry, layer in zip(stored["layers"], gimp.layers(told[cell][0]), strict=True):
        assert (entry["blend"], tuple(entry["offset"])) == (layer.blend.value, layer.offset)
        mask = np.fromfile(target / entry["mask"]["file"], np.uint8).reshape(layer.mask.shape)
        assert np.array_equal(mask, layer.mask)


def test_gimp_3_runs_it_again(gimp: Gimp210, told: dict[str, Any]) -> None:
    with gimp3(find_root("trixie")) as new:
        copy = shutil.copy(gimp.place.pictures / "two.xcf", new.place.pictures)
        found = new.run("gimp3_from_210", {"xcf": str(copy)})
    assert found["photo unchanged"]
    assert [one["name"] for one in found["again"][0]["children"]] == [
        one["name"] for one in found["tree"][0]["children"]
    ]
