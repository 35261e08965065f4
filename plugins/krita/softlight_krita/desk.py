"""The work of one window: at most one operation at a time, and what is known about it.

Knows no widgets: the docker shows what it tells, and actions call it as the docker's buttons do.
"""

from __future__ import annotations

import traceback
from typing import Any, Callable

from krita import Document, Krita, View

from softlight_bridge.client import Engine
from softlight_bridge.errors import BridgeError, Cancelled
from softlight_krita.masks import prepare_painting
from softlight_krita.operations import Request, Work
from softlight_krita.qt import QtCore, Signal
from softlight_krita.sentences import NO_DOCUMENT, Refused
from softlight_krita.steps import Stepper, Steps

PATIENCE = 1.0
"""Seconds that Krita waits at most for the engine's thread when it quits."""


class Desk(QtCore.QObject):
    """Runs operations on the picture that the user works on.

    Parameters
    ----------
    folder : str
        The plug-in's own, with ``engine.json``.
    parent : QObject
    """

    progressed = Signal(float, str)
    ended = Signal(str, bool)
    """A sentence, and whether it says that something went wrong."""
    previewed = Signal(object)
    """The `Preview`."""

    def __init__(self, folder: str, parent: Any) -> None:
        super().__init__(parent)
        self._folder = folder
        self._stepper = Stepper(self)
        self._work: Work | None = None
        self._done = ""

    @property
    def busy(self) -> bool:
        return self._stepper.busy

    def run(self, request: Request, label: str) -> None:
        """Run a filter on the current picture."""
        self._begin(lambda work, *here: work.run(*here, request), f"{label} is done.", self._tell)

    def preview(self, request: Request, size: tuple[int, int]) -> None:
        """Compute before and after."""
        self._begin(lambda work, *here: work.preview(*here, request, size), "", self._show)

    def run_again(self, settings: Any) -> None:
        """Replace the chosen group; `settings` None takes its own."""
        self._begin(lambda work, *here: work.run_again(*here, settings), "The group is renewed.", self._tell)

    def bake(self) -> None:
        """Turn the chosen group into one normal layer."""
        self._begin(lambda work, *here: work.bake(*here), "The group is one normal layer now.", self._tell)

    def paint_mask(self) -> None:
        """Make or show the brush mask, ready to be painted on."""
        self._begin(lambda _, *here: prepare_painting(*here), "", self._tell)

    def cancel(self) -> None:
        """Stop what runs."""
        if self._work is not None:
            self._work.cancel()

    def close(self) -> None:
        """Stop at once, because Krita quits."""
        work, self._work = self._work, None
        if work is not None:
            work.cancel()
            self._stepper.stop()
            work.join(PATIENCE)

    def attempt(self, action: Callable[[Document], None]) -> None:
        """Do something short with the current picture; a refusal is told like any other."""
        if self.busy:
            return
        try:
            action(current_document())
        except BridgeError as error:
            self.ended.emit(str(error), True)

    def _begin(self, steps: Callable[..., Steps[Any]], done: str, finished: Callable[[Any], None]) -> None:
        if self.busy:
            return
        try:
            engine = Engine.beside(self._folder, "Krita " + Krita.instance().version())
            self._work = Work(engine, self.progressed.emit)
            self._done = done
            document = current_document()
            self._stepper.start(steps(self._work, document, current_view()), finished, self._fail)
            self.progressed.emit(0.0, "Starting")
        except BridgeError as error:
            self._fail(error)

    def _tell(self, notes: tuple[str, ...]) -> None:
        self._work = None
        self.ended.emit(" ".join(notes) or self._done, False)

    def _show(self, preview: Any) -> None:
        self._work = None
        self.previewed.emit(preview)
        self.ended.emit("", False)

    def _fail(self, error: Exception) -> None:
        self._work = None
        if isinstance(error, BridgeError):
            self.ended.emit(str(error), not isinstance(error, Cancelled))
            return
        # A mistake of ours: never a dialog with a traceback, but the log of Krita shall have it.
        self.ended.emit(
            f"Softlight met a defect ({type(error).__name__}: {error}); please report it. "
            "The photo is unchanged.",
            True,
        )
        traceback.print_exception(type(error), error, error.__traceback__)


def current_document() -> Document:
    """Return the picture that the user works on.

    Raises
    ------
    Refused
        When there is none.
    """
    document = Krita.instance().activeDocument()
    if document is None:
        raise Refused(NO_DOCUMENT)
    return document


def current_view() -> View | None:
    """Return the view that the user works in."""
    window = Krita.instance().activeWindow()
    return window.activeView() if window is not None else None
