"""How long work reports what it does, and how it is stopped."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called between steps of a job; raises `softlight.errors.Cancelled` to stop it."""

    def __call__(self, done: float, text: str) -> None:
        """Report that the share `done` (0..1) of the job is finished and `text` comes next."""


def silent(done: float, text: str) -> None:
    """A `Progress` that says nothing and never cancels."""
