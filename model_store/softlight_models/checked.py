"""Which content a file has, hashed again only when the file changed.

A model of 340 MB takes a second to hash, and a filter asks for it at every job. So the hash is remembered
with all that the system changes when somebody writes: length, times and inode. The time of the inode's last
change (`ctime`) cannot be set back by a program that restores the other times.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import threading
from pathlib import Path

from softlight_models import json_files
from softlight_models.errors import ModelStoreError
from softlight_models.progress import Progress, silent
from softlight_models.schema import Table, reason

BLOCK = 1 << 20


class CheckedFiles:
    """Remembers the SHA-256 of files, in memory and in `path`; safe from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._known: dict[str, list[int | str]] | None = None

    def sha256(self, path: Path, size: int | None = None, progress: Progress = silent) -> str:
        """Return the SHA-256 of the file, hashed now only if it changed since it last was.

        Parameters
        ----------
        path : Path
        size : int, optional
            A file of another length is not read, whatever it holds: then the text is empty.
        progress : Progress

        Raises
        ------
        ModelStoreError
            If it cannot be read.
        """
        if size is not None and _stamp(path)[0] != size:
            return ""
        with self._lock:
            known = self._load().get(str(path))
        if known and known[:-1] == _stamp(path):
            return str(known[-1])
        return self.hash(path, progress)

    def remember_new(self, path: Path, sha256: str) -> None:
        """Note that `path` holds content of this hash, which was taken while it was written.

        If the file itself was hashed since then, that counts: a change after it shows.
        """
        with self._lock:
            known = self._load().get(str(path))
        if not known or known[-1] != sha256:
            self.remember(path, sha256)

    def forget(self, path: Path) -> None:
        """Hash the file anew next time, whether it seems changed or not."""
        with self._lock:
            self._load().pop(str(path), None)

    def hash(self, path: Path, progress: Progress = silent) -> str:
        """Return the SHA-256 of the file, hashed now; raises `ModelStoreError` if it cannot be read."""
        before = _stamp(path)
        digest = hashlib.sha256()
        done = 0
        try:
            with path.open("rb") as file:
                while block := file.read(BLOCK):
                    digest.update(block)
                    done += len(block)
                    progress(done, int(before[0]), f"Checking {path.name}")
        except OSError as error:
            raise _unreadable(path, error) from None
        sha256 = digest.hexdigest()
        # With the stamp from before: a change in the meantime shows in the next one.
        self.remember(path, sha256, before)
        return sha256

    def remember(self, path: Path, sha256: str, stamp: list[int | str] | None = None) -> None:
        """Note that `path` holds content of this hash now."""
        with self._lock:
            known = {name: value for name, value in self._load().items() if not _is_gone(name)}
            known[str(path)] = [*(_stamp(path) if stamp is None else stamp), sha256]
            # What is lost here is only hashed again: a full disk or another process must not stop a filter.
            with contextlib.suppress(ModelStoreError):
                json_files.write(self._path, known)
            self._known = known

    def _load(self) -> dict[str, list[int | str]]:
        """Return what is remembered; nothing, if the file is damaged."""
        if self._known is None:
            self._known = {}
            with contextlib.suppress(OSError, ValueError):
                table = json_files.read_table(self._path) or Table({})
                values = {name: table.take(name) for name in table}
                self._known = {name: value for name, value in values.items() if isinstance(value, list)}
        return self._known


def _is_gone(name: str) -> bool:
    """Whether a file was deleted; one on a drive that does not answer just now was not."""
    try:
        os.stat(name)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return True
    except OSError as error:
        return error.errno == errno.ENAMETOOLONG
    return False


def _stamp(path: Path) -> list[int | str]:
    """Return what changes when the file does."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would keep us waiting for ever, and a device never ends
            raise ValueError("it is no ordinary file")
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev]


def _unreadable(path: Path, error: Exception) -> ModelStoreError:
    return ModelStoreError(
        f"The model file {path} cannot be read ({reason(error)}); download or import the model again."
    )
