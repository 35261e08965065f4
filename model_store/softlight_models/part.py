"""What was received so far of one file, kept beside its place until it is whole and right."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

if (
    TYPE_CHECKING
):  # every job of the runtime reads the store, and few download: ssl and http take 80 ms to load
    from softlight_models.transfer import Watch

BLOCK = 1 << 20
LONGEST_NOTE = 1 << 16


@dataclass(frozen=True)
class Origin:
    """Where the bytes of a part came from last."""

    url: str
    etag: str | None = None
    modified: str | None = None
    total: int | None = None

    def replaced_by(self, other: Origin) -> bool:
        """Whether `other` shows that the file at the same address is another one now."""
        if self.url != other.url:
            return False
        pairs = ((self.etag, other.etag), (self.modified, other.modified), (self.total, other.total))
        return any(old is not None and new is not None and old != new for old, new in pairs)


class Part:
    """``<target>.part`` with the bytes so far, and ``<target>.part.json`` with what they belong to.

    Bytes that a killed process has written stay; they are hashed again and gone on from. The note is only
    advice: what decides is the SHA-256 of the whole.

    Parameters
    ----------
    target : Path
    sha256 : str
        Of the file that is wanted. A part of another file is thrown away.
    size : int or None
        Its length, where it is known.
    """

    def __init__(self, target: Path, sha256: str, size: int | None) -> None:
        self.target = target
        self.path = target.with_name(target.name + ".part")
        self.note = target.with_name(target.name + ".part.json")
        self.wanted = sha256
        self.origin, belongs = self._read_note()
        # Unbuffered: every byte that was received is with the operating system, whatever happens to us.
        _clear(self.path)
        self._file = open(self.path, "r+b", buffering=0, opener=_open_own)  # noqa: SIM115
        self._hash = hashlib.sha256()
        self.received = self._file.seek(0, os.SEEK_END)
        self._hashed = 0
        if not belongs or (size is not None and self.received > size):
            self.begin_again()

    def __enter__(self) -> Part:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self.received == 0:
            self.discard()

    def catch_up(self, watch: Watch) -> None:
        """Hash what was written and not hashed yet, by an earlier process or by a transfer that was left."""
        self._file.seek(self._hashed)
        while self._hashed < self.received:
            block = self._file.read(BLOCK)
            if not block:
                break
            self._hash.update(block)
            self._hashed += len(block)
            watch()
        self.received = self._file.seek(self._hashed)

    def write(self, chunk: bytes) -> None:
        """Append `chunk`, which is still to be hashed."""
        rest = memoryview(chunk)
        while rest:
            count = self._file.write(rest) or 0
            self.received += count
            rest = rest[count:]

    def hash(self, chunk: bytes) -> None:
        """Hash `chunk`, the next one after those that were hashed; another thread may write meanwhile."""
        self._hash.update(chunk)
        self._hashed += len(chunk)

    def came_from(self, origin: Origin) -> None:
        """Note where the bytes come from that are written next."""
        if origin == self.origin:
            return
        self.origin = origin
        content = json.dumps({"sha256": self.wanted, **asdict(origin)}, indent=1)
        new = self.note.with_name(self.note.name + ".new")
        new.unlink(missing_ok=True)
        with new.open("x", encoding="utf-8") as file:
            file.write(content + "\n")
        new.replace(self.note)

    def begin_again(self) -> None:
        """Forget all bytes."""
        self.forget_from(0)
        self.origin = None

    def forget_from(self, count: int) -> None:
        """Forget all bytes but the first `count`; `catch_up` before the next ones."""
        self._file.truncate(count)
        self.received = self._file.seek(count)
        self._hash = hashlib.sha256()
        self._hashed = 0

    @property
    def right(self) -> bool:
        """Whether the bytes so far are the wanted file."""
        return self._hashed == self.received and self._hash.hexdigest() == self.wanted

    def install(self) -> None:
        """Move the file into its place, whole or not at all."""
        # After a power cut the name must not be there without the bytes.
        os.fsync(self._file.fileno())
        self._file.close()
        replace_patiently(self.path, self.target)
        self.discard()

    def discard(self) -> None:
        """Remove what is left of the part."""
        for path in (self.path, self.note, self.note.with_name(self.note.name + ".new")):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def _read_note(self) -> tuple[Origin | None, bool]:
        """The origin, and whether the part may belong to the wanted file. Without a readable note it may."""
        try:
            if not self.note.is_file():  # A pipe would keep us waiting for ever.
                return None, True
            with self.note.open("rb") as file:
                table = json.loads(file.read(LONGEST_NOTE))
            belongs = table["sha256"] == self.wanted
            origin = Origin(**{key: table[key] for key in ("url", "etag", "modified", "total")})
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None, True
        return (origin, True) if belongs else (None, False)


def _clear(path: Path) -> None:
    """Remove what lies at `path` unless it is a file of ours alone.

    A folder of models may be shared, and a link in it may lead to a file that is none of ours.
    """
    with contextlib.suppress(FileNotFoundError):
        there = path.lstat()
        if not stat.S_ISREG(there.st_mode) or there.st_nlink != 1:
            path.unlink()


def _open_own(path: str, flags: int) -> int:
    """Open or make the file at `path`; follow no link that was put there meanwhile, wait for no pipe."""
    for name in ("O_NOFOLLOW", "O_NONBLOCK"):
        flags |= getattr(os, name, 0)
    return os.open(path, flags | os.O_CREAT, 0o666)


def replace_patiently(source: Path, target: Path, seconds: float = 5.0) -> None:
    """Rename `source` to `target`; a virus scanner that still reads it (Windows) is waited for."""
    until = time.monotonic() + seconds
    while True:
        try:
            source.replace(target)
            break
        except PermissionError:
            if os.name != "nt" or time.monotonic() > until:
                raise
            time.sleep(0.2)
    # Else a power cut can take the new name back. Windows opens no folders, and some shares sync none.
    with contextlib.suppress(OSError):
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def holds(path: Path, sha256: str, size: int | None, watch: Watch) -> bool:
    """Return whether the file at `path` is the one with this checksum."""
    try:
        if not path.is_file():  # A pipe would keep us waiting for ever.
            return False
        with path.open("rb") as file:
            if size is not None and os.fstat(file.fileno()).st_size != size:
                return False
            digest = hashlib.sha256()
            while block := file.read(BLOCK):
                digest.update(block)
                watch()
            return digest.hexdigest() == sha256
    except OSError:
        return False
