"""Put a plug-in into a host, and take it out."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import softlight
from softlight.errors import PluginError
from softlight.plugins import change, kritarc
from softlight.plugins.change import Item
from softlight.plugins.contents import ELSEWHERE, RECORD, commands, contents, outside_files, record
from softlight.plugins.explaining import explained
from softlight.plugins.gimp import first_start
from softlight.plugins.hosts import Host
from softlight.plugins.machine import Machine

PLUGIN = "softlight_krita"
REMEMBERED = "softlight"
"""The group of Krita's settings in which the docker remembers its values."""


@dataclass(frozen=True)
class Installed:
    """What ``engine.json`` in a folder of ours says."""

    version: str
    engine: tuple[str, ...]
    """Empty in a plug-in that came as a file, from another machine; so is `cli`."""
    cli: tuple[str, ...]
    files: tuple[str, ...]
    made: tuple[str, ...]


def installed(folder: Path) -> Installed | None:
    """Read whose folder this is; `None` for one that is not ours.

    Raises
    ------
    OSError
        When it may not be read.
    """
    try:
        return recorded(json.loads((folder / RECORD).read_text("utf-8")))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


def recorded(said: Any) -> Installed | None:
    """Return what a record says; `None` if it is none of ours."""
    try:
        starts = [() if said[name] is None else tuple(map(str, said[name])) for name in ELSEWHERE]
        texts = [tuple(map(str, said[name])) for name in ("files", "made")]
        named = all(starts) or all(said[name] is None for name in ELSEWHERE)
        return Installed(str(said["version"]), *starts, *texts) if named else None
    except (KeyError, TypeError):
        return None


def install(host: Host, machine: Machine) -> tuple[str, ...]:
    """Put Softlight into a host, in place of an older version, and return what was done, in sentences.

    Raises
    ------
    PluginError
        When that is not possible; nothing has changed then.
    """
    if host.obstacle:
        raise PluginError(host.obstacle)
    done = []
    with explained(host.target):
        if host.kind != "krita" and host.program is not None and not host.profile.is_dir():
            if not first_start(host, machine):
                raise PluginError(
                    f"{host.label} was never started and has no folder for you yet; start it once, then "
                    "run 'softlight plugins install' again."
                )
            done.append(f"Started it once without a window, so that it made '{host.profile}'.")
        if change.recover(_targets(host)):
            done.append("Tidied up after an installation that was broken off.")
        before = installed(host.target)
        if before is None and os.path.lexists(host.target):
            raise PluginError(
                f"'{host.target}' exists, but 'softlight plugins install' did not make it; "
                "move it away or delete it, then run 'softlight plugins install' again."
            )
        missing = _missing(host)
        made = (*(before.made if before else ()), *map(str, missing))
        new = contents(host).recorded(commands(host.launcher), made)
        outside = new.outside
        try:
            for folder in missing:
                folder.mkdir()
            foreign = _foreign(host.target, before) if before else {}
            items = [Item(host.target, {**foreign, **new.files}, new.executable)]
            items += [Item(path, content) for path, content in outside.items()]
            switched_on = _switch(host)
            items += switched_on
            change.replace_all(items)
        except BaseException:
            _remove_empty(missing)
            raise
    version = softlight.__version__
    if before is None:
        done.append(f"Installed Softlight {version} in '{host.target}'.")
    elif not before.engine:
        done.append(f"Took over Softlight {before.version}, which came as a file, in '{host.target}'.")
    elif before.version == version:
        done.append(f"Renewed Softlight {version} in '{host.target}'.")
    else:
        done.append(f"Replaced Softlight {before.version} by {version} in '{host.target}'.")
    done += [f"Kept '{host.target / name}', which is not Softlight's." for name in foreign]
    done += [f"Wrote '{path}'." for path in outside]
    if new.executable and machine.system != "windows":
        done += [f"Made '{host.target / name}' executable." for name in sorted(new.executable)]
    done += [f"Switched the plug-in on in '{item.target}'." for item in switched_on]
    return tuple(done)


def uninstall(host: Host) -> tuple[str, ...]:
    """Take Softlight out of a host, and return what was done, in sentences; none if nothing was there.

    Files that are not Softlight's stay where they are.

    Raises
    ------
    PluginError
        When that is not possible.
    """
    done = []
    with explained(host.target):
        if change.recover(_targets(host)):
            done.append("Tidied up after an installation that was broken off.")
        before = installed(host.target)
        if before is None and os.path.lexists(host.target):
            raise PluginError(
                f"'{host.target}' was not made by 'softlight plugins install', so it was left alone; "
                "if you copied it there yourself, delete it."
            )
        if before is not None:
            foreign = _foreign(host.target, before)
            if foreign:
                _remove_ours(host.target, before)
            else:
                # Moved away first: a host that starts meanwhile finds all of it, or nothing.
                gone = host.target.with_name(f".softlight-{os.urandom(8).hex()}-{host.target.name}.part")
                os.rename(host.target, gone)
                shutil.rmtree(gone)
            done.append(f"Removed Softlight {before.version} from '{host.target}'.")
            done += [f"Left '{host.target / name}', which is not Softlight's." for name in foreign]
        for path in outside_files(host):
            if path.is_file():
                path.unlink()
                done.append(f"Removed '{path}'.")
        for path in _remembered(host):
            path.unlink()
            done.append(f"Removed '{path}'.")
        done += _switch_off(host)
        if before is not None:
            _remove_empty(map(Path, before.made))
    return tuple(done)


def write_config(machine: Machine) -> None:
    """Note in the user's settings where the engine is, for a plug-in that came as a file.

    Raises
    ------
    PluginError
        When that is not possible.
    """
    path = machine.softlight_config / RECORD
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        change.recover([path])
        change.replace_all([Item(path, record(commands()))])


def remove_config(machine: Machine) -> tuple[str, ...]:
    """Take back what `write_config` wrote."""
    path = machine.softlight_config / RECORD
    with explained(path):
        change.recover([path])
        if not path.is_file():
            return ()
        path.unlink()
        _remove_empty([path.parent])
    return (f"Removed '{path}'.",)


def _targets(host: Host) -> list[Path]:
    settings = [host.kritarc] if host.kritarc else []
    return [host.target, *outside_files(host), *settings]


def _missing(host: Host) -> list[Path]:
    """The folders that an installation must make, the outer ones first."""
    wanted = [host.plugin_folder, *(path.parent for path in outside_files(host))]
    if host.kritarc:
        wanted.append(host.kritarc.parent)
    found: list[Path] = []
    for folder in wanted:
        chain = [folder, *folder.parents]
        found += [path for path in reversed(chain) if not path.exists() and path not in found]
    return found


def _switch(host: Host) -> list[Item]:
    """Krita's settings with the plug-in switched on, where they have to change for it."""
    if host.kritarc is None:
        return []
    now = host.kritarc.read_bytes() if host.kritarc.exists() else b""
    wanted = kritarc.with_plugin(now, PLUGIN)
    return [Item(host.kritarc, wanted)] if wanted != now else []


def _switch_off(host: Host) -> Iterator[str]:
    if host.kritarc is None or not host.kritarc.is_file():
        return
    now = host.kritarc.read_bytes()
    wanted = kritarc.without_group(kritarc.without_plugin(now, PLUGIN), REMEMBERED)
    if wanted == now:
        return
    if wanted:
        change.replace_all([Item(host.kritarc, wanted)])
    else:
        host.kritarc.unlink()
    yield f"Removed its lines from '{host.kritarc}'."


def _remembered(host: Host) -> list[Path]:
    """The files in which GIMP keeps what was last chosen in our dialogs, by the names of our procedures."""
    return [] if host.kind == "krita" else sorted((host.profile / "plug-in-settings").glob("*softlight*"))


def _foreign(folder: Path, ours: Installed) -> dict[str, bytes]:
    """Files in our folder that are somebody else's. What Python compiles of our files is ours."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in ours.files and not _compiled(path):
            found[name] = path.read_bytes()
    return found


def _compiled(path: Path) -> bool:
    return path.suffix in {".pyc", ".pyo"}


def _remove_ours(folder: Path, ours: Installed) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            with contextlib.suppress(OSError):
                path.rmdir()
        elif path.relative_to(folder).as_posix() in ours.files or _compiled(path):
            path.unlink()


def _remove_empty(folders: Iterable[Path]) -> None:
    for folder in sorted(folders, key=lambda path: len(path.parts), reverse=True):
        with contextlib.suppress(OSError):
            folder.rmdir()
