"""Which model a role uses: the user's choice, else the best one that may be used, else the embedded one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from softlight_models.catalogue import EMBEDDED
from softlight_models.entry import CatalogueEntry
from softlight_models.errors import ModelStoreError
from softlight_models.gate import Gate
from softlight_models.library import InstalledModel, Library

__all__ = ["EMBEDDED", "select"]


def select(
    role: str,
    entries: Sequence[CatalogueEntry],
    library: Library,
    gate: Gate,
    without: Collection[str] = (),
) -> tuple[InstalledModel | None, tuple[str, ...]]:
    """Return the model of `role` (None: the embedded one), and sentences on those that are passed over.

    Parameters
    ----------
    role : str
    entries : sequence of CatalogueEntry
        Those of the role, the preferred one first.
    library : Library
    gate : Gate
    without : collection of str
        Ids that the caller found to be of no use.
    """
    chosen = gate.settings.choices.get(role)
    if chosen == EMBEDDED + role:
        return None, ()
    notes: list[str] = []
    if chosen is not None and chosen not in {entry.id for entry in entries}:
        notes.append(
            f'The model "{chosen}" is chosen for {role} but is not in the catalogue; choose another one.'
        )
    for entry in sorted(entries, key=lambda entry: entry.id != chosen):
        if entry.id in without:
            continue
        try:
            model = library.get(entry)
            why = "" if model is None else gate.why_not_use(entry)
            if model is not None and not why:
                model.require_verified()
                return model, tuple(notes)
        except ModelStoreError as error:
            notes.append(str(error))
            continue
        if entry.id == chosen:
            notes.append(
                why
                or f"{entry.title} is chosen for {role} but is not installed; "
                "download it or choose another one."
            )
    return None, tuple(notes)
