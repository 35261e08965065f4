"""Somebody before the windows of GIMP 3, with mouse and keyboard.

    with sitting(root) as person:
        person.begin()
        person.menu("d")
        dialog = person.dialog()

A script runs beside the windows, in GIMP's own Python, and says what the picture is like.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from desktop import Box, Desktop, desktop
from gimp3 import INSIDE, SAMPLES, Gimp3, gimp3
from numpy.typing import NDArray
from PIL import Image
from roots import Root

WATCHER = """
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, {inside!r})
import gimp3_watcher
gimp3_watcher.watch()
"""
WINDOW = Box(0, 0, 1560, 960)
TITLE = "GIMP$"
PREVIEW = Box(10, 10, 520, 520)
"""Where the preview is in a filter's dialog."""
SPLIT, BEFORE, AFTER, VIEW = (244, 555), (313, 555), (383, 555), (474, 555)
"""Where the buttons below it are."""
ASIDE = 1590, 990
"""A place of the screen beside GIMP's window, where nothing is."""
BRUSH = 22
"""Pixels across, of a stroke; GIMP begins with 51."""


@dataclass(frozen=True)
class Sitting:
    """One GIMP, and somebody before it."""

    gimp: Gimp3
    screen: Desktop
    window: str
    photo: Path

    @property
    def folder(self) -> Path:
        return self.gimp.place.folder

    def ask(self, what: str, **question: Any) -> dict[str, Any]:
        """Ask the script that runs beside the windows."""
        answer = self.folder / "answer.json"
        answer.unlink(missing_ok=True)
        self._tell(what, question)
        self.screen.wait_for(answer.exists, f"an answer to {what!r}", pause=0.05)
        told: dict[str, Any] = json.loads(answer.read_text("utf-8"))
        assert "traceback" not in told, told["traceback"]
        return told

    def let(self, what: str, **question: Any) -> None:
        """Have the script beside the windows do something, without waiting for its end."""
        (self.folder / "answer.json").unlink(missing_ok=True)
        self._tell(what, question)

    def _tell(self, what: str, question: dict[str, Any]) -> None:
        part = self.folder / "question.part"
        part.write_text(json.dumps({"what": what, "folder": str(self.folder), **question}), "utf-8")
        part.rename(self.folder / "question.json")

    def end(self) -> None:
        """Let the script end; GIMP is then ended with the screen."""
        self._tell("end", {})

    def begin(self, **how: Any) -> None:
        """Open the photo anew, with nothing of what was before."""
        for title in ("^De-wrinkle", "^GIMP Message"):
            for window in self.screen.windows(title):
                self.screen.activate(window)
                self.screen.key("Escape")
                self.screen.gone(title)
        assert self.ask("restart", photo=str(self.photo), **how)["undo"]

    def look(self) -> dict[str, Any]:
        """The picture's layers, and what is seen of it as pixels."""
        told = self.ask("look")
        width, height = told["size"]
        told["seen"] = np.fromfile(told["seen"], np.uint8).reshape(height, width, 3)
        return told

    def open_menu(self) -> None:
        """Open Filters > Softlight."""
        self.screen.point(*ASIDE)  # a dialog that opens below the pointer hides itself behind a tip
        self.press("alt+r", "Up", "Right")  # from the menu's end, where GIMP puts menus of plug-ins
        time.sleep(0.5)

    def menu(self, letter: str) -> None:
        """Take an entry of Filters > Softlight by its underlined letter."""
        self.open_menu()
        self.screen.key(letter)

    def press(self, *keys: str) -> None:
        """Press keys in GIMP's main window."""
        self.screen.activate(self.window)
        self.screen.key(*keys)

    def click(self, x: int, y: int, window: str) -> None:
        """Click at a place of a window, and leave it, so that no tip lies over what is looked at then."""
        self.screen.click(x, y, window)
        self.screen.point(*ASIDE)

    def dialog(self) -> str:
        """Wait for the filter's dialog."""
        window = self.screen.window("^De-wrinkle")
        self.screen.activate(window)
        return window

    def run_dialog(self) -> None:
        """Press Run, and wait for the end."""
        self.screen.key("alt+u")
        self.screen.gone("^De-wrinkle")
        # GIMP 3.0 crashes when a script closes a picture in the moment in which a plug-in ends that worked on
        # it.
        program = str(self.gimp.plugin / "softlight.py")
        self.screen.wait_for(lambda: not self.gimp.place.processes(program), "the plug-in's end")

    def can_run(self, dialog: str) -> bool:
        """Whether the button Run takes clicks; it is grey while the filter is at work."""
        shot = np.asarray(self.screen.shot(dialog))
        return bool(shot[-60:-25, -100:-35].max() > 180)

    def message(self) -> None:
        """Wait for GIMP's message, and close it."""
        window = self.screen.window("^GIMP Message")
        self.screen.activate(window)
        self.screen.key("Return")
        self.screen.gone("^GIMP Message")

    def preview(self, dialog: str) -> NDArray[np.int64]:
        """What the dialog shows as preview."""
        at = PREVIEW
        shot = np.asarray(self.screen.shot(dialog)).astype(int)
        return shot[at.top : at.top + at.height, at.left : at.left + at.width]

    def previewed(self, dialog: str) -> NDArray[np.int64]:
        """Wait until the dialog shows a photo, and return it."""
        pictures: list[NDArray[np.int64]] = []

        def shown() -> bool:
            pictures[:] = [self.preview(dialog)]
            # A neutral grey and a sentence have no colours.
            return bool((np.ptp(pictures[0], axis=2) > 40).mean() > 0.05)

        self.screen.wait_for(shown, "the preview")
        return pictures[0]

    def preview_other_than(self, last: NDArray[np.int64], dialog: str) -> NDArray[np.int64]:
        """Wait until the dialog shows another picture than the last, and return it."""
        time.sleep(0.5)  # to be drawn as a whole
        self.screen.wait_for(lambda: not np.array_equal(self.preview(dialog), last), "another view")
        return self.preview(dialog)

    def says(self, dialog: str) -> bool:
        """Whether there is a sentence in the middle of the preview."""
        middle = self.preview(dialog)[240:290, 60:460]
        # Bright on neutral grey: a face with the white handle of the split before it has as many bright px.
        return bool((middle.min(axis=2) > 220).sum() > 300 and (np.ptp(middle, axis=2) > 40).mean() < 0.05)

    def take_brush(self) -> None:
        """Take the paintbrush, small enough for a wrinkle."""
        self.screen.click(780, 920, self.window)  # the keys are for the picture
        self.press("p", *["bracketleft"] * (51 - BRUSH))

    def photo_at(self) -> tuple[int, int]:
        """Where on the screen the photo's left upper pixel is, at 100 %."""
        return self.screen.wait_for(self._find_photo, "the photo on the screen")

    def paint(self, strokes: Sequence[Sequence[tuple[int, int]]], at: tuple[int, int]) -> None:
        """Draw strokes, in the photo's pixels, which begin on the screen `at`."""
        left, top = at
        for stroke in strokes:
            self.screen.drag([(left + x, top + y) for x, y in stroke])
            time.sleep(0.3)

    def _find_photo(self) -> tuple[int, int] | None:
        x, y = 250, 60  # the badge of the cap, where nothing is painted
        with Image.open(self.photo) as photo:
            part = np.asarray(photo.convert("RGB")).astype(int)[y : y + 4, x : x + 16]
        screen = np.asarray(self.screen.shot()).astype(int)
        for row, column in zip(*np.nonzero((np.abs(screen - part[0, 0]) <= 1).all(axis=2))):
            there = screen[row : row + 4, column : column + 16]
            if there.shape == part.shape and np.abs(there - part).max() <= 2:
                return int(column) - x, int(row) - y
        return None


@contextlib.contextmanager
def sitting(root: Root, *filters: str, prepare: Callable[[Gimp3], None] | None = None) -> Iterator[Sitting]:
    """Start GIMP with its windows.

    Parameters
    ----------
    root : Root
    filters : str
        Filters of the tests' own that come beside Soft glow.
    prepare : callable, optional
        Changes what is installed before GIMP starts.
    """
    with gimp3(root, *filters) as gimp, desktop(root, gimp.place) as screen:
        if prepare is not None:
            prepare(gimp)
        photo = gimp.place.pictures / "ein Porträt.jpg"
        shutil.copy(SAMPLES / "hopper.jpg", photo)
        watcher = gimp.place.folder / "watcher.py"
        watcher.write_text(WATCHER.format(inside=f"/machine{INSIDE}"), "utf-8")
        command = [f"gimp-{gimp.version}", "--new-instance", "--no-splash", str(photo)]
        code = f"exec(open({str(watcher)!r}).read())"
        command[3:3] = ["--batch-interpreter=python-fu-eval", "-b", code]
        screen.start(command, SOFTLIGHT_WATCH=str(gimp.place.folder))
        window = screen.window(f"Porträt.*{TITLE}")
        screen.place_window(window, WINDOW)
        person = Sitting(gimp, screen, window, photo)
        person.ask("look")
        yield person
        person.end()
