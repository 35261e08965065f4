"""Small JSON files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

from softlight_models import small_files
from softlight_models.errors import ModelStoreError
from softlight_models.part import replace_patiently
from softlight_models.schema import Table, reason


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


def write(path: Path, content: Any) -> None:
    """Write `content` beside `path` and move it there; raises `ModelStoreError` and leaves the old file."""
    # Not tempfile: its files are for the owner alone, and a folder of models may be shared.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("x", encoding="utf-8") as file:
            # In ASCII: a path need not be Unicode, and what stands for its odd bytes is not in UTF-8.
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())  # else a power cut can leave the new name with nothing in it
        replace_patiently(temporary, path)
    except OSError as error:
        raise ModelStoreError(
            f"The file {path} cannot be written ({reason(error)}); "
            "make room or give yourself the right to write there."
        ) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
