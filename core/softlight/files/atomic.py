"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from softlight.errors import PictureError
from softlight.files.sentences import unwritable


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file that takes the place of `path` when the block ends without an exception.

    It is written beside `path`, so that the last step is a rename within one disk, and flushed to the disk
    before. Whatever stops the block, Ctrl-C included, the new file is removed and an old one stays as it was.

    Parameters
    ----------
    path : Path
        A symbolic link is followed: what it points at is replaced.

    Yields
    ------
    file object
        Open for reading and writing bytes.

    Raises
    ------
    PictureError
        For any `OSError`: full disk, read-only or missing folder.
    """
    target = Path(os.path.realpath(path))
    # The name does not grow out of the target's: that may be as long as the file system allows already.
    unfinished = target.with_name(f".softlight-{secrets.token_hex(8)}.part")
    try:
        if target.is_dir():
            raise IsADirectoryError
        try:
            with open(unfinished, "x+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileNotFoundError):
                os.chmod(unfinished, target.stat().st_mode & 0o7777)
            os.replace(unfinished, target)
        except BaseException:
            # Gone already when the rename was what Ctrl-C came after, never there when opening failed.
            with contextlib.suppress(OSError):
                unfinished.unlink()
            raise
    except OSError as error:
        raise unwritable(path, error) from error


@contextlib.contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """A new folder that becomes `path` when the block ends without an exception.

    Unlike a file, a folder that is there already is not replaced: no system call does that in one step.

    Parameters
    ----------
    path : Path

    Yields
    ------
    Path
        An empty folder beside `path`. Whatever stops the block, it is removed with all that is in it.

    Raises
    ------
    PictureError
        When there is something at `path`, and for any `OSError`: full disk, read-only or missing folder.
    """
    check_absent(path)
    unfinished = path.with_name(f".softlight-{secrets.token_hex(8)}.part")
    try:
        try:
            unfinished.mkdir()
            yield unfinished
            for file in unfinished.iterdir():
                with open(file, "rb+") as written:
                    os.fsync(written.fileno())
            unfinished.rename(path)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    except OSError as error:
        check_absent(path)
        raise unwritable(path, error) from error


def check_absent(path: Path) -> None:
    """Make sure that a new folder can be called `path`.

    Raises
    ------
    PictureError
        When a file or folder has that name.
    """
    if os.path.lexists(path):
        raise PictureError(f"{path} exists already; remove it, or choose another name for the layers.")
