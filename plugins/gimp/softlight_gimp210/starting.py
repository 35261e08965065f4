"""How the command line is started, and whether it is of the plug-in's own version."""

import io
import json
import os
import sys

from softlight_gimp210 import jobs
from softlight_gimp210.refusals import Refusal
from softlight_gimp210.texts import for_gimp, for_system

MYPY = False
if MYPY:
    from typing import Any, List, Optional  # noqa: F401

NO_ENGINE = (
    "Softlight's engine, which does the work of this plug-in, is not installed for you; install it by "
    "Softlight's installer or by the commands of its README, then start GIMP again."
)
"""In the words of the other hosts (`softlight_bridge.client`; a test holds the two together)."""


def read_command(folder):
    # type: (str) -> List[str]
    """Return how the command line is started, from ``engine.json`` in the plug-in's folder.

    One that came with the plug-in from another machine names none; then it is the one in the user's settings.

    Raises
    ------
    Refusal
        When none is named, or a file is damaged.
    """
    path = os.path.join(folder, "engine.json")
    command = _named(path)
    if command is None:
        path = os.path.join(settings_folder(), "engine.json")
        command = _named(path) if os.path.exists(path) else None
    if command is None:
        raise Refusal(NO_ENGINE)
    return command


def explained(refusal, command, folder):
    # type: (jobs.Misunderstood, List[str], str) -> Refusal
    """Return why the command line did not understand: most often it is of another version than the plug-in.

    Parameters
    ----------
    refusal : Misunderstood
    command : list of str
        How the command line is started.
    folder : str
        The plug-in's own.
    """
    own = for_gimp(_read(os.path.join(folder, "engine.json")).get("version", ""))
    other = jobs.version(command)
    if own in ("", other) or not other:
        return refusal
    return Refusal(
        "This plug-in is of Softlight %s, and the program that it calls of Softlight %s; update Softlight, "
        "run 'softlight plugins install' and restart GIMP." % (own, other)
    )


def settings_folder():
    # type: () -> str
    """Return the user's folder of settings for Softlight, as `softlight_bridge.places.config_folder` does."""
    if os.name == "nt":
        local = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
        return os.path.join(local, "softlight")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Application Support/softlight")
    config = os.environ.get("XDG_CONFIG_HOME", "")
    return os.path.join(config if os.path.isabs(config) else os.path.expanduser("~/.config"), "softlight")


def _named(path):
    # type: (str) -> Optional[List[str]]
    """Return the command in one file; None if it says that it names none."""
    try:
        command = _read(path)["cli"]
        if command is None:
            return None
        if not isinstance(command, list) or not command:
            raise ValueError("command")
        return [for_system(word) for word in command]
    except (IOError, OSError, ValueError, KeyError, TypeError):
        raise Refusal("Softlight's file '%s' is missing or damaged. %s" % (path, jobs.AGAIN))


def _read(path):
    # type: (str) -> Any
    with io.open(path, encoding="utf-8") as file:
        return json.load(file)
