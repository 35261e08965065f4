"""What the system says about a file, as one sentence with a remedy."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from softlight.errors import PluginError

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG)


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn an `OSError` into a `PluginError`.

    Parameters
    ----------
    path : Path
        What is worked on, for errors that name no file.
    """
    try:
        yield
    except OSError as error:
        where = Path(os.fsdecode(error.filename)) if error.filename else path
        raise PluginError(_sentence(error, where, path)) from error


def _sentence(error: OSError, where: Path, path: Path) -> str:
    if error.errno in _FULL:
        return f"The disk of '{path.parent}' is full, so nothing was changed; make room and try again."
    if getattr(error, "winerror", None) in (5, 32):
        return f"'{where}' is in use or may not be changed; close GIMP and Krita, then try again."
    if error.errno == errno.EROFS:
        return f"'{where}' lies on a read-only disk; make it writable and try again."
    if isinstance(error, PermissionError):
        return f"You may not change '{where}'; give yourself the right to write there and try again."
    if isinstance(error, NotADirectoryError | FileExistsError):
        return f"'{where}' must be a folder and is not; move it away and try again."
    return f"'{where}' cannot be changed ({error.strerror or error}); put that right and try again."
