"""Why Softlight would not appear in a host, each reason in one sentence with its remedy."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import softlight
from softlight.plugins import change, kritarc
from softlight.plugins.contents import outside_files
from softlight.plugins.hosts import Host
from softlight.plugins.installing import PLUGIN, Installed, installed
from softlight.plugins.machine import Machine

AGAIN = "run 'softlight plugins install'"
ROOM = 4_000_000
"""Bytes of free disk that an installation takes at most, old version and new one together."""
NEEDED = (
    "import os, softlight.engine.server, softlight.engine.studio; "
    "from softlight.runtime import installation; installation.load(); os._exit(0)"
)
"""All that the engine imports until its first job. It ends as the engine does: onnxruntime with DirectML was
seen to hang while Python tidies up after it."""
_SEARCHED = r'^\s*\(plug-in-path\s+"((?:[^"\\]|\\.)*)"'
"""The line of GIMP's settings that names its folders of plug-ins, once somebody has changed them."""
_ENTRY = {"gimp": "softlight.py", "gimp210": "softlight.py", "krita": "__init__.py"}


def problems(host: Host, machine: Machine) -> tuple[str, ...]:
    """Return every reason why Softlight would not appear in a host, or not work; none if it does.

    Parameters
    ----------
    host : Host
    machine : Machine
        The engine that the plug-in would start is tried on it.
    """
    if host.obstacle:
        return (host.obstacle,)
    try:
        ours = installed(host.target)
        if ours is None:
            return tuple(_absent(host))
        return (
            *_files(host, ours, machine),
            *_not_searched(host, machine),
            *_switched_off(host),
            *_engine(ours, machine),
        )
    except OSError as error:
        where = os.fsdecode(error.filename) if error.filename else host.target
        return (f"'{where}' cannot be read ({error.strerror}); give yourself the right to, then {AGAIN}.",)


def strays(host: Host) -> tuple[str, ...]:
    """Return where copies of the plug-in lie in which the host does not look for it."""
    return tuple(
        f"There is a copy in '{path}', where {host.label} does not look; delete it."
        for path in _copies(host)
        if path != host.target and host.target not in path.parents
    )


def _absent(host: Host) -> Iterator[str]:
    """Why there is nothing of ours: most often somebody copied it to a wrong place."""
    if change.leftovers(host.target):
        yield f"An installation was broken off; {AGAIN} again."
        return
    if os.path.lexists(host.target):
        yield (
            f"'{host.target}' was not made by 'softlight plugins install', so it does not know its engine; "
            f"delete it, then {AGAIN}."
        )
        return
    copies = [path for path in _copies(host) if path != host.target]
    if host.kind == "krita" and any(path.is_file() for path in outside_files(host)):
        yield f"The folder '{host.target}' is missing beside its description; {AGAIN}."
    elif copies:
        yield _misplaced(host, copies[0])
    elif elsewhere := _other_version(host):
        yield f"It is installed for another version, in '{elsewhere}', and {host.label} has its own; {AGAIN}."
    else:
        yield f"It is not installed; {AGAIN}."
    yield from _no_place(host)


def _misplaced(host: Host, path: Path) -> str:
    if host.kind == "krita":
        return (
            f"The copy in '{path}' is not found there, since Krita wants '{host.target.name}' and its "
            f".desktop file directly in '{host.plugin_folder}'; delete it, then {AGAIN}."
        )
    if path == host.plugin_folder:
        return (
            f"'{path / 'softlight.py'}' lies directly in GIMP's folder of plug-ins, and GIMP wants it in a "
            f"folder of its own; delete it, then {AGAIN}."
        )
    if path.parent == host.plugin_folder:
        return f"'{path}' must be called 'softlight', like the script in it; delete it, then {AGAIN}."
    return f"The copy in '{path}' lies too deep for GIMP to find; delete it, then {AGAIN}."


def _no_place(host: Host) -> Iterator[str]:
    """What would keep an installation from succeeding."""
    place = next(path for path in (host.plugin_folder, *host.plugin_folder.parents) if path.exists())
    if not place.is_dir():
        yield f"'{place}' must be a folder and is not; move it away, then {AGAIN}."
    elif not os.access(place, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        yield f"'{place}' is read-only; give yourself the right to write there, then {AGAIN}."
    elif shutil.disk_usage(place).free < ROOM:
        yield f"The disk of '{place}' is full; make room, then {AGAIN}."


def _other_version(host: Host) -> Path | None:
    if host.kind == "krita":
        return None
    for path in sorted(host.profile.parent.glob("*/plug-ins/softlight")):
        if path != host.target and installed(path):
            return path
    return None


def _copies(host: Host) -> Iterator[Path]:
    """Folders near the right one that hold a plug-in of ours."""
    start = host.profile if host.kind == "krita" else host.plugin_folder
    for folder, inner, names in os.walk(start):
        depth = len(Path(folder).relative_to(start).parts)
        # As deep as the sources lie in an unpacked archive of them.
        inner[:] = [name for name in sorted(inner) if not name.startswith(".") and depth < 5]
        path = Path(folder)
        if host.kind != "krita":
            ours = "softlight.py" in names
        else:
            described = f"{PLUGIN}.desktop" in names and path != host.plugin_folder
            ours = described or (path.name == PLUGIN and "__init__.py" in names)
        if ours:
            yield path


def _files(host: Host, ours: Installed, machine: Machine) -> Iterator[str]:
    if ours.version != softlight.__version__:
        yield (
            f"The plug-in is of version {ours.version}, and this Softlight is {softlight.__version__}; "
            f"{AGAIN}."
        )
    missing = [name for name in ours.files if not (host.target / name).is_file()]
    if missing:
        yield f"'{host.target / missing[0]}' is missing; {AGAIN}."
    for name in ours.files:
        if name not in missing:
            with open(host.target / name, "rb") as file:
                file.read(1)
    for path in outside_files(host):
        if not path.is_file():
            yield f"'{path}' is missing, which Krita finds the plug-in by; {AGAIN}."
    entry = host.target / _ENTRY[host.kind]
    checked = host.kind != "krita" and machine.system != "windows" and entry.is_file()
    if checked and not entry.stat().st_mode & stat.S_IXUSR:
        yield f"'{entry}' is not executable, so GIMP skips it; {AGAIN}."
    try:
        json.loads((host.target / "filters.json").read_text("utf-8"))["filters"]
    except FileNotFoundError:
        pass  # said above
    except (ValueError, KeyError, TypeError):
        yield f"'{host.target / 'filters.json'}' is damaged; {AGAIN}."


def _not_searched(host: Host, machine: Machine) -> Iterator[str]:
    """GIMP's preferences may name other folders of plug-ins than its own."""
    if host.kind == "krita" or not (settings := host.profile / "gimprc").is_file():
        return
    found = re.search(_SEARCHED, settings.read_text("utf-8", "replace"), re.MULTILINE)
    if found is None:
        return
    variables = {**machine.variables, "gimp_dir": str(host.profile)}
    named = re.sub(r"\\(.)", r"\1", found[1])
    named = re.sub(r"\$\{(\w+)\}", lambda variable: variables.get(variable[1], ""), named)
    if host.plugin_folder not in map(Path, named.split(";" if machine.system == "windows" else ":")):
        yield (
            f"{host.label} does not look for plug-ins in '{host.plugin_folder}'; add that folder in its "
            "Preferences > Folders > Plug-ins."
        )


def _switched_off(host: Host) -> Iterator[str]:
    if host.kritarc is None:
        return
    content = host.kritarc.read_bytes() if host.kritarc.exists() else b""
    if kritarc.value(content, kritarc.GROUP, f"enable_{PLUGIN}") != "true":
        yield f"It is switched off in '{host.kritarc}'; {AGAIN}, then start Krita anew."


def _engine(ours: Installed, machine: Machine) -> Iterator[str]:
    """Start what the plug-in would start, as far as its version."""
    if not ours.cli:
        named = installed(machine.softlight_config)
        if named is None or not named.cli:
            yield f"It came as a file and does not know where the engine is; {AGAIN}."
            return
        ours = replace(ours, cli=named.cli)
    python = next((word for word in ours.cli if not _is_launcher(word)), "")
    if not Path(python).exists():
        yield f"The engine's Python '{python}' is gone; {AGAIN} with the Softlight that shall be used."
        return
    said = machine.ask(python, *ours.cli[ours.cli.index(python) + 1 :], "--version")
    if said is None:
        yield f"The engine's Python '{python}' cannot start Softlight; install Softlight anew, then {AGAIN}."
    elif ours.version == softlight.__version__ and said.split()[-1:] != [ours.version]:
        yield f"'{python}' runs {said.strip()}, and the plug-in is of version {ours.version}; {AGAIN}."
    elif machine.ask(python, "-I", "-c", NEEDED) is None:
        yield f"The engine of '{python}' lacks a package that it needs; install Softlight anew."


def _is_launcher(word: str) -> bool:
    return word in {"flatpak-spawn", "--host"}
