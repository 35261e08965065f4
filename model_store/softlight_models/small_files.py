"""Reads settings, policies, records and entries, which are small; what else lies there is refused."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

from softlight_models.schema import SchemaError, Table

LARGEST = 4 << 20
"""Bytes; the longest of them, the list of checked files, has 200 bytes a file."""


def read_table(path: Path, parse: Callable[[str], object]) -> Table:
    """Return the table that `parse` finds in the text of `path`.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is no small file of text, or holds no table.
    """
    # Looked at before it is opened: a pipe would keep us waiting for ever, and a device never ends.
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # open has a sentence for folders
        raise SchemaError("it is no ordinary file")
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise SchemaError("it is too large")
    try:
        # A BOM is what Windows' editor puts first, and the parsers take for a statement.
        return Table(parse(content.decode("utf-8-sig")))
    except RecursionError:
        raise SchemaError("it is nested too deeply") from None
