"""Where results go: checked before anything is computed, so that nobody waits in vain."""

from __future__ import annotations

import os
from pathlib import Path

from softlight.errors import PictureError

FLAT = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")
"""Suffixes of pictures without layers."""


def check_flat(target: Path) -> None:
    """Make sure that `target` is called as a picture without layers is.

    Raises
    ------
    PictureError
        When its suffix is another one.
    """
    if target.suffix.lower() not in FLAT:
        raise PictureError(
            f"'{target}' is to be a flat picture; let its name end in .png, .jpg, .tif or .webp."
        )


def check_place(out: Path, sources: tuple[Path, ...]) -> None:
    """Make sure that there can be a file `out`, and that it is none of the pictures it is made from.

    Whether its format can hold the photo is said by `softlight.files.check_target` when the photo is read.

    Raises
    ------
    PictureError
        When its folder is missing or read-only, or `out` is a folder or one of `sources`.
    """
    # An existing folder of layers gets its own sentence when the photo has been read.
    if os.path.isdir(out) and out.suffix.lower() != ".layers":
        raise PictureError(f"'{out}' is a folder; name a file in it for the result.")
    for source in sources:
        if os.path.exists(out) and os.path.exists(source) and os.path.samefile(out, source):
            raise PictureError(
                f"The result would replace '{source}', which it is made from; choose another name."
            )
    check_folder(out.parent)


def check_folder(folder: Path) -> None:
    """Make sure that files can be made in `folder`.

    Raises
    ------
    PictureError
        When it is missing, is not a folder, or is read-only.
    """
    if not os.path.isdir(folder):
        raise PictureError(
            f"The folder '{folder}' does not exist; make it, or choose another place for the result."
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PictureError(f"The folder '{folder}' is read-only; choose another place for the result.")


def make_folder(folder: Path) -> None:
    """Make `folder` where it is missing, and make sure that files can be made in it.

    Raises
    ------
    PictureError
        When that is not allowed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise PictureError(f"'{folder}' is a file; choose a folder for the results.") from error
    except OSError as error:
        raise PictureError(
            f"The folder '{folder}' cannot be made ({error.strerror}); choose another place for the results."
        ) from error
    check_folder(folder)
