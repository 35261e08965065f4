"""Several files and folders replaced together: all of them, or none.

Everything new is first written beside what it replaces, so that a full disk changes nothing. Then come
renames within one disk. What is replaced is kept until all of them have succeeded, and a change that was
broken off in between (a crash, a power cut) is undone by the next `recover`.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_LEFTOVER = re.compile(r"\.softlight-[0-9a-f]{16}-(.+)\.(part|old)")


@dataclass(frozen=True)
class Item:
    """One file or folder to be replaced.

    Parameters
    ----------
    target : Path
        A symbolic link to a file is followed.
    content : bytes or mapping of str to bytes
        A file's, or those of all files of a folder by their paths inside it.
    executable : frozenset of str
        Which files of a folder can be started.
    """

    target: Path
    content: bytes | Mapping[str, bytes]
    executable: frozenset[str] = frozenset()

    @property
    def place(self) -> Path:
        """What is truly replaced."""
        is_file = isinstance(self.content, bytes)
        return Path(os.path.realpath(self.target)) if is_file else self.target


def replace_all(items: Iterable[Item]) -> None:
    """Replace files and folders; when anything fails, all is as it was.

    Raises
    ------
    OSError
        What stopped it.
    """
    prepared: list[tuple[Path, Path, Path]] = []
    undo: list[tuple[Path, Path]] = []
    try:
        for item in items:
            part, old = _names(item.place)
            prepared.append((item.place, part, old))
            _write(item, part)
            if isinstance(item.content, bytes) and item.place.exists():
                # A file is replaced in one step and its old content kept as a copy; a folder is moved away.
                shutil.copy2(item.place, old)
                shutil.copymode(item.place, part)
        for place, part, old in prepared:
            if part.is_dir() and os.path.lexists(place):
                os.rename(place, old)
                undo.append((old, place))
            os.replace(part, place)
            undo.append((old, place) if old.is_file() else (place, part))
    except BaseException:
        # Where going back fails too, what was moved away stays for `recover`.
        with contextlib.suppress(OSError):
            for here, there in reversed(undo):
                os.replace(here, there)
        _clear(prepared)
        raise
    _clear(prepared)


def recover(targets: Iterable[Path]) -> bool:
    """Undo what a change that was broken off has left beside its targets, and say whether there was any.

    Raises
    ------
    OSError
        When that is not possible.
    """
    found = False
    for target in targets:
        for leftover in leftovers(target):
            found = True
            if leftover.suffix == ".old" and leftover.is_dir() and not os.path.lexists(target):
                os.rename(leftover, target)
            elif leftover.is_dir():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()
    return found


def leftovers(target: Path) -> list[Path]:
    """Return what a change that was broken off has left beside its target."""
    place = Path(os.path.realpath(target)) if target.is_file() else target
    try:
        names = sorted(os.listdir(place.parent))
    except OSError:
        return []
    found = []
    for name in names:
        if (matched := _LEFTOVER.fullmatch(name)) and matched[1] == place.name:
            found.append(place.parent / name)
    return found


def _names(place: Path) -> tuple[Path, Path]:
    # A leading dot and another ending: no host takes it for a plug-in of its own.
    stem = f".softlight-{secrets.token_hex(8)}-{place.name}"
    return place.with_name(f"{stem}.part"), place.with_name(f"{stem}.old")


def _write(item: Item, part: Path) -> None:
    if isinstance(item.content, bytes):
        _write_file(part, item.content, 0o644)
        return
    part.mkdir()
    for name, content in item.content.items():
        path = part / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_file(path, content, 0o755 if name in item.executable else 0o644)


def _write_file(path: Path, content: bytes, mode: int) -> None:
    with open(path, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(path, mode)


def _clear(prepared: Iterable[tuple[Path, Path, Path]]) -> None:
    """Remove what is no longer needed; what cannot be removed now goes at the next change."""
    for place, part, old in prepared:
        for path in (part, old) if os.path.lexists(place) else (part,):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    path.unlink()
