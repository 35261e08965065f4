"""Offline bundles: installed models in one file, for a machine without a network.

A bundle is a zip file without compression: ``bundle.json`` says what is in it, and each model's files lie in
a folder called like its catalogue entry. On import nothing is unpacked by the names in the zip file: each
file is looked up under the one name that it must have, and is written under the catalogue's.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import stat
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from softlight_models.archive import DAMAGED
from softlight_models.archive import members as archive_members
from softlight_models.entry import CatalogueEntry
from softlight_models.errors import ModelStoreError, NotConfirmed
from softlight_models.library import InstalledFile, InstalledModel, Library
from softlight_models.lock import held
from softlight_models.part import replace_patiently
from softlight_models.progress import Progress, silent
from softlight_models.recognising import BLOCK, Found, unreadable
from softlight_models.schema import SchemaError, Table, printable, reason

MANIFEST, README = "bundle.json", "README.txt"
FORMAT = 1
LARGEST_MANIFEST = 1 << 20
MOMENT = (1980, 1, 1, 0, 0, 0)
"""The earliest date that zip knows, for every member: equal models make equal bundles."""


def export(
    library: Library, entries: Sequence[CatalogueEntry], target: Path, progress: Progress = silent
) -> None:
    """Write the installed models of `entries` into one bundle; linked files go in as well.

    Parameters
    ----------
    library : Library
    entries : sequence of CatalogueEntry
    target : Path
        An existing file is replaced once the new one is whole.
    progress : Progress

    Raises
    ------
    ModelStoreError
        If one is not installed or is damaged, or the file cannot be written; then there is no new file.
    """
    models = [_installed(library, entry) for entry in entries]
    if not models:
        raise ModelStoreError("There is nothing to export; name at least one installed model.")
    total = sum(file.size for model in models for file in model.files)

    def waiting() -> None:
        progress(0, total, f"Another program writes '{target}'; waiting")

    try:
        if not target.name or (target.exists() and not target.is_file()):
            raise FileExistsError(errno.EEXIST, "there is something else than a file")
        if any(_is_same(target, file.path(model.folder)) for model in models for file in model.files):
            raise FileExistsError(errno.EEXIST, "it is a file of the model itself")
        # The same for the same bundle: so the next export deletes what a killed one left.
        temporary = target.with_name(f".{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]}.tmp")
        os.stat(target.parent)  # else the lock would make the folder
        with held(temporary, waiting):
            try:
                temporary.unlink(missing_ok=True)
                _write(models, temporary, total, progress)
                replace_patiently(temporary, target)
            finally:
                with contextlib.suppress(OSError):
                    temporary.unlink()
    except OSError as error:
        raise ModelStoreError(
            f"The bundle '{target}' cannot be written ({reason(error)}); make room or choose another place."
        ) from None


def _is_same(one: Path, other: Path) -> bool:
    with contextlib.suppress(OSError):
        return one.samefile(other)
    return False


def _write(models: Sequence[InstalledModel], path: Path, total: int, progress: Progress) -> None:
    done = 0
    with path.open("xb") as whole:
        with zipfile.ZipFile(whole, "w") as archive:
            archive.writestr(zipfile.ZipInfo(MANIFEST, MOMENT), _manifest(models))
            archive.writestr(zipfile.ZipInfo(README, MOMENT), _readme(models))
            for model in models:
                for file in model.files:
                    _add(archive, model, file, done, total, progress)
                    done += file.size
        whole.flush()
        os.fsync(whole.fileno())


def is_bundle(path: Path) -> bool:
    """Whether a file is one of our bundles, whole or with wrong things in it."""
    try:
        if not path.is_file() or not zipfile.is_zipfile(path):
            return False
        with zipfile.ZipFile(path) as archive:
            return MANIFEST in archive.namelist()
    except (OSError, *DAMAGED):
        return False


def members(
    path: Path,
    entries: Sequence[CatalogueEntry],
    opened: contextlib.ExitStack,
    *,
    model: str | None,
    confirmed: bool,
) -> list[Found]:
    """Return the models' files in a bundle.

    Parameters
    ----------
    path : Path
    entries : sequence of CatalogueEntry
        The catalogue of this machine; what a bundle says of licences and checksums counts for nothing.
    opened : ExitStack
        Keeps the bundle open.
    model : str, optional
        Id of the only model that is wanted.
    confirmed : bool
        Take files whose checksum nobody knows for what the bundle says.

    Raises
    ------
    NotConfirmed
        If that has to be asked first.
    ModelStoreError
        If the bundle is damaged, holds anything that no bundle has, or models that this catalogue lacks.
    """
    try:
        archive = opened.enter_context(zipfile.ZipFile(path))
        infos = archive_members(archive, f"The bundle '{path}'")
        for name, info in infos.items():
            if info.compress_type != zipfile.ZIP_STORED:
                # What is not compressed cannot unpack to more than it is.
                raise _hostile(path, f"holds '{printable(name)}' compressed")
        with archive.open(infos[MANIFEST]) as file:
            content = file.read(LARGEST_MANIFEST + 1)
        if len(content) > LARGEST_MANIFEST:
            raise SchemaError(f"{MANIFEST} is too large")
        listed = _read_manifest(Table(json.loads(content)))
    except OSError as error:
        raise unreadable(path, error) from None
    except DAMAGED as error:  # RecursionError is a RuntimeError
        why = "its list makes no sense" if isinstance(error, RecursionError) else reason(error)
        raise ModelStoreError(f"The bundle '{path}' is damaged ({why}); export it anew.") from None
    if strangers := sorted(set(infos) - {MANIFEST, README, *listed}):
        raise _hostile(path, f"holds '{printable(strangers[0])}', which it does not list")
    wanted = {name: each for name, each in listed.items() if model in (None, name.partition("/")[0])}
    return [_found(path, archive, infos, name, each, entries, confirmed) for name, each in wanted.items()]


def _read_manifest(table: Table) -> dict[str, InstalledFile]:
    """Return what a bundle lists, by the name that each file has in it."""
    if table.number("softlight_bundle", least=1) > FORMAT:
        raise SchemaError("it was made by a newer Softlight")
    listed: dict[str, InstalledFile] = {}
    for model in table.tables("models"):
        for file in model.tables("files"):
            name = f"{model.text('id')}/{file.text('name')}"
            size = file.number("size", least=1)
            listed[name] = InstalledFile(file.text("name"), size, file.text("sha256"))
    return listed


def _found(
    path: Path,
    archive: zipfile.ZipFile,
    infos: Mapping[str, zipfile.ZipInfo],
    name: str,
    listed: InstalledFile,
    entries: Sequence[CatalogueEntry],
    confirmed: bool,
) -> Found:
    """Return one file of a bundle as the catalogue knows it."""
    if name not in infos or infos[name].file_size != listed.size:
        raise ModelStoreError(f"The bundle '{path}' is damaged ({name} is not whole); export it anew.")
    model = name.partition("/")[0]
    entry = next((entry for entry in entries if entry.id == model), None)
    if entry is None:
        raise ModelStoreError(
            f"The bundle '{path}' holds {model}, which this catalogue does not know; update Softlight, "
            "or add the entry to your own."
        )
    file = next((file for file in entry.files if file.name == listed.name), None)
    if file is None or file.sha256 not in (None, listed.sha256):
        raise ModelStoreError(
            f"The bundle '{path}' holds another version of {entry.title} than the catalogue; "
            "use the same Softlight on both machines and export it anew."
        )
    if file.sha256 is None and not confirmed:
        raise NotConfirmed(
            f"Nobody knows the checksum of {entry.title}, so the one in '{path}' cannot be told from another "
            "file; confirm that you trust who made the bundle.",
            (entry.id,),
        )

    def read() -> BinaryIO:
        return cast(BinaryIO, archive.open(infos[name]))

    return Found(path / name, entry, file, listed.size, listed.sha256, read, linkable=False, explicit=False)


def _installed(library: Library, entry: CatalogueEntry) -> InstalledModel:
    model = library.get(entry)
    if model is None:
        raise ModelStoreError(f"{entry.title} is not installed; download or import it before it is exported.")
    return model


def _add(
    archive: zipfile.ZipFile,
    model: InstalledModel,
    file: InstalledFile,
    before: int,
    total: int,
    progress: Progress,
) -> None:
    """Write one file into the bundle, and make sure that it is what was installed."""
    path = file.path(model.folder)
    info = zipfile.ZipInfo(f"{model.entry.id}/{file.name}", MOMENT)
    info.file_size = file.size
    digest, done = hashlib.sha256(), 0
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe may never end
            raise ValueError("it is no ordinary file")
        source = path.open("rb")
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    with source, archive.open(info, "w") as member:
        while (block := source.read(BLOCK)) and done <= file.size:
            digest.update(block)
            member.write(block)
            done += len(block)
            progress(before + done, total, f"Exporting {model.entry.title}")
    if digest.hexdigest() != file.sha256:
        raise ModelStoreError(
            f"The file {path} of {model.entry.title} was changed after it was installed; "
            "download or import the model again."
        )


def _manifest(models: Sequence[InstalledModel]) -> str:
    listed = [
        {
            "id": model.entry.id,
            "files": [{"name": file.name, "size": file.size, "sha256": file.sha256} for file in model.files],
        }
        for model in models
    ]
    return json.dumps({"softlight_bundle": FORMAT, "models": listed}, indent=1)


def _readme(models: Sequence[InstalledModel]) -> str:
    """Return what people read who open the bundle: what it is for, and whose terms go with it."""
    lines = [
        "Models for Softlight, for a machine without a network. Install them there with",
        "",
        "    softlight models import THIS-FILE",
        "",
        "Each model comes under the terms of its maker:",
    ]
    for entry in (model.entry for model in models):
        lines += ["", f"{entry.title} ({entry.vendor}, {entry.year}): {entry.licence.spdx}"]
        lines += [f"    {entry.licence.terms}", *([f"    {entry.licence.url}"] if entry.licence.url else [])]
    return "\n".join([*lines, ""])


def _hostile(path: Path, what: str) -> ModelStoreError:
    return ModelStoreError(f"The bundle '{path}' is refused because it {what}; get it from who exported it.")
