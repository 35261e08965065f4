"""De-wrinkle in real GIMP 3.0 and 3.2 without a screen: layers, files, errors, faults.

Run:   python -m pytest -m hosts tests/hosts/test_gimp3.py
Needs: what `roots.py` needs; GIMP 3.0 takes some 60 s, GIMP 3.2 as long again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from conftest import find_root
from gimp3 import SAMPLES, Gimp3, gimp3
from PIL import Image

from softlight.compositor import composite
from softlight.layers import BlendMode, Layer, LayerStack
from softlight.picture import Picture

pytestmark = pytest.mark.hosts
ROOTS = [
    pytest.param("trixie", id="GIMP 3.0"),
    pytest.param("forky", id="GIMP 3.2", marks=pytest.mark.all_hosts),
]
PORTRAITS = [
    pytest.param(("hopper.jpg", "hopper-mask.png"), id="hopper"),
    pytest.param(("astronaut.png", "astronaut-mask.png"), id="astronaut", marks=pytest.mark.all_hosts),
]
XCF = "Frau Zoë – ‘60 %’ fertig.xcf"


@pytest.fixture(scope="module", params=ROOTS)
def gimp(request: pytest.FixtureRequest) -> Iterator[Gimp3]:
    with gimp3(find_root(request.param)) as found:
        yield found


@pytest.fixture(scope="module", params=PORTRAITS)
def portrait(request: pytest.FixtureRequest, gimp: Gimp3) -> dict[str, Any]:
    """What GIMP told about one portrait, with all pixels as arrays."""
    photo, mask = request.param
    # Copies, since the samples' own folder is not in the root under its own name.
    for name in request.param:
        (gimp.place.pictures / name).write_bytes((SAMPLES / name).read_bytes())
    folder = gimp.place.pictures
    told = gimp.run("gimp3_portrait", {"photo": str(folder / photo), "mask": str(folder / mask), "xcf": XCF})
    width, height = told["size"]
    for name in [name for name, value in told.items() if isinstance(value, str) and value.endswith(".raw")]:
        told[name] = np.fromfile(told[name], np.uint8).reshape(height, width, 3)
    return told


def difference(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


def stack_of(layers: list[dict[str, Any]]) -> LayerStack:
    """The layers as GIMP stores them, the lowest first, on its blend curve."""
    modes = {"softlight": BlendMode.SOFT_LIGHT, "normal": BlendMode.NORMAL}
    found = []
    for layer in layers:
        size = layer["height"], layer["width"]
        pixels = np.fromfile(layer["pixels"], np.float32).reshape(*size, 4)[..., :3]
        mask = np.fromfile(layer["mask pixels"], np.float32).reshape(size)
        blend, opacity = modes[layer["mode"]], layer["opacity"] / 100
        found.append(Layer(layer["name"], pixels, mask, blend, opacity, (layer["x"], layer["y"])))
    return LayerStack("De-wrinkle", tuple(found))


def test_one_group_of_layers_lies_above_the_photo(portrait: dict[str, Any]) -> None:
    group, photo = portrait["tree"]
    assert photo["children"] is None and photo["mask"] is False
    assert group["name"] == "De-wrinkle" and portrait["selected"] == ["De-wrinkle"]
    assert (group["mode"], group["space"], group["opacity"]) == ("pass-through", "rgb-perceptual", 100)
    assert group["parasites"] == ["softlight-result"] and not group["mask"]
    *rest, retouch = group["children"]
    assert (retouch["name"], retouch["mode"]) == ("De-wrinkle (soft light)", "softlight")
    assert [layer["mode"] for layer in rest] == ["normal"] * len(rest)
    for layer in group["children"]:
        assert layer["mask"] and layer["visible"] and layer["opacity"] == 80
        assert (layer["space"], layer["composite"]) == ("rgb-perceptual", "clip-to-backdrop")


def test_the_picture_is_what_the_reference_compositor_makes(portrait: dict[str, Any]) -> None:
    expected = composite(Picture(portrait["photo"]), stack_of(portrait["layers"])).pixels
    assert difference(portrait["flat"], expected) <= 2
    changed = difference(portrait["flat"], portrait["photo"])
    assert changed > 20, "a retouch that nobody sees proves nothing"


def test_only_what_was_marked_has_changed(portrait: dict[str, Any]) -> None:
    shown = np.zeros(portrait["photo"].shape[:2], bool)
    for layer in stack_of(portrait["layers"]).layers:
        (x, y), (height, width) = layer.offset, layer.mask.shape
        shown[y : y + height, x : x + width] |= layer.mask > 0
    assert 0 < shown.mean() < 0.25
    assert np.array_equal(portrait["flat"][~shown], portrait["photo"][~shown])


def test_the_photo_is_never_touched(portrait: dict[str, Any]) -> None:
    assert portrait["photo unchanged"]
    assert portrait["reopened photo unchanged"]
    assert portrait["in the end unchanged"]


def test_a_file_keeps_it_all(portrait: dict[str, Any]) -> None:
    assert portrait["reopened tree"] == portrait["tree"]
    assert np.array_equal(portrait["reopened flat"], portrait["flat"])


def test_a_png_shows_the_whole_picture(gimp: Gimp3, portrait: dict[str, Any]) -> None:
    # GIMP 3.0 merges a picture down to the box of a pass-through group; ours covers the canvas there.
    with Image.open(gimp.place.pictures / "merged.png") as merged:
        if merged.mode == "RGBA":
            assert merged.getchannel("A").getextrema() == (255, 255)


def test_running_again_replaces_the_group(portrait: dict[str, Any]) -> None:
    group, photo = portrait["second tree"]
    assert group["name"] == "Forehead", "the user's own name stays"
    assert {layer["opacity"] for layer in group["children"]} == {30}
    assert [layer["name"] for layer in group["children"]] == [
        layer["name"] for layer in portrait["tree"][0]["children"]
    ]
    weaker, full = portrait["second flat"], portrait["flat"]
    photo = portrait["photo"].astype(float)
    assert 0.2 < np.abs(weaker - photo).sum() / np.abs(full - photo).sum() < 0.55
    assert np.array_equal(portrait["third flat"], full), "with the first settings it is the first result"


def test_baking_changes_no_pixel(portrait: dict[str, Any]) -> None:
    layer, _ = portrait["baked tree"]
    assert (layer["name"], layer["mode"], layer["mask"]) == ("Forehead", "normal", True)
    assert layer["children"] is None
    width, height = portrait["size"]
    assert layer["width"] * layer["height"] < width * height / 3
    assert np.array_equal(portrait["baked flat"], portrait["flat"])
