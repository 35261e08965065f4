"""What is installed: a zip archive at the end of the installer, with a list of its files and checksums."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from installers.windows.setup.faults import SetupError

LIST = "softlight-files.json"
"""Lies in each version's folder, and is the first file there."""
LONGEST_PATH = 259
"""Characters that Windows takes where long paths are not switched on, which they are not by default."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Payload:
    """Softlight with its Python and all packages, as one folder."""

    version: str
    backend: str
    size: int
    """Bytes on disk."""
    files: Mapping[str, str]
    """SHA-256 by path, with slashes; the list itself is not in it."""

    @property
    def name(self) -> str:
        """What its folder is called."""
        return f"{self.version}-{self.backend}"

    def to_json(self) -> bytes:
        """Return the content of the list."""
        return json.dumps(vars(self), indent=0, sort_keys=True).encode("utf-8")


def read_list(content: bytes) -> Payload:
    """Return what a list says.

    Raises
    ------
    ValueError, KeyError, TypeError
        When it is none.
    """
    said = json.loads(content)
    files = {str(path): str(digest) for path, digest in said["files"].items()}
    return Payload(str(said["version"]), str(said["backend"]), int(said["size"]), files)


def open_payload(installer: Path) -> tuple[zipfile.ZipFile, Payload]:
    """Open what an installer carries.

    Raises
    ------
    SetupError
        When it carries nothing whole.
    """
    try:
        archive = zipfile.ZipFile(installer)
        return archive, read_list(archive.read(LIST))
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError):
        raise SetupError(f"'{installer}' is damaged; download the installer again.") from None


def listed_in(version: Path) -> frozenset[str]:
    """Return the files of a version's folder that are ours, by its own list; none where there is no list."""
    try:
        return frozenset({*read_list((version / LIST).read_bytes()).files, LIST})
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()


def check_room(payload: Payload, target: Path) -> None:
    """Refuse a folder that is too deep, or on a disk that is too full.

    Raises
    ------
    SetupError
        Nothing has been written then.
    """
    longest = max(map(len, payload.files)) + len(str(target)) + 1
    if longest > LONGEST_PATH:
        raise SetupError(
            f"The folder's path is {longest - LONGEST_PATH} characters too long for Windows; choose one with "
            "a shorter path."
        )
    place = next(path for path in target.parents if path.exists())
    free = shutil.disk_usage(place).free
    if free < payload.size * 1.05:
        raise SetupError(
            f"Softlight takes {payload.size / 1e6:.0f} MB and the disk of '{place}' has {free / 1e6:.0f} MB "
            "free; make room there or choose another folder."
        )


def unpack(archive: zipfile.ZipFile, payload: Payload, target: Path, say: Say) -> None:
    """Write all files into `target`, a folder that does not exist yet, and read each again.

    Raises
    ------
    SetupError
        When the archive is damaged, or a file does not hold what was written.
    OSError
        When a file cannot be written.
    """
    target.mkdir(parents=True)
    (target / LIST).write_bytes(payload.to_json())
    told = 0
    for number, name in enumerate(sorted(payload.files), 1):
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.write_bytes(archive.read(name))
        except (zipfile.BadZipFile, KeyError, EOFError, ValueError):
            raise SetupError(f"The installer is damaged at '{name}'; download the installer again.") from None
        done = number * 10 // len(payload.files)
        if done > told:
            told = done
            say(f"Unpacked {done}0 %.")
    for name, digest in payload.files.items():
        path = target / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise SetupError(
                f"'{path}' is missing or was changed while it was installed; a virus scanner may have taken "
                "it: let it pass there, then try again."
            )
