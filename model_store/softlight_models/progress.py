"""How downloads, imports and checks report what they do, and how they are stopped."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called while bytes are moved; whatever it raises stops the work and comes through to the caller."""

    def __call__(self, done: int, total: int, text: str, /) -> None:
        """Report that `done` of `total` bytes (0: not known) are finished, and what is going on."""


def silent(done: int, total: int, text: str) -> None:
    """A `Progress` that says nothing and never stops anything."""
