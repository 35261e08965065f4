"""Deletes what no model needs: broken-off downloads, files of former versions, models nobody knows any more.

Only files that the store wrote itself are touched: the folder of models may be any folder that a user named.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from softlight_models.catalogue import Catalogue
from softlight_models.errors import ModelStoreError
from softlight_models.library import REMAINS, InstalledFile, Library, delete
from softlight_models.lock import held


class _Busy(Exception):
    """Another process downloads this file just now."""


def prune(library: Library, catalogue: Catalogue) -> tuple[Path, ...]:
    """Delete what no model of `catalogue` needs and return what was deleted.

    Raises
    ------
    ModelStoreError
        If a file cannot be deleted.
    """
    deleted: list[Path] = []
    for entry in catalogue.entries:
        folder = library.folder(entry.id)
        if folder.is_dir():
            deleted += delete_remains(folder, (file.name for file in entry.files))
            due = {file.name: file.sha256 for file in entry.files}
            recorded = _recorded(library, entry.id)
            deleted += _delete_files(
                library,
                entry.id,
                [file for file in recorded if due.get(file.name, "") not in (None, file.sha256)],
            )
    known = {entry.id for entry in catalogue.entries}
    # An entry that cannot be read just now still has its model.
    for model in () if catalogue.problems else library.recorded():
        if model not in known:
            deleted += _delete_files(library, model, _recorded(library, model))
    return tuple(deleted)


def delete_remains(folder: Path, names: Iterable[str]) -> list[Path]:
    """Delete what broken-off downloads of the files `names` left in `folder`, but not what is going on."""
    deleted: list[Path] = []
    for name in names:
        target = folder / name
        # A lock that nobody holds is itself left by a process that was killed.
        paths = [target.with_name(name + ending) for ending in (*REMAINS, ".lock")]
        if any(path.exists() for path in paths):
            with contextlib.suppress(_Busy), held(target, _busy):
                deleted += delete(paths[:-1])
    with contextlib.suppress(OSError):
        folder.rmdir()
    return deleted


def _busy() -> None:
    raise _Busy


def _recorded(library: Library, model: str) -> tuple[InstalledFile, ...]:
    try:
        return library.files(model)
    except ModelStoreError:
        return ()  # its files may be good, and a new download or import repairs the record


def _delete_files(
    library: Library, model: str, files: list[InstalledFile] | tuple[InstalledFile, ...]
) -> list[Path]:
    """Take `files` out of the record, then delete those that were not linked."""
    if not files:
        return []
    folder = library.folder(model)
    library.forget(model, files)
    deleted = delete(file.path(folder) for file in files if file.link is None)
    with contextlib.suppress(OSError):
        folder.rmdir()
    return deleted
