"""De-wrinkle on whole faces in real GIMP 3.0 and 3.2 without a screen: layers, files, running again.

Run:   python -m pytest -m hosts tests/hosts/test_gimp3_faces.py
Needs: what `roots.py` needs; some 60 s each.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from conftest import find_root
from gimp3 import Gimp3, gimp3
from numpy.typing import NDArray
from test_gimp3 import ROOTS
from two_people import draw_two_people

pytestmark = pytest.mark.hosts
XCF = "Zwei Gesichter – ‘60 %’.xcf"
SEAM = 400
"""Height of the picture, and where its right half begins: the left one is square. Smaller is quicker."""


@pytest.fixture(scope="module", params=ROOTS)
def gimp(request: pytest.FixtureRequest) -> Iterator[Gimp3]:
    with gimp3(find_root(request.param)) as found:
        yield found


@pytest.fixture(scope="module")
def told(gimp: Gimp3) -> dict[str, Any]:
    """What GIMP told, with what was seen as arrays."""
    photo = gimp.place.pictures / "two.png"
    draw_two_people(photo, SEAM)
    found = gimp.run("gimp3_faces", {"photo": str(photo), "xcf": XCF})
    width, height = found["size"]
    for look in found.values():
        if isinstance(look, dict):
            look["seen"] = np.fromfile(look["seen"], np.uint8).reshape(height, width, 3)
    return found


def layers(told: dict[str, Any], look: str) -> list[str]:
    return [layer["name"] for layer in told[look]["tree"][0]["children"]]


def changed(told: dict[str, Any], look: str) -> NDArray[np.bool_]:
    """Where the picture is not the photo, as shape (height, width)."""
    return (told[look]["seen"] != told["before"]["seen"]).any(axis=2)


def test_each_face_gets_its_layer(told: dict[str, Any]) -> None:
    group, photo = told["both"]["tree"]
    assert (group["name"], group["mode"], photo["name"]) == ("De-wrinkle", "pass-through", "Background")
    for number in ("1", "2"):
        assert any(f"De-wrinkle {number}" in name for name in layers(told, "both"))
    where = changed(told, "both")
    assert where[:, :SEAM].any() and where[:, SEAM:].any()
    assert where.mean() < 0.2


def test_the_photo_is_never_touched(told: dict[str, Any]) -> None:
    for look in told.values():
        if isinstance(look, dict):
            assert look["photo unchanged"]


def test_whole_faces_are_stored_as_such(told: dict[str, Any]) -> None:
    record = told["both"]["record"]
    assert record["mask"] is None and record["version"] == 2
    assert record["settings"]["faces"] == "all"


def test_asked_for_they_count_before_a_selection(told: dict[str, Any]) -> None:
    assert np.array_equal(told["asked for"]["seen"], told["both"]["seen"])
    assert told["asked for"]["record"] == told["both"]["record"]


def test_running_again_keeps_faces_and_regions(told: dict[str, Any]) -> None:
    settings = told["right"]["record"]["settings"]
    assert (settings["faces"], settings["forehead"], settings["neck"]) == ("2", 0.0, 0.25)
    assert all("2" in name for name in layers(told, "right"))
    where = changed(told, "right")
    assert where[:, SEAM:].any() and not where[:, :SEAM].any()
    assert told["right again"]["record"] == told["right"]["record"]
    assert np.array_equal(told["right again"]["seen"], told["right"]["seen"])
    assert np.array_equal(told["both again"]["seen"], told["both"]["seen"])


def test_a_region_that_is_off_stays_as_it_is(told: dict[str, Any]) -> None:
    less = changed(told, "both")[:, SEAM:] & ~changed(told, "right")[:, SEAM:]
    assert less.sum() > 50


def test_a_brush_mask_that_was_not_used_stays_as_it_is(told: dict[str, Any]) -> None:
    mask, group, _ = told["beside a brush mask"]
    assert mask["parasites"] == ["softlight-brush-mask"] and mask["visible"]
    assert group["name"] == "De-wrinkle"


def test_gimp_shows_what_the_command_line_writes(gimp: Gimp3, told: dict[str, Any]) -> None:
    place = gimp.place
    command = [sys.executable, "-I", "-m", "softlight", "dewrinkle", place.pictures / "two.png"]
    target = place.pictures / "by hand.layers"
    subprocess.run([*command, "-o", target], env=place.environment, check=True, capture_output=True)
    stored = json.loads((target / "stack.json").read_text("utf-8"))
    group = told["both"]["tree"][0]
    found = [(one["mode"].replace("softlight", "soft-light"), one["opacity"]) for one in group["children"]]
    expected = [(one["blend"], 100 * one["opacity"]) for one in reversed(stored["layers"])]
    assert found == expected
    marked = np.zeros(told["before"]["seen"].shape[:2], bool)
    for entry in stored["layers"]:
        (x, y), (width, height) = entry["offset"], entry["size"]
        mask = np.fromfile(target / entry["mask"]["file"], np.uint8).reshape(height, width)
        marked[y : y + height, x : x + width] |= mask > 0
    assert not changed(told, "both")[~marked].any()
