"""What a plug-in calls: run a filter in the engine, wherever that is and whether or not it runs yet."""

from __future__ import annotations

from typing import Callable, NamedTuple, Tuple

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

    command: Tuple[str, ...]
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
        raise NotImplementedError

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
        raise NotImplementedError

    def preview(
        self,
        job: Job,
        read_pixels: ReadPixels,
        size: Tuple[int, int],
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
        raise NotImplementedError
