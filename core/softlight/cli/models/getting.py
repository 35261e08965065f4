"""``softlight models download``, ``import`` and ``export``."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence

from softlight.cli.console import Console
from softlight.cli.models.questions import with_answers
from softlight.errors import ModelError
from softlight_bridge import model_words
from softlight_bridge.translation import _, shown
from softlight_models.progress import Progress
from softlight_models.selection import EMBEDDED
from softlight_models.store import Store


def download(options: argparse.Namespace, console: Console, store: Store) -> int:
    """Download models once their terms were accepted."""
    models = named(options.models, "needs no download")

    def attempt(accepted: Collection[str], confirmed: bool) -> None:
        store.download(models, accepted, told(console))

    with_answers(attempt, options, console, store)
    titles = [store.entry(model).title for model in models]
    folder = store.places.models
    console.result(
        {"models": models, "folder": str(folder)},
        [f"{title} is installed." for title in titles],
        store.notes(),
    )
    return 0


def take(options: argparse.Namespace, console: Console, store: Store) -> int:
    """Import files, folders and bundles."""
    if options.model is not None:
        store.entry(options.model)  # says what is wrong with the name

    def attempt(accepted: Collection[str], confirmed: bool) -> list[dict[str, object]]:
        imported = store.import_files(
            options.paths,
            model=options.model,
            link=options.link,
            confirmed=confirmed,
            accepted=accepted,
            progress=told(console),
        )
        return [
            {"path": str(one.path), "model": one.model, "installed": one.installed, "text": one.sentence}
            for one in imported
        ]

    imported = with_answers(attempt, options, console, store)
    # A model of several files says the same of each.
    lines = list(dict.fromkeys(str(one["text"]) for one in imported))
    console.result({"imported": imported}, lines, store.notes())
    return 0


def export(options: argparse.Namespace, console: Console, store: Store) -> int:
    """Write a bundle."""
    models = named(options.models, "is there on the other machine as well")
    store.export(models, options.out, told(console))
    size = options.out.stat().st_size
    console.result(
        {"models": models, "output": str(options.out), "size": size},
        [
            f"{options.out} ({model_words.size(size)})",
            f"Install it on the other machine with 'softlight models import {options.out.name}'.",
        ],
    )
    return 0


def named(models: Sequence[str], why: str) -> list[str]:
    """Return the models once each, if none of them is embedded."""
    for model in models:
        if model.startswith(EMBEDDED):
            raise ModelError(f"The model {model} is a part of Softlight and {why}; name another one.")
    return list(dict.fromkeys(models))


def told(console: Console) -> Progress:
    """Return a progress of the model store that the console shows."""

    def progress(done: int, total: int, text: str) -> None:
        if total:
            amount = _("{text}: {done} of {total}")
            done_text, total_text = model_words.size(done), model_words.size(total)
            text = amount.format(text=shown(text), done=done_text, total=total_text)
        console.progress(done / total if total else 0.0, text)

    return progress
