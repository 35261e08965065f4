"""Brings models in from anywhere: files, folders and bundles, copied or linked.

Nothing is asked of the network. What is installed was hashed while it was copied, and looked through before
anything opens it; an import that is broken off leaves nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from softlight_models import bundle, space
from softlight_models.archive import DAMAGED
from softlight_models.contracts import contract
from softlight_models.contracts.fitting import fit
from softlight_models.entry import CatalogueEntry
from softlight_models.errors import ModelStoreError
from softlight_models.library import COPYING, Imported, InstalledFile, Library
from softlight_models.lock import held
from softlight_models.onnx_scan import look_through
from softlight_models.part import replace_patiently
from softlight_models.progress import Progress, silent
from softlight_models.recognising import BLOCK, Found, candidates, recognise, unreadable

WhyNot = Callable[[CatalogueEntry], str]
"""Why an entry may not be imported, in one sentence; empty if it may."""
Accept = Callable[[Sequence[CatalogueEntry]], None]
"""Makes sure that the terms of entries were accepted; raises `NotAccepted`."""


def import_files(
    library: Library,
    entries: Sequence[CatalogueEntry],
    paths: Sequence[Path],
    *,
    model: str | None = None,
    link: bool = False,
    confirmed: bool = False,
    why_not: WhyNot,
    accept: Accept,
    progress: Progress = silent,
) -> tuple[Imported, ...]:
    """Install the models that are in `paths`.

    Parameters
    ----------
    library : Library
    entries : sequence of CatalogueEntry
        The catalogue.
    paths : sequence of Path
        Files, folders that are searched with all below them, and bundles.
    model : str, optional
        Id of the entry that the files are of.
    link : bool
        Use the files where they lie instead of copying them.
    confirmed : bool
        Take files whose checksum nobody knows for what they seem to be.
    why_not, accept
        The gate.
    progress : Progress
        Whatever it raises comes through, and nothing of the file at hand is left.

    Returns
    -------
    tuple of Imported
        One per file, in the order in which they were found.

    Raises
    ------
    ModelStoreError
        If a file that was named is no model or may not be imported, or nothing was found. Then nothing of it
        was installed. `NotAccepted` and `NotConfirmed` are questions for the user.
    """
    of = [entry for entry in entries if model in (None, entry.id)]
    with contextlib.ExitStack() as opened:
        bundles = [path for path in paths if bundle.is_bundle(path)]
        found = [
            each
            for path in bundles
            for each in bundle.members(path, entries, opened, model=model, confirmed=confirmed)
        ]
        read = candidates([path for path in paths if path not in bundles], of, progress)
        size = sum(candidate.size for candidate in read)

        def looking(done: int, total: int, text: str) -> None:
            progress(done, total if link else 2 * total, text)

        def copying(done: int, total: int, text: str) -> None:
            progress(size + done, size + total, text)

        found += recognise(read, of, named=model is not None, confirmed=confirmed, progress=looking)
        if not found:
            raise _nothing(paths, of if model else ())
        forbidden = _forbidden(found, why_not)
        kept = [each for each in found if each.entry.id not in forbidden]
        for each in kept:
            _examine(each, link)
        # Last, so that nobody reads the terms of what cannot be installed anyway.
        accept(list({each.entry.id: each.entry for each in kept}.values()))
        left_out = [Imported(each.path, each.entry.id, False, forbidden[each.entry.id])
                    for each in found if each.entry.id in forbidden]  # fmt: skip
        return (*_install(library, kept, link, copying), *left_out)


def _forbidden(found: Sequence[Found], why_not: WhyNot) -> dict[str, str]:
    """Return why some of the models may not be imported; `ModelStoreError` if they were named, or are all."""
    reasons = {each.entry.id: why_not(each.entry) for each in found}
    forbidden = {model: why for model, why in reasons.items() if why}
    for each in found:
        if each.entry.id in forbidden and (each.explicit or len(forbidden) == len(reasons)):
            raise ModelStoreError(forbidden[each.entry.id])
    return forbidden


def _examine(found: Found, link: bool) -> None:
    """Make sure that a file may be installed, before any is.

    An ONNX file is looked through before anything opens it. One whose checksum nobody knows must fit its
    contract as well; of the others the catalogue knows it.
    """
    entry = found.entry
    if link and not found.linkable:
        raise ModelStoreError(
            f"'{found.path}' holds the model packed and cannot be linked; import it as a copy."
        )
    if link and any(file.network is None for file in entry.files):
        # onnxruntime looks for external data beside the model, under the name that the model gives it.
        raise ModelStoreError(f"{entry.title} keeps weights in a file beside it; import it as a copy.")
    if found.file.network is None:
        return
    try:
        with found.open() as file:
            data = [each.name for each in entry.files if each.network is None]
            declared = look_through(file, found.path, data)
    except (OSError, *DAMAGED) as error:
        raise unreadable(found.path, error) from None
    if not found.pinned:
        promise = contract(entry.contract)
        fit(found.path, promise, promise.network(found.file.network), declared.inputs, declared.outputs)


def _install(
    library: Library, found: Sequence[Found], link: bool, progress: Progress
) -> tuple[Imported, ...]:
    """Copy or link each file, and record it."""
    new = [each for each in found if not _is_there(library, each)]
    if not link:
        for each in new:
            # Asked for all of it at once: half of what was to be imported is of no use.
            space.require(library.folder(each.entry.id), sum(other.size for other in new), each.entry.title)
    done = 0
    for each in new:
        folder = library.folder(each.entry.id)
        linked = each.path if link else None
        if linked is None:
            _copy(each, folder / each.file.name, done, sum(other.size for other in new), progress)
        _record(library, each, linked)
        done += each.size
    return tuple(_told(library, each, each in new, link) for each in found)


def _record(library: Library, found: Found, linked: Path | None) -> None:
    name = found.file.name
    try:
        library.add(found.entry, [InstalledFile(name, found.size, found.sha256, linked)])
    except ModelStoreError:
        # A full disk, most often. Without its record the file would lie there for nothing.
        with contextlib.suppress(OSError, ModelStoreError):
            if linked is None and name not in {file.name for file in library.files(found.entry.id)}:
                (library.folder(found.entry.id) / name).unlink()
        raise


def _is_there(library: Library, found: Found) -> bool:
    """Whether the very file is installed already, and sound."""
    with contextlib.suppress(ModelStoreError):
        for there in library.files(found.entry.id):
            if (there.name, there.sha256) == (found.file.name, found.sha256):
                return library.checked.sha256(there.path(library.folder(found.entry.id))) == found.sha256
    return False


def _copy(found: Found, target: Path, before: int, total: int, progress: Progress) -> None:
    """Copy a file to `target`, which has its name only once all of it is there and is what it should be."""
    temporary = target.with_name(target.name + COPYING)

    def waiting() -> None:
        progress(before, total, f"Another program works on {found.file.name}; waiting")

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with held(target, waiting):
            try:
                _write(found, temporary, before, total, progress)
                replace_patiently(temporary, target)
            finally:
                with contextlib.suppress(OSError):
                    temporary.unlink()
    except OSError as error:
        raise space.disk_error(error, target.parent, found.entry.title, goes_on=False) from None


def _write(found: Found, temporary: Path, before: int, total: int, progress: Progress) -> None:
    """Write a file's content, and make sure that it is what it should be."""
    digest, done = hashlib.sha256(), 0
    # What a killed process left, or somebody put there: a link would be followed, to a file dear to you.
    temporary.unlink(missing_ok=True)
    with _opened(found) as source, temporary.open("xb") as copy:
        # One block too many is enough to know.
        while (block := _read(source, found)) and done <= found.size:
            done += len(block)
            digest.update(block)
            copy.write(block)
            progress(before + done, total, f"Copying {found.file.name}")
        copy.flush()
        os.fsync(copy.fileno())
    if done != found.size or digest.hexdigest() != found.sha256:
        raise ModelStoreError(
            f"'{found.path}' does not hold what it should (its SHA-256 differs); "
            "get it again from where it came."
        )


def _opened(found: Found) -> BinaryIO:
    try:
        return found.open()
    except (OSError, *DAMAGED) as error:
        raise unreadable(found.path, error) from None


def _read(source: BinaryIO, found: Found) -> bytes:
    try:
        return source.read(BLOCK)
    except (OSError, *DAMAGED) as error:
        raise unreadable(found.path, error) from None


def _told(library: Library, found: Found, new: bool, link: bool) -> Imported:
    """Return what became of a file, as the library sees it when all are in."""
    entry = found.entry
    complete = library.get(entry) is not None
    if not complete:
        there = {file.name for file in library.files(entry.id)}
        missing = [file.name for file in entry.files if file.name not in there]
        sentence = (
            f"'{found.path}' was taken in, but {entry.title} needs {', '.join(missing)} as well; "
            "import the rest too."
        )
    elif not new:
        sentence = f"{entry.title} was installed already."
    elif link:
        sentence = f"{entry.title} is installed and uses '{found.path}' where it lies."
    else:
        sentence = f"{entry.title} was installed from '{found.path}'."
    return Imported(found.path, entry.id, complete, sentence)


def _nothing(paths: Sequence[Path], named: Sequence[CatalogueEntry]) -> ModelStoreError:
    places = ", ".join(f"'{path}'" for path in paths)
    what = named[0].title if named else "a model that the catalogue knows"
    return ModelStoreError(f"Nothing in {places} is a file of {what}; choose the files themselves.")
