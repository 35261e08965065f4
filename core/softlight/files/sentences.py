"""What users read when a file cannot be read or written: one sentence, cause and remedy."""

from __future__ import annotations

import errno
from pathlib import Path

from softlight.errors import PictureError

MAX_PIXELS = 1 << 29
"""536 megapixels, three times the largest sensor on sale; a header that says more is damaged or hostile."""

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG)


def damaged(name: str, detail: object = "") -> PictureError:
    """For a file whose header is a picture's and whose rest is not."""
    text = " ".join(str(detail).split())[:120]
    if text:
        return PictureError(f"{name} is damaged or cut off ({text}); copy it again from where it came from.")
    return PictureError(f"{name} is damaged or cut off; copy it again from where it came from.")


def unsupported(name: str, what: str, remedy: str) -> PictureError:
    """For a file that is sound but of a kind we do not take."""
    return PictureError(f"{name} is {what}; {remedy}.")


def check_size(name: str, width: int, height: int) -> None:
    """Refuse what a header claims before anything is allocated for it."""
    if width < 1 or height < 1:
        raise damaged(name, f"its header says {width} × {height} pixels")
    if width * height > MAX_PIXELS:
        raise PictureError(
            f"{name} claims to have {width} × {height} pixels, more than the "
            f"{MAX_PIXELS // 1_000_000} megapixels that Softlight takes; "
            "if that is its true size, work on a part of it."
        )


def unreadable(path: Path, error: OSError) -> PictureError:
    """For what the system says when a file is opened or read."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return PictureError(
            f"{path.name} does not exist in {path.absolute().parent}; check its name and folder."
        )
    if isinstance(error, IsADirectoryError) or path.is_dir():
        return PictureError(f"{path} is a folder; name a picture file.")
    if isinstance(error, PermissionError):
        return PictureError(
            f"You may not read {path}; change its permissions or copy it to a folder of yours."
        )
    return PictureError(
        f"{path} cannot be read ({error.strerror or error}); copy it to another disk and try again."
    )


def unwritable(path: Path, error: OSError) -> PictureError:
    """For what the system says when a file is written."""
    folder = path.absolute().parent
    if error.errno in _FULL:
        return PictureError(
            f"{path.name} was not written because the disk of {folder} is full; "
            "make room or choose another folder."
        )
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return PictureError(
            f"{path.name} was not written because the folder {folder} does not exist; create it first."
        )
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return PictureError(
            f"{path.name} was not written because {folder} or the file itself may not be changed; "
            "choose another folder."
        )
    if isinstance(error, IsADirectoryError):
        return PictureError(f"{path} was not written because it is a folder; choose a file name.")
    return PictureError(
        f"{path.name} was not written to {folder} ({error.strerror or error}); choose another folder or name."
    )
