"""A person at Krita: a window with a photo, eyes that see where the buttons are, and a hand with a mouse."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from desktop import PATIENCE, Box, Desktop, desktop
from krita_application import crash, install
from PIL import Image
from roots import Root
from workplace import Workplace, workplace

SCREEN = Box(0, 0, 1600, 1200)
"""High enough for the docker as a whole."""
TITLE_BAR = 20
INDENT = 20
"""Pixels from the left edge of a menu to where the pointer goes down."""
Look = dict[str, Any]


@dataclass(frozen=True)
class Sitting:
    """Krita in front of somebody."""

    screen: Desktop
    place: Workplace
    out: Path
    window: str

    def look(self) -> Look:
        """What is on the screen and in the picture now."""
        told: Look = json.loads((self.out / "watched.json").read_text("utf-8"))
        return told

    def until(self, happened: Callable[[Look], Any], what: str, timeout: float = PATIENCE) -> Look:
        """Look, from now on, until `happened`, and return what was seen."""
        first = self.look()["look"] + 1

        def seen() -> Look | None:
            self.screen.nudge()  # Krita 5.3 and 6 hear of an event when the next one comes
            told = self.look()
            return told if told["look"] > first and happened(told) else None

        return self.screen.wait_for(seen, what, timeout)  # type: ignore[return-value]

    def rest(self) -> Look:
        """Wait until nothing is drawn any more."""
        return self.until(lambda told: told["picture"] and not told["picture"]["drawing"], "Krita to rest")

    def click(self, name: str, across: float = 0.5) -> None:
        """Click on a widget of the docker, at this share of its width."""
        told = self.until(lambda told: self._ready(told, name), f"{name} to be clickable")
        left, top, width, height = told["widgets"][name]["place"]
        self.screen.click(left + round(across * width), top + height // 2)

    def step_back(self) -> None:
        """Leave the docker, whose tips would take a click that is meant for what lies below them."""
        left, top, width, height = self.look()["canvas"][0]
        self.screen.point(left + width // 2, top + height // 2)
        self.until(lambda told: not told["tip"], "the tip to go")

    def choose(self, *entries: str, before_click: Callable[[], None] | None = None) -> list[str]:
        """Go through a menu and its sub-menus as a hand does, and return what the last one holds.

        Sub-menus open below a resting pointer; a click would close one that has just opened. `before_click`
        is called while the menus are open.
        """
        first, *further = entries
        told = self.until(lambda told: first in told["bar"], f"the menu {first}")
        left, top, width, height = told["bar"][first]
        self.screen.click(left + width // 2, top + height // 2)
        row: int | None = None
        held: dict[str, list[int]] = {}
        for entry in further:
            held = self._popup_with(entry)
            left, top, _, height = held[entry]
            if row is not None:
                self.screen.point(left + INDENT, row)  # on the way, no other entry is touched
            row = top + height // 2
            self.screen.point(left + INDENT, row)
            self.until(lambda told, entry=entry: self._at(told, entry), f"{entry} to light up")
        assert row is not None
        if before_click is not None:
            before_click()
        self.screen.click(left + INDENT, row)
        last = further[-1]
        self.until(lambda told: not self._holding(told, last), "the menus to close")
        return list(held)

    def _popup_with(self, entry: str) -> dict[str, list[int]]:
        """Where the entries of the open menu are that has this one."""
        told = self.until(lambda told: self._holding(told, entry), f"a menu with {entry}")
        return self._holding(told, entry)

    def _holding(self, told: Look, entry: str) -> dict[str, list[int]]:
        return next((menu["places"] for menu in told["popups"] if entry in menu["places"]), {})

    def _at(self, told: Look, entry: str) -> bool:
        return any(menu["at"] == entry for menu in told["popups"])

    def paint(self, strokes: list[list[tuple[int, int]]]) -> None:
        """Draw strokes, in pixels of the picture, which must be in the middle of the canvas."""
        told = self.rest()
        zoom, (columns, rows) = told["view"]["zoom"], told["picture"]["size"]
        # The smaller one has no scroll bars.
        left, top, width, height = min(told["canvas"], key=lambda box: box[2] * box[3])
        for stroke in strokes:
            self.screen.drag([
                (round(left + width / 2 + (x - columns / 2) * zoom),
                 round(top + height / 2 + (y - rows / 2) * zoom))
                for x, y in stroke
            ])  # fmt: skip

    def ended(self) -> Look:
        """Wait until the docker is not at work any more."""
        return self.until(
            lambda told: (
                not told["widgets"]["softlight_cancel"].get("enabled") and not told["picture"]["drawing"]
            ),
            "the end of the work",
        )

    def shot(self, box: Box) -> Image.Image:
        return self.screen.shot().crop((box.left, box.top, box.left + box.width, box.top + box.height))

    def _ready(self, told: Look, name: str) -> bool:
        widget = told["widgets"].get(name, {})
        return bool(widget.get("enabled") and widget["place"][3] > 8)


@contextlib.contextmanager
def sitting(root: Root, photo: Path, prepare: Callable[[Workplace], None] | None = None) -> Iterator[Sitting]:
    """Open a copy of a photo in a Krita with our plug-in, in a window as large as the screen.

    Parameters
    ----------
    root : Root
    photo : Path
    prepare : callable, optional
        Puts into the home what has to be there before Krita starts.
    """
    with workplace() as place:
        install(place, "krita_watcher")
        if prepare is not None:
            prepare(place)
        with seated(root, place, photo) as person:
            yield person


@contextlib.contextmanager
def seated(root: Root, place: Workplace, photo: Path) -> Iterator[Sitting]:
    """Open a copy of a photo in a Krita whose plug-ins, the watcher among them, are in the home already."""
    out = place.folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    picture = shutil.copy(photo, place.pictures)
    with desktop(root, place, SCREEN.width, SCREEN.height) as screen:
        process = screen.start(["krita", "--nosplash", str(picture)], SOFTLIGHT_OUT=str(out))
        window = screen.window("Krita")
        person = Sitting(screen, place, out, window)
        screen.wait_for((out / "watched.json").exists, "the watcher")
        person.until(lambda told: told["picture"] and told["canvas"], "the photo")
        # Not before: 5.1 on a busy machine takes a size of its own once more when it shows the photo.
        screen.place_window(window, replace(SCREEN, height=SCREEN.height - TITLE_BAR))
        wide = SCREEN.width - TITLE_BAR
        screen.wait_for(lambda: screen.box(window).width > wide, "a window as large as the screen")
        person.rest()
        yield person
        assert process.poll() in (None, 0), f"Krita has crashed: {crash(out)}"
        assert not (out / "crash.txt").read_text("utf-8")
