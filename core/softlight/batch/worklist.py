"""Which pictures of a folder are worked on, and what their results are called."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from softlight.errors import PictureError

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")


@dataclass(frozen=True)
class Job:
    """One picture, and where its result goes."""

    name: str
    """The picture's path from the folder, with ``/``."""
    source: Path
    target: Path


def worklist(folder: Path, out: Path, suffix: str) -> tuple[Job, ...]:
    """Return a job for every picture in a folder and the folders in it, in the order of their names.

    Results keep the folders. Where two pictures differ in their suffix only, both results keep it, as in
    ``a.jpg.ora``. Hidden files and folders are left alone, and what lies in `out`.

    Parameters
    ----------
    folder, out : Path
    suffix : str
        Of the results.

    Raises
    ------
    PictureError
        When there is no such folder, or no picture in it.
    """
    if not folder.is_dir():
        raise PictureError(f"There is no folder '{folder}'; name the folder that holds the pictures.")
    if folder.resolve() == out.resolve():
        raise PictureError("The results would lie among the pictures; choose another folder with --out.")
    names = sorted(_pictures(folder, out.resolve()), key=lambda name: name.as_posix())
    if not names:
        raise PictureError(f"'{folder}' holds no picture; Softlight reads PNG, JPEG, TIFF and WebP.")
    alike = Counter(_folded(name.with_suffix("")) for name in names)
    jobs = []
    for name in names:
        result = name.with_suffix(suffix)
        if alike[_folded(name.with_suffix(""))] > 1:
            result = name.with_name(name.name + suffix)
        jobs.append(Job(name.as_posix(), folder / name, out / result))
    return tuple(jobs)


def _pictures(folder: Path, out: Path) -> Iterable[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = [
            one for one in folders if not one.startswith(".") and (Path(place) / one).resolve() != out
        ]
        for name in files:
            if not name.startswith(".") and Path(name).suffix.lower() in PICTURES:
                yield (Path(place) / name).relative_to(folder)


def _folded(name: Path) -> str:
    """Return what a file system that ignores case takes for the same name."""
    return name.as_posix().casefold()
