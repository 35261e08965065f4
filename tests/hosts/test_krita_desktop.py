"""A retoucher at Krita, by mouse and keyboard: find the docker, paint, cancel, look, run, run again, undo.

Run:   python -m pytest -m hosts tests/hosts/test_krita_desktop.py
       SOFTLIGHT_PICTURES=docs …  -k 5.2 renews Krita's pictures of the documentation
Needs: what `roots.py` needs; some 100 s for each Krita. 5.2 runs by default.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import find_root
from desktop import Box
from krita_application import KRITAS
from krita_docker import PHOTO, corner, keep, names, redo, show_docker, shown, status, undo
from krita_sitting import Look, Sitting, sitting

from softlight.filters.registry import specifications

pytestmark = pytest.mark.hosts

STROKES = [
    [(218, 148), (240, 144), (265, 143), (300, 149)],
    [(240, 240), (233, 249), (227, 258), (221, 268)],
    [(222, 278), (225, 292), (221, 305)],
    [(297, 240), (303, 251), (309, 261), (315, 271)],
    [(311, 280), (312, 292), (317, 304)],
]
"""Over the wrinkles of the sample's face, in its pixels."""
SECOND_ROW = 124
"""Pixels from the upper edge of the layers' docker."""
MASK = "Softlight brush mask"
MENU = [
    *(one.label for one in specifications()),
    *("Paint mask", "Preview", "Re-run", "Bake", "Before / after", "Cancel", "Models…", "Show docker"),
]
SHORTCUTS = {
    "run_dewrinkle": "Ctrl+Alt+W",
    "paint_mask": "Ctrl+Alt+B",
    "preview": "Ctrl+Alt+P",
    "rerun": "Ctrl+Alt+R",
    "bake": "Ctrl+Alt+Shift+B",
    "toggle": "Ctrl+Alt+H",
    "cancel": "Ctrl+Alt+.",
    "docker": "Ctrl+Alt+S",
}


@pytest.fixture(scope="module", params=KRITAS)
def person(request: pytest.FixtureRequest) -> Iterator[Sitting]:
    with sitting(find_root(request.param), PHOTO) as found:
        yield found


def group(told: Look) -> dict[str, Any]:
    return next(layer for layer in told["picture"]["layers"] if layer["name"] == "De-wrinkle")


def test_a_retouch_by_hand(person: Sitting) -> None:
    look = person.rest()
    assert look["shortcuts"] == SHORTCUTS
    # 5.1 shows the docker of a new plug-in by itself, the others where the user asks for it.
    assert shown(look, "softlight_run") == look["version"].startswith("5.1")
    assert set(show_docker(person, lambda: keep("krita-menu.png", corner(person)))) == set(MENU)

    before = person.rest()["picture"]["digest"]
    person.click("softlight_paint_mask")
    person.until(lambda told: told["picture"].get("active") == MASK, "the brush mask")
    person.until(lambda told: status(told) == "Paint over the place; erase what is too much.", "advice")
    person.paint(STROKES)
    person.until(painted, "the paint")
    keep("krita-painted.png", person.screen.shot().resize((1200, 900)))

    layers = names(person.rest())
    person.click("softlight_preview")
    look = person.until(lambda told: told["scrolled"]["filled"], "the preview")
    look = person.ended()
    assert names(look) == layers, "a preview changes nothing"
    person.step_back()  # its tip would lie over the buttons
    keep("krita-docker.png", person.shot(Box(*look["scrolled"]["docker"])))
    for view in ("before", "after", "view", "split"):
        person.click(f"softlight_show_{view}")

    # Cancel: on a quick machine the work would be done before the click.
    with person.place.engine_stands_still():
        person.click("softlight_run")
        look = person.until(lambda told: told["widgets"]["softlight_cancel"].get("enabled"), "the work")
        assert not look["widgets"]["softlight_run"]["enabled"]
        person.click("softlight_cancel")
        look = person.ended()
    assert names(look) == layers and status(look).startswith("Cancelled"), status(look)

    person.click("softlight_run")
    person.until(lambda told: "De-wrinkle" in names(told), "the result")
    look = person.ended()
    assert names(look) == ["Background", "De-wrinkle", MASK]
    assert not look["picture"]["layers"][2]["visible"] and status(look) == "De-wrinkle is done."
    after = look["picture"]["digest"]
    assert after != before
    keep("krita-layers.png", person.shot(Box(*look["widgets"]["KisLayerBox"]["place"])))

    person.step_back()
    person.click("softlight_before_after")
    person.until(lambda told: told["picture"].get("digest") == before, "the photo as it was")
    person.click("softlight_before_after")
    person.until(lambda told: told["picture"].get("digest") == after, "the result")

    person.click("softlight_strength", across=0.8)
    person.screen.key("ctrl+a")
    person.screen.type("50")
    person.screen.key("Tab")
    person.click("softlight_re_run")
    person.until(lambda told: opacities(told) == {128}, "the renewed group")
    look = person.ended()
    assert names(look) == ["Background", "De-wrinkle", MASK] and status(look) == "The group is renewed."
    half = look["picture"]["digest"]

    person.click("softlight_bake")
    look = person.until(lambda told: "De-wrinkle (baked)" in names(told), "the baked layer")
    person.ended()
    assert person.rest()["picture"]["digest"] == half

    # Each replacement is two steps for Krita, and one for the user.
    undo_all(person, before)
    redo(person, lambda told: opacities(told) == {255}, "the first group once more")
    redo(person, lambda told: opacities(told) == {128}, "the renewed group once more")
    redo(person, lambda told: "De-wrinkle (baked)" in names(told), "the baked layer once more")
    assert person.rest()["picture"]["digest"] == half
    undo_all(person, before)


def test_shortcuts_do_what_the_buttons_do(person: Sitting) -> None:
    # No layer is chosen after an undo; the photo's lies below that of the mask.
    left, top, width, _ = person.rest()["widgets"]["KisLayerBox"]["place"]
    person.screen.click(left + width // 2, top + SECOND_ROW)
    person.until(lambda told: told["picture"].get("active") == "Background", "the photo's layer")
    person.screen.key("ctrl+alt+w")
    look = person.until(lambda told: "De-wrinkle" in names(told), "the result")
    person.ended()
    person.screen.key("ctrl+alt+h")
    person.until(lambda told: not group(told)["visible"], "the group to be hidden")
    person.screen.key("ctrl+alt+h")
    look = person.until(lambda told: group(told)["visible"], "the group to be shown")
    assert names(look) == ["Background", "De-wrinkle", MASK]


def undo_all(person: Sitting, before: str) -> None:
    undo(person, lambda told: opacities(told) == {128}, "the renewed group again")
    undo(person, lambda told: opacities(told) == {255}, "the first group again")
    undo(person, lambda told: told["picture"].get("digest") == before, "the photo as it was")
    assert names(person.rest()) == ["Background", MASK]


def painted(told: Look) -> bool:
    layers = told["picture"].get("layers", [])
    return any(layer["name"] == MASK and layer["painted"] for layer in layers)


def opacities(told: Look) -> set[int]:
    layers = told["picture"].get("layers", [])
    return {
        child["opacity"] for layer in layers if layer["name"] == "De-wrinkle" for child in layer["children"]
    }
