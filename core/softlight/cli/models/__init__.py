"""``softlight models``: which models there are, and getting, choosing, checking and removing them."""

from __future__ import annotations

import argparse
import importlib

from softlight.cli.console import Console
from softlight.cli.stopping import Stopped
from softlight.errors import ModelError

CANCELLED = "Cancelled; nothing unfinished is used."
KEPT = "Cancelled; what was downloaded so far is kept, and the next download goes on from there."


def run(options: argparse.Namespace, console: Console) -> int:
    """Run one action and return its exit status.

    Raises
    ------
    ModelError
        What the model store refuses, in its own sentence.
    """
    # Late, as the options of this package are read for --help too.
    from softlight.cli.models.questions import Unanswered
    from softlight_models.errors import ModelStoreError
    from softlight_models.store import Store

    action = importlib.import_module(f"softlight.cli.models.{options.action_module}")
    try:
        status: int = getattr(action, options.action)(options, console, Store())
    except ModelStoreError as error:
        raise ModelError(str(error)) from error
    except Unanswered as question:
        return console.fail(str(question), question.exit_code, question.details)
    except Stopped as stopped:
        return console.fail(KEPT if options.action == "download" else CANCELLED, stopped.exit_code)
    return status
