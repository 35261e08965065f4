"""A desktop for one test: a screen without a monitor, a window manager, a mouse and a keyboard.

    with desktop(root, place) as screen:
        screen.start(["gimp-3.0", "--new-instance", str(picture)])
        window = screen.window("a portrait.*GIMP")
        screen.activate(window)
        screen.key("slash")
        screen.type("de-wrinkle")
        screen.shot().save(...)

Coordinates are pixels of the screen, or of a window where one is named. Whatever waits says what for, and
keeps a picture of the screen when it waited in vain.
"""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from PIL import Image
from roots import Root, end, folder
from workplace import Workplace

PATIENCE = 300.0
"""Seconds to wait for what has to happen, at most: a first start takes up to 40 on two busy cores."""

WINDOW_MANAGER = "_NET_SUPPORTING_WM_CHECK"
"""The property of the screen by which a window manager says that it is there."""

T = TypeVar("T")


@dataclass(frozen=True)
class Box:
    """Where a window is on the screen."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Desktop:
    """An X display inside a root, and what runs on it."""

    root: Root
    place: Workplace
    display: str
    log: Path
    """What the applications print."""
    _started: list[subprocess.Popen[bytes]] = field(default_factory=list, repr=False)

    @property
    def environment(self) -> dict[str, str]:
        return {**self.place.environment, "DISPLAY": self.display, "LIBGL_ALWAYS_SOFTWARE": "1"}

    def start(self, command: Sequence[str], **environment: str) -> subprocess.Popen[bytes]:
        """Start an application with a message bus of its own; it is ended with the desktop."""
        with self.log.open("ab") as log:
            words = ["dbus-run-session", "--", *command]
            process = self.root.start(words, {**self.environment, **environment}, log)
        self._started.append(process)
        return process

    def titles(self) -> dict[str, str]:
        """The windows on the desktop with the titles that they bear, the topmost last."""
        # The window manager's own notes, since xdotool does not find Krita by what stands in its title bar.
        listed = self._run("xprop", "-root", "_NET_CLIENT_LIST_STACKING")
        titles = {}
        for window in re.findall(r"0x[0-9a-f]+", listed):
            told = self._run("xprop", "-notype", "-id", window, "_NET_WM_VISIBLE_NAME")
            titles[window] = told.partition(" = ")[2].strip().strip('"')
        return titles

    def windows(self, title: str) -> list[str]:
        """The windows whose title has a match of the regular expression `title`, the topmost last."""
        return [window for window, told in self.titles().items() if re.search(title, told)]

    def window(self, title: str, timeout: float = PATIENCE) -> str:
        """Wait for a window by the regular expression `title`, and return the topmost one."""
        return self.wait_for(lambda: self.windows(title), f"a window called {title!r}", timeout)[-1]

    def gone(self, title: str, timeout: float = PATIENCE) -> None:
        """Wait until no window is called `title`."""
        self.wait_for(lambda: not self.windows(title), f"the window {title!r} to close", timeout)

    def box(self, window: str) -> Box:
        told = self._xdotool("getwindowgeometry", "--shell", window)
        values = dict(line.split("=", 1) for line in told.splitlines())
        return Box(*(int(values[name]) for name in ("X", "Y", "WIDTH", "HEIGHT")))

    def activate(self, window: str) -> None:
        """Bring a window to the front and give it the keyboard."""
        self._xdotool("windowactivate", "--sync", window)

    def place_window(self, window: str, box: Box) -> None:
        """Move and resize a window, for screenshots that look alike everywhere."""
        self._xdotool("windowsize", window, str(box.width), str(box.height))
        self._xdotool("windowmove", window, str(box.left), str(box.top))

    def click(self, x: int, y: int, window: str | None = None, button: int = 1, times: int = 1) -> None:
        """Click at a place of the screen, or of `window`."""
        self._move(x, y, window)
        self._xdotool("click", "--repeat", str(times), "--delay", "80", str(button))

    def point(self, x: int, y: int) -> None:
        """Move the pointer to a place of the screen."""
        self._move(x, y, None)

    def nudge(self) -> None:
        """Move the pointer by one pixel and back."""
        for across in ("1", "-1"):
            self._xdotool("mousemove_relative", "--", across, "0")

    def drag(self, points: Sequence[tuple[int, int]], window: str | None = None) -> None:
        """Press the button at the first of `points`, move along them as a hand does, and let go."""
        self._move(*points[0], window)
        self._xdotool("mousedown", "1")
        for point in points[1:]:
            time.sleep(0.03)
            self._move(*point, window)
        self._xdotool("mouseup", "1")

    def key(self, *keys: str) -> None:
        """Press keys one after another, as xdotool names them: `Return`, `ctrl+z`."""
        self._xdotool("key", "--delay", "120", *keys)

    def type(self, text: str) -> None:
        self._xdotool("type", "--delay", "40", text)

    def shot(self, window: str = "root") -> Image.Image:
        """A picture of the screen, or of one window, as RGB; `numpy.asarray` makes an array of it."""
        with tempfile.TemporaryFile() as file:
            command = ["import", "-window", window, "-depth", "8", "png:-"]
            process = self.root.start(command, self.environment, file, subprocess.DEVNULL)
            assert process.wait(PATIENCE) == 0, f"no picture can be taken of window {window}"
            file.seek(0)
            return Image.open(io.BytesIO(file.read())).convert("RGB")

    def wait_for(
        self, happened: Callable[[], T], what: str, timeout: float = PATIENCE, pause: float = 0.25
    ) -> T:
        """Call `happened` until it returns something true, and return that.

        Raises
        ------
        AssertionError
            After `timeout` seconds; it names a picture of the screen and the end of the log.
        """
        deadline = time.monotonic() + timeout
        while True:
            result = happened()
            if result:
                return result
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {timeout:.0f} s for {what}; {self.evidence()}")
            time.sleep(pause)

    def evidence(self) -> str:
        """Keep a picture of the screen among the roots; return a text with its name and the log's end."""
        kept = folder() / "failures"
        kept.mkdir(parents=True, exist_ok=True)
        path = kept / time.strftime("%Y-%m-%d-%H%M%S.png")
        self.shot().save(path)
        return f"see {path}\n{self.log.read_text('utf-8', 'replace')[-3000:]}"

    def _move(self, x: int, y: int, window: str | None) -> None:
        within = ["--window", window] if window else []
        self._xdotool("mousemove", *within, str(x), str(y))

    def _xdotool(self, *words: str) -> str:
        return self._run("xdotool", *words)

    def _run(self, *command: str) -> str:
        # A window may be gone by the time it is asked about: an error of the tool's, no answer here.
        return self.root.run(command, self.environment, 30).stdout


@contextlib.contextmanager
def desktop(root: Root, place: Workplace, width: int = 1600, height: int = 1000) -> Iterator[Desktop]:
    """Start a screen and a window manager, and end them with all applications started on it.

    When the body fails, a picture of the screen is kept.
    """
    # The server chooses a free number itself and writes it to the descriptor.
    words = ["Xvfb", "-displayfd", "1", "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
    # Else it begins anew when its only client has gone, as each look for the window manager below is one, and
    # throws out a window manager that has just come.
    words.append("-noreset")
    server = root.start(words, place.environment, subprocess.PIPE, subprocess.DEVNULL)
    assert server.stdout is not None
    number = server.stdout.readline().decode().strip()
    assert number, "Xvfb did not start"
    screen = Desktop(root, place, f":{number}", place.folder / "applications.log")
    screen.log.touch()
    manager = root.start(["openbox"], screen.environment)
    try:
        # An application that maps its window before the manager listens is not always adopted by it.
        screen.wait_for(lambda: "window id" in screen._run("xprop", "-root", WINDOW_MANAGER), "openbox")
        yield screen
    except BaseException as error:
        if not isinstance(error, AssertionError) or "see /" not in str(error):
            error.add_note(screen.evidence())
        raise
    finally:
        for process in (*reversed(screen._started), manager, server):
            end(process)
        server.stdout.close()
