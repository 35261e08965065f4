"""What a plug-in consists of in its host: every file with its content."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import softlight
from softlight.errors import PluginError
from softlight.filters.listing import listing
from softlight.plugins.hosts import Host

RECORD = "engine.json"
"""Lies in each of our folders, and tells them from others: which files are ours, and where the engine is."""

Starts = Mapping[str, list[str] | None]
"""How the engine and the command line ("cli") are started."""

ELSEWHERE: Starts = {"engine": None, "cli": None}
"""In the record of a plug-in that goes to other machines: there the user's settings say it."""

SUFFIXES = {".py", ".desktop", ".action", ".html", ".svg", ".png", ".mo"}
"""Of the files that plug-ins consist of."""


@dataclass(frozen=True)
class Contents:
    """A plug-in's folder, and what lies beside it.

    Parameters
    ----------
    files : dict of str to bytes
        By their path inside the folder, with slashes.
    executable : frozenset of str
        Those that the host starts.
    outside : dict of Path to bytes
        What the host wants elsewhere, by its full path.
    """

    files: dict[str, bytes]
    executable: frozenset[str]
    outside: dict[Path, bytes]

    def recorded(self, starts: Starts, made: tuple[str, ...] = ()) -> Contents:
        """Return it with its record.

        Parameters
        ----------
        starts : mapping
            What `commands` returns, or `ELSEWHERE`.
        made : tuple of str
            Folders that did not exist before Softlight was installed; they go with it.
        """
        listed = tuple(sorted([*self.files, RECORD]))
        return replace(self, files={**self.files, RECORD: record(starts, listed, made)})


def contents(host: Host) -> Contents:
    """Return the plug-in for a host, without its record.

    Raises
    ------
    PluginError
        When this installation of Softlight lacks its plug-ins.
    """
    if host.kind == "krita":
        files = _package("softlight_krita")
        outside = outside_files(host, files)
        for name in [name for name in files if name.endswith((".desktop", ".action"))]:
            del files[name]
        files |= _under("carried/softlight_bridge", _package("softlight_bridge"))
        entry: frozenset[str] = frozenset()
    else:
        package = "softlight_gimp" if host.kind == "gimp" else "softlight_gimp210"
        inner = _package(package)
        files = {"softlight.py": _run_by(host.python, inner.pop("softlight.py")), **_under(package, inner)}
        bridge = _package("softlight_bridge")
        if host.kind == "gimp":
            files |= _under("softlight_bridge", bridge)
        else:
            files |= _under(package, {name: bridge[name] for name in bridge if name.endswith(".mo")})
        outside, entry = {}, frozenset({"softlight.py"})
    return Contents({**files, "filters.json": listing()}, entry, outside)


def outside_files(host: Host, package: dict[str, bytes] | None = None) -> dict[Path, bytes]:
    """Return what lies outside the plug-in's own folder: Krita's description and shortcuts of it."""
    if host.kind != "krita":
        return {}
    files = _package("softlight_krita") if package is None else package
    places = {".desktop": host.plugin_folder, ".action": host.profile / "actions"}
    return {
        places[Path(name).suffix] / Path(name).name: content
        for name, content in files.items()
        if Path(name).suffix in places
    }


def commands(launcher: tuple[str, ...] = ()) -> Starts:
    """Return how the engine of this installation is started.

    Parameters
    ----------
    launcher : tuple of str
        What starts programs outside a sandbox.

    Raises
    ------
    PluginError
        When Python does not know its own path.
    """
    if not sys.executable:
        raise PluginError("Python does not know where it is; start softlight by its full path.")
    modules = {"engine": "softlight.engine", "cli": "softlight"}
    return {name: [*launcher, sys.executable, "-I", "-m", module] for name, module in modules.items()}


def record(starts: Starts, files: tuple[str, ...] = (), made: tuple[str, ...] = ()) -> bytes:
    """Return the content of ``engine.json``."""
    said = {**starts, "version": softlight.__version__, "files": list(files), "made": list(made)}
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _package(name: str) -> dict[str, bytes]:
    """Read the sources of an installed package that is never imported here."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise PluginError(
            f"This installation of Softlight lacks its plug-ins ({name} is missing); install Softlight again."
        )
    folder = Path(spec.origin).parent
    found = {}
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if path.is_file() and "__pycache__" not in inner.parts and _wanted(inner):
            found[str(PurePosixPath(*inner.parts))] = path.read_bytes()
    return found


def _wanted(path: Path) -> bool:
    # Editors and hosts leave files of their own beside sources. The list of filters is written anew.
    return path.suffix in SUFFIXES and path.name not in {"filters.json", RECORD}


def _run_by(python: Path | None, script: bytes) -> bytes:
    """Return a script that this Python runs, and not whichever comes first on the PATH of GIMP."""
    shebang, end, rest = script.partition(b"\n")
    if python is None or not shebang.startswith(b"#!") or len(str(python).split()) != 1:
        return script
    return b"#!" + str(python).encode() + end + rest


def _under(folder: str, files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{folder}/{name}": content for name, content in files.items()}
