"""A retoucher at GIMP 2.10, by mouse and keyboard: menu, dialog, brush mask, undo, cancel, run again.

The dialog is gimpfu's own code; PyGTK, which it was written for, is no longer in any Debian, and PyGObject's
likeness of it stands in (`inside/gimpfu_gtk`).

Run:   python -m pytest -m hosts tests/hosts/test_gimp210_gui.py
       SOFTLIGHT_PICTURES=docs …  renews gimp210-dialog.png and gimp210-layers.png of the documentation
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import find_gimp210
from desktop import Box, Desktop, desktop
from gimp210 import INSIDE, SAMPLES, Gimp210
from PIL import Image
from workplace import workplace

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]

DIALOG = "^python-fu-softlight-dewrinkle$"
DEWRINKLE, MODELS, NEW_BRUSH_MASK, RERUN = range(4)
"""The entries of our menu."""
SIZE, CANCEL = Box(0, 0, 1560, 960), (1315, 942)
"""Of GIMP's window, and where its button is then, right in the status bar."""
FOREHEAD = [(222, 148), (240, 146), (260, 145), (280, 146), (298, 149)]
"""A stroke over a wrinkle of the sample, in its pixels."""


@dataclass(frozen=True)
class Session:
    """GIMP on a desktop, with a script inside that does what it is told."""

    gimp: Gimp210
    screen: Desktop
    window: str
    numbers: Iterator[int]

    def ask(self, step: str) -> Any:
        name = f"{next(self.numbers):03}-{step}"
        (self.gimp.out / f"do-{name}").touch()
        answer = self.gimp.out / f"did-{name}"
        self.screen.wait_for(answer.exists, f"GIMP to do {step}", pause=0.05)
        return json.loads(answer.read_text("utf-8"))

    def until(self, expected: Any) -> None:
        """Wait until the picture is as it was once."""
        self.screen.wait_for(lambda: self.ask("look") == expected, "the picture to be as it was")

    def changed(self, before: Any) -> Any:
        """Wait until the layers are others than before, and return how all looks then."""
        found = before

        def other() -> bool:
            nonlocal found
            last, found = found, self.ask("look")
            # Twice the same, since a plug-in that puts layers in may be at work still.
            return bool(found["layers"] != before["layers"] and found == last)

        self.screen.wait_for(other, "the layers to change", pause=0.5)
        return found

    def keys(self, *keys: str) -> None:
        self.screen.activate(self.window)
        self.screen.key(*keys)

    def choose(self, entry: int) -> None:
        """Choose one of our menu's entries."""
        # Ours is the third from the end of Filters, above Script-Fu's and a toy that every GIMP has.
        self.keys("alt+r", "End", "Up", "Up", "Right", *["Down"] * entry, "Return")

    def dialog(self) -> str:
        self.choose(DEWRINKLE)
        window = self.screen.window(DIALOG)
        self.screen.activate(window)
        return window

    def picture_at(self) -> tuple[int, int]:
        """Where on the screen the photo's left upper pixel is, at 100 %."""
        with Image.open(SAMPLES / "hopper.jpg") as sample:
            part = np.asarray(sample.convert("RGB"))[500:504, 360:376]
        screen = np.asarray(self.screen.shot())
        for y, x in zip(*np.nonzero((screen == part[0, 0]).all(axis=2))):
            if np.array_equal(screen[y : y + 4, x : x + 16], part):
                return int(x) - 360, int(y) - 500
        raise AssertionError(f"the photo is not on the screen; {self.screen.evidence()}")


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with workplace() as place:
        host = find_gimp210(place)
        shutil.copytree(INSIDE / "gimpfu_gtk", place.home / ".local/lib/python2.7/site-packages")
        with desktop(host.root, place) as screen:
            _, *words = host.command("gimp210_gui", "serve")
            words.remove("-i")
            screen.start(["gimp-2.10", *words], **host.environment)
            screen.window("GNU Image Manipulation Program")
            numbers = itertools.count()
            Session(host, screen, "", numbers).ask("show")
            window = screen.window("portrait")
            screen.place_window(window, SIZE)
            made = Session(host, screen, window, numbers)
            yield made
            made.ask("end")


def keep(name: str, picture: Image.Image) -> None:
    """Keep a picture for the documentation, if it is wanted."""
    folder = os.environ.get("SOFTLIGHT_PICTURES")
    if folder:
        picture.save(Path(folder) / name, optimize=True)


def test_the_menu_opens_the_dialog_and_its_cancel_changes_nothing(session: Session) -> None:
    before = session.ask("look")
    session.choose(DEWRINKLE)
    dialog = session.screen.window(DIALOG)
    keep("gimp210-dialog.png", session.screen.shot(dialog))
    session.screen.activate(dialog)
    session.screen.key("alt+c")
    session.screen.gone(DIALOG)
    assert session.ask("look") == before


def test_repeating_what_was_cancelled_takes_the_defaults(session: Session) -> None:
    """gimpfu itself breaks over it."""
    before = session.ask("look")
    session.keys("ctrl+f")
    after = session.changed(before)
    assert after["settings"][0]["strength"] == 1
    session.keys("ctrl+z")
    session.until(before)


def test_the_dialogs_values_arrive(session: Session) -> None:
    before = session.ask("look")
    session.dialog()
    session.screen.key("Tab", "Left", "Left", "Left", "Left", "Left", "alt+o")
    after = session.changed(before)
    session.screen.gone(DIALOG)
    keep("gimp210-layers.png", session.screen.shot(session.window).crop((600, 200, 1560, 720)))
    assert [name for name, _ in after["layers"]] == ["De-wrinkle", "Background"]
    assert after["settings"][0]["strength"] == 0.95
    assert {opacity for _, _, opacity in after["inside"]} == {95.0}
    assert after["seen"] != before["seen"] and after["background"] == before["background"]


def test_one_undo_brings_the_picture_back_exactly_and_redo_the_result(session: Session) -> None:
    after = session.ask("look")
    session.keys("ctrl+z")
    session.screen.wait_for(lambda: len(session.ask("look")["layers"]) == 1, "the group to go")
    before = session.ask("look")
    assert before["layers"][0][0] == "Background" and before["seen"] != after["seen"]
    session.keys("ctrl+y")
    session.until(after)


def test_run_again_from_the_menu(session: Session) -> None:
    before = session.ask("look")
    session.choose(RERUN)
    after = session.changed(before)
    assert after["seen"] == before["seen"], "same settings, same mask, same photo"
    assert [name for name, _ in after["layers"]] == [name for name, _ in before["layers"]]
    assert after["settings"] == before["settings"]
    session.keys("ctrl+z")
    session.until(before)


def test_cancel_while_it_runs(session: Session) -> None:
    before = session.ask("look")
    session.choose(RERUN)
    session.gimp.wait_for_process("dewrinkle")
    session.screen.click(*CANCEL, session.window)
    session.screen.wait_for(lambda: not session.gimp.processes("dewrinkle"), "the job to end", pause=0.02)
    session.screen.wait_for(lambda: not session.gimp.left_over(), "its files to go", pause=0.02)
    assert session.ask("look") == before
    session.choose(RERUN)
    session.changed(before)


def test_quick_mask(session: Session) -> None:
    session.ask("photo")
    before = session.ask("look")
    session.keys("shift+q")
    session.screen.wait_for(lambda: session.ask("look")["channels"] == ["Qmask"], "Quick Mask")
    (empty, active), after = session.ask("quick-mask")
    session.keys("shift+q")
    assert (empty, active) == (1, "Qmask")
    assert after["layers"][1:] == before["layers"] and after["settings"][0], "on top of all"
    assert after["background"] == before["background"]


def test_a_brush_mask_from_the_menu_is_painted_on(session: Session) -> None:
    session.ask("photo")
    before = session.ask("deselect")
    session.choose(NEW_BRUSH_MASK)
    masked = session.changed(before)
    assert [name for name, _ in masked["layers"]][-2:] == ["Softlight brush mask", "Background"]
    left, top = session.picture_at()
    session.keys("p")
    session.screen.drag([(left + x, top + y) for x, y in FOREHEAD])
    session.screen.wait_for(lambda: session.ask("look")["seen"] != masked["seen"], "the stroke")
    painted = session.ask("look")
    session.dialog()
    session.screen.key("alt+o")
    after = session.changed(painted)
    names = [name for name, _ in after["layers"]]
    assert names[-3::2] == ["Softlight brush mask", "Background"]
    assert not after["visible"][-3], "the mask has done its work"
    assert after["background"] == before["background"]
    assert after["settings"][-2]["strength"] == 0.95, "gimpfu remembers the last values"


def test_without_a_mask_it_works_on_whole_faces(session: Session) -> None:
    session.ask("photo")
    before = session.ask("look")
    session.dialog()
    session.screen.key("alt+o")
    after = session.changed(before)
    new = len(before["layers"]) - 1
    assert after["settings"][new]["faces"] == "all" and after["settings"][new]["neck"] == 1
    assert after["background"] == before["background"] and after["visible"][:new] == before["visible"][:-1]
    session.keys("ctrl+z")
    session.until(before)


def test_what_cannot_be_done_is_said_in_the_status_bar(session: Session) -> None:
    """There GIMP shows a message that fits on one line; what the line says is tested without windows."""
    session.ask("photo")
    before = session.ask("hide-photo")
    # The crop tool's hint ends at 260 pixels, the paintbrush's at 430, the sentence at 490.
    session.keys("shift+c")
    session.screen.wait_for(lambda: said(session) < 350, "the tool's hint")
    session.dialog()
    session.screen.key("alt+o")
    # GIMP takes the sentence away after eight seconds, so nothing else is waited for before it.
    session.screen.wait_for(lambda: said(session) > 450, "a sentence in the status bar", pause=0.1)
    session.screen.gone(DIALOG)
    assert session.ask("look") == before
    session.ask("show-photo")


def said(session: Session) -> int:
    """How far the text in the status bar reaches, in pixels."""
    bar = np.asarray(session.screen.shot(session.window).convert("L"))[930:955, 405:1330]
    return int(np.nonzero((bar > 150).any(axis=0))[0].max(initial=0))
