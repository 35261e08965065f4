"""Uninstall: the plug-ins, the versions, what Windows was told; if asked, the user's settings and models."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from installers.windows.setup import registration
from installers.windows.setup.faults import SetupError, explained
from installers.windows.setup.folder import (
    Folder,
    remove_if_empty,
    remove_ours,
    set_aside,
    take_back,
    unfinished_name,
    unused_versions,
)
from installers.windows.setup.hosts import plugins
from installers.windows.setup.installing import command_files, end_engine
from installers.windows.setup.payload import Say, listed_in
from softlight_bridge import places

PASSING = ("Cache", "Logs", "run", "engine.json")
"""What Softlight keeps in the user's folder for it, and makes anew."""
THE_USERS_OWN = ("models", "models.d", "settings.toml", "models.json", "accepted-licences.json")
"""What stays unless the user asks: models, settings, and licences that were accepted."""


def uninstall(root: Path, purge: bool, say: Say) -> None:
    """Remove Softlight from `root`, and from GIMP and Krita.

    Parameters
    ----------
    root : Path
    purge : bool
        Remove the user's settings and models too.
    say : callable
        Told each thing that is done, in a sentence.

    Raises
    ------
    SetupError
        When a program uses it; all is as it was then.
    """
    folder = Folder(Path(os.path.abspath(root)))
    made = folder.made()
    if not made:
        raise SetupError(
            f"Softlight is not installed in '{folder.root}'; look for it in Windows' list of apps."
        )
    end_engine(say)
    with explained(folder.root):
        aside = _set_all_aside(folder)
        told = plugins(Path(sys.executable), "uninstall")
        for line in told.lines:
            say(line)
        if not told.works:
            for version in aside:
                take_back(version)
            raise SetupError(
                "Softlight could not be taken out of GIMP or Krita; close them, then try again. "
                f"({' '.join(line for line in told.lines if 'Problem' in line) or told.lines[0]})"
            )
        registration.unregister_commands(folder)
        left = [path for version in aside for path in remove_ours(version, listed_in(version))]
        for path in (*command_files(folder), folder.current, *_unfinished(folder)):
            path.unlink(missing_ok=True)
        for place in (folder.versions, folder.commands):
            remove_if_empty(place)
        registration.unregister_app()
        _remove_user_files(purge, say)
        # Last of all, so that an uninstallation that was broken off can be started again.
        folder.uninstaller.unlink(missing_ok=True)
        folder.record.unlink(missing_ok=True)
        for place in made:
            remove_if_empty(place)
    for path in left:
        say(f"Left '{path}', which is not Softlight's.")
    say("Softlight is removed.")


def _set_all_aside(folder: Folder) -> list[Path]:
    """Rename every version's folder, or none."""
    aside: list[Path] = []
    running = folder.version()
    everything = unused_versions(folder, ())
    if running is not None and running.is_dir():
        everything.append(running)
    try:
        for version in everything:
            aside.append(set_aside(version))
    except OSError:
        for version in aside:
            take_back(version)
        raise
    return aside


def _unfinished(folder: Folder) -> list[Path]:
    whole = (folder.current, folder.record, folder.uninstaller, *command_files(folder))
    return [unfinished_name(path) for path in whole]


def _remove_user_files(purge: bool, say: Say) -> None:
    config = Path(places.config_folder())
    names = (*PASSING, *THE_USERS_OWN) if purge else PASSING
    for path in [config / name for name in names] + sorted(config.glob("*.lock")):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    remove_if_empty(config)
    if config.exists():
        say(f"Your settings and models are left in '{config}'.")
    elsewhere = os.environ.get("SOFTLIGHT_MODELS")
    if purge and elsewhere:
        say(f"The models in '{elsewhere}', which SOFTLIGHT_MODELS names, are left there.")
