"""A person at Krita: a window with a photo, eyes that see where the buttons are, and a hand with a mouse."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from desktop import Box, Desktop, desktop
from krita_application import crash, install
from PIL import Image
from roots import Root
from workplace import Workplace, workplace

PATIENCE = 120.0
"""Seconds for a run on two busy cores with an engine that starts."""
SCREEN = Box(0, 0, 1600, 1200)
"""High enough for the docker as a whole."""
TITLE_BAR = 20
TRIES, STEPS = 5, 40
"""To open a menu, and to go through one: Krita 6 under Xvfb does not take every key."""
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

    def choose(self, *entries: str) -> list[str]:
        """Open a menu by a click, go on by the keyboard, and return what the last sub-menu holds.

        Sub-menus open and close by themselves below a pointer, so that a click may meet another entry.
        """
        first, *further = entries
        told = self.until(lambda told: first in told["bar"], f"the menu {first}", 20)
        self._click_entry(told["bar"][first])
        held: list[str] = []
        for place, entry in enumerate(further):
            held = self._go_to(entry)
            if place + 1 == len(further):
                self.screen.key("Return")
            else:
                self._open(further[place + 1])
        return held

    def _open(self, inside: str) -> None:
        """Open the sub-menu of the chosen entry, in which `inside` is."""
        for key in ["Right", "Return"] * TRIES:
            self.screen.key(key)
            with contextlib.suppress(AssertionError):
                self.until(lambda told: inside in told["popup"].get("entries", []), "a sub-menu", 2)
                return

    def _click_entry(self, box: list[int]) -> None:
        left, top, width, height = box
        self.screen.click(left + width // 2, top + height // 2)

    def _go_to(self, entry: str) -> list[str]:
        """Move the bar of light to an entry of the menu that opens now, and return all of them."""
        seen = f"the entry {entry}"
        popup = self.until(lambda told: entry in told["popup"].get("entries", []), seen, 20)["popup"]
        for _ in range(STEPS):
            if popup["at"] == entry:
                return list(popup["entries"])
            steps = popup["entries"].index(entry) - popup["at_number"]
            self.screen.key(*["Down" if steps > 0 else "Up"] * min(abs(steps), 3))
            popup = self.until(lambda told: told["popup"], seen, 20)["popup"]
            assert entry in popup["entries"], f"the menu with {entry} has closed"
        raise AssertionError(f"{seen} is not to be reached; {self.screen.evidence()}")

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
def sitting(root: Root, photo: Path) -> Iterator[Sitting]:
    """Open a copy of a photo in a Krita with our plug-in, in a window as large as the screen."""
    with workplace() as place:
        install(place, "krita_watcher")
        out = place.folder / "out"
        out.mkdir()
        picture = shutil.copy(photo, place.pictures)
        with desktop(root, place, SCREEN.width, SCREEN.height) as screen:
            process = screen.start(["krita", "--nosplash", str(picture)], SOFTLIGHT_OUT=str(out))
            window = screen.window("Krita", 120)
            screen.place_window(window, replace(SCREEN, height=SCREEN.height - TITLE_BAR))
            person = Sitting(screen, place, out, window)
            screen.wait_for((out / "watched.json").exists, "the watcher", 60)
            person.until(lambda told: told["picture"] and told["canvas"], "the photo", 60)
            yield person
            assert process.poll() is None, f"Krita has ended: {crash(out)}"
            assert not (out / "crash.txt").read_text("utf-8")
