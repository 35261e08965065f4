"""Work in Krita's own thread that never makes it wait.

Krita's objects belong to the thread of its user interface, and much of what they do happens later. So each
operation is a generator that yields whenever it has to wait; a timer takes it on, and what it returns comes
out of `yield from`.
"""

from __future__ import annotations

from typing import Any, Callable, Generator, TypeVar

from krita import Document

from softlight_krita.nodes import idle, is_open
from softlight_krita.qt import QtCore
from softlight_krita.sentences import CLOSED, Refused

Result = TypeVar("Result")
Steps = Generator[None, None, Result]

PAUSE = 20
"""Milliseconds between two steps: progress looks smooth, and an idle look costs some 20 microseconds."""


def until_idle(document: Document) -> Steps[None]:
    """Wait until all strokes and updates of a document are finished.

    Raises
    ------
    Refused
        When it was closed meanwhile.
    """
    while True:
        if not is_open(document):
            raise Refused(CLOSED)
        if idle(document):
            return
        yield


class Stepper(QtCore.QObject):
    """Takes one operation on at a time, from a timer.

    Parameters
    ----------
    parent : QObject
        The operation ends with it.
    """

    def __init__(self, parent: Any) -> None:
        super().__init__(parent)
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(self._step)
        self._steps: Steps[Any] | None = None
        self._finished: Callable[[Any], None] = _ignore
        self._failed: Callable[[Exception], None] = _ignore
        self._stepping = False

    @property
    def busy(self) -> bool:
        return self._steps is not None

    def start(
        self, steps: Steps[Result], finished: Callable[[Result], None], failed: Callable[[Exception], None]
    ) -> None:
        """Begin an operation; exactly one of the two callbacks is called when it is over."""
        assert not self.busy
        self._steps, self._finished, self._failed = steps, finished, failed
        self._timer.start()

    def stop(self) -> None:
        """Drop the operation without a word; its `finally` clauses run."""
        self._timer.stop()
        steps, self._steps = self._steps, None
        if steps is not None:
            steps.close()

    def _step(self) -> None:
        # Krita runs an event loop of its own inside some calls, where the timer would come in again.
        if self._stepping or self._steps is None:
            return
        self._stepping = True
        try:
            next(self._steps)
        except StopIteration as end:
            self._end(self._finished, end.value)
        except Exception as error:
            self._end(self._failed, error)
        finally:
            self._stepping = False

    def _end(self, tell: Callable[[Any], None], what: Any) -> None:
        self._timer.stop()
        self._steps = None
        tell(what)


def _ignore(_: Any) -> None:
    pass
