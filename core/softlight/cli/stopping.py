"""Ctrl-C and a polite kill: stop at once, tidy up, say so."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Stopped(KeyboardInterrupt):
    """The user, or the system, wants the program to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number
        """130 after Ctrl-C and 143 after SIGTERM, as shells count."""


class Stop:
    """Whether a signal has come."""

    def __init__(self) -> None:
        self.number: int | None = None

    def check(self) -> None:
        """Raise `Stopped` once a signal has come.

        The handler raises it by itself, but Python drops exceptions inside finalizers; long work asks here.
        """
        if self.number is not None:
            raise Stopped(self.number)


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Turn SIGINT, SIGTERM and, on Windows, Ctrl-Break into `Stopped` for the length of a ``with``."""
    stop = Stop()
    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGBREAK"):
        numbers.append(signal.SIGBREAK)

    def handle(number: int, frame: FrameType | None) -> None:
        # A second Ctrl-C must not break off the tidying up that the first one started.
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        stop.number = number
        raise Stopped(number)

    before: dict[signal.Signals, Any] = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
