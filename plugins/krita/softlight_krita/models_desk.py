"""What one docker asks of the model store: one thing at a time, beside the filters that run meanwhile.

Knows no widgets: the page shows what it tells.
"""

from __future__ import annotations

import gc
import time
import traceback
from typing import Any, Callable, NamedTuple

from krita import Krita

from softlight_bridge.client import Engine, Progress
from softlight_bridge.errors import BridgeError, Cancelled, EngineError
from softlight_bridge.models import ModelList
from softlight_krita.engine_call import EngineCall
from softlight_krita.qt import QtCore, Signal
from softlight_krita.steps import Stepper, Steps

Call = Callable[[Engine, Progress], ModelList]

PATIENCE = 1.0
"""Seconds that Krita waits at most for the engine's thread when it quits."""
COLLECT = 60.0
"""Seconds between two collections of Python's garbage, which does not happen by itself while a thread of ours
lives: a download may take an hour."""


class Ending(NamedTuple):
    """How an action ended."""

    models: ModelList | None
    """All models as they then are; None when it failed."""
    sentence: str
    failed: bool
    question: EngineError | None = None
    """What the store has to know before it does what was asked."""


class ModelsDesk(QtCore.QObject):
    """Asks the engine, and tells how it went.

    Parameters
    ----------
    folder : str
        The plug-in's own, with ``engine.json``.
    parent : QObject
    """

    progressed = Signal(float, str)
    ended = Signal(object)
    """The `Ending`."""

    def __init__(self, folder: str, parent: Any) -> None:
        super().__init__(parent)
        self._folder = folder
        self._stepper = Stepper(self)
        self._running: EngineCall[ModelList] | None = None
        self._done = self._cancelled = ""

    @property
    def busy(self) -> bool:
        return self._stepper.busy

    def do(self, call: Call, done: str = "", cancelled: str = "Cancelled.") -> None:
        """Begin an action; nothing happens while another one runs.

        Parameters
        ----------
        call : callable
            Runs in a thread: it must know nothing of Krita's or Qt's.
        done, cancelled : str
            What to say in the end, before what the store says.
        """
        if self.busy:
            return
        self._done, self._cancelled = done, cancelled
        try:
            engine = Engine.beside(self._folder, "Krita " + Krita.instance().version())
        except BridgeError as error:
            self._fail(error)
            return
        self._running = EngineCall(lambda _, tell: call(engine, tell))
        self._stepper.start(self._steps(self._running), self._finish, self._fail)

    def cancel(self) -> None:
        """Stop what runs; it ends within a moment."""
        if self._running is not None:
            self._running.cancel()

    def close(self) -> None:
        """Stop at once, because Krita quits; what was downloaded so far is kept."""
        running, self._running = self._running, None
        if running is not None:
            self._stepper.stop()
            running.join(PATIENCE)

    def _steps(self, running: EngineCall[ModelList]) -> Steps[ModelList]:
        collected = time.monotonic()
        try:
            while not running.finished:
                self.progressed.emit(*running.progress)
                if time.monotonic() - collected > COLLECT:
                    gc.collect()
                    collected = time.monotonic()
                yield
            return running.result()
        finally:
            running.close()

    def _finish(self, models: ModelList) -> None:
        self._running = None
        self.ended.emit(Ending(models, " ".join((self._done, *models.said)).strip(), False))

    def _fail(self, error: Exception) -> None:
        self._running = None
        if isinstance(error, Cancelled):
            self.ended.emit(Ending(None, self._cancelled, False))
        elif isinstance(error, BridgeError):
            asked = error if isinstance(error, EngineError) and error.models else None
            self.ended.emit(Ending(None, str(error), True, asked))
        else:
            traceback.print_exception(type(error), error, error.__traceback__)
            sentence = f"Softlight met a defect ({type(error).__name__}: {error}); please report it."
            self.ended.emit(Ending(None, sentence, True))
