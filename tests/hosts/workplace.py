"""A user's home for one test, seen under one name by this machine and by the applications in their roots.

    with workplace() as place:
        place.install_plugins("--gimp")
        root.run(["gimp-console", ...], place.environment)

It holds nothing but what the test and the applications put there, and it is gone afterwards, with every
process that belongs to it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60.0
"""Seconds that an engine is given to end itself when it is told to; it takes less than one."""
GIMPRC = '(config-version "{version}")\n(check-updates no)\n'
GIMPRC_3 = "(show-welcome-dialog no)\n"
"""What 2.10 does not know; it would throw all the rest away too."""


@dataclass(frozen=True)
class Workplace:
    """A home folder with everything that belongs to it."""

    folder: Path
    """Short, since the path of a socket inside it has at most 100 bytes; nobody else can read it."""

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def pictures(self) -> Path:
        """Where to open and save pictures: a folder with letters that older software trips over."""
        return self.folder / "Bilder für Zoë"

    @property
    def runtime(self) -> Path:
        """The engine's own folder: its socket, key and state."""
        return self.folder / "run" / "softlight"

    @property
    def environment(self) -> dict[str, str]:
        """What an application that belongs here is started with."""
        return {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "XDG_DATA_HOME": str(self.home / ".local/share"),
            "XDG_CACHE_HOME": str(self.home / ".cache"),
            "XDG_STATE_HOME": str(self.home / ".local/state"),
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "NO_AT_BRIDGE": "1",
        }

    def gimp_profile(self, version: str) -> Path:
        """Make the profile of a GIMP that was started before: no welcome, no search for updates.

        `version` is that of the folder, "3.0" or "3.2" or "2.10".
        """
        profile = self.home / ".config" / "GIMP" / version
        profile.mkdir(parents=True)
        settings = GIMPRC.format(version=f"{version}.99") + ("" if version == "2.10" else GIMPRC_3)
        (profile / "gimprc").write_text(settings, "utf-8")
        (profile / "gradients").mkdir()  # 2.10 complains at its end when it is not there
        return profile

    def install_plugins(self, *arguments: str) -> str:
        """Run the real `softlight plugins install`, and return what it said.

        Applications in their roots cannot see this machine's Python. So the plug-ins are pointed at a script
        that can be called on both sides.
        """
        done = self.softlight("plugins", "install", *arguments)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        self.point_at_this_python()
        return done.stdout

    def softlight(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the real command line, as the user whose home this is."""
        command = [sys.executable, "-I", "-m", "softlight", *arguments]
        environment = {"PATH": os.environ.get("PATH", os.defpath), **self.environment}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def point_at_this_python(self) -> None:
        """Let every engine.json in this home start the engine of the Python that runs here."""
        script = self.folder / "python"
        python = shlex.quote(sys.executable)
        script.write_text(
            "#!/bin/sh\n"
            f'test -d /machine/usr && exec /usr/sbin/chroot /machine {python} "$@"\n'
            f'exec {python} "$@"\n'
        )
        script.chmod(0o755)
        for path in self.home.rglob("engine.json"):
            settings = json.loads(path.read_text("utf-8"))
            for command in ("engine", "cli"):
                if settings[command] is not None:  # as in a plug-in that came as a file
                    settings[command][0] = str(script)
            path.write_text(json.dumps(settings), "utf-8")

    def engine_process(self) -> int | None:
        """The process of the engine that serves this home, or `None` while there is none."""
        try:
            process = int(json.loads((self.runtime / "engine.json").read_text("utf-8"))["pid"])
        except (OSError, ValueError, KeyError):
            return None
        return process if process in self.processes() else None

    @contextlib.contextmanager
    def engine_stands_still(self) -> Iterator[None]:
        """Stop the engine that runs in the middle of whatever it does, and let it go on afterwards."""
        process = self.engine_process()
        assert process is not None, "no engine runs"
        os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(process, signal.SIGCONT)

    def processes(self, word: str = "") -> list[int]:
        """Every process that was started with this home, and with `word` in its command line."""
        mark, wanted = b"=" + os.fsencode(self.folder) + b"/", os.fsencode(word)
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # it has ended since
                if mark in (path / "environ").read_bytes() and wanted in (path / "cmdline").read_bytes():
                    found.append(int(path.name))
        return found

    def end_processes(self) -> list[int]:
        """Tell every process of this home to end, and return those that had to be killed."""
        for how in (signal.SIGTERM, signal.SIGKILL):
            left = self.processes()
            for process in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, how)
            deadline = time.monotonic() + PATIENCE
            while self.processes() and time.monotonic() < deadline:
                time.sleep(0.05)
            if not self.processes():
                break
        return left if how is signal.SIGKILL else []


@contextlib.contextmanager
def workplace() -> Iterator[Workplace]:
    """Make a workplace, and take it away with every process that belongs to it.

    Raises
    ------
    AssertionError
        If a process does not end when it is told to.
    """
    place = Workplace(Path(tempfile.mkdtemp(prefix="sl-", dir="/tmp")))
    try:
        for path in (place.home, place.pictures, place.folder / "run"):
            path.mkdir(0o700)
        yield place
        stubborn = place.end_processes()
        assert not stubborn, f"these processes had to be killed: {stubborn}"
    finally:
        place.end_processes()
        shutil.rmtree(place.folder, ignore_errors=True)
