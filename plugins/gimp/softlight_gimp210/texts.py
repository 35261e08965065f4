"""Text between JSON, which is Unicode, and what Python 2.7's libraries take, which are bytes."""

import os
import sys

MYPY = False
if MYPY:
    from typing import Any  # noqa: F401


def for_gimp(text):
    # type: (Any) -> str
    """Return text as GIMP takes it: UTF-8 in a Python 2 `str`."""
    if sys.version_info[0] < 3 and not isinstance(text, str):
        return text.encode("utf-8")
    return text  # type: ignore[no-any-return]


def for_system(text):
    # type: (Any) -> str
    """Return text as file names and commands take it.

    Linux and macOS take any bytes, whatever the locale says, and names are written in UTF-8. Python 2.7 on
    Windows knows the names of the system's code page only.
    """
    if sys.version_info[0] < 3 and not isinstance(text, str):
        return text.encode("mbcs" if os.name == "nt" else "utf-8")
    return text  # type: ignore[no-any-return]
