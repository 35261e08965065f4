"""One download of a file at a time, across processes."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

POLL = 0.1
"""Seconds between two looks at a lock that another process holds."""
FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


@contextlib.contextmanager
def held(target: Path, waiting: Callable[[], None], *, deleting: bool = False) -> Iterator[None]:
    """Hold the lock of `target` (a file ``<target>.lock`` beside it); wait while another process holds it.

    The folder is made where it is missing.
    The operating system gives the lock back when its process dies, however it dies.

    Parameters
    ----------
    target : Path
    waiting : callable
        Called every `POLL` seconds of the wait; whatever it raises comes through.
    deleting : bool
        Go on although the disk has no room for the lock: then nobody else has one, and deleting makes room.
    """
    # Imported here: to use installed models, the standard library and platformdirs are enough.
    from filelock import FileLock, Timeout

    path = target.with_name(target.name + ".lock")
    lock = FileLock(path)
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(blocking=False)
            break
        except FileNotFoundError:  # Another download has just failed and taken its empty folder away.
            continue
        except Timeout:
            waiting()
            time.sleep(POLL)
        except OSError as error:
            if not deleting or error.errno not in FULL:
                raise
            yield
            return
    try:
        yield
    finally:
        # While it is held: whoever opened the old file meanwhile sees that it lost its name, and opens anew.
        # Windows keeps an open file, and filelock removes it there itself.
        if os.name != "nt":
            path.unlink(missing_ok=True)
        lock.release()
