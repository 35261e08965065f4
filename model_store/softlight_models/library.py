"""Installed models: a folder each, with a record of what was installed.

A file of a model counts only once it stands in the record, ``installed.json``, which is written last: a
download or an import that was broken off leaves no model. Nothing here deletes a file because its content is
wrong.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from softlight_models import json_files
from softlight_models.checked import CheckedFiles
from softlight_models.entry import CatalogueEntry, ModelFile
from softlight_models.errors import ModelStoreError
from softlight_models.places import Places
from softlight_models.progress import Progress, silent
from softlight_models.schema import SchemaError, Table, reason

RECORD = "installed.json"
_PART = (".part", ".part.json", ".part.json.new")
COPYING = ".copy"
"""Ending of a copy that is not whole yet."""
REMAINS = (*_PART, COPYING, ".whl", *(f".whl{ending}" for ending in _PART))
"""What a broken-off download or import leaves beside a file: its name with one of these endings."""


@dataclass(frozen=True)
class InstalledFile:
    """One file of an installed model, as it was when it was installed."""

    name: str
    """Its name in the catalogue entry."""
    size: int
    sha256: str
    link: Path | None = None
    """Where a linked file lies; None if it lies in the model's folder under its name."""

    def path(self, folder: Path) -> Path:
        """Return where it lies, if `folder` is the model's."""
        return folder / self.name if self.link is None else self.link


@dataclass(frozen=True)
class InstalledModel:
    """A model whose files are all recorded; `open_verified` says whether they are still what they were."""

    entry: CatalogueEntry
    folder: Path
    """The model's own folder, in which the files lie that were not linked."""
    files: tuple[InstalledFile, ...]
    """In the order of the entry."""
    checked: CheckedFiles = field(compare=False, repr=False)

    @property
    def paths(self) -> dict[str, Path]:
        """The ONNX file of each network of the contract."""
        networks = {file.name: file.network for file in self.entry.files}
        return {
            network: file.path(self.folder)
            for file in self.files
            if (network := networks[file.name]) is not None
        }

    @property
    def key(self) -> str:
        """Identifies the content: the SHA-256 of each file, in the entry's order."""
        return " ".join(file.sha256 for file in self.files)

    def open_verified(self, network: str) -> Path:
        """Return the path of a network's file; it and all data beside it hold what was installed.

        They are hashed only when their size, times or inode changed since they were last hashed.

        Raises
        ------
        ModelStoreError
            If one is missing or holds something else.
        """
        path = self.paths[network]
        for file in self.files:
            if file.path(self.folder) == path or self._is_data(file):
                self._require(file)
        return path

    def require_verified(self) -> None:
        """Raise `ModelStoreError` if a file is missing or does not hold what was installed."""
        for file in self.files:
            self._require(file)

    def rehash(self, progress: Progress = silent) -> None:
        """Do the same, and hash each file now, whether it seems changed or not."""
        total = sum(file.size for file in self.files)
        before = 0
        for file in self.files:
            self.checked.forget(file.path(self.folder))
            self._require(file, _shifted(progress, before, total))
            before += file.size

    def _is_data(self, file: InstalledFile) -> bool:
        return any(known.name == file.name and known.network is None for known in self.entry.files)

    def _require(self, file: InstalledFile, progress: Progress = silent) -> None:
        path = file.path(self.folder)
        if self.checked.sha256(path, file.size, progress) != file.sha256:
            raise ModelStoreError(
                f"The file {path} of {self.entry.title} was changed after it was installed and is not used; "
                "download or import the model again."
            )


@dataclass(frozen=True)
class Verdict:
    """What a look at an installed model found."""

    model: str
    good: bool
    sentence: str


@dataclass(frozen=True)
class Imported:
    """What became of one file that was imported."""

    path: Path
    model: str
    installed: bool
    """Whether the model is complete now; else other files of it are still missing."""
    sentence: str


class Library:
    """The installed models in ``places.models``: ``<id>/installed.json`` and the files beside it."""

    def __init__(self, places: Places) -> None:
        self._models = places.models
        self.checked = CheckedFiles(places.checked)

    def folder(self, model: str) -> Path:
        """Return the folder of `model`, whether it is there or not."""
        return self._models / model

    def record(self, model: str) -> Path:
        """Return where it stands what is installed of `model`."""
        return self.folder(model) / RECORD

    def require_readable(self) -> None:
        """Raise `ModelStoreError` if the folder of models cannot be looked into; it need not be there."""
        try:
            with os.scandir(self._models) as models:
                next(((model.name, model.stat()) for model in models), None)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise ModelStoreError(
                f"The folder {self._models} cannot be read ({reason(error)}); "
                "check that folder and the drive that it is on."
            ) from None

    def recorded(self) -> tuple[str, ...]:
        """Return the ids of the models that have a record, complete or not."""
        try:
            return tuple(sorted(path.parent.name for path in self._models.glob(f"*/{RECORD}")))
        except OSError:
            return ()

    def files(self, model: str) -> tuple[InstalledFile, ...]:
        """Return what the record of `model` says; nothing if there is none.

        Raises
        ------
        ModelStoreError
            If the record cannot be read.
        """
        path = self.record(model)
        try:
            table = json_files.read_table(path)
            return () if table is None else tuple(_file(file) for file in table.tables("files"))
        except (OSError, ValueError) as error:
            raise ModelStoreError(
                f"The record {path} cannot be read ({reason(error)}); download or import the model again."
            ) from None

    def get(self, entry: CatalogueEntry) -> InstalledModel | None:
        """Return the installed model of `entry`.

        None if a file is not recorded, or is recorded with another content than the entry has: then another
        version was installed. Raises `ModelStoreError` if the record cannot be read.
        """
        recorded = {file.name: file for file in self.files(entry.id)}
        files: list[InstalledFile] = []
        for file in entry.files:
            found = recorded.get(file.name)
            if found is None or file.sha256 not in (None, found.sha256):
                return None
            files.append(found)
        return InstalledModel(entry, self.folder(entry.id), tuple(files), self.checked)

    def add(self, entry: CatalogueEntry, files: Sequence[InstalledFile]) -> bool:
        """Record `files` of `entry`, which lie at their places; return whether the model is complete.

        They were hashed already. Files that were recorded before stay recorded; one that somebody deleted
        meanwhile is not. This is the last step of each download and import.
        """
        with json_files.changing(self.record(entry.id)):
            folder = self.folder(entry.id)
            files = [file for file in files if file.link is not None or file.path(folder).is_file()]
            recorded: dict[str, InstalledFile] = {}
            with contextlib.suppress(ModelStoreError):  # a damaged record is what a new download repairs
                recorded = {file.name: file for file in self.files(entry.id)}
            if files:
                self._write(entry.id, [*(recorded | {file.name: file for file in files}).values()])
            # What a link replaces was damaged or of a former version, and nobody would know it any more.
            delete(folder / file.name for file in files if file.link is not None and _is_apart(file, folder))
        for file in files:
            # A linked file is anybody's, and may have changed since it was hashed: its first use tells.
            if file.link is None:
                self.checked.remember_new(file.path(self.folder(entry.id)), file.sha256)
        return self.get(entry) is not None

    def remove(self, entry: CatalogueEntry) -> None:
        """Delete the record and files of `entry`, and its folder if nothing else is in it.

        A linked file stays. A removal that is broken off is completed by the next one.
        """
        folder = self.folder(entry.id)
        try:
            folder.stat()
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise _undeletable(folder, error) from None
        with json_files.changing(self.record(entry.id), deleting=True):
            # Broken off, it leaves a model that is not installed, and not a damaged one. Only what nobody
            # would take for the store's without the record goes before it.
            own = self._own_names(entry)
            known = {file.name for file in entry.files if self._holds(entry, file)}
            delete(folder / name for name in sorted(own - known))
            delete([self.record(entry.id), *(folder / name for name in sorted(own & known))])
        with contextlib.suppress(OSError):
            folder.rmdir()

    def rewrite(self, model: str, files: Sequence[InstalledFile]) -> None:
        """Record `files` alone, or nothing if there are none; for those who are `changing` the record."""
        if files:
            self._write(model, files)
        else:
            delete([self.record(model)])

    def size_on_disk(self, model: str) -> int:
        """Return how many bytes the folder of `model` takes, unfinished downloads included."""
        total = 0
        with contextlib.suppress(OSError):
            total = sum(path.stat().st_size for path in self.folder(model).iterdir() if path.is_file())
        return total

    def is_begun(self, entry: CatalogueEntry) -> bool:
        """Return whether some of `entry` is there, and a download can go on with it."""
        folder = self.folder(entry.id)
        return any(
            (folder / f"{file.name}{ending}").exists()
            for file in entry.files
            for ending in ("", ".part", ".whl", ".whl.part")
        )

    def _write(self, model: str, files: Sequence[InstalledFile]) -> None:
        content = {"model": model, "files": [_written(file) for file in files]}
        json_files.write(self.record(model), content)

    def _own_names(self, entry: CatalogueEntry) -> set[str]:
        """Return the names of the files in the folder of `entry` that the store put there."""
        try:
            recorded = self.files(entry.id)
        except ModelStoreError:
            return {
                file.name for file in entry.files
            }  # a damaged record is a record: the folder is the store's
        names = {file.name for file in recorded if _is_apart(file, self.folder(entry.id))}
        known = {file.name for file in recorded}
        for file in (file for file in entry.files if file.name not in known):
            # What put it there was killed before it recorded it; if it is another file, it is the user's.
            if self._holds(entry, file):
                names.add(file.name)
        return names

    def _holds(self, entry: CatalogueEntry, file: ModelFile) -> bool:
        """Whether the folder of `entry` has `file` as the catalogue knows it."""
        with contextlib.suppress(ModelStoreError):
            path = self.folder(entry.id) / file.name
            return file.sha256 is not None and self.checked.sha256(path) == file.sha256
        return False


def _shifted(progress: Progress, before: int, total: int) -> Progress:
    """Return a `Progress` for one of several files, which reports to that of all."""

    def step(done: int, total_of_file: int, text: str) -> None:
        progress(before + done, total, text)

    return step


def _is_apart(file: InstalledFile, folder: Path) -> bool:
    """Whether deleting what has the file's name in the model's folder spares the file that was linked."""
    with contextlib.suppress(OSError):
        return file.link is None or not file.link.samefile(folder / file.name)
    return True


def delete(paths: Iterable[Path]) -> list[Path]:
    """Delete the files of `paths` that exist and return them; `ModelStoreError` if one cannot be deleted."""
    deleted: list[Path] = []
    for path in paths:
        try:
            path.unlink()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise _undeletable(path, error) from None
        deleted.append(path)
    return deleted


def _undeletable(path: Path, error: OSError) -> ModelStoreError:
    return ModelStoreError(
        f"The file {path} cannot be deleted ({reason(error)}); "
        "close what uses it, or give yourself the right to write there."
    )


def _file(table: Table) -> InstalledFile:
    name = table.text("name")
    if name in (".", "..") or not {"/", "\\", ":"}.isdisjoint(name):
        raise SchemaError("a file's name leads out of the folder")
    # Not a line of text as the others are: what Unicode has no letters for may well stand in a path.
    link = table.take("link") if "link" in table else None
    if link is not None and (not isinstance(link, str) or "\0" in link or not Path(link).is_absolute()):
        raise SchemaError(f"{table.key('link')} is not a path")
    return InstalledFile(
        name, table.number("size", least=0), table.text("sha256"), None if link is None else Path(link)
    )


def _written(file: InstalledFile) -> dict[str, str | int]:
    written: dict[str, str | int] = {"name": file.name, "size": file.size, "sha256": file.sha256}
    return written if file.link is None else written | {"link": str(file.link)}
