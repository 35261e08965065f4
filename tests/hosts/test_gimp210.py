"""De-wrinkle in the real GIMP 2.10, through the real gimpfu and the real command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from gimp210 import Gimp210, gimp210
from numpy.typing import NDArray
from roots import NoHosts
from workplace import workplace

from softlight.compositor import composite
from softlight.layers import BlendMode, Layer, LayerStack
from softlight.picture import Picture

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]

PERCEPTUAL = 2
"""GIMP's number for LAYER_COLOR_SPACE_RGB_PERCEPTUAL."""
AGREEMENT = 2
"""Levels of 255 by which GIMP may miss the reference compositor."""


@pytest.fixture(scope="module")
def gimp() -> Iterator[Gimp210]:
    with workplace() as place:
        try:
            host = gimp210(place)
        except NoHosts as reason:
            pytest.skip(str(reason))
        yield host


def stack_of(gimp: Gimp210, layers: list[dict[str, Any]], opacity: float | None = None) -> LayerStack:
    """The layers of a group, as read out of GIMP."""
    found = []
    for entry in reversed(layers):
        pixels, mask = gimp.pixels(entry["pixels"]), gimp.pixels(entry["mask"])[..., 0]
        assert np.array_equal(pixels[..., -1] > 0, mask > 0), (
            "alpha is full where the mask is, and 0 elsewhere"
        )
        found.append(
            Layer(
                entry["name"],
                pixels[..., :-1],
                mask,
                BlendMode(entry["mode"]),
                entry["opacity"] if opacity is None else opacity,
                tuple(entry["offset"]),
            )
        )
    return LayerStack("", tuple(found))


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


@pytest.fixture(scope="module")
def portrait(gimp: Gimp210) -> dict[str, Any]:
    found, log = gimp.run("gimp210_scenes", "portrait")
    assert "Traceback" not in log
    return found


def test_a_portrait_gets_layers_that_survive_saving(gimp: Gimp210, portrait: dict[str, Any]) -> None:
    group, photo = portrait["tree"]
    assert (group["name"], group["mode"], photo["name"]) == ("De-wrinkle", "pass-through", "portrait.png")
    assert {layer["mode"] for layer in group["children"]} == {"soft-light", "normal"}
    for layer in (group, *group["children"]):
        assert layer["composite_space"] == PERCEPTUAL
        assert layer["visible"] and layer["opacity"] == 1
    assert portrait["active_is_group"] and portrait["selection_stays"]
    assert portrait["notes"] == ""
    assert gimp.left_over() == []


def test_the_photo_is_never_touched(portrait: dict[str, Any]) -> None:
    assert portrait["background_before"] == portrait["background_after"] == portrait["background_reopened"]


def test_gimp_shows_what_the_reference_compositor_shows(gimp: Gimp210, portrait: dict[str, Any]) -> None:
    group, photo = portrait["tree"]
    picture = Picture(gimp.pixels(photo["pixels"]))
    for opacity in (1.0, 0.5):
        shown = gimp.pixels(portrait[f"flat_{opacity:.0%}".rstrip("%")])
        expected = composite(picture, stack_of(gimp, group["children"], opacity)).pixels
        assert difference(shown[..., :3], expected) <= AGREEMENT
        assert difference(expected, picture.pixels) > 20, "De-wrinkle did nothing"


def test_a_group_tells_how_it_was_made(portrait: dict[str, Any]) -> None:
    record = portrait["tree"][0]["record"]
    assert record["version"] == 1 and record["input"] == "below"
    assert record["settings"]["filter"] == "dewrinkle" and record["settings"]["strength"] == 1
    assert "/" not in str({**record, "mask": ""}), "no path is stored"
