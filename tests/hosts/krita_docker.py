"""Our docker in Krita: shown with room for all of it, and what is seen and done there time and again."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from krita_sitting import Look, Sitting
from PIL import Image

import softlight

PHOTO = Path(softlight.__file__).parent / "samples" / "hopper.jpg"
"""Of one woman; small enough for quick work."""
TRIES = 3
"""For a line between dockers, which is two pixels wide and moves while they are laid out."""
UNHEARD = 20.0
"""Seconds after which a key that changed nothing is pressed again."""


def show_docker(person: Sitting, before_click: Callable[[], None] | None = None) -> list[str]:
    """Show the docker by its entry in the menu, with room for it, and return what that menu holds."""
    held = person.choose("Tools", "Scripts", "Softlight", "Show docker", before_click=before_click)
    person.until(lambda told: shown(told, "softlight_run"), "the docker")
    make_room(person)
    return held


def corner(person: Sitting) -> Image.Image:
    """Return the part of the screen in which menus open."""
    return person.screen.shot().crop((0, 0, 1000, 340))


def keep(name: str, picture: Image.Image) -> None:
    """Keep a picture for the documentation, if it is wanted."""
    folder = os.environ.get("SOFTLIGHT_PICTURES")
    if folder:
        # 256 colours of its own are enough for a window and one photo, and take a third of the bytes.
        small = picture.quantize(256, dither=Image.Dither.FLOYDSTEINBERG)
        small.save(Path(folder) / name, optimize=True)


def names(told: Look) -> list[str]:
    return [layer["name"] for layer in told["picture"]["layers"]]


def status(told: Look) -> str:
    return str(told["widgets"]["softlight_status"]["text"])


def shown(told: Look, name: str) -> bool:
    return "place" in told["widgets"].get(name, {})


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
