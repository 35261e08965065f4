"""Which GIMPs there are: from installed programs, and from the folders that they keep for a user."""

from __future__ import annotations

import plistlib
import re
from collections.abc import Iterator
from pathlib import Path

from softlight.plugins.hosts import Host, Kind, numbers
from softlight.plugins.machine import Machine

OLDEST = (2, 10)
PREVIEW = (2, 99)
"""The development series of GIMP 3, whose interface was another."""

BINDINGS = "import gi; gi.require_version('Gimp', '3.0')"
"""What a plug-in of GIMP 3 imports first."""

_PROGRAM = r"gimp(-\d+(\.\d+)?)?"


def find(machine: Machine) -> tuple[Host, ...]:
    """Return every GIMP that is installed or has left settings, the oldest first."""
    programs: dict[tuple[int, ...], Path] = {}
    for version, program in _programs(machine):
        programs.setdefault(version, program)
    profiles = _profiles(machine, tuple(programs))
    return tuple(
        host_of(version, profiles[version], programs.get(version), machine) for version in sorted(profiles)
    )


def host_of(
    version: tuple[int, ...], profile: Path, program: Path | None, machine: Machine, packaging: str = ""
) -> Host:
    """Return the host of a GIMP of a version such as (3, 0)."""
    kind: Kind = "gimp" if version >= (3,) else "gimp210"
    label = f"GIMP {_text(version)}{packaging}"
    obstacle, python = None, None
    if version < OLDEST or version == PREVIEW:
        obstacle = f"{label} is too old for Softlight; update it to GIMP 3, or to 2.10 with Python."
    elif kind == "gimp210" and program is not None and not gimpfu(program):
        obstacle = (
            f"{label} at '{program}' was built without Python (gimpfu), as in Debian 12 and Ubuntu, and can "
            "run no Python plug-in; use GIMP 3."
        )
    elif kind == "gimp" and program is not None and machine.system == "linux":
        python, obstacle = _python(label, program, machine)
    return Host(kind, label, version, profile, program, obstacle=obstacle, python=python)


def profile_versions(folder: Path) -> Iterator[tuple[int, ...]]:
    """Yield the versions that have a folder in GIMP's folder for the user."""
    try:
        names = [path.name for path in folder.iterdir() if path.is_dir()]
    except OSError:
        return
    for name in names:
        if re.fullmatch(r"\d+\.\d+", name) and numbers(name) >= OLDEST and numbers(name) != PREVIEW:
            yield numbers(name)


def gimpfu(program: Path) -> bool:
    """Whether a GIMP 2.10 brings the Python module that plug-ins need."""
    places = ("lib/gimp/2.0/python", "lib64/gimp/2.0/python", "lib/*/gimp/2.0/python")
    prefixes = (program.parent.parent, program.parent.parent / "Resources")
    return any(
        any(prefix.glob(f"{place}/gimpfu.py{compiled}"))
        for prefix in prefixes
        for place in places
        for compiled in ("", "c")
    )


def _python(label: str, program: Path, machine: Machine) -> tuple[Path | None, str | None]:
    """Return the Python beside a distribution's GIMP, or why it can run no plug-in.

    GIMP itself takes the first ``python3`` on the PATH, which for users of pyenv or conda is another one,
    without GIMP's bindings.
    """
    python = program.parent / "python3"
    if not python.exists() or machine.ask(python, "-I", "-c", "") is None:
        return None, None
    if machine.ask(python, "-I", "-c", BINDINGS) is not None:
        return python, None
    return None, (
        f"{label} at '{program}' finds no bindings for Python, which its Python plug-ins need; install them "
        "(on Debian and Ubuntu: sudo apt install python3-gi gir1.2-gimp-3.0; on Arch: sudo pacman -S "
        "python-gobject)."
    )


def first_start(host: Host, machine: Machine) -> bool:
    """Let a GIMP that was never started make its folder for the user, and say whether it did.

    A folder made by us would keep it from taking over the settings of an older GIMP, and from making its
    folders for brushes and patterns (seen in 3.0.4). It needs no screen, and takes some seconds.
    """
    assert host.program is not None
    console = host.program.with_name(host.program.name.replace("gimp", "gimp-console", 1))
    program = console if console.exists() else host.program
    end = ("--quit",) if host.kind == "gimp" else ("-b", "(gimp-quit 0)")
    machine.ask(program, "-n", "-i", "-d", "-f", *end)
    return host.profile.is_dir()


def _profiles(machine: Machine, installed: tuple[tuple[int, ...], ...]) -> dict[tuple[int, ...], Path]:
    common = machine.config / "GIMP"
    versions = {*profile_versions(common), *installed}
    profiles = {version: common / _text(version) for version in versions}
    for major, variable in ((2, "GIMP2_DIRECTORY"), (3, "GIMP3_DIRECTORY")):
        if not (chosen := machine.variables.get(variable)):
            continue
        # A path that is not absolute counts from the home folder.
        folder = machine.home / chosen
        ours = [version for version in installed if version[0] == major and version != PREVIEW]
        profiles = {version: path for version, path in profiles.items() if version[0] != major}
        profiles |= {version: folder for version in ours or [_version_of_profile(folder, major)]}
    return profiles


def _version_of_profile(folder: Path, major: int) -> tuple[int, ...]:
    """Read which GIMP wrote the settings in a folder of another name."""
    try:
        text = (folder / "gimprc").read_text("utf-8", "replace")
    except OSError:
        text = ""
    found = re.search(r'\(config-version "(\d+\.\d+)', text)
    version = numbers(found[1]) if found else ()
    return version if version[:1] == (major,) else ((2, 10) if major == 2 else (3, 0))


def _programs(machine: Machine) -> Iterator[tuple[tuple[int, ...], Path]]:
    if machine.system == "windows":
        yield from _windows_programs(machine)
    elif machine.system == "macos":
        yield from _mac_programs(machine)
    else:
        for program in machine.programs(_PROGRAM):
            if version := _version_of_program(program, machine):
                yield version, program


def _version_of_program(program: Path, machine: Machine) -> tuple[int, ...]:
    """The first two numbers, from the name where it has them; else the program is asked."""
    if named := re.fullmatch(r"gimp-(\d+\.\d+)(\.exe)?", program.name):
        return numbers(named[1])
    said = re.search(r"version (\d+\.\d+)", machine.ask(program, "--version") or "")
    return numbers(said[1]) if said else ()


def _windows_programs(machine: Machine) -> Iterator[tuple[tuple[int, ...], Path]]:
    folders = [Path(entry.folder) for entry in machine.installed() if "GIMP" in entry.name and entry.folder]
    for variable in ("ProgramFiles", "ProgramFiles(x86)", "PROGRAMFILES", "LOCALAPPDATA"):
        place = machine.folder(variable, machine.root / "Program Files")
        folders += sorted((place / "Programs" if variable == "LOCALAPPDATA" else place).glob("GIMP*"))
    for folder in folders:
        for program in sorted((folder / "bin").glob("gimp-[0-9]*.[0-9]*.exe")):
            if version := _version_of_program(program, machine):
                yield version, program


def _mac_programs(machine: Machine) -> Iterator[tuple[tuple[int, ...], Path]]:
    for place in (machine.root / "Applications", machine.home / "Applications"):
        for application in sorted(place.glob("GIMP*.app")):
            try:
                with (application / "Contents" / "Info.plist").open("rb") as file:
                    version = str(plistlib.load(file).get("CFBundleShortVersionString", ""))
            except (OSError, ValueError, plistlib.InvalidFileException):
                continue
            if len(numbers(version)) >= 2:
                yield numbers(version)[:2], application / "Contents" / "MacOS" / "gimp"


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
