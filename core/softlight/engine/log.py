"""The engine's log: what it did and what failed, without pixels and without anyone's file names."""

from __future__ import annotations

import faulthandler
import logging
import os
import platform
import sys
import warnings

import softlight
from softlight_bridge import places

LARGEST = 4_000_000
"""Bytes that one engine writes at most; each that starts puts away a log of more than 1 MB."""

log = logging.getLogger("softlight.engine")


class _Bounded(logging.StreamHandler):  # type: ignore[type-arg]
    """Stops writing when the log has become as long as it may."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(
            os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n")
        )
        self._left = LARGEST

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        self._left -= len(text)
        return text

    def emit(self, record: logging.LogRecord) -> None:
        if self._left > 0:
            super().emit(record)


def start_log() -> None:
    """Send this process's log, and what native libraries write to stderr, to the user's log file.

    Where it cannot be written, such as on a full disk, the engine works without.
    """
    logging.raiseExceptions = False
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    # Libraries log to the root; without a handler there, the last resort would write their words to stderr.
    logging.getLogger().addHandler(logging.NullHandler())
    descriptor = places.open_log()
    if descriptor is None:
        return
    if not os.isatty(2):
        os.dup2(descriptor, 2)
    faulthandler.enable(2)
    handler = _Bounded(descriptor)
    form = "%(asctime)s %(process)d %(levelname)s %(message)s"
    handler.setFormatter(logging.Formatter(form))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    log.info(
        "Softlight %s starts on Python %s, %s",
        softlight.__version__, platform.python_version(), platform.platform(),
    )  # fmt: skip
