"""The work of one window: at most one operation at a time, and what is known about it.

Knows no widgets: the docker shows what it tells, and actions call it as the docker's buttons do.
"""

from __future__ import annotations

from typing import Any, Callable

from krita import Document, Krita, View

from softlight_bridge.client import Engine
from softlight_bridge.errors import BridgeError, Cancelled
from softlight_bridge.translation import _, shown
from softlight_krita.engine_desk import EngineDesk, Running
from softlight_krita.masks import prepare_painting
from softlight_krita.operations import Request, Work
from softlight_krita.qt import Signal
from softlight_krita.sentences import NO_DOCUMENT, Refused
from softlight_krita.steps import Steps
from softlight_krita.undoing import Undoing


class Desk(EngineDesk):
    """Runs operations on the picture that the user works on."""

    ended = Signal(str, bool)
    """A sentence, and whether it says that something went wrong."""
    previewed = Signal(object)
    """The `Preview`."""

    def __init__(self, folder: str, parent: Any) -> None:
        super().__init__(folder, parent)
        self._undoing = Undoing(self)

    def run(self, request: Request, label: str) -> None:
        """Run a filter on the current picture."""
        self._do(
            lambda work, *here: work.run(*here, request),
            self._teller(_("{label} is done.").format(label=label)),
        )

    def preview(self, request: Request, size: tuple[int, int]) -> None:
        """Compute before and after."""
        self._do(lambda work, *here: work.preview(*here, request, size), self._show)

    def run_again(self, settings: Any) -> None:
        """Replace the chosen group; `settings` None takes its own."""
        told = self._teller(_("The group is renewed."))
        self._do(lambda work, *here: work.run_again(*here, settings), told)

    def bake(self) -> None:
        """Turn the chosen group into one normal layer."""
        told = self._teller(_("The group is one normal layer now."))
        self._do(lambda work, *here: work.bake(*here), told)

    def paint_mask(self) -> None:
        """Make or show the brush mask, ready to be painted on."""
        self._do(lambda work, *here: prepare_painting(*here), self._teller(""))

    def attempt(self, action: Callable[[Document], None]) -> None:
        """Do something short with the current picture; a refusal is told like any other."""
        if self.busy:
            return
        try:
            action(current_document())
        except BridgeError as error:
            self.ended.emit(shown(str(error)), True)

    def _do(self, steps: Callable[..., Steps[Any]], finished: Callable[[Any], None]) -> None:
        def work(engine: Engine) -> tuple[Running, Steps[Any]]:
            made = Work(engine, self.progressed.emit)
            return made, self._watched(made, steps(made, current_document(), current_view()))

        if self.busy:
            return
        self._begin(work, finished, self._failed)
        if self.busy:
            self.progressed.emit(0.0, "Starting")

    def _watched(self, work: Work, steps: Steps[Any]) -> Steps[Any]:
        found = yield from steps
        if work.replaced is not None:
            self._undoing.remember(*work.replaced)
        return found

    def _teller(self, done: str) -> Callable[[tuple[str, ...]], None]:
        return lambda notes: self.ended.emit(" ".join(map(shown, notes)) or done, False)

    def _show(self, preview: Any) -> None:
        self.previewed.emit(preview)
        self.ended.emit("", False)

    def _failed(self, sentence: str, error: Exception) -> None:
        ours = "" if isinstance(error, BridgeError) else " " + _("The photo is unchanged.")
        self.ended.emit(sentence + ours, not isinstance(error, Cancelled))


class FacesDesk(EngineDesk):
    """Looks for faces in the current picture, beside what else happens to it."""

    found = Signal(object)
    """The `FaceList`."""
    failed = Signal(str, bool)
    """A sentence, and whether something went wrong; empty when the user stopped it."""

    def find(self, alone: bool, side: int) -> None:
        """Begin a search.

        Parameters
        ----------
        alone : bool
            Whether the chosen layer alone is looked at.
        side : int
            Pixels of a thumbnail.
        """

        def work(engine: Engine) -> tuple[Running, Steps[Any]]:
            made = Work(engine, self.progressed.emit)
            return made, made.faces(current_document(), current_view(), alone, side)

        self._begin(work, self.found.emit, self._failed)

    def _failed(self, sentence: str, error: Exception) -> None:
        stopped = isinstance(error, Cancelled)
        self.failed.emit("" if stopped else sentence, not stopped)


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
