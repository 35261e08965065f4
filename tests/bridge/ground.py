"""A user of their own for each test: runtime folder, log, settings, and the engine that lives there."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from softlight_bridge import places, private_files
from softlight_bridge.client import Engine, end_engine
from softlight_bridge.errors import BridgeError
from softlight_bridge.messages import Box, Job, PixelFormat, Raster

TRIAL_ENGINE = (sys.executable, "-I", str(Path(__file__).with_name("trial_engine.py")))
REAL_ENGINE = (sys.executable, "-I", "-m", "softlight.engine")
SAME_KERNELS = ("/usr/bin/env", *(f"{k}={v}" for k, v in os.environ.items() if k.startswith("OPENBLAS_")))
"""Before an engine's command: it counts as this process does, also where this one's OpenBLAS was told how."""

RGB8 = PixelFormat("RGB", "u8")


class Ground(NamedTuple):
    """Where this test's engine lives; the process's environment points here."""

    folder: Path

    @property
    def runtime(self) -> Path:
        return Path(os.environ["XDG_RUNTIME_DIR"]) / "softlight"

    @property
    def log(self) -> str:
        try:
            return Path(places.log_path()).read_text("utf-8")
        except FileNotFoundError:
            return ""

    def engine(self, *arguments: str) -> Engine:
        """The engine with the trial filter."""
        return Engine((*TRIAL_ENGINE, *arguments), "Test 1.0")

    def pid(self) -> int:
        """Process of the engine that runs."""
        state = private_files.read_state()
        assert state is not None
        return state.pid

    def engines(self) -> list[int]:
        """Every process that runs an engine on this ground."""
        mark = f"XDG_RUNTIME_DIR={os.environ['XDG_RUNTIME_DIR']}".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes().split(b"\0") and is_engine(process):
                    found.append(int(process.name))
            except OSError:
                continue
        return found

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End the engine that runs, and wait until it is gone."""
        pid = self.pid()
        os.kill(pid, number)
        eventually(lambda: not alive(pid))

    def leave(self) -> None:
        """End whatever still runs here."""
        try:
            if end_engine():
                eventually(lambda: not self.engines(), 5)
        except (BridgeError, AssertionError):
            pass
        for pid in self.engines():
            with contextlib.suppress(ProcessLookupError):  # it has ended since
                os.kill(pid, signal.SIGKILL)


def altered_engine(code: str) -> Engine:
    """The trial engine, in whose process this was done before it began."""
    begin = "\nimport runpy, sys; runpy.run_path(sys.argv.pop(1), run_name='__main__')"
    return Engine((sys.executable, "-I", "-c", code + begin, TRIAL_ENGINE[-1]), "Test 1.0")


def is_engine(process: Path) -> bool:
    words = (process / "cmdline").read_bytes().split(b"\0")
    return any(word in (b"softlight.engine", TRIAL_ENGINE[-1].encode()) for word in words)


def one_sentence(error: BaseException) -> str:
    """What the user reads, which is one sentence."""
    text = str(error)
    assert text.endswith((".", "'")) and "\n" not in text and "Traceback" not in text, text
    return text


def alive(pid: int) -> bool:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # the second when it ends between opening and reading
        return False
    # A zombie with more than one thread still has its files open.
    return fields[0] != "Z" or int(fields[17]) > 1


def eventually(true: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something is the case; the limit is only there to end a failing test."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def trial_job(width: int = 40, height: int = 30, **settings: object) -> Job:
    """A job of the trial filter on all of a picture."""
    mask = Raster(width, height, PixelFormat("Y", "u8"), b"\xff" * (width * height))
    return Job(
        filter="trial",
        settings=dict(settings),
        picture_size=(width, height),
        format=RGB8,
        transfer="perceptual",
        icc=None,
        mask=mask,
        mask_origin=(0, 0),
        layer_format=PixelFormat("RGBA", "u8"),
        mask_depth="u8",
        blends=("normal", "soft-light"),
    )


def grey(box: Box) -> Raster:
    """A photo of one grey."""
    return Raster(box.width, box.height, RGB8, b"\x40" * (box.width * box.height * 3))
