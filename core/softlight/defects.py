"""Faults of our own: the traceback goes into a log, and the user gets one sentence."""

from __future__ import annotations

import platform
import sys
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import softlight

LARGEST_LOG = 1_000_000
"""Bytes; a longer log is started anew."""


def record(error: BaseException, command: str, pictures: Iterable[Path]) -> str:
    """Append the traceback of an error to the log and return the sentence that says where it lies.

    Parameters
    ----------
    error : BaseException
    command : str
        What was being done.
    pictures : iterable of Path
        Files and folders of the user: the log is meant to be attached to a bug report, so their names are
        left out of it.
    """
    import platformdirs

    kind = type(error).__name__
    log = Path(platformdirs.user_log_dir("softlight", appauthor=False)) / "softlight.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        mode = "w" if log.exists() and log.stat().st_size > LARGEST_LOG else "a"
        with log.open(mode, encoding="utf-8", errors="backslashreplace") as file:
            file.write(_entry(error, command, pictures))
    except OSError as failure:
        reason = failure.strerror or "it cannot be written"
        return f"Softlight itself failed ({kind}), and its log could not be kept in '{log.parent}': {reason}."
    return f"Softlight itself failed ({kind}); please report it with the log '{log}'."


def _entry(error: BaseException, command: str, pictures: Iterable[Path]) -> str:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    text = "".join(traceback.format_exception(error))
    for path in pictures:
        # The longest spelling first: the name alone is a part of all of them.
        for spelling in (str(path.absolute()), str(path), path.name):
            for written in {spelling, repr(spelling)[1:-1]} - {"", "."}:
                text = text.replace(written, "<picture>")
    return (
        f"{now} softlight {softlight.__version__} {command}, "
        f"Python {platform.python_version()}, {platform.platform()}\n{sys.version}\n{text}\n"
    )
