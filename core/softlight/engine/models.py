"""Doing what a host asks of the model store, and telling it how all models then stand."""

from __future__ import annotations

from pathlib import Path

from softlight.errors import ModelError
from softlight.progress import Progress
from softlight_bridge.models import ModelAction, ModelLine, ModelList, Terms
from softlight_models.overview import ModelState
from softlight_models.store import Store

MEGABYTE = 1_000_000


def act(action: ModelAction, progress: Progress, store: Store | None = None) -> ModelList:
    """Do an action and return the models as they are afterwards.

    Parameters
    ----------
    action : ModelAction
    progress : Progress
        Whatever it raises stops the action; what was downloaded so far stays for the next time.
    store : Store, optional
        Default: the user's own, found anew, so that settings and files changed by others are seen.

    Raises
    ------
    ModelStoreError
        What the store refuses, in a sentence.
    ModelError
        If there is not enough memory.
    """
    try:
        store = Store() if store is None else store
        said = _do(action, store, progress)
        return overview(store, said)
    except MemoryError:
        # Else it would read as of a job, where a smaller part helps.
        raise ModelError("There is not enough memory for this; close other programs and try again.") from None


def overview(store: Store, said: tuple[str, ...] = ()) -> ModelList:
    """Return all models; `said` goes before what the store itself has to say."""
    settings = store.settings()
    return ModelList(
        models=tuple(model_line(state) for state in store.overview()),
        folder=str(store.places.models),
        non_commercial=settings.non_commercial,
        offline=settings.offline,
        said=(*said, *store.notes()),
    )


def _do(action: ModelAction, store: Store, progress: Progress) -> tuple[str, ...]:
    """Return what there is to say of what was done."""

    def told(done: int, total: int, text: str) -> None:
        if total >= MEGABYTE:
            progress(done / total, f"{text} ({done // MEGABYTE} of {total // MEGABYTE} MB)")
        else:
            progress(done / total if total else 0.0, text)

    if action.action == "download":
        store.download(action.models, action.accepted, told)
    elif action.action == "import":
        path = Path(action.path)
        if not path.is_absolute():
            raise ModelError(f"'{path}' does not say in which folder it is; give the whole path.")
        found = store.import_files(
            [path],
            model=next(iter(action.models), None),
            link=action.link,
            confirmed=action.confirmed,
            accepted=action.accepted,
            progress=told,
        )
        return tuple(one.sentence for one in found)
    elif action.action == "choose":
        store.choose(action.name, next(iter(action.models), None))
    elif action.action == "remove":
        for model in action.models:
            store.remove(model)
    elif action.action == "verify":
        return tuple(one.sentence for one in store.verify(action.models or None, told))
    elif action.action == "set":
        store.set_option(action.name, action.value)
    return ()


def model_line(state: ModelState) -> ModelLine:
    """Return the state of a model as hosts are told of it."""
    missing = state.state in ("available", "partial") and not state.why
    return ModelLine(
        id=state.id,
        title=state.title,
        role=state.role,
        use_when=state.use_when,
        vendor=state.vendor,
        year=state.year,
        terms=Terms(state.licence, state.limit, state.terms, state.url or "", state.size),
        state=state.state,
        why=state.why,
        installed=state.installed,
        downloadable=missing or (state.state == "damaged" and not state.embedded),
        size_on_disk=state.size_on_disk,
        chosen=state.chosen,
        active=state.active,
    )
