"""How long work reports what it does, and how it is stopped."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol


class Progress(Protocol):
    """Called between steps of a job; raises `softlight.errors.Cancelled` to stop it."""

    def __call__(self, done: float, text: str) -> None:
        """Report that the share `done` (0..1) of the job is finished and `text` comes next."""


def silent(done: float, text: str) -> None:
    """A `Progress` that says nothing and never cancels."""


def ticking(
    progress: Progress, text: str, seconds: float = 0.5
) -> tuple[Callable[[float], None], Callable[[], None]]:
    """Return how to report a share, and a tick that repeats the last one when `seconds` have gone by.

    For long steps that cannot tell their share, but must be cancelled within: a large network takes seconds
    for each of its tiles.
    """
    last_share, last_time = 0.0, time.monotonic()

    def report(share: float) -> None:
        nonlocal last_share, last_time
        last_share, last_time = share, time.monotonic()
        progress(share, text)

    def tick() -> None:
        if time.monotonic() - last_time > seconds:
            report(last_share)

    return report, tick


def part(progress: Progress, start: float, end: float) -> Progress:
    """Return a `Progress` for a step of a job that takes it from the share `start` to the share `end`.

    That the step is done is not told, unless the job is.
    """

    def report(done: float, text: str) -> None:
        if done < 1 or end >= 1:
            progress(start + (end - start) * done, text)

    return report
