"""Small JSON files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import glob
import json
import math
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from softlight_models import small_files
from softlight_models.errors import ModelStoreError
from softlight_models.lock import held
from softlight_models.part import replace_patiently
from softlight_models.schema import Table, reason

PATIENCE = 60.0
"""Seconds: a change takes some milliseconds, or as long as a few gigabytes take to be hashed."""


def read_table(path: Path) -> Table | None:
    """Return what `path` holds, or None if there is no such file.

    Raises
    ------
    OSError, ValueError
        If it cannot be read or is not a JSON object.
    """
    try:
        return small_files.read_table(path, json.loads)
    except (FileNotFoundError, NotADirectoryError):
        return None


@contextlib.contextmanager
def changing(path: Path, *, deleting: bool = False) -> Iterator[None]:
    """Let nobody else change `path` while it is read, changed and written: else one of two changes is lost.

    Parameters
    ----------
    path : Path
    deleting : bool
        Whether only deleting follows, which a full disk must not prevent.

    Raises
    ------
    ModelStoreError
        If nothing can be written there, or another program keeps it for `PATIENCE` seconds.
    """
    until = time.monotonic() + PATIENCE

    def waiting() -> None:
        if time.monotonic() > until:
            raise ModelStoreError(
                f"Another program has been changing {path} for a while; close it and try again."
            )

    with contextlib.ExitStack() as stack:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(held(path, waiting, deleting=deleting))
            _sweep(path, older_than=-math.inf)  # the clock may have been set back
        except OSError as error:
            raise _unwritable(path, error) from None
        yield


def write(path: Path, content: Any) -> None:
    """Write `content` beside `path` and move it there; raises `ModelStoreError` and leaves the old file."""
    # Not tempfile: its files are for the owner alone, and a folder of models may be shared.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        _sweep(path, older_than=PATIENCE)
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("x", encoding="utf-8") as file:
            # In ASCII: a path need not be Unicode, and what stands for its odd bytes is not in UTF-8.
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())  # else a power cut can leave the new name with nothing in it
        replace_patiently(temporary, path)
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _sweep(path: Path, older_than: float) -> None:
    """Delete what processes left that were killed while they wrote `path`, so many seconds ago."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.????????.tmp"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime >= older_than:
                left.unlink()


def _unwritable(path: Path, error: OSError) -> ModelStoreError:
    return ModelStoreError(
        f"The file {path} cannot be written ({reason(error)}); "
        "make room or give yourself the right to write there."
    )
