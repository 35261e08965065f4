"""Deletes what no model needs: broken-off downloads, files of former versions, models nobody knows any more.

Only files that the store wrote itself are touched: the folder of models may be any folder that a user named.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from softlight_models import json_files
from softlight_models.catalogue import Catalogue
from softlight_models.errors import ModelStoreError
from softlight_models.library import RECORD, REMAINS, InstalledFile, Library, delete
from softlight_models.lock import held
from softlight_models.schema import reason


class _Busy(Exception):
    """Another process downloads this file just now."""


def prune(library: Library, catalogue: Catalogue, unknown: bool = False) -> tuple[Path, ...]:
    """Delete what no model of `catalogue` needs and return what was deleted.

    Parameters
    ----------
    library : Library
    catalogue : Catalogue
    unknown : bool
        Also the models of `unknown_models`.

    Raises
    ------
    ModelStoreError
        If a file cannot be deleted.
    """
    library.require_readable()
    deleted: list[Path] = []
    for entry in catalogue.entries:
        folder = library.folder(entry.id)
        if os.path.isdir(folder):
            deleted += delete_remains(folder, (file.name for file in entry.files))
            deleted += _delete_superseded(library, entry.id, {file.name: file.sha256 for file in entry.files})
    for model in unknown_models(library, catalogue) if unknown else ():
        deleted += _delete_superseded(library, model, {})
    return tuple(deleted)


def unknown_models(library: Library, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the installed models that `catalogue` does not have.

    In a folder that several people share, they can be a colleague's own. While an entry of the user's cannot
    be read there are none: it still has its model.
    """
    known = {entry.id for entry in catalogue.entries}
    return () if catalogue.problems else tuple(model for model in library.recorded() if model not in known)


def delete_remains(folder: Path, names: Iterable[str]) -> list[Path]:
    """Delete what broken-off downloads of the files `names` left in `folder`, but not what is going on."""
    deleted: list[Path] = []
    try:
        for name in names:
            target = folder / name
            # A lock that nobody holds is itself left by a process that was killed.
            paths = [target.with_name(name + ending) for ending in (*REMAINS, ".lock")]
            if any(map(os.path.lexists, paths)):
                with contextlib.suppress(_Busy), held(target, _busy, deleting=True):
                    deleted += delete(paths[:-1])
        if any(folder.glob(f".{RECORD}.*")) or (folder / f"{RECORD}.lock").exists():
            with json_files.changing(folder / RECORD, deleting=True):
                pass  # it tidies up
    except OSError as error:
        raise ModelStoreError(
            f"What broken-off downloads left in {folder} cannot be deleted ({reason(error)}); "
            "give yourself the right to write there."
        ) from None
    with contextlib.suppress(OSError):
        folder.rmdir()
    return deleted


def _busy() -> None:
    raise _Busy


def _delete_superseded(library: Library, model: str, due: Mapping[str, str | None]) -> list[Path]:
    """Delete the files of `model` that are recorded, but with another content than is `due`, and forget them.

    A linked file stays. So does one that is being downloaded just now: it has its turn the next time.
    """

    def superseded() -> list[InstalledFile]:
        with contextlib.suppress(ModelStoreError):
            return [
                file for file in library.files(model) if due.get(file.name, "") not in (None, file.sha256)
            ]
        return []  # its files may be good, and a new download or import repairs the record

    if not superseded():
        return []
    folder = library.folder(model)
    deleted: list[Path] = []
    with json_files.changing(library.record(model)):
        gone = superseded()
        # The record comes last: what is broken off is completed by the next one.
        for file in list(gone):
            if file.link is not None:
                continue
            path = file.path(folder)
            try:
                with held(path, _busy):
                    # A download may have put there what is due, and be about to record it.
                    if not _holds(library, path, due.get(file.name)):
                        deleted += delete([path])
            except _Busy:
                gone.remove(file)
        library.rewrite(model, [file for file in library.files(model) if file not in gone])
    with contextlib.suppress(OSError):
        folder.rmdir()
    return deleted


def _holds(library: Library, path: Path, sha256: str | None) -> bool:
    with contextlib.suppress(ModelStoreError):
        return library.checked.sha256(path) == sha256
    return False
