"""Where Krita is, and where it keeps its plug-ins and settings."""

from __future__ import annotations

import os
import plistlib
from pathlib import Path

from softlight.plugins import kritarc
from softlight.plugins.hosts import Host, numbers
from softlight.plugins.machine import Machine

OLDEST = (5, 1)


def find(machine: Machine, assumed: bool = False) -> tuple[Host, ...]:
    """Return this user's Krita: one at most, since all versions share one folder.

    Parameters
    ----------
    machine : Machine
    assumed : bool
        Return it even where nothing was found: an AppImage leaves no trace before its first start.
    """
    program, version = _program(machine)
    resources, settings = places(machine)
    if program is None and not assumed and not settings.exists() and not resources.is_dir():
        return ()
    return (host_of(version, resources, settings, program, machine),)


def host_of(
    version: tuple[int, ...], resources: Path, settings: Path, program: Path | None, machine: Machine
) -> Host:
    """Return the host of a Krita; a `version` may be unknown."""
    label = " ".join(["Krita", ".".join(map(str, version))]).strip()
    obstacle = None
    if version and version < OLDEST:
        obstacle = f"{label} is too old for Softlight; update it to Krita 5.1 or newer."
    elif program is not None and machine.system == "linux":
        obstacle = _without_python(label, version, program, machine)
    return Host("krita", label, version, resources, program, settings, obstacle)


def places(machine: Machine) -> tuple[Path, Path]:
    """Return the folder of resources and the file of settings."""
    if machine.system == "macos":
        settings = machine.home / "Library" / "Preferences" / "kritarc"
    else:
        settings = machine.local_config / "kritarc"
    return chosen_resources(settings) or machine.data / "krita", settings


def chosen_resources(settings: Path) -> Path | None:
    """Return the folder of resources that the user chose in Krita's preferences.

    Krita then looks for plug-ins in that one alone (seen in 5.2.9), if it may write to it.
    """
    try:
        chosen = kritarc.value(settings.read_bytes(), "", "ResourceDirectory")
    except OSError:
        return None
    return Path(chosen) if chosen and os.path.isabs(chosen) and os.path.isdir(chosen) else None


def _program(machine: Machine) -> tuple[Path | None, tuple[int, ...]]:
    if machine.system == "windows":
        return _windows_program(machine)
    if machine.system == "macos":
        return _mac_program(machine)
    for program in machine.programs("krita"):
        # `krita --version` needs a screen; this one beside it does not.
        said = machine.ask(program.with_name("krita_version"))
        return program, numbers(said or "")
    return None, ()


def _windows_program(machine: Machine) -> tuple[Path | None, tuple[int, ...]]:
    for entry in machine.installed():
        if entry.name.startswith("Krita"):
            program = Path(entry.folder) / "bin" / "krita.exe" if entry.folder else None
            return program, numbers(entry.version)
    for variable in ("ProgramFiles", "PROGRAMFILES"):
        place = machine.folder(variable, machine.root / "Program Files")
        for program in sorted(place.glob("Krita*/bin/krita.exe")):
            return program, ()
    return None, ()


def _mac_program(machine: Machine) -> tuple[Path | None, tuple[int, ...]]:
    for place in (machine.root / "Applications", machine.home / "Applications"):
        for application in sorted(place.glob("[Kk]rita*.app")):
            try:
                with (application / "Contents" / "Info.plist").open("rb") as file:
                    version = str(plistlib.load(file).get("CFBundleShortVersionString", ""))
            except (OSError, ValueError, plistlib.InvalidFileException):
                version = ""
            return application / "Contents" / "MacOS" / "krita", numbers(version)
    return None, ()


def _without_python(label: str, version: tuple[int, ...], program: Path, machine: Machine) -> str | None:
    """Say why a distribution's Krita runs no Python plug-in, if that is so. Bundled ones bring everything."""
    prefix = program.parent.parent
    folders = [*prefix.glob("lib*/kritaplugins"), *prefix.glob("lib/*/kritaplugins")]
    if not folders:
        return None
    if not any(any(folder.glob("kritapykrita*")) for folder in folders):
        return f"{label} at '{program}' was built without Python; install another build of Krita."
    python = prefix / "bin" / "python3"
    module = "PyQt6" if version >= (6,) else "PyQt5"
    if not version or not python.exists() or machine.ask(python, "-I", "-c", "") is None:
        return None
    if machine.ask(python, "-I", "-c", f"import {module}.QtWidgets") is None:
        return (
            f"{label} at '{program}' finds no {module}, which its Python plug-ins need; "
            f"install it (on Debian and Ubuntu: sudo apt install python3-{module.lower()})."
        )
    return None
