"""What a plug-in calls: run a filter in the engine, wherever that is and whether or not it runs yet."""

from __future__ import annotations

import json
import os
from typing import Callable, Iterable, NamedTuple

from softlight_bridge import launcher, places
from softlight_bridge.conversation import FacesConversation, JobConversation, ModelConversation
from softlight_bridge.errors import BridgeError, WireError
from softlight_bridge.faces import FaceList, FacesRequest
from softlight_bridge.messages import Box, Job, Preview, Raster, Result
from softlight_bridge.models import ModelAction, ModelList

ReadPixels = Callable[[Box], Raster]
"""Returns exactly this part of the photo in the job's format. Called once per job at most, in the thread that
called `Engine.run`, `preview` or `faces`."""

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
            The plug-in's own folder. Where there is no such file, or one that came with the plug-in from
            another machine and so names no engine, the one in the user's configuration folder for Softlight
            is read; `softlight plugins install` writes both.
        host : str
            Who asks: "GIMP 3.0.4".

        Raises
        ------
        BridgeError
            When no engine is named anywhere, or a file is damaged.
        """
        for place in (folder, places.config_folder()):
            path = os.path.join(place, "engine.json")
            if os.path.exists(path) and (command := _command(path)):
                # What the settings say holds outside of a sandbox.
                walled = place != folder and os.path.exists(places.FLATPAK)
                return cls((*places.OUTSIDE, *command) if walled else command, host)
        program = host.partition(" ")[0]
        raise BridgeError(
            "Softlight's engine, which does the work of this plug-in, is not installed for you; install it "
            f"by Softlight's installer or by the commands of its README, then start {program} again."
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
        result: Result = JobConversation(self.command, self.host, job).hold(progress, read_pixels)
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
        talk = JobConversation(self.command, self.host, job, size)
        preview: Preview = talk.hold(progress, read_pixels)
        return preview

    def faces(self, request: FacesRequest, read_pixels: ReadPixels, progress: Progress = silent) -> FaceList:
        """Return the faces of a photo, from left to right; a `run` on whole faces of it is then quicker.

        Parameters
        ----------
        request : FacesRequest
        read_pixels : callable
            Asked for the whole photo.
        progress : callable

        Raises
        ------
        BridgeError
            As `run`.
        """
        found: FaceList = FacesConversation(self.command, self.host, request).hold(progress, read_pixels)
        return found

    def models(self, progress: Progress = silent) -> ModelList:
        """Return all models that there are, installed or not.

        This and what follows may run beside a job, in the engine too. Each method returns the models as they
        are afterwards; the next job uses them so.

        Raises
        ------
        EngineError
            What the model store says, in one sentence; nothing was changed then.
        EngineStopped
            When the engine died meanwhile; what was downloaded so far is kept, and a new call goes on there.
        Cancelled
            When `progress` raised it; the same is kept. What else `progress` raises also comes through.
        BridgeError
            When the engine cannot be started or reached.
        """
        return self._store(ModelAction("list"), progress)

    def download_models(
        self, models: Iterable[str], accepted: Iterable[str], progress: Progress = silent
    ) -> ModelList:
        """Download models and install them, once they are found to be exactly what was published.

        Parameters
        ----------
        models : iterable of str
            Their ids.
        accepted : iterable of str
            Those whose `Terms` the user has seen and accepted. All of `models` that are not among them are
            refused with the kind `EngineError.NOT_ACCEPTED`.
        progress : callable
            Called often, with the share of all bytes and what is done: "gfpgan.onnx: … (120 of 340 MB)".
        """
        return self._store(ModelAction("download", tuple(models), tuple(accepted)), progress)

    def import_model(
        self,
        path: str,
        model: str | None = None,
        *,
        accepted: Iterable[str] = (),
        confirmed: bool = False,
        link: bool = False,
        progress: Progress = silent,
    ) -> ModelList:
        """Install a model from a file, from a folder, or from a bundle that another machine has exported.

        What it is, its bytes say. Two answers are questions to the user, after which it is called again: an
        `EngineError` of the kind `NOT_ACCEPTED` (show the terms of its `models`, then pass these as
        `accepted`), and one of the kind `NOT_CONFIRMED` (show its sentence, then pass `confirmed`, and as
        `model` the one of its `models` that the user means).

        Parameters
        ----------
        path : str
            Absolute.
        model : str, optional
            What it is, where its bytes cannot say so.
        accepted : iterable of str
        confirmed : bool
        link : bool
            Leave the file where it is; without, it is copied.
        progress : callable
        """
        wanted = () if model is None else (model,)
        return self._store(
            ModelAction("import", wanted, tuple(accepted), path=path, link=link, confirmed=confirmed),
            progress,
        )

    def choose_model(self, role: str, model: str | None, progress: Progress = silent) -> ModelList:
        """Let filters use this model for its role; None lets the best one that is installed be used."""
        return self._store(ModelAction("choose", () if model is None else (model,), name=role), progress)

    def remove_model(self, model: str, progress: Progress = silent) -> ModelList:
        """Delete a model's files; of one that was linked, only the note of where it lies."""
        return self._store(ModelAction("remove", (model,)), progress)

    def verify_models(self, models: Iterable[str] = (), progress: Progress = silent) -> ModelList:
        """Compare the files of these models, or of all, with their checksums; `said` tells what was found."""
        return self._store(ModelAction("verify", tuple(models)), progress)

    def set_model_option(self, name: str, value: bool, progress: Progress = silent) -> ModelList:
        """Switch one of `softlight_bridge.models.OPTIONS` on or off."""
        return self._store(ModelAction("set", name=name, value=value), progress)

    def _store(self, action: ModelAction, progress: Progress) -> ModelList:
        found: ModelList = ModelConversation(self.command, self.host, action).hold(progress)
        return found


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
    """Return what starts the engine; nothing from the record of a plug-in that came from another machine."""
    try:
        with open(path, encoding="utf-8") as file:
            command = json.load(file)["engine"]
    except OSError as error:
        reason = error.strerror or str(error)
    except (ValueError, KeyError, TypeError):
        reason = "it is damaged"
    else:
        if command is None:
            return ()
        if isinstance(command, list) and command and all(isinstance(part, str) for part in command):
            return tuple(command)
        reason = "it is damaged"
    raise BridgeError(f"'{path}' cannot be read ({reason}); run 'softlight plugins install'.")
