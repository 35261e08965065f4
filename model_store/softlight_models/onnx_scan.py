"""Whether an ONNX file is safe to open.

onnxruntime trusts a model: it allocates what an initializer declares, and opens whatever file the model names
as the place of its weights. So a file from elsewhere is looked through here first.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from softlight_models.errors import ModelStoreError
from softlight_models.onnx_reader import External, Foreign, Scan, read
from softlight_models.schema import printable
from softlight_models.wire_format import Damaged, WireError

__all__ = ["Scan", "look_through", "scan"]


def scan(path: Path, beside: Collection[str] = ()) -> Scan:
    """Look through an ONNX file, and make sure that it is safe to open where it lies.

    Parameters
    ----------
    path : Path
    beside : collection of str
        Names of the files in the same folder that may hold the model's external data.

    Raises
    ------
    ModelStoreError
        If the file is no ONNX model, is damaged or cut short, declares more data than it holds, or
        names files outside of its folder or that are not its own, or that are missing or too short.
    """
    try:
        with path.open("rb") as file:
            found = look_through(file, path, beside)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ModelStoreError(f"The model file '{path}' cannot be read ({reason}); check the file.") from None
    for external in found.external:
        _check_content(path, external)
    return found


def look_through(file: BinaryIO, path: Path, beside: Collection[str] = ()) -> Scan:
    """Do the same for an open file, wherever its external data may be.

    Parameters
    ----------
    file : file object
        Open for reading bytes, and seekable.
    path : Path
        What the file is called in the sentence that refuses it.
    beside : collection of str

    Raises
    ------
    ModelStoreError
        As above.
    OSError
        If reading fails.
    """
    try:
        found = read(file)
    except Foreign as error:
        raise ModelStoreError(
            f"'{path}' is not an ONNX model but {error}; get the file that its source offers as ONNX."
        ) from None
    except Damaged:
        raise ModelStoreError(
            f"The model file '{path}' is cut short, damaged or no ONNX model at all; get it again."
        ) from None
    except WireError as error:
        raise ModelStoreError(
            f"The model file '{path}' is refused because {error}; get it again, and from its maker."
        ) from None
    for external in found.external:
        _check_place(path, external.location, beside)
    return found


def _check_place(model: Path, location: str, beside: Collection[str]) -> None:
    """Make sure that external data would lie in a file of the model's own, in its own folder."""
    windows = PureWindowsPath(location)
    # The same answer on every system: a backslash separates folders on one of them, a colon names a drive.
    if PurePosixPath(location).is_absolute() or windows.anchor or ".." in windows.parts or "\0" in location:
        raise _outside(model, location)
    if location not in beside:
        raise ModelStoreError(
            f"The model '{model}' wants weights from '{printable(location)}', which is none of its "
            "own files; import them together, or do not use it."
        )


def _check_content(model: Path, external: External) -> None:
    """Make sure that external data is there, and is no link to somewhere else."""
    file = model.parent / external.location
    try:
        if not file.resolve().is_relative_to(model.parent.resolve()):
            raise _outside(model, external.location)
        size = file.stat().st_size if file.is_file() else None
    except OSError:
        size = None
    if size is None:
        raise ModelStoreError(
            f"The model '{model}' keeps its weights in '{printable(external.location)}', which is missing; "
            "import both together."
        )
    if external.offset + external.length > size:
        raise ModelStoreError(
            f"The model '{model}' declares more weights than '{printable(external.location)}' holds; "
            "get both again, and from their maker."
        )


def _outside(model: Path, location: str) -> ModelStoreError:
    return ModelStoreError(
        f"The model '{model}' wants weights from '{printable(location)}', outside of its own folder; "
        "do not use it."
    )
