"""GIMP 2.10 with its windows: menu, undo, redo, Quick Mask and Cancel, by mouse and keyboard.

gimpfu's own dialog needs PyGTK, which no Debian has any more; only entries without a dialog can
be chosen here.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from desktop import Desktop, desktop
from gimp210 import Gimp210, gimp210
from roots import NoHosts
from workplace import workplace

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]


@dataclass(frozen=True)
class Session:
    """GIMP on a desktop, with a script inside that does what it is told."""

    gimp: Gimp210
    screen: Desktop
    numbers: Iterator[int]

    def tell(self, step: str) -> None:
        self.ask(step, wait=False)

    def ask(self, step: str, wait: bool = True) -> Any:
        name = f"{next(self.numbers):03}-{step}"
        (self.gimp.out / f"do-{name}").touch()
        answer = self.gimp.out / f"did-{name}"
        if wait:
            self.screen.wait_for(answer.exists, f"GIMP to do {step}", 60, 0.05)
            return json.loads(answer.read_text("utf-8"))
        return None

    def until(self, expected: Any) -> None:
        """Wait until the picture is as it was once."""
        self.screen.wait_for(lambda: self.ask("look") == expected, "the picture to be as it was", 20)

    def changed(self, before: Any) -> Any:
        """Wait until the layers are others than before, and return them."""
        found = before

        def other() -> bool:
            nonlocal found
            found = self.ask("look")
            return bool(found["layers"] != before["layers"])

        self.screen.wait_for(other, "the layers to change", 60)
        return found

    def choose(self, entry: str) -> None:
        """Choose a menu entry by GIMP's search for actions."""
        self.screen.activate(self.screen.window(r"portrait"))
        self.screen.key("slash")
        self.screen.window("Search Actions", 20)
        self.screen.type(entry)
        time.sleep(1.0)  # The list fills while it is typed; nothing tells when it is complete.
        self.screen.key("Down", "Return")


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with workplace() as place:
        try:
            host = gimp210(place)
        except NoHosts as reason:
            pytest.skip(str(reason))
        with desktop(host.root, place) as screen:
            _, *words = host.command("gimp210_gui", "serve")
            words.remove("-i")
            screen.start(["gimp-2.10", *words], **host.environment)
            screen.window("GNU Image Manipulation Program")
            made = Session(host, screen, itertools.count())
            made.ask("show")
            screen.window("portrait")
            yield made
            made.tell("end")


def test_one_undo_brings_the_picture_back_exactly_and_redo_the_result(session: Session) -> None:
    before = session.ask("look")
    after = session.ask("run")
    assert after["seen"] != before["seen"] and after["background"] == before["background"]
    session.screen.activate(session.screen.window("portrait"))
    session.screen.key("ctrl+z")
    session.until(before)
    session.screen.key("ctrl+y")
    session.until(after)


def test_run_again_from_the_menu(session: Session) -> None:
    before = session.ask("look")
    session.choose("Re-run (8 bit)")
    after = session.changed(before)
    assert after["seen"] == before["seen"], "same settings, same mask, same photo"
    assert [name for name, _ in after["layers"]] == [name for name, _ in before["layers"]]
    session.screen.key("ctrl+z")
    session.until(before)


def test_cancel_while_it_runs(session: Session) -> None:
    before = session.ask("look")
    session.choose("Re-run (8 bit)")
    session.gimp.wait_for_process("dewrinkle")
    window = session.screen.window("portrait")
    session.screen.shot().save("/tmp/h5/gui-cancel.png")
    session.screen.activate(window)
    session.screen.key("Escape")
    session.screen.wait_for(lambda: not session.gimp.processes("dewrinkle"), "the job to end", 20, 0.02)
    session.screen.wait_for(lambda: not session.gimp.left_over(), "its files to go", 20, 0.02)
    assert session.ask("look") == before
    session.choose("Re-run (8 bit)")
    session.changed(before)


def test_quick_mask(session: Session) -> None:
    session.ask("photo")
    session.screen.activate(session.screen.window("portrait"))
    session.screen.key("shift+q")
    (empty, active), after = session.ask("quick-mask")
    assert (empty, active) == (1, "Qmask")
    assert after["layers"][0][0] == "De-wrinkle #1", "on top of all"
    session.screen.key("shift+q")


def test_a_brush_mask_from_the_menu_is_painted_on(session: Session) -> None:
    session.ask("photo")
    session.choose("New brush mask")
    found = session.changed(session.ask("look"))
    assert "Softlight brush mask" in [name for name, _ in found["layers"]]
