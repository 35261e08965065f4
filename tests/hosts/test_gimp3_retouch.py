"""Skin retouch in real GIMP 3: what is seen is the core's result, at 8 and 16 bits, whole faces and a brush.

And Garment creases on what the portrait wears, Face restore on all of it, and Edit attributes.

Run:   python -m pytest -m hosts tests/hosts/test_gimp3_retouch.py
Needs: what `roots.py` needs; some 30 s for each GIMP. 3.0 runs by default.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from conftest import find_root
from gimp3 import gimp3
from one_retouch import ALLOWED, CHOSEN, deep_portrait, painted, reference, shallow
from test_gimp3 import ROOTS

pytestmark = pytest.mark.hosts

FILTERS = {"clothes": "garment", "restored": "restore", "edited": "edit"}
CELLS = [*itertools.product(("u8", "u16"), ("whole", "brush")), *(("u16", place) for place in FILTERS)]
STRENGTHS = 1.0, 0.5


@pytest.fixture(scope="module", params=ROOTS)
def told(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """What GIMP told, with the pixels that were seen as arrays."""
    photo = deep_portrait()
    with gimp3(find_root(request.param)) as gimp:
        given = {"u8": shallow(photo), "u16": photo}
        files = {f"photo-{kind}": pixels for kind, pixels in given.items()} | {"mask": painted(photo)}
        task: dict[str, Any] = {"size": photo.shape[1::-1], "edit": CHOSEN["edit"]}
        for name, pixels in files.items():
            task[name] = str(gimp.place.folder / f"{name}.raw")
            pixels.tofile(task[name])
        found = gimp.run("gimp3_retouch", task, timeout=400)
        for kind, place in CELLS:
            cell = found[f"{kind}-{place}"]
            cell["photo"] = given[kind]
            cell["seen"] = [np.fromfile(one, given[kind].dtype).reshape(photo.shape) for one in cell["seen"]]
        yield found


@pytest.mark.parametrize(("kind", "place"), CELLS)
def test_the_picture_is_the_cores_result(told: dict[str, Any], kind: str, place: str) -> None:
    cell = told[f"{kind}-{place}"]
    photo = cell["photo"]
    brush = painted(photo) if place == "brush" else None
    name = FILTERS.get(place, "retouch")
    for seen, strength in zip(cell["seen"], STRENGTHS, strict=True):
        expected, touched = reference(photo, brush, strength, photo.dtype, name)
        off = np.abs(seen.astype(int) - expected).max()
        print(f"GIMP, {kind}, {place}, opacity {strength}: {off} levels off")
        assert off <= ALLOWED[photo.dtype.name]
        assert np.array_equal(seen[~touched], photo[~touched])
    assert cell["unchanged"]


def test_one_group_whose_opacity_is_the_strength(told: dict[str, Any]) -> None:
    for name, opacity in (("tree", 100), ("again", 50)):
        group, photo = told["u8-whole"][name]
        assert (group["name"], group["mode"], photo["name"]) == ("Skin retouch", "pass-through", "photo")
        assert group["children"][-1]["mode"] == "softlight"
        assert {child["opacity"] for child in group["children"]} == {opacity}
    assert told["u8-whole"]["record"]["filter"] == "retouch"


def test_a_restoration_is_a_group_of_the_face_above_its_background(told: dict[str, Any]) -> None:
    group, photo = told["u16-restored"]["tree"]
    assert (group["name"], group["mode"], photo["name"]) == ("Face restore", "pass-through", "photo")
    # The group has the plain name, and no layer in it the same.
    names = ["Face restore (normal)", "Face restore (background)"]
    assert [child["name"] for child in group["children"]] == names
    assert {child["mode"] for child in group["children"]} == {"normal"}


def test_each_attribute_is_a_layer(told: dict[str, Any]) -> None:
    group, photo = told["u16-edited"]["tree"]
    assert (group["name"], group["mode"], photo["name"]) == ("Edit attributes", "pass-through", "photo")
    names = [f"Edit attributes: {one}" for one in ("Hair", "Smile", "Age")]
    assert [child["name"] for child in group["children"]] == names


def test_each_group_is_run_again_by_its_own_filter(told: dict[str, Any]) -> None:
    assert told["beside"]["names"] == ["De-wrinkle", "Skin retouch", "photo"]
    dewrinkle, retouch = told["beside"]["records"]
    assert (dewrinkle["filter"], dewrinkle["strength"], dewrinkle["feather"]) == ("dewrinkle", 0.75, 0.01)
    assert (retouch["filter"], retouch["strength"], retouch["blemishes"]) == ("retouch", 0.75, 0.5)
