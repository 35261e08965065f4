"""``softlight models download``, ``import`` and ``export``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from softlight.cli.console import Console
from softlight.errors import ModelError
from softlight_bridge import model_words
from softlight_models.errors import NotAccepted, NotConfirmed
from softlight_models.overview import Terms
from softlight_models.progress import Progress
from softlight_models.store import Store

Result = TypeVar("Result")


def download(options: argparse.Namespace, console: Console, store: Store) -> int:
    """Download models once their terms were accepted."""
    models = list(dict.fromkeys(options.models))

    def attempt(accepted: Collection[str], confirmed: bool) -> None:
        store.download(models, accepted, told(console))

    _with_answers(attempt, options, console, store)
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

    imported = _with_answers(attempt, options, console, store)
    # A model of several files says the same of each.
    lines = list(dict.fromkeys(str(one["text"]) for one in imported))
    console.result({"imported": imported}, lines, store.notes())
    return 0


def export(options: argparse.Namespace, console: Console, store: Store) -> int:
    """Write a bundle."""
    models = list(dict.fromkeys(options.models))
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


def told(console: Console) -> Progress:
    """Return a progress of the model store that the console shows."""

    def progress(done: int, total: int, text: str) -> None:
        amount = f": {model_words.size(done)} of {model_words.size(total)}" if total else ""
        console.progress(done / total if total else 0.0, text + amount)

    return progress


def _with_answers(
    attempt: Callable[[Collection[str], bool], Result],
    options: argparse.Namespace,
    console: Console,
    store: Store,
) -> Result:
    """Attempt something, and again with what the user answers to the questions that it raises.

    The store asks only once nothing else stands in the way, so nobody accepts a licence for nothing.
    """
    accepted: set[str] = set()
    confirmed = getattr(options, "confirm", False)
    while True:
        try:
            return attempt(accepted, confirmed)
        except NotAccepted as question:
            new = set(question.models) - accepted
            if not new:
                raise
            _accept(store.terms(question.models), options, console)
            accepted |= new
        except NotConfirmed as question:
            if confirmed or not _agreed(console, str(question), "Do you trust it?"):
                raise ModelError(
                    f"{_cause(question)}; add --confirm if you trust where it comes from."
                ) from None
            confirmed = True


def _accept(terms: Sequence[Terms], options: argparse.Namespace, console: Console) -> None:
    """Show the terms, and raise `ModelError` unless they are accepted."""
    text = "\n".join(line for each in terms for line in _words(each))
    if not console.as_json:
        console.say(text)
    titles = " and ".join(each.title for each in terms)
    if options.accept_licence or _agreed(console, "", f"Do you accept these terms of {titles}?"):
        return
    models = " ".join(each.model for each in terms)
    raise ModelError(
        f"The terms of {titles} were not accepted; read them with 'softlight models show {models}', "
        "and add --accept-licence."
    )


def _words(terms: Terms) -> list[str]:
    lines = [
        terms.title,
        f"  Size      {model_words.size(terms.size)}",
        f"  Licence   {terms.licence}: {model_words.limit(terms.limit)}",
        f"            {terms.terms}",
    ]
    return [*lines, f"            {terms.url}"] if terms.url else lines


def _agreed(console: Console, text: str, question: str) -> bool:
    """Ask on a terminal; elsewhere nobody is there to answer, and the answer is no."""
    if console.as_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    if text:
        console.say(text)
    console.say(f"{question} [y/N] ", end="")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _cause(error: Exception) -> str:
    """Return what an error says before its remedy."""
    return str(error).rpartition("; ")[0]
