"""Room on the disk, and what a disk's refusal means for people."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from softlight_models.errors import ModelStoreError

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_TOO_LONG = {errno.ENAMETOOLONG}


def free(folder: Path) -> int:
    """Return how many bytes a user may still write below `folder`, which need not be there yet."""
    there = folder.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    return shutil.disk_usage(there).free


def require(folder: Path, size: int, what: str) -> None:
    """Raise `ModelStoreError` unless `size` more bytes fit below `folder`."""
    try:
        there = free(folder)
    except OSError:
        return  # Some network drives do not say; the write itself will.
    if size > there:
        raise ModelStoreError(
            f"{what} needs {megabytes(size)} on the disk of {folder}, which has {megabytes(there)} left; "
            "make room there and try again."
        )


def disk_error(error: OSError, folder: Path, what: str, *, goes_on: bool = True) -> ModelStoreError:
    """Return the sentence for a disk that refused to write `what` into `folder`.

    Parameters
    ----------
    goes_on : bool
        What was written so far stays, and the next try goes on from there.
    """
    reason = error.strerror or type(error).__name__
    if error.errno in _FULL:
        full = f"The disk of {folder} is full, so {what} is not complete; make room there and try again."
        goes = "It then goes on where it stopped."
        return ModelStoreError(f"{full} {goes}" if goes_on else full)
    if error.errno in _FORBIDDEN:
        return ModelStoreError(
            f"{what} cannot be written into {folder} ({reason}); "
            "give yourself the right to write there, or choose another folder with SOFTLIGHT_MODELS."
        )
    if error.errno in _TOO_LONG:
        return ModelStoreError(
            f"The path {folder} is too long for {what}; choose a shorter folder with SOFTLIGHT_MODELS."
        )
    return ModelStoreError(
        f"{what} cannot be written into {folder} ({reason}); "
        "check that disk, or choose another folder with SOFTLIGHT_MODELS."
    )


def megabytes(size: int) -> str:
    """Return `size` as people read it."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} kB" if size else "nothing"
    return f"{size / 1e6:.3g} MB" if size < 1_000_000_000 else f"{size / 1e9:.3g} GB"
