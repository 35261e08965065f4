"""GIMP and Krita as Flatpak, Snap or from Microsoft's store: walled off from the engine outside."""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from softlight.plugins import gimp, krita
from softlight.plugins.hosts import Host, numbers
from softlight.plugins.machine import Machine

OUTSIDE = ("flatpak-spawn", "--host")
"""Starts a program outside a Flatpak that may talk to `PORTAL`."""
PORTAL = "org.freedesktop.Flatpak"
RUNTIME = "xdg-run/softlight"
"""The folder with the engine's socket, as Flatpak's permissions call it."""

_NAMES = {"gimp": "GIMP", "krita": "Krita"}
_SITES = {"gimp": "gimp.org", "krita": "krita.org"}
_FLATPAKS = {"gimp": "org.gimp.GIMP", "krita": "org.kde.krita"}


def find(machine: Machine, kind: str) -> tuple[Host, ...]:
    """Return those of "gimp" or "krita"."""
    if machine.system == "windows":
        return tuple(_from_the_store(machine, kind))
    return (*_flatpaks(machine, kind), *_snaps(machine, kind)) if machine.system == "linux" else ()


def _flatpaks(machine: Machine, kind: str) -> Iterator[Host]:
    name = _FLATPAKS[kind]
    installations = (machine.data / "flatpak", machine.root / "var/lib/flatpak")
    place = next((path for path in installations if (path / "app" / name).exists()), None)
    if place is None:
        return
    allowed, folders = _permissions(machine, place, name)
    obstacle = None
    if not (allowed and {RUNTIME, "xdg-run"} & folders):
        obstacle = (
            f"{_NAMES[kind]} (Flatpak) may start no program outside its "
            f"sandbox; allow it with 'flatpak override --user --talk-name={PORTAL} "
            f"--filesystem={RUNTIME}:create {name}', or install it without Flatpak."
        )
    own = machine.home / ".var" / "app" / name
    version = _flatpak_version(machine, name)
    for host in _sandboxed(machine, kind, own / "config", own / "data", version, "Flatpak"):
        # GIMP's Flatpak is given the folder of settings outside, and then uses that one.
        shared = kind == "gimp" and bool({"xdg-config/GIMP", "xdg-config"} & folders)
        profile = machine.config / "GIMP" / host.profile.name if shared else host.profile
        yield replace(host, profile=profile, obstacle=obstacle or host.obstacle, launcher=OUTSIDE)


def _flatpak_version(machine: Machine, name: str) -> tuple[int, ...]:
    for line in (machine.ask("flatpak", "info", name) or "").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "Version":
            return numbers(value.strip())
    return ()


def _permissions(machine: Machine, place: Path, name: str) -> tuple[bool, set[str]]:
    """Whether a Flatpak may start programs outside, and which folders outside it sees."""
    files = [place / "app" / name / "current" / "active" / "metadata"]
    for installation in (machine.root / "var/lib/flatpak", machine.data / "flatpak"):
        files += [installation / "overrides" / "global", installation / "overrides" / name]
    allowed, folders = False, set[str]()
    for path in files:
        parser = configparser.RawConfigParser(strict=False, delimiters=("=",))
        parser.optionxform = str  # type: ignore[assignment, method-assign]
        try:
            parser.read_string(path.read_text("utf-8", "replace"))
        except (OSError, configparser.Error):
            continue
        if parser.has_option("Session Bus Policy", PORTAL):
            allowed = parser.get("Session Bus Policy", PORTAL) in {"talk", "own"}
        for entry in parser.get("Context", "filesystems", fallback="").split(";"):
            folder = entry.strip().partition(":")[0]
            if folder.startswith("!"):
                folders.discard(folder[1:])
            elif folder:
                folders.add(folder)
    return allowed, folders


def _snaps(machine: Machine, kind: str) -> Iterator[Host]:
    if not any((path / kind).exists() for path in (machine.root / "snap", machine.home / "snap")):
        return
    own = machine.home / "snap" / kind / "current"
    obstacle = (
        f"{_NAMES[kind]} (Snap) may start no program outside its sandbox, "
        "and nothing can allow it; install it from your distribution, or as an AppImage."
    )
    for host in _sandboxed(machine, kind, own / ".config", own / ".local" / "share", (), "Snap"):
        yield replace(host, obstacle=obstacle)


def _from_the_store(machine: Machine, kind: str) -> Iterator[Host]:
    """Those of Microsoft's store see virtual folders; GIMP's developers advise against writing into them."""
    obstacle = (
        f"{_NAMES[kind]} (Microsoft Store) sees only plug-ins that come from the store; install it from "
        f"{_SITES[kind]} instead."
    )
    for own in sorted((machine.local_config / "Packages").glob(f"*{_NAMES[kind]}_*/LocalCache")):
        config = own / ("Roaming" if kind == "gimp" else "Local")
        for host in _sandboxed(machine, kind, config, own / "Roaming", (), "Microsoft Store"):
            yield replace(host, obstacle=obstacle)


def _sandboxed(
    machine: Machine, kind: str, config: Path, data: Path, version: tuple[int, ...], packaging: str
) -> Iterator[Host]:
    suffix = f" ({packaging})"
    if kind == "krita":
        settings = config / "kritarc"
        resources = krita.chosen_resources(settings) or data / "krita"
        host = krita.host_of(version, resources, settings, None, machine)
        yield replace(host, label=host.label + suffix)
        return
    found = {version[:2]} if len(version) >= 2 else {*gimp.profile_versions(config / "GIMP")}
    for one in sorted(found) or [(3, 0)]:
        yield gimp.host_of(one, config / "GIMP" / ".".join(map(str, one)), None, machine, suffix)
