"""A retoucher at Krita, by mouse and keyboard: find the docker, paint, cancel, look, run, run again, undo.

Run:   python -m pytest -m hosts tests/hosts/test_krita_desktop.py
       SOFTLIGHT_PICTURES=docs …  -k 5.2 renews Krita's pictures of the documentation
Needs: what `roots.py` needs; some 100 s for each Krita. 5.2 runs by default.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import find_root
from desktop import Box
from krita_application import KRITAS
from krita_sitting import Look, Sitting, sitting
from PIL import Image

import softlight
from softlight.filters.registry import specifications

pytestmark = pytest.mark.hosts

PHOTO = Path(softlight.__file__).parent / "samples" / "hopper.jpg"
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
TRIES = 3
"""For a line between dockers, which is two pixels wide and moves while they are laid out."""
UNHEARD = 20.0
"""Seconds after which a key that changed nothing is pressed again."""
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


def keep(name: str, picture: Image.Image) -> None:
    """Keep a picture for the documentation, if it is wanted."""
    folder = os.environ.get("SOFTLIGHT_PICTURES")
    if folder:
        # 256 colours of its own are enough for a window and one photo, and take a third of the bytes.
        small = picture.quantize(256, dither=Image.Dither.FLOYDSTEINBERG)
        small.save(Path(folder) / name, optimize=True)


def corner(person: Sitting) -> Image.Image:
    """The part of the screen in which menus open."""
    return person.screen.shot().crop((0, 0, 1000, 340))


def names(told: Look) -> list[str]:
    return [layer["name"] for layer in told["picture"]["layers"]]


def status(told: Look) -> str:
    return str(told["widgets"]["softlight_status"]["text"])


def shown(told: Look, name: str) -> bool:
    return "place" in told["widgets"].get(name, {})


def group(told: Look) -> dict[str, Any]:
    return next(layer for layer in told["picture"]["layers"] if layer["name"] == "De-wrinkle")


def test_a_retouch_by_hand(person: Sitting) -> None:
    look = person.rest()
    assert look["shortcuts"] == SHORTCUTS
    # 5.1 shows the docker of a new plug-in by itself, the others where the user asks for it.
    assert shown(look, "softlight_run") == look["version"].startswith("5.1")
    menu = ("Tools", "Scripts", "Softlight", "Show docker")
    assert set(person.choose(*menu, before_click=lambda: keep("krita-menu.png", corner(person)))) == set(MENU)
    person.until(lambda told: shown(told, "softlight_run"), "the docker")
    make_room(person)

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


def undo(person: Sitting, happened: Callable[[Look], bool], what: str) -> None:
    press("ctrl+z", person, happened, what)


def redo(person: Sitting, happened: Callable[[Look], bool], what: str) -> None:
    press("ctrl+shift+z", person, happened, what)


def press(keys: str, person: Sitting, happened: Callable[[Look], bool], what: str) -> None:
    """Undo or redo by hand, and look until it has happened.

    Krita drops both while something is drawn (KisDocument::UndoStack tries a lock once), and previews of
    layers are drawn at any time: one press in twenty on a busy machine. Then everybody presses again.
    """
    before = layers_of(person.rest())
    pressed = -math.inf

    def done(told: Look) -> bool:
        nonlocal pressed
        if told["picture"]["drawing"]:
            return False
        if layers_of(told) == before and time.monotonic() > pressed + UNHEARD:
            person.screen.key(keys)
            pressed = time.monotonic()
        return happened(told)

    person.until(done, what)


def layers_of(told: Look) -> list[Any]:
    layers: list[Any] = told["picture"].get("layers", [])
    return layers


def painted(told: Look) -> bool:
    layers = told["picture"].get("layers", [])
    return any(layer["name"] == MASK and layer["painted"] for layer in layers)


def opacities(told: Look) -> set[int]:
    layers = told["picture"].get("layers", [])
    return {
        child["opacity"] for layer in layers if layer["name"] == "De-wrinkle" for child in layer["children"]
    }


def make_room(person: Sitting) -> None:
    """Close the dockers that a retoucher of this picture does not need, by the menu that Krita has for it."""
    for docker in ("Brush Presets", "Advanced Color Selector", "Tool Options"):
        person.choose("Settings", "Dockers", docker)
    person.until(lambda told: told["scrolled"]["docker"][3] > 500, "a docker with room")
    # For a better picture: the line between canvas and dockers, and the one between the two dockers.
    left, top, width, height = standing(person)
    for _ in range(TRIES):
        person.screen.drag([(left - 4 - across, top + height // 2) for across in range(0, 57, 8)])
        if standing(person)[2] > width + 30:
            break
    left, top, width, _ = standing(person)
    person.screen.drag([(left + width // 2, top - 4 - up) for up in range(0, 201, 20)])
    person.rest()


def standing(person: Sitting) -> list[int]:
    """Where the docker is once it moves no more; Krita lets its dockers glide."""
    seen: list[list[int]] = []

    def still(told: Look) -> bool:
        seen.append(told["scrolled"]["docker"])
        return len(seen) > 2 and seen[-1] == seen[-2] == seen[-3]

    person.until(still, "the docker to stand still")
    return seen[-1]
