"""How a model stands on this machine, and what is in its way."""

from __future__ import annotations

from collections.abc import Iterator

from softlight_models.bundled import BundledModels
from softlight_models.entry import CatalogueEntry
from softlight_models.errors import ModelStoreError
from softlight_models.gate import Gate
from softlight_models.library import InstalledModel, Library
from softlight_models.overview import ModelState
from softlight_models.selection import EMBEDDED


def embedded_states(models: BundledModels) -> Iterator[ModelState]:
    """Return the states of the models inside the package."""
    for role in models.roles():
        try:
            entry = models.entry(role)
        except ModelStoreError as error:
            yield _embedded(role, role, size=None, why=str(error))
            continue
        yield _embedded(
            role,
            entry.contract.name,
            title=entry.title,
            use_when=entry.use_when,
            licence=entry.licence,
            size=entry.model.size,
        )


def state_of(entry: CatalogueEntry, library: Library, gate: Gate) -> ModelState:
    """Return the state of a catalogue entry; `chosen` and `active` are for the caller to find out."""
    model, state, why = _standing(entry, library, gate)
    return ModelState(
        id=entry.id,
        role=entry.role,
        contract=entry.contract,
        title=entry.title,
        use_when=entry.use_when,
        vendor=entry.vendor,
        year=entry.year,
        licence=entry.licence.spdx,
        limit=entry.licence.limit,
        terms=entry.licence.terms,
        url=entry.licence.url,
        size=entry.size,
        preference=entry.preference,
        embedded=False,
        installed=model is not None,
        size_on_disk=library.size_on_disk(entry.id),
        chosen=False,
        active=False,
        state=state,
        why=why,
    )


def _standing(entry: CatalogueEntry, library: Library, gate: Gate) -> tuple[InstalledModel | None, str, str]:
    """Return the installed model, one of `overview.STATES`, and why it cannot be used or had."""
    try:
        model = library.get(entry)
    except ModelStoreError as error:
        return None, "damaged", str(error)
    if why := gate.why_not_use(entry):
        return model, "forbidden", why
    if model is not None:
        try:
            model.require_verified()
        except ModelStoreError as error:
            return model, "damaged", str(error)
        return model, "installed", ""
    why = gate.why_not_download(entry) or _superseded(entry, library)
    if not entry.pinned:
        return None, "import-only", why
    return None, "partial" if library.is_begun(entry) else "available", why


def _superseded(entry: CatalogueEntry, library: Library) -> str:
    """Return a sentence if files of another version are installed."""
    due = {file.name: file.sha256 for file in entry.files}
    if any(due.get(file.name) not in (None, file.sha256) for file in library.files(entry.id)):
        return f"The catalogue has another version of {entry.title} than is installed; download it again."
    return ""


def _embedded(
    role: str,
    contract: str,
    *,
    title: str = "",
    use_when: str = "",
    licence: str = "",
    size: int | None,
    why: str = "",
) -> ModelState:
    return ModelState(
        id=EMBEDDED + role,
        role=role,
        contract=contract,
        title=title or f"Softlight's {role}",
        use_when=use_when,
        vendor="Softlight",
        year=None,
        licence=licence,
        limit="none",
        terms="Comes with Softlight, free for any use.",
        url=None,
        size=size,
        preference=0,
        embedded=True,
        installed=not why,
        size_on_disk=0,
        chosen=False,
        active=False,
        state="damaged" if why else "embedded",
        why=why,
    )
