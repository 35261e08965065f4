"""Memory that no job uses any more, handed back to the system."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable


def give_back() -> None:
    """Let other programs have what jobs have freed; takes some milliseconds.

    The C library of Linux keeps it otherwise.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@functools.cache
def _trim() -> Callable[[int], int] | None:
    """Return `malloc_trim` of glibc; musl, macOS and Windows have none, and give back by themselves."""
    if not sys.platform.startswith("linux"):
        return None
    # Imported here: an engine must listen soon.
    import ctypes

    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim
