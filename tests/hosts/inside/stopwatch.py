"""Notes when calls of other modules begin and end, on a clock that all processes of a machine share.

Used by `bench/bridge.py` inside the hosts and the engine; nothing but the standard library, Python 3.8 on.
"""

import functools
import inspect
import json
import time


class Stopwatch:
    """Writes a line of JSON per call to a file: [what, start, end]."""

    def __init__(self, path):
        self._path = path

    def note(self, what, start):
        """Note what began at `start` and ends now."""
        with open(self._path, "a") as file:
            file.write(json.dumps([what, start, time.monotonic()]) + "\n")

    def watch(self, owner, name, what):
        """Time every call of `owner.name` from now on; a generator from its first step to its last."""
        function = getattr(owner, name)

        @functools.wraps(function)
        def timed(*arguments, **named):
            start = time.monotonic()
            try:
                return function(*arguments, **named)
            finally:
                self.note(what, start)

        @functools.wraps(function)
        def stepped(*arguments, **named):
            start = time.monotonic()
            try:
                return (yield from function(*arguments, **named))
            finally:
                self.note(what, start)

        setattr(owner, name, stepped if inspect.isgeneratorfunction(function) else timed)
