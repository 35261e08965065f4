"""The folder that Softlight is installed in: what is ours in it, and what runs.

It holds a record of what the installer made, a folder for each version, and ``current.txt``, the name of the
one that runs. A version is written whole before that name changes, in one step of the file system.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from installers.windows.setup.faults import SetupError
from installers.windows.setup.payload import LIST

GOING = "~"
"""A version's folder is renamed to begin with this before it is taken apart."""
PATIENCE = 10.0
"""Seconds for which a folder in use is tried again: an engine that ends, a virus scanner."""


@dataclass(frozen=True)
class Folder:
    """An installation in `root`, which need not exist."""

    root: Path

    @property
    def record(self) -> Path:
        return self.root / "softlight-setup.json"

    @property
    def versions(self) -> Path:
        return self.root / "versions"

    @property
    def current(self) -> Path:
        return self.root / "current.txt"

    @property
    def uninstaller(self) -> Path:
        return self.root / "uninstall.exe"

    @property
    def commands(self) -> Path:
        """The folder for the user's PATH."""
        return self.root / "bin"

    def version(self) -> Path | None:
        """Return the folder of the version that runs, if there is one."""
        try:
            name = self.current.read_text("ascii").strip()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return self.versions / name if name else None

    def make_current(self, version: Path) -> None:
        """Let `version` be the one that runs; before or after, and nothing in between."""
        write_whole(self.current, f"{version.name}\r\n".encode("ascii"))

    def made(self) -> tuple[Path, ...]:
        """Return the folders that the installer made, the inner ones first; none where nothing of ours is."""
        try:
            return tuple(map(Path, json.loads(self.record.read_text("utf-8"))["made"]))
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except (ValueError, KeyError, TypeError):
            return (self.root,)


def claim(folder: Folder) -> None:
    """Make the folder ours; nothing happens where it is.

    Raises
    ------
    SetupError
        When files of others lie in it.
    OSError
        When it cannot be made.
    """
    if folder.record.exists():
        return
    unfinished = unfinished_name(folder.record)
    if os.path.lexists(folder.root) and (not folder.root.is_dir() or {*folder.root.iterdir()} - {unfinished}):
        raise SetupError(
            f"'{folder.root}' holds files that are not Softlight's; choose a new or an empty folder."
        )
    missing = [folder.root, *(path for path in folder.root.parents if not path.exists())]
    folder.root.mkdir(parents=True, exist_ok=True)
    write_whole(folder.record, json.dumps({"made": list(map(str, missing))}).encode("utf-8"))


def new_version(folder: Folder, name: str) -> Path:
    """Return the path of a version's folder that does not exist yet: `name`, or `name` with a number."""
    taken = {path.name.removeprefix(GOING) for path in _entries(folder.versions)}
    number = 1
    while (wanted := name if number == 1 else f"{name}.{number}") in taken:
        number += 1
    return folder.versions / wanted


def unused_versions(folder: Folder, used: Collection[Path]) -> list[Path]:
    """Return the folders of versions that neither run nor are used, whole or not."""
    kept = {os.path.normcase(path) for path in (*used, folder.version() or folder.root)}
    return [path for path in _entries(folder.versions) if os.path.normcase(path) not in kept]


def set_aside(version: Path) -> Path:
    """Rename a version's folder, so that it can be taken apart, and return its new path.

    Windows refuses while a program runs from it: so a version is removed as a whole or not at all.

    Raises
    ------
    OSError
        When it is still in use after `PATIENCE` seconds.
    """
    if version.name.startswith(GOING):
        return version
    aside = version.with_name(GOING + version.name)
    persistently(lambda: version.rename(aside))
    return aside


def take_back(aside: Path) -> None:
    """Undo `set_aside`."""
    aside.rename(aside.with_name(aside.name.removeprefix(GOING)))


def remove_ours(folder: Path, ours: Collection[str]) -> list[Path]:
    """Remove those files of a folder that are ours, then what is empty; return what stays.

    Parameters
    ----------
    folder : Path
    ours : collection of str
        Paths in `folder`, with slashes. What Python compiled of modules is ours as well.

    Raises
    ------
    OSError
        When a file cannot be removed.
    """
    listed = set(ours)
    left = []
    for place, folders, names in os.walk(folder, topdown=False):
        inside = Path(place)
        # The list of what is ours goes last: a removal that is broken off can go on.
        for name in sorted(names, key=lambda name: name == LIST):
            path = inside / name
            compiled = inside.name == "__pycache__" and path.suffix == ".pyc"
            if compiled or path.relative_to(folder).as_posix() in listed:
                persistently(path.unlink)
            else:
                left.append(path)
        for name in folders:
            path = inside / name
            if _leads_elsewhere(path):
                left.append(path)
            else:
                remove_if_empty(path)
    remove_if_empty(folder)
    return left


def remove_if_empty(folder: Path) -> None:
    """Remove a folder that holds nothing."""
    with contextlib.suppress(OSError):
        folder.rmdir()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step: it holds what it held, or all of `content`."""
    unfinished = unfinished_name(path)
    with open(unfinished, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    persistently(lambda: os.replace(unfinished, path))


def unfinished_name(path: Path) -> Path:
    """Return what `write_whole` calls a file until it is whole; a kill leaves it."""
    return path.with_name(path.name + ".new")


def persistently(action: Callable[[], object]) -> None:
    """Do `action`, again while a file is in use, for up to `PATIENCE` seconds."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            action()
            return
        except PermissionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Keep a second installer of this user out.

    Raises
    ------
    SetupError
        When one runs.
    """
    path = Path(tempfile.gettempdir()) / "softlight-setup.lock"
    # The last one that has it open removes it, however it ends.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_TEMPORARY", 0), 0o600)
    try:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SetupError(
                "Another installer of Softlight is running; let it end, then try again."
            ) from None
        yield
    finally:
        os.close(descriptor)


def same_folder(one: Path, other: Path) -> bool:
    """Whether two paths name one folder, which exists, or are the same but for capitals."""
    if os.path.normcase(one) == os.path.normcase(other):
        return True
    return one.exists() and other.exists() and os.path.samefile(one, other)


def _leads_elsewhere(path: Path) -> bool:
    """Whether it is a link or (asked of Python 3.12 and newer, which the installer carries) a junction."""
    is_junction = getattr(os.path, "isjunction", os.path.islink)
    return path.is_symlink() or bool(is_junction(path))


def _entries(versions: Path) -> list[Path]:
    return sorted(path for path in versions.iterdir() if path.is_dir()) if versions.is_dir() else []
