"""``python -I -m softlight.engine [--idle MINUTES]``: be this user's engine.

The plug-ins start it. Only the standard library is loaded until it listens.
"""

from __future__ import annotations

import io
import os
import sys
from dataclasses import replace

from softlight.engine.lock import Lock
from softlight.engine.log import log, start_log
from softlight.engine.server import run_engine
from softlight.engine.settings import LONGEST_IDLE, EngineSettings, read_settings, settings_path
from softlight_bridge import places
from softlight_bridge.errors import BridgeError
from softlight_bridge.launcher import ALREADY_RUNS, SAYS, STARTED_BADLY

USAGE = "python -I -m softlight.engine [--idle MINUTES]"


def main(arguments: list[str]) -> int:
    """Run the engine and return its exit status."""
    # Windows would write its own code page into the log, and a path with an umlaut could not be read there.
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace")
    settings, complaint = read_settings(settings_path())
    if arguments:
        given = _idle(arguments, settings)
        if given is None:
            print(f"Usage: {USAGE}", file=sys.stderr)
            return 2
        settings = given
    os.chdir(places.neutral_folder())
    os.umask(0o077)
    try:
        lock = Lock(places.lock_path())
        if not lock.take():
            return ALREADY_RUNS
        start_log()
        if complaint:
            log.warning("%s", complaint)
        run_engine(settings, lock)
    except BridgeError as error:
        # The plug-in that started us reads this line and shows the sentence.
        print(f"{SAYS}{error}", file=sys.stderr, flush=True)
        return STARTED_BADLY
    return 0


def _idle(arguments: list[str], settings: EngineSettings) -> EngineSettings | None:
    try:
        name, value = arguments
        minutes = float(value)
    except ValueError:
        return None
    if name != "--idle" or not 0 <= minutes <= LONGEST_IDLE:
        return None
    return replace(settings, idle_minutes=minutes)


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stderr.flush()
    # Not sys.exit: a thread deep in a network's run would crash while the interpreter is taken down.
    os._exit(status)
