"""Install: a version beside the one that runs, then one step that changes which one runs."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

from installers.windows.setup import registration
from installers.windows.setup.faults import SetupError, explained
from installers.windows.setup.folder import (
    Folder,
    claim,
    new_version,
    remove_if_empty,
    remove_ours,
    same_folder,
    set_aside,
    unused_versions,
    write_whole,
)
from installers.windows.setup.hosts import plugins, versions_in_use
from installers.windows.setup.payload import Say, check_room, listed_in, open_payload, unpack
from softlight_bridge import client
from softlight_bridge.errors import BridgeError

COMMAND = b"""\
@echo off\r
setlocal\r
set /p SOFTLIGHT_VERSION=<"%~dp0..\\current.txt"\r
"%~dp0..\\versions\\%SOFTLIGHT_VERSION%\\python.exe" -I -m softlight %*\r
"""
"""`softlight` for a terminal: it starts the version that `current.txt` names."""
PLUGINS = b"""\
@echo off\r
call "%~dp0bin\\softlight.cmd" plugins install\r
echo.\r
pause\r
"""
"""What the Start menu's entry does, for a GIMP or Krita that came later."""
EVERYTHING = (
    "import os, softlight.engine.server, softlight.engine.studio; "
    "from softlight.runtime import installation; installation.load(); os._exit(0)"
)
"""All that the engine imports until its first job, as `softlight plugins status` tries it."""
PATIENCE = 300
"""Seconds for a first start, while a virus scanner looks at each of its files."""


def command_files(folder: Folder) -> dict[Path, bytes]:
    """Return the files that start whichever version runs."""
    return {folder.commands / "softlight.cmd": COMMAND, folder.root / "gimp-and-krita.cmd": PLUGINS}


def install(installer: Path, uninstaller: Path, root: Path, say: Say) -> bool:
    """Install what `installer` carries in `root`, in place of what is there.

    Parameters
    ----------
    installer, uninstaller : Path
        The one carries the archive, the other is copied.
    root : Path
    say : callable
        Told each thing that is done, in a sentence.

    Returns
    -------
    bool
        Whether each GIMP and Krita could be served. Where one could not, it starts the version that it did.

    Raises
    ------
    SetupError
        When that is not possible; what was installed before runs as it did.
    """
    folder = Folder(Path(os.path.abspath(root)))
    _refuse_second_place(folder)
    archive, payload = open_payload(installer)
    if folder.made():
        tidy(folder, say)  # what was broken off takes the room that is needed now
    with explained(folder.root):
        version = new_version(folder, payload.name)
        before = folder.version()
        check_room(payload, version)
        claim(folder)
        try:
            say(f"Unpacking Softlight {payload.version} into '{version}'.")
            with archive:
                unpack(archive, payload, version, say)
            _try(version)
            for path, content in command_files(folder).items():
                path.parent.mkdir(exist_ok=True)
                write_whole(path, content)
            write_whole(folder.uninstaller, uninstaller.read_bytes())
            folder.make_current(version)
        except BaseException:
            _withdraw(folder, version, first=before is None)
            raise
    say(f"Softlight {payload.version} is installed.")
    with explained(folder.root):
        registration.register(folder, payload, version)
    told = plugins(version / "python.exe", "install")
    for line in told.lines:
        say(line)
    end_engine(say)
    tidy(folder, say)
    return told.works


def end_engine(say: Say) -> None:
    """Ask the engine that runs, perhaps an older one, to end."""
    try:
        if client.end_engine():
            say("The engine that was running has been asked to end.")
    except BridgeError as error:
        say(str(error))


def tidy(folder: Folder, say: Say) -> None:
    """Remove versions that nothing uses any more; one that is in use waits for the next time."""
    for version in unused_versions(folder, versions_in_use(folder.versions)):
        ours = listed_in(version)
        try:
            left = remove_ours(set_aside(version), ours)
        except OSError:
            say(f"Kept '{version}', which is in use; the next installation or removal takes it away.")
            continue
        say(f"Removed the old version in '{version}'.")
        for path in left:
            say(f"Left '{path}', which is not Softlight's.")


def _refuse_second_place(folder: Folder) -> None:
    known = registration.install_location()
    if known is not None and known.exists() and not same_folder(known, folder.root):
        raise SetupError(
            f"Softlight is installed in '{known}' already; choose that folder, or remove it there first."
        )


def _try(version: Path) -> None:
    """Start what was unpacked, before anything depends on it."""
    command = [str(version / "python.exe"), "-I", "-X", "utf8", "-c", EVERYTHING]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=PATIENCE,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = str(error)
    else:
        if done.returncode == 0:
            return
        reason = (done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"{done.returncode:#x}"])[
            -1
        ]
    raise SetupError(
        f"Softlight does not start on this computer ({reason}); Windows 10 (1903) or newer with 64 bits is "
        "needed, and a virus scanner must let it pass."
    )


def _withdraw(folder: Folder, version: Path, first: bool) -> None:
    """Leave all as it was: remove the version that this run wrote, and at a `first` installation the rest."""
    if folder.version() == version:
        return
    shutil.rmtree(version, ignore_errors=True)
    if first:
        made = folder.made()
        for path in (*command_files(folder), folder.uninstaller, folder.record):
            with contextlib.suppress(OSError):
                path.unlink()
        for place in (folder.versions, folder.commands, *made):
            remove_if_empty(place)
