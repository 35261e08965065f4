"""The command line: one command per filter, and ``softlight demo``, ``doctor``, ``plugins`` and ``models``.

Nothing heavy is imported until a command runs, so that ``--help`` answers at once.
"""

from __future__ import annotations

import importlib
import logging
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from softlight.cli import language
from softlight.cli.console import Console
from softlight.cli.options import UsageError, build_parser
from softlight.cli.stopping import Stopped, stoppable
from softlight.errors import SoftlightError

__all__ = ["main"]

OUT_OF_MEMORY = 6
DEFECT = 70
"""``EX_SOFTWARE`` of BSD's sysexits: the fault is ours."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; by default those of the process.

    Raises
    ------
    SystemExit
        After ``--help`` and ``--version``, with status 0.
    """
    given = sys.argv[1:] if arguments is None else arguments
    language.speak(machine="--json" in given)
    try:
        options = build_parser().parse_args(arguments)
    except UsageError as error:
        return Console(as_json="--json" in given).fail(str(error), error.exit_code)
    _silence_libraries()
    console = Console(as_json=options.json)
    try:
        with stoppable() as stop:
            console.stop = stop
            command = importlib.import_module(f"softlight.cli.{options.module}")
            status: int = command.run(options, console)
        return status
    except SoftlightError as error:
        return console.fail(str(error), error.exit_code)
    except Stopped as stopped:
        return console.fail("Cancelled; nothing was written.", stopped.exit_code)
    except MemoryError:
        return console.fail(
            "There is not enough memory for this picture; close other programs, or work on a part of it.",
            OUT_OF_MEMORY,
        )
    except BrokenPipeError:
        # The reader of our output has gone, as in `softlight doctor | head`: nothing is left to say.
        return 1
    except Exception as error:
        from softlight.defects import record

        named = [value for value in vars(options).values() if isinstance(value, Path)]
        return console.fail(record(error, options.command, named), DEFECT)


def _silence_libraries() -> None:
    """Keep what libraries say to their developers away from people, who get one sentence of ours."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    # Without any handler, logging's last resort would print tifffile's and Pillow's complaints.
    logging.getLogger().addHandler(logging.NullHandler())
