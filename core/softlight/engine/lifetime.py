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

    @contextmanager
    def visit(self) -> Iterator[None]:
        """While somebody is there, the engine neither counts as idle nor retires."""
        with self._change:
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
        """Wait until it is over and return the reason."""
        while not self._ended:
            reason = self._over()
            if reason:
                return reason
            with self._change:
                alone = self._visitors == 0
                unused = time.monotonic() - self._left
                if alone and self._retired:
                    return self._retired
                if alone and unused >= self._idle_seconds:
                    return f"unused for {self._idle_seconds / 60:g} minutes"
                self._change.wait(min(LOOK, max(0.01, self._idle_seconds - unused)) if alone else LOOK)
        return self._ended


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
