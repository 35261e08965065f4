"""What the command line says: sentences for people, in their language, and JSON for machines, in English."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from softlight.cli.columns import cut, padded, width
from softlight.cli.stopping import Stop
from softlight.errors import SoftlightError
from softlight_bridge.translation import shown


class Console:
    """Prints progress on stderr and the one result on stdout.

    Parameters
    ----------
    as_json : bool
        For machines: the result, or the failure, is one JSON object on stdout; progress is one JSON object
        per line on stderr. For people: progress is one line that updates itself, on a terminal only.
    """

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.stop = Stop()
        self._line = ""
        self._heard = sys.stdout is not None
        """Whether the result gets anywhere; whoever starts us may have closed stdout."""
        self._part = (0.0, 1.0)

    def progress(self, done: float, text: str) -> None:
        """Report the share `done` (0..1) of the current part; a `softlight.progress.Progress`.

        That a part is done is not told, unless the job is.
        """
        self.stop.check()
        start, end = self._part
        if done >= 1 and end < 1:
            return
        share = start + (end - start) * min(max(done, 0.0), 1.0)
        if self.as_json:
            print(json.dumps({"progress": round(share, 4), "text": text}), file=sys.stderr, flush=True)
        elif sys.stderr.isatty():
            self._show(f"{share:4.0%}  {shown(text)}")

    def part(self, start: float, end: float) -> None:
        """Let the progress that follows run from `start` to `end` of the whole job."""
        self._part = (start, end)

    def result(self, data: Mapping[str, Any], lines: Sequence[str], notes: Sequence[str] = ()) -> None:
        """Print what came out: `data` for machines, or `lines` and `notes` for people."""
        self._show("")
        if self.as_json:
            self._print(json.dumps({"status": "done", "notes": list(notes), **data}))
            return
        for note in notes:
            print(f"softlight: {shown(note)}", file=sys.stderr)
        self._print("\n".join(map(_line, lines)))

    def say(self, text: str, end: str = "\n") -> None:
        """Show people something before the result: terms, or a question."""
        self._show("")
        print(shown(text), end=end, file=sys.stderr, flush=True)

    def fail(self, sentence: str, exit_code: int, details: Mapping[str, Any] | None = None) -> int:
        """Print why there is no result, with more `details` for machines, and return the exit code."""
        self._show("")
        if self.as_json and self._heard:
            answer = {"status": "failed", "error": sentence, "exit_code": exit_code, **(details or {})}
            with contextlib.suppress(SoftlightError, BrokenPipeError):
                self._print(json.dumps(answer))
                return exit_code
        with contextlib.suppress(OSError):  # where nobody listens at all, the exit status still tells
            print(f"softlight: {shown(sentence)}", file=sys.stderr, flush=True)
        return exit_code

    def _print(self, text: str) -> None:
        """Print the result; `BrokenPipeError` if nobody reads it, `SoftlightError` if it cannot be kept."""
        if not self._heard or not text:
            return
        try:
            print(text, flush=True)
        except OSError as error:
            # What is left of it Python would write once more at its end, and complain.
            self._heard = False
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if isinstance(error, BrokenPipeError):
                raise
            raise SoftlightError(
                f"The result cannot be written ({error.strerror or type(error).__name__}); "
                "make room, or send it somewhere else."
            ) from None

    def _show(self, line: str) -> None:
        """Replace the progress line; spaces instead of escape codes, which old Windows consoles print."""
        if self._line or line:
            line = cut(line, shutil.get_terminal_size().columns - 1)
            blank = "" if line else "\r"
            print("\r" + padded(line, width(self._line)) + blank, end="", file=sys.stderr, flush=True)
            self._line = line


def _line(line: str) -> str:
    """Return a line in the user's language, as far to the right as it was."""
    words = line.lstrip(" ")
    return line[: len(line) - len(words)] + shown(words)
