"""Computers as data: a home folder and installed programs below a temporary folder."""

from __future__ import annotations

import plistlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from softlight.plugins import gimp, krita
from softlight.plugins.hosts import Host
from softlight.plugins.machine import InstalledProgram, Machine, System, run_program
from softlight.plugins.status import NEEDED

SYSTEMS: tuple[System, ...] = ("linux", "windows", "macos")
KINDS = ("gimp", "gimp210", "krita")


@dataclass
class Computer:
    """A computer that a test furnishes."""

    system: System
    root: Path
    said: dict[str, str] = field(default_factory=dict)
    """What programs print, by the end of their command line."""
    installed: list[InstalledProgram] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    crippled: bool = False
    """The engine lacks packages that it needs."""

    def __post_init__(self) -> None:
        # A name that trips over spaces, quotes and anything but ASCII.
        self.home = self.root / "home" / "Zoë O'Brien"
        self.home.mkdir(parents=True)
        self.binaries = self.root / "usr" / "bin"
        self.binaries.mkdir(parents=True)
        if self.system == "linux":
            self.variables["PATH"] = f"relative:{self.root}/missing:{self.binaries}"
        if self.system == "windows":
            self.variables |= {
                "APPDATA": str(self.home / "AppData" / "Roaming"),
                "LOCALAPPDATA": str(self.home / "AppData" / "Local"),
                "ProgramFiles": str(self.root / "Program Files"),
            }

    @property
    def machine(self) -> Machine:
        return Machine(
            self.system, self.home, self.variables, self.root, self.run, lambda: tuple(self.installed)
        )

    def run(self, command: Sequence[str], folder: Path) -> str | None:
        line = " ".join(command)
        for end, text in self.said.items():
            if line.endswith(end):
                return text
        if command[-1] == NEEDED:
            return None if self.crippled else ""
        # The engine's own Python is a real one.
        return run_program(command, folder) if command[1:3] == ["-I", "-m"] else None

    @property
    def config(self) -> Path:
        """Where this system keeps GIMP's folders."""
        return {
            "linux": self.home / ".config",
            "windows": self.home / "AppData" / "Roaming",
            "macos": self.home / "Library" / "Application Support",
        }[self.system]

    @property
    def kritarc(self) -> Path:
        return {
            "linux": self.home / ".config" / "kritarc",
            "windows": self.home / "AppData" / "Local" / "kritarc",
            "macos": self.home / "Library" / "Preferences" / "kritarc",
        }[self.system]

    @property
    def resources(self) -> Path:
        return self.home / ".local/share/krita" if self.system == "linux" else self.config / "krita"

    def gimp(self, version: str) -> Path:
        """Install a GIMP, and return what starts it."""
        series = version.partition(".")[0]
        if self.system == "windows":
            program = self.root / "Program Files" / f"GIMP {series}" / "bin" / f"gimp-{version}.exe"
            touch(program.with_name("gimp-3.exe"))
        elif self.system == "macos":
            application = self.root / "Applications" / f"GIMP-{version}.app" / "Contents"
            program = application / "MacOS" / "gimp"
            touch(application / "Info.plist")
            described = {"CFBundleShortVersionString": f"{version}.4"}
            (application / "Info.plist").write_bytes(plistlib.dumps(described))
        else:
            program = self.binaries / f"gimp-{version}"
            (self.binaries / "gimp").unlink(missing_ok=True)
            (self.binaries / "gimp").symlink_to(program.name)
        return touch(program)

    def gimp_profile(self, version: str) -> Path:
        """Make the folder that a GIMP makes when it is first started."""
        folder = self.config / "GIMP" / version
        (folder / "plug-ins").mkdir(parents=True)
        return folder

    def krita(self, version: str = "5.2.9") -> Path:
        """Install a Krita, and return what starts it."""
        if self.system == "windows":
            folder = self.root / "Program Files" / "Krita (x64)"
            self.installed.append(InstalledProgram("Krita (x64) " + version, version, str(folder)))
            return touch(folder / "bin" / "krita.exe")
        if self.system == "macos":
            application = self.root / "Applications" / "krita.app" / "Contents"
            touch(application / "Info.plist").write_bytes(
                plistlib.dumps({"CFBundleShortVersionString": version})
            )
            return touch(application / "MacOS" / "krita")
        self.said["krita_version"] = version + "\n"
        return touch(self.binaries / "krita")


Make = Callable[[System], Computer]


def host_on(here: Computer, kind: str) -> Host:
    """A host that was started before, with something of the user's in its folders."""
    if kind == "krita":
        here.krita()
        here.kritarc.parent.mkdir(parents=True, exist_ok=True)
        here.kritarc.write_bytes("a=Größe\n\n[python]\nenable_tenbrushes=true\n".encode())
        touch(here.resources / "pykrita" / "theirs" / "__init__.py")
        (host,) = krita.find(here.machine)
        return host
    version = "3.0" if kind == "gimp" else "2.10"
    touch(here.gimp_profile(version) / "plug-ins" / "theirs" / "theirs.py")
    (host,) = gimp.find(here.machine)
    return host


def touch(path: Path) -> Path:
    """Make an empty program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    path.chmod(0o755)
    return path


def tree(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder: a file's bytes, `None` for a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def computer(tmp_path: Path) -> Callable[[System], Computer]:
    """Make a computer of a system."""

    def make(system: System) -> Computer:
        return Computer(system, tmp_path / system)

    return make


@pytest.fixture
def linux(computer: Callable[[System], Computer]) -> Computer:
    return computer("linux")
