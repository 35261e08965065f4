"""All public models that are known: Softlight's entries, and the user's own."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from softlight_models.entry import CatalogueEntry
from softlight_models.entry_file import read_entry
from softlight_models.errors import ModelStoreError
from softlight_models.schema import reason

OURS = Path(__file__).parent / "catalogue"
"""Softlight's own entries, one file per model."""
EMBEDDED = "softlight-"
"""What the id of an embedded model begins with; its role follows."""


@dataclass(frozen=True)
class Catalogue:
    """Entries by role and falling preference."""

    entries: tuple[CatalogueEntry, ...]
    problems: tuple[str, ...] = ()
    """Sentences on the user's entries that cannot be used; the others can."""

    def entry(self, model: str) -> CatalogueEntry:
        """Return the entry called `model`; `ModelStoreError` if there is none."""
        for entry in self.entries:
            if entry.id == model:
                return entry
        raise ModelStoreError(f'There is no model "{model}"; "softlight models list" names them all.')

    def of_role(self, role: str) -> tuple[CatalogueEntry, ...]:
        """Return the entries of `role`, the preferred one first."""
        return tuple(entry for entry in self.entries if entry.role == role)


def read_catalogue(folder: Path = OURS) -> Catalogue:
    """Return Softlight's own entries; `ModelStoreError` if one is unreadable."""
    return Catalogue(_sorted(read_entry(path) for path in folder.glob("*.toml")))


def with_own(catalogue: Catalogue, folder: Path) -> Catalogue:
    """Return `catalogue` with the user's own entries in `folder`, which need not exist.

    A wrong entry is left out and becomes a problem: it must not take the other models with it.
    """
    own: list[CatalogueEntry] = []
    problems: list[str] = []
    ours = {entry.id for entry in catalogue.entries}
    try:
        paths = _below(folder)
    except OSError as error:
        # Not the same as none: their models must not pass for ones that nobody knows.
        problems.append(
            f"Your entries in {folder} cannot be read ({reason(error)}); "
            "check that folder and the drive that it is on."
        )
        paths = []
    for path in paths:
        try:
            entry = read_entry(path)
        except ModelStoreError as error:
            problems.append(str(error))
            continue
        if entry.id in ours or entry.id.startswith(EMBEDDED):
            problems.append(f"The entry {path} has the name of one of Softlight's own; rename the file.")
        elif entry.id in {other.id for other in own}:  # good.toml and good.TOML
            problems.append(f"The entry {path} has the name of another one; rename the file.")
        else:
            own.append(entry)
    if not own and not problems:
        return catalogue
    return Catalogue(_sorted((*catalogue.entries, *own)), tuple(problems))


def _below(folder: Path) -> list[Path]:
    """Return the entries in `folder`, none if there is no such folder."""
    try:
        # Not glob, which passes over in silence what it may not read.
        names = os.listdir(folder)
    except FileNotFoundError:
        if any(os.path.islink(place) and not place.exists() for place in (folder, *folder.parents)):
            raise  # a link to a drive that is away
        return []
    return [folder / name for name in sorted(names) if name.lower().endswith(".toml")]


def _sorted(entries: Iterable[CatalogueEntry]) -> tuple[CatalogueEntry, ...]:
    return tuple(sorted(entries, key=lambda entry: (entry.role, -entry.preference, entry.id)))
