"""What one docker asks of the model store: one thing at a time, beside the filters that run meanwhile.

Knows no widgets: the page shows what it tells.
"""

from __future__ import annotations

import gc
import time
from typing import Any, Callable, NamedTuple

from softlight_bridge.client import Engine, Progress
from softlight_bridge.errors import Cancelled, EngineError
from softlight_bridge.models import ModelList
from softlight_bridge.translation import _, shown
from softlight_krita.engine_call import EngineCall
from softlight_krita.engine_desk import EngineDesk, Running
from softlight_krita.qt import Signal
from softlight_krita.steps import Steps

Call = Callable[[Engine, Progress], ModelList]

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


class ModelsDesk(EngineDesk):
    """Asks the engine, and tells how it went."""

    ended = Signal(object)
    """The `Ending`."""

    def __init__(self, folder: str, parent: Any) -> None:
        super().__init__(folder, parent)
        self._cancelled = ""

    def do(self, call: Call, done: str = "", cancelled: str = _("Cancelled.")) -> None:
        """Begin an action; nothing happens while another one runs.

        Parameters
        ----------
        call : callable
            Runs in a thread: it must know nothing of Krita's or Qt's.
        done, cancelled : str
            What to say in the end, before what the store says.
        """

        def work(engine: Engine) -> tuple[Running, Steps[ModelList]]:
            running: EngineCall[ModelList] = EngineCall(lambda _, tell: call(engine, tell))
            return running, self._steps(running)

        def finished(models: ModelList) -> None:
            self.ended.emit(Ending(models, " ".join((done, *map(shown, models.said))).strip(), False))

        if not self.busy:
            self._cancelled = cancelled
            self._begin(work, finished, self._failed)

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

    def _failed(self, sentence: str, error: Exception) -> None:
        if isinstance(error, Cancelled):
            self.ended.emit(Ending(None, self._cancelled, False))
        else:
            asked = error if isinstance(error, EngineError) and error.models else None
            self.ended.emit(Ending(None, sentence, True, asked))
