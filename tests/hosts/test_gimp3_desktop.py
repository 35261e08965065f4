"""A retoucher at GIMP 3.0 and 3.2, by mouse and keyboard: paint, look, run, undo, cancel, run again.

Run:   python -m pytest -m hosts tests/hosts/test_gimp3_desktop.py
       SOFTLIGHT_PICTURES=docs …  keeps the pictures of the documentation
Needs: what `roots.py` needs; some 90 s each.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import find_root
from desktop import Box, Desktop, desktop
from gimp3 import INSIDE, SAMPLES, Gimp3, gimp3
from PIL import Image
from test_gimp3 import ROOTS

pytestmark = pytest.mark.hosts

FOREHEAD = [
    [(222, 148), (240, 146), (260, 145), (280, 146), (298, 149)],
    [(224, 162), (245, 160), (265, 160), (296, 162)],
]
"""Strokes over the wrinkles of the sample's forehead, in its pixels."""
WATCHER = """
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, {inside!r})
import gimp3_watcher
gimp3_watcher.watch()
"""


@dataclass(frozen=True)
class Sitting:
    """One GIMP with one picture open, and somebody before it."""

    gimp: Gimp3
    screen: Desktop
    window: str

    @property
    def folder(self) -> Path:
        return self.gimp.place.folder

    def ask(self, what: str, **question: Any) -> dict[str, Any]:
        """Ask the script that runs beside the windows."""
        answer, asked = self.folder / "answer.json", self.folder / "question.json"
        answer.unlink(missing_ok=True)
        part = asked.with_suffix(".part")
        part.write_text(json.dumps({"what": what, "folder": str(self.folder), **question}), "utf-8")
        part.rename(asked)
        self.screen.wait_for(answer.exists, f"an answer to {what!r}", 60)
        told: dict[str, Any] = json.loads(answer.read_text("utf-8"))
        assert "traceback" not in told, told["traceback"]
        return told

    def look(self) -> dict[str, Any]:
        told = self.ask("look")
        width, height = told["size"]
        told["seen"] = np.fromfile(told["seen"], np.uint8).reshape(height, width, 3)
        return told

    def choose(self, words: str) -> None:
        """Take a menu entry by GIMP's own search."""
        self.screen.activate(self.window)
        self.screen.key("slash")
        self.screen.window("^Search")
        self.screen.type(words)
        time.sleep(1)
        self.screen.key("Down", "Return")

    def dialog(self) -> str:
        """Wait for the filter's dialog."""
        window = self.screen.window("^De-wrinkle")
        self.screen.activate(window)
        return window

    def preview(self, dialog: str) -> np.ndarray:
        """What the left part of the dialog shows."""
        return np.asarray(self.screen.shot(dialog))[20:520, 20:520].astype(int)

    def previewed(self, dialog: str) -> np.ndarray:
        """Wait until the dialog shows a photo, and return it."""

        def shown() -> np.ndarray | None:
            picture = self.preview(dialog)
            # A neutral grey and a sentence have no colours.
            colourful = (np.ptp(picture, axis=2) > 40).mean() > 0.05
            return picture if colourful else None

        return self.screen.wait_for(lambda: _some(shown()), "the preview", 60)[0]

    def picture_at(self) -> tuple[int, int]:
        """Where on the screen the photo's left upper pixel is, at 100 %."""
        with Image.open(SAMPLES / "hopper.jpg") as sample:
            part = np.asarray(sample.convert("RGB")).astype(int)[300:304, 200:216]
        screen = np.asarray(self.screen.shot()).astype(int)
        rows, columns = np.nonzero((np.abs(screen - part[0, 0]) <= 1).all(axis=2))
        for y, x in zip(rows, columns):
            there = screen[y : y + 4, x : x + 16]
            if there.shape == part.shape and np.abs(there - part).max() <= 2:
                return int(x) - 200, int(y) - 300
        raise AssertionError(f"the photo is not on the screen; {self.screen.evidence()}")

    def paint(self, strokes: list[list[tuple[int, int]]]) -> None:
        left, top = self.picture_at()
        for stroke in strokes:
            self.screen.drag([(left + x, top + y) for x, y in stroke])
            time.sleep(0.5)


def _some(value: Any) -> list[Any]:
    return [] if value is None else [value]


@pytest.fixture(scope="module", params=ROOTS)
def sitting(request: pytest.FixtureRequest) -> Iterator[Sitting]:
    root = find_root(request.param)
    with gimp3(root) as gimp, desktop(root, gimp.place) as screen:
        photo = gimp.place.pictures / "ein Porträt.jpg"
        shutil.copy(SAMPLES / "hopper.jpg", photo)
        watcher = gimp.place.folder / "watcher.py"
        watcher.write_text(WATCHER.format(inside=f"/machine{INSIDE}"), "utf-8")
        screen.start(
            [
                *(f"gimp-{gimp.version}", "--new-instance", "--no-splash"),
                *("--batch-interpreter=python-fu-eval", "-b", f"exec(open({str(watcher)!r}).read())"),
                str(photo),
            ],
            SOFTLIGHT_WATCH=str(gimp.place.folder),
        )
        window = screen.window("Porträt.*GIMP")
        screen.place_window(window, Box(0, 0, 1560, 960))
        sitting = Sitting(gimp, screen, window)
        sitting.look()
        yield sitting
        sitting.ask_end()


def keep(name: str, picture: Image.Image) -> None:
    """Keep a picture for the documentation, if it is wanted."""
    folder = os.environ.get("SOFTLIGHT_PICTURES")
    if folder:
        picture.save(Path(folder) / name, optimize=True)


def difference(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


_ = Callable
