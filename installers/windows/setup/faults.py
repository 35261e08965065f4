"""Why nothing was changed, in one sentence."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

IN_USE = (5, 32, 33, 145)
"""Windows' codes: access denied, sharing violation, lock violation, folder not empty."""
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG)


class SetupError(Exception):
    """What keeps Softlight from being installed or removed: one sentence with cause and remedy."""


@contextlib.contextmanager
def explained(where: Path) -> Iterator[None]:
    """Turn what the system says about files into one sentence.

    Raises
    ------
    SetupError
        Instead of `OSError`.
    """
    try:
        yield
    except OSError as error:
        path = os.fsdecode(error.filename) if error.filename else str(where)
        if error.errno in _FULL or getattr(error, "winerror", None) == 112:
            raise SetupError(f"The disk of '{where}' is full; make room there and try again.") from error
        if isinstance(error, PermissionError) or getattr(error, "winerror", None) in IN_USE:
            raise SetupError(
                f"'{path}' is in use or may not be changed; close GIMP, Krita and Softlight, then try again."
            ) from error
        reason = error.strerror or type(error).__name__
        raise SetupError(
            f"'{path}' cannot be changed ({reason}); put that right or choose another folder, then try again."
        ) from error
