"""What a plug-in calls: run a filter in the engine, wherever that is and whether or not it runs yet."""

from __future__ import annotations

import json
import os
from typing import Callable, NamedTuple

from softlight_bridge import launcher, places
from softlight_bridge.conversation import Conversation
from softlight_bridge.errors import BridgeError, WireError
from softlight_bridge.messages import Box, Job, Preview, Raster, Result

ReadPixels = Callable[[Box], Raster]
"""Returns exactly this part of the photo in the job's format. Called once per job at most, in the thread that
called `Engine.run`."""

Progress = Callable[[float, str], None]
"""Told the share 0..1 that is done and what happens now, at least five times a second, in the thread that
called `Engine.run`; raises `softlight_bridge.errors.Cancelled` to stop the job."""


def silent(done: float, text: str) -> None:
    """A `Progress` that says nothing and never cancels."""


class Engine(NamedTuple):
    """How to reach the engine; making one starts nothing. Safe to be used from several threads."""

    command: tuple[str, ...]
    """What starts it: the path of its Python, then ``-I -m softlight.engine``."""
    host: str
    """Who asks, for the engine's log: "GIMP 3.0.4"."""

    @classmethod
    def beside(cls, folder: str, host: str) -> Engine:
        """Return the engine that ``engine.json`` in the plug-in's folder names.

        Parameters
        ----------
        folder : str
            The plug-in's own folder. Without the file there, the one in the user's configuration folder for
            Softlight is read; `softlight plugins install` writes both.
        host : str
            Who asks: "GIMP 3.0.4".

        Raises
        ------
        BridgeError
            When neither file is there, or they name no engine.
        """
        for place in (folder, places.config_folder()):
            path = os.path.join(place, "engine.json")
            if os.path.exists(path):
                return cls(_command(path), host)
        raise BridgeError(
            "This plug-in does not know where Softlight's engine is, because '{}' is missing; run "
            "'softlight plugins install'.".format(os.path.join(folder, "engine.json"))
        )

    def run(self, job: Job, read_pixels: ReadPixels, progress: Progress = silent) -> Result:
        """Run a filter and return its layers; starts the engine when it is not running.

        Parameters
        ----------
        job : Job
        read_pixels : callable
        progress : callable

        Raises
        ------
        EngineError
            What the filter says about the mask, the settings or the photo.
        EngineStopped
            When the engine died meanwhile.
        Cancelled
            When `progress` raised it. What else `progress` or `read_pixels` raise also comes through, and
            the job is cancelled.
        BridgeError
            When the engine cannot be started or reached.
        """
        result: Result = Conversation(self.command, self.host, job).hold(read_pixels, progress)
        return result

    def preview(
        self,
        job: Job,
        read_pixels: ReadPixels,
        size: tuple[int, int],
        progress: Progress = silent,
    ) -> Preview:
        """Return before, after and the filter's view for display; a `run` of the same job is then quick.

        Parameters
        ----------
        job : Job
        read_pixels : callable
        size : tuple of int
            Largest width and height in pixels of the screen.
        progress : callable

        Raises
        ------
        BridgeError
            As `run`.
        """
        preview: Preview = Conversation(self.command, self.host, job, size).hold(read_pixels, progress)
        return preview


def end_engine() -> bool:
    """Ask the engine that runs to end when its jobs are done, such as after an update.

    Returns
    -------
    bool
        False when none runs.

    Raises
    ------
    BridgeError
        When it does not answer.
    """
    try:
        line = launcher.connect("softlight")
    except launcher.NotRunning:
        return False
    try:
        line.send({"type": "end"})
        line.receive_header()
    except WireError:
        pass  # It ended before it could say so.
    finally:
        line.close()
    return True


def _command(path: str) -> tuple[str, ...]:
    try:
        with open(path, encoding="utf-8") as file:
            command = json.load(file)["engine"]
    except OSError as error:
        reason = error.strerror or str(error)
    except (ValueError, KeyError, TypeError):
        reason = "it is damaged"
    else:
        if isinstance(command, list) and command and all(isinstance(part, str) for part in command):
            return tuple(command)
        reason = "it is damaged"
    raise BridgeError(f"'{path}' cannot be read ({reason}); run 'softlight plugins install'.")
