"""``softlight models list`` and ``show``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from softlight.cli.columns import padded, width
from softlight.cli.console import Console
from softlight.engine.models import model_line
from softlight.errors import ModelError
from softlight_bridge import model_words
from softlight_models.entry import CatalogueEntry, HttpsSource, ModelFile
from softlight_models.errors import ModelStoreError
from softlight_models.overview import ModelState
from softlight_models.store import Store

ALLOWING = "'softlight models settings non-commercial on' allows models that are not for commercial use."


def list_models(options: argparse.Namespace, console: Console, store: Store) -> int:
    """Show all models by role."""
    states = store.overview()
    roles = sorted({state.role for state in states})
    if options.role is not None and options.role not in roles:
        raise ModelError(f'There is no role "{options.role}"; there are {", ".join(roles)}.')
    shown = [
        state
        for state in states
        if options.role in (None, state.role) and (state.installed or not options.installed)
    ]
    table = list(_table(shown, advice=options.role is not None))
    lines = [*(table or ["There is none."]), "", *_legend(shown, store)]
    console.result({"models": [asdict(state) for state in shown]}, lines, store.notes(options.role))
    return 0


def show(options: argparse.Namespace, console: Console, store: Store) -> int:
    """Show one model."""
    state = next((state for state in store.overview() if state.id == options.model), None)
    if state is None:
        store.entry(options.model)  # says what is wrong with the name
        raise ModelStoreError(f"The model {options.model} cannot be shown; see 'softlight models list'.")
    entry = None if state.embedded else store.entry(state.id)
    data: dict[str, Any] = {"model": asdict(state)}
    if entry is not None:
        data["model"] |= {"origin": entry.origin, "files": [asdict(file) for file in entry.files]}
        data["model"]["folder"] = str(store.library.folder(entry.id)) if state.installed else None
    console.result(data, list(_facts(state, entry, store)))
    return 0


def _table(states: Sequence[ModelState], advice: bool) -> Iterator[str]:
    """Yield a heading for each role and a line for each model."""
    rows = [
        (
            "*" if state.active else " ",
            state.id,
            model_words.size(state.size),
            model_words.licence(model_line(state).terms),
            model_words.state(model_line(state)),
        )
        for state in states
    ]
    widths = [max((width(row[column]) for row in rows), default=0) for column in range(5)]
    role = None
    for state, row in zip(states, rows, strict=True):
        if state.role != role:
            if role is not None:
                yield ""
            role = state.role
            yield f"{model_words.role(role)} ({role})"
        mark, model, size, licence, words = row
        size = " " * (widths[2] - width(size)) + size
        yield f"{mark} {padded(model, widths[1])}  {size}  {padded(licence, widths[3])}  {words}".rstrip()
        if advice:
            yield f"    {state.title}: {state.use_when}"
        if state.why and (state.installed or (advice and not _switched_off(state))):
            yield f"    {state.why}"


def _switched_off(state: ModelState) -> bool:
    return state.state == "forbidden" and state.limit == "non-commercial"


def _legend(states: Sequence[ModelState], store: Store) -> Iterator[str]:
    yield "* is in use now. 'softlight models show MODEL' says when to use a model, and on what terms;"
    yield f"'softlight models download MODEL' puts it into '{store.places.models}'."
    if not store.settings().non_commercial and any(map(_switched_off, states)):
        yield ALLOWING


def _facts(state: ModelState, entry: CatalogueEntry | None, store: Store) -> Iterator[str]:
    line = model_line(state)
    yield f"{state.title} ({state.id})"
    yield f"  {state.use_when}"
    yield f"  For       {model_words.role(state.role)} ({state.role}, contract {state.contract})"
    yield f"  Made by   {model_words.maker(line)}"
    yield f"  Licence   {state.licence}: {model_words.limit(state.limit)}"
    yield f"            {state.terms}"
    if state.url:
        yield f"            {state.url}"
    yield f"  Size      {model_words.size(state.size)}"
    yield f"  State     {model_words.state(line)}"
    if state.why:
        yield f"            {state.why}"
    if not store.settings().non_commercial and _switched_off(state):
        yield f"            {ALLOWING}"
    if entry is None:
        return
    if state.installed:
        yield f"  Folder    {store.library.folder(entry.id)}"
    for file in entry.files:
        yield f"  File      {file.name}" + (f", {file.size} bytes" if file.size is not None else "")
        yield f"            SHA-256 {file.sha256 or 'not known, so it is never downloaded'}"
        yield from (f"            from {source}" for source in _sources(file))
    yield f"  Facts     {entry.origin}"


def _sources(file: ModelFile) -> Iterator[str]:
    for source in file.sources:
        if isinstance(source, HttpsSource):
            yield source.url
        else:
            yield f"{source.wheel} on the package index of pip ({source.member})"
