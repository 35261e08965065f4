"""The computer that hosts are looked for on, as data: tests describe others."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

System = Literal["linux", "windows", "macos"]

PATIENCE = 60
"""Seconds that a program is waited for: GIMP's first start takes 8 s on two cores."""


def run_program(command: Sequence[str], home: Path) -> str | None:
    """Return what a program prints, or `None` when it cannot be started, fails, or takes too long.

    Parameters
    ----------
    command : sequence of str
    home : Path
        Where it is started; no module that happens to lie in the caller's folder is picked up.
    """
    environment = {**os.environ, "LC_ALL": "C"}
    for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP"):
        environment.pop(name, None)
    # A file, since what a program leaves running would hold a pipe open.
    with tempfile.TemporaryFile() as said:
        try:
            done = subprocess.run(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.DEVNULL,
                timeout=PATIENCE,
                cwd=home if home.is_dir() else None,
                env=environment,
                check=False,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        said.seek(0)
        return said.read().decode("utf-8", "replace") if done.returncode == 0 else None


@dataclass(frozen=True)
class InstalledProgram:
    """What Windows' list of installed programs says about one."""

    name: str
    version: str
    folder: str


@dataclass(frozen=True)
class Machine:
    """A computer and the user who asks.

    Parameters
    ----------
    system : {"linux", "windows", "macos"}
    home : Path
    variables : mapping of str to str
        The environment.
    root : Path
        What installed programs are looked for under.
    run : callable
        ``(command, folder) -> str | None``; see `run_program`.
    installed : callable
        Returns Windows' list of installed programs.
    """

    system: System
    home: Path
    variables: Mapping[str, str] = field(repr=False)
    root: Path = Path("/")
    run: Callable[[Sequence[str], Path], str | None] = run_program
    installed: Callable[[], Sequence[InstalledProgram]] = tuple

    def folder(self, variable: str, default: Path) -> Path:
        """Return the folder that an environment variable names, where it names one by its full path."""
        value = self.variables.get(variable, "")
        return Path(value) if os.path.isabs(value) else default

    @property
    def config(self) -> Path:
        """Where programs keep a user's settings."""
        if self.system == "windows":
            return self.folder("APPDATA", self.home / "AppData" / "Roaming")
        if self.system == "macos":
            return self.home / "Library" / "Application Support"
        return self.folder("XDG_CONFIG_HOME", self.home / ".config")

    @property
    def data(self) -> Path:
        """Where programs keep a user's data."""
        if self.system == "linux":
            return self.folder("XDG_DATA_HOME", self.home / ".local" / "share")
        return self.config

    @property
    def local_config(self) -> Path:
        """Where programs keep settings that do not roam."""
        if self.system == "windows":
            return self.folder("LOCALAPPDATA", self.home / "AppData" / "Local")
        return self.config

    @property
    def softlight_config(self) -> Path:
        """Softlight's own settings; `softlight_bridge.places.config_folder` says the same."""
        return self.local_config / "softlight"

    def programs(self, pattern: str) -> Iterator[Path]:
        """Yield the programs on the PATH whose whole name matches, each once, links followed.

        Snaps are left out: what their links lead to cannot be told from the link.
        """
        seen = set()
        for folder in self.variables.get("PATH", "").split(os.pathsep):
            if not os.path.isabs(folder) or "snap" in Path(folder).parts:
                continue
            try:
                names = sorted(os.listdir(folder))
            except OSError:
                continue
            for name in names:
                if re.fullmatch(pattern, name) and (found := shutil.which(name, path=folder)):
                    program = Path(found).resolve()
                    if program not in seen and "snap" not in program.parts:
                        seen.add(program)
                        yield program

    def ask(self, *command: str | Path) -> str | None:
        """Return what a program prints, or `None` when it does not work."""
        return self.run([str(word) for word in command], self.home)


def this_machine() -> Machine:
    """Return the computer this runs on."""
    if sys.platform == "win32":
        return Machine("windows", Path.home(), dict(os.environ), Path("/"), installed=_windows_programs)
    system: System = "macos" if sys.platform == "darwin" else "linux"
    return Machine(system, Path.home(), dict(os.environ))


def _windows_programs() -> tuple[InstalledProgram, ...]:
    if sys.platform != "win32":
        return ()
    import winreg

    found = []
    place = r"Software\Microsoft\Windows\CurrentVersion\Uninstall"
    views = ((winreg.HKEY_CURRENT_USER, 0), (winreg.HKEY_LOCAL_MACHINE, winreg.KEY_WOW64_64KEY))
    for hive, view in views:
        try:
            with winreg.OpenKey(hive, place, 0, winreg.KEY_READ | view) as programs:
                names = [winreg.EnumKey(programs, i) for i in range(winreg.QueryInfoKey(programs)[0])]
        except OSError:
            continue
        for name in names:
            values = []
            for value in ("DisplayName", "DisplayVersion", "InstallLocation"):
                try:
                    with winreg.OpenKey(hive, f"{place}\\{name}", 0, winreg.KEY_READ | view) as program:
                        values.append(str(winreg.QueryValueEx(program, value)[0]))
                except OSError:
                    values.append("")
            found.append(InstalledProgram(*values))
    return tuple(found)
