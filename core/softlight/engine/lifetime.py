"""When the engine ends: unused for long enough, logged out, replaced by a newer one, or told to."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LOOK = 1.0
"""Seconds between two looks at the signs of a logout."""
SESSIONS = Path("/run/systemd/sessions")
"""Where logind lists the sessions that are open, each by its number."""


class Closed(Exception):
    """It is over: who comes now must start another engine."""


class Lifetime:
    """Counts who needs the engine and says when it is over; safe from any thread.

    Parameters
    ----------
    idle_seconds : float
        How long it stays when nobody is there.
    over : callable
        Returns why the session it belongs to is over, or "".
    """

    def __init__(self, idle_seconds: float, over: Callable[[], str]) -> None:
        self._idle_seconds, self._over = idle_seconds, over
        self._change = threading.Condition()
        self._visitors = 0
        self._left = time.monotonic()
        self._retired = ""
        self._ended = ""
        self._closed = False

    @contextmanager
    def visit(self) -> Iterator[None]:
        """While somebody is there, the engine neither counts as idle nor retires.

        Raises
        ------
        Closed
            When it is over already.
        """
        with self._change:
            if self._closed:
                raise Closed
            self._visitors += 1
        try:
            yield
        finally:
            with self._change:
                self._visitors -= 1
                self._left = time.monotonic()
                self._change.notify_all()

    def retire(self, reason: str) -> None:
        """End as soon as nobody is there."""
        with self._change:
            self._retired = reason
            self._change.notify_all()

    def end(self, reason: str) -> None:
        """End now."""
        # A signal handler calls this in the very thread that may hold the lock: only an assignment is safe.
        self._ended = reason

    def wait(self) -> str:
        """Wait until it is over and return the reason; from then on nobody is let in."""
        with self._change:
            while not (reason := self._ended or self._over() or self._unneeded()):
                self._change.wait(self._turn())
            self._closed = True
            return reason

    def _unneeded(self) -> str:
        if self._visitors:
            return ""
        if not self._retired and time.monotonic() - self._left >= self._idle_seconds:
            return f"unused for {self._idle_seconds / 60:g} minutes"
        return self._retired

    def _turn(self) -> float:
        """Seconds until the next look."""
        left = self._left + self._idle_seconds - time.monotonic()
        return LOOK if self._visitors else min(LOOK, max(0.01, left))


def logged_out(files_in_place: Callable[[], bool]) -> Callable[[], str]:
    """Return the function that tells whether the session in which it was called has ended.

    Parameters
    ----------
    files_in_place : callable
        Whether the engine's own files in the runtime folder are still there: the system removes that folder
        at the last logout.
    """
    number = os.environ.get("XDG_SESSION_ID", "")
    session = SESSIONS / number if number.isalnum() else None
    watched = session if session is not None and session.exists() else None

    def over() -> str:
        if not files_in_place():
            return "its files are gone from the runtime folder"
        if watched is not None and not watched.exists():
            return "the session has ended"
        return ""

    return over
