"""A Windows user under wine, without a network, whose files and registry can be looked at.

The user's name holds an umlaut and a space. Each command runs in walls of bubblewrap; a killed one takes
all of its Windows with it, as a power cut would.

Wine lives in the root file system `wine` of `roots.py`.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from roots import Root, root
from windows_python import PATIENCE, NoWindows, windows_path

NAME = "Zoë K"
OVERRIDES = "mscoree,mshtml,winedbg.exe="
"""No Mono, no Gecko, no debugger."""


@dataclass(frozen=True)
class WindowsUser:
    """A user whose home is `home`; drive C: lies below it."""

    home: Path
    root: Root

    @property
    def drive(self) -> Path:
        return self.home / "prefix" / "drive_c"

    @property
    def folder(self) -> Path:
        """``C:\\users\\NAME``."""
        return self.drive / "users" / NAME

    @property
    def local(self) -> Path:
        return self.folder / "AppData" / "Local"

    @property
    def roaming(self) -> Path:
        return self.folder / "AppData" / "Roaming"

    def inside(self, path: Path) -> str:
        """Return what Windows calls a file of drive C:."""
        return "C:\\" + str(path.relative_to(self.drive)).replace("/", "\\")

    def run(self, *command: str | PurePath) -> tuple[int, str]:
        """Run a program to its end; return its exit status and what it printed."""
        process = self.start(*command)
        process.wait(PATIENCE)
        assert process.stdout is not None
        # Not to its end: what the program leaves running (an engine) inherits the pipe.
        os.set_blocking(process.stdout.fileno(), False)
        said = (process.stdout.read() or b"").decode("utf-8", "replace").replace("\r\n", "\n")
        process.stdout.close()
        return process.returncode, said

    def start(self, *command: str | PurePath, alone: bool = False) -> subprocess.Popen[bytes]:
        """Start a program; with `alone` its end is the end of every other program of this user."""
        words = [windows_path(word) if isinstance(word, PurePath) else word for word in command]
        return subprocess.Popen(
            [*self._walls(), *(["--unshare-pid"] if alone else []), "--", "wine", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,  # a file or a terminal is not taken by Windows' Python
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def leave(self) -> None:
        """Wait until Windows has shut down and written its registry, once no program runs.

        Raises
        ------
        subprocess.TimeoutExpired
            If a program still runs.
        """
        subprocess.run([*self._walls(), "--", "wineserver", "--wait"], timeout=PATIENCE, check=True)

    def files(self) -> dict[str, bytes]:
        """Return the files of drive C: outside of Windows' own folder; folders have a slash at the end."""
        found = {}
        for place, folders, names in os.walk(self.drive):
            inside = Path(place)
            if inside == self.drive:
                folders.remove("windows")
            for name in folders:
                found[(inside / name).relative_to(self.drive).as_posix() + "/"] = b""
            for name in names:
                found[(inside / name).relative_to(self.drive).as_posix()] = (inside / name).read_bytes()
        return found

    def registry(self) -> dict[str, str]:
        """Return the registry by key, as it is on disk after `leave`."""
        found = {}
        for hive in ("user.reg", "system.reg", "userdef.reg"):
            text = (self.home / "prefix" / hive).read_text("utf-8", "replace")
            for part in text.split("\n\n")[1:]:
                key, _, values = part.partition("\n")
                values = re.sub(r"^#time=.*\n?", "", values, flags=re.MULTILINE)
                found[f"{hive}: {key.rpartition(' ')[0]}"] = values.strip()
        return found

    def _walls(self) -> list[str]:
        environment = {
            "PATH": "/usr/bin:/bin:/usr/lib/wine",
            "HOME": str(self.home),
            "USER": NAME,
            "XDG_RUNTIME_DIR": str(self.home),
            "WINEPREFIX": str(self.home / "prefix"),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": OVERRIDES,
            "LC_ALL": "C.UTF-8",
        }
        settings = [word for item in environment.items() for word in ("--setenv", *item)]
        return [
            *("bwrap", "--ro-bind", str(self.root.path), "/", "--ro-bind", "/sys", "/sys"),
            *("--dev", "/dev", "--proc", "/proc", "--tmpfs", "/dev/shm", "--bind", "/tmp", "/tmp"),
            *("--unshare-net", "--die-with-parent", "--clearenv", *settings),
        ]


@contextlib.contextmanager
def windows_user() -> Iterator[WindowsUser]:
    """A new user of Windows 10.

    Raises
    ------
    NoHosts, NoWindows
        If wine cannot be had here.
    """
    place = root("wine")
    with tempfile.TemporaryDirectory(prefix="windows-user-", dir="/tmp", ignore_cleanup_errors=True) as name:
        user = WindowsUser(Path(name), place)
        try:
            user.run("wineboot", "--init")
            user.run("winecfg", "-v", "win10")
            user.leave()
            if not user.local.is_dir():
                raise NoWindows("wine could not make a user")
            yield user
        finally:
            end_all(user)


def end_all(user: WindowsUser) -> None:
    """Kill every process of this user."""
    mark = f"WINEPREFIX={user.home / 'prefix'}".encode()
    for _ in range(20):
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    found.append(int(process.name))
        if not found:
            return
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.2)
