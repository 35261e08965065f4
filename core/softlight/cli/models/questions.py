"""Terms and confirmations: asked on a terminal, answered by options elsewhere."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from softlight.cli.console import Console
from softlight.errors import ModelError
from softlight_bridge import model_words
from softlight_models.errors import NotAccepted, NotConfirmed
from softlight_models.overview import Terms
from softlight_models.store import Store

Result = TypeVar("Result")


class Unanswered(ModelError):
    """A question that nobody answered with yes.

    Parameters
    ----------
    sentence : str
    details : mapping
        The question for machines.
    """

    def __init__(self, sentence: str, details: Mapping[str, Any]) -> None:
        super().__init__(sentence)
        self.details = details


def with_answers(
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
                sentence = f"{_cause(question)}; add --confirm if you trust where it comes from."
                details = {"question": "confirm", "models": list(question.models)}
                raise Unanswered(sentence, details) from None
            confirmed = True


def _accept(terms: Sequence[Terms], options: argparse.Namespace, console: Console) -> None:
    """Show the terms, and raise `Unanswered` unless they are accepted."""
    text = "\n".join(line for each in terms for line in _words(each))
    if not console.as_json:
        console.say(text)
    titles = " and ".join(each.title for each in terms)
    if options.accept_licence or _agreed(console, "", f"Do you accept these terms of {titles}?"):
        return
    models = terms[0].model if len(terms) == 1 else "MODEL"
    raise Unanswered(
        f"The terms of {titles} were not accepted; read them with 'softlight models show {models}', "
        "and add --accept-licence.",
        {"question": "licence", "terms": [asdict(each) for each in terms]},
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
