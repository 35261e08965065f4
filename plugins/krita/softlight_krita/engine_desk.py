"""What desks have in common: one thing at a time in the engine, which Krita's own thread watches."""

from __future__ import annotations

import traceback
from typing import Any, Callable, Protocol

from krita import Krita

from softlight_bridge.client import Engine
from softlight_bridge.errors import BridgeError
from softlight_bridge.translation import _, shown
from softlight_krita.qt import QtCore, Signal
from softlight_krita.steps import Stepper, Steps

PATIENCE = 1.0
"""Seconds that Krita waits at most for the engine's thread when it quits."""


class Running(Protocol):
    """Something in a thread of its own."""

    def cancel(self) -> None:
        """Ask it to end; its steps then raise `Cancelled`."""

    def join(self, seconds: float) -> None:
        """Give it this time to end."""


class EngineDesk(QtCore.QObject):
    """Does one thing at a time; subclasses know what, and who is told how it ended.

    Parameters
    ----------
    folder : str
        The plug-in's own, with ``engine.json``.
    parent : QObject
    """

    progressed = Signal(float, str)

    def __init__(self, folder: str, parent: Any) -> None:
        super().__init__(parent)
        self._folder = folder
        self._stepper = Stepper(self)
        self._running: Running | None = None

    @property
    def busy(self) -> bool:
        return self._stepper.busy

    def cancel(self) -> None:
        """Stop what runs; it ends within a moment."""
        if self._running is not None:
            self._running.cancel()

    def close(self) -> None:
        """Stop at once, because Krita quits."""
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            self._stepper.stop()
            running.join(PATIENCE)

    def _begin(
        self,
        work: Callable[[Engine], tuple[Running, Steps[Any]]],
        finished: Callable[[Any], None],
        failed: Callable[[str, Exception], None],
    ) -> None:
        """Begin something; nothing happens while another one runs.

        Parameters
        ----------
        work : callable
            Makes the steps, and what can be cancelled in them; may refuse.
        finished : callable
            Told what the steps return.
        failed : callable
            Told why it came to nothing, as a sentence and as the error; a `Cancelled` means that the user
            wanted it so.
        """
        if self.busy:
            return

        def fail(error: Exception) -> None:
            self._running = None
            failed(_told(error), error)

        try:
            engine = Engine.beside(self._folder, "Krita " + Krita.instance().version())
            self._running, steps = work(engine)
        except BridgeError as error:
            fail(error)
            return

        def finish(found: Any) -> None:
            self._running = None
            finished(found)

        self._stepper.start(steps, finish, fail)


def _told(error: Exception) -> str:
    if isinstance(error, BridgeError):
        return shown(str(error))
    # A mistake of ours: never a dialog with a traceback, but the log of Krita shall have it.
    traceback.print_exception(type(error), error, error.__traceback__)
    told = _("Softlight met a defect ({problem}); please report it.")
    return told.format(problem=f"{type(error).__name__}: {error}")
