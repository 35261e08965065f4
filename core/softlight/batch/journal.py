"""What became of each picture, kept beside the results: a batch that was stopped goes on where it was.

`softlight-batch.jsonl` in the folder of the results has one JSON object per line and is only added to. A line
that a kill cut off is no line.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from softlight.batch.recipe import Recipe
from softlight.batch.worklist import Job
from softlight.errors import PictureError, SettingsError

NAME = "softlight-batch.jsonl"
LOCK = ".softlight-batch.lock"


@dataclass(frozen=True)
class Outcome:
    """What became of one picture."""

    picture: str
    """Its path from the folder, with ``/``."""
    output: str
    """That of the result, from the folder of the results; empty where there is none."""
    problem: str
    """Why there is none: a sentence, or empty."""
    notes: tuple[str, ...]
    seconds: float
    made_by: str
    """`Recipe.digest`."""
    source: tuple[int, int]
    """Bytes of the picture, and when it was written (ns)."""
    size: int = 0
    """Bytes of the result."""

    @property
    def done(self) -> bool:
        return not self.problem


def stamp(path: Path) -> tuple[int, int]:
    """Return what tells one version of a file from another: its size and when it was written."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns


@contextlib.contextmanager
def held(out: Path) -> Iterator[None]:
    """Keep every other batch out of a folder of results.

    Raises
    ------
    SettingsError
        When another batch writes there.
    """
    lock = FileLock(out / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise SettingsError(
            f"Another batch is writing to '{out}'; wait for it, or choose another folder with --out."
        ) from error
    try:
        yield
    finally:
        lock.release()
        with contextlib.suppress(OSError):
            (out / LOCK).unlink()


def read(out: Path) -> Mapping[str, Outcome]:
    """Return the last outcome of each picture, by its name."""
    try:
        lines = (out / NAME).read_text("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    found: dict[str, Outcome] = {}
    for line in lines:
        with contextlib.suppress(ValueError, TypeError, KeyError):
            outcome = _outcome(json.loads(line))
            found[outcome.picture] = outcome
    return found


def add(out: Path, outcome: Outcome) -> None:
    """Write an outcome down; it is on the disk when this returns.

    Raises
    ------
    PictureError
        When the disk is full, and whatever else the system says.
    """
    line = json.dumps(asdict(outcome), ensure_ascii=False) + "\n"
    try:
        with open(out / NAME, "a+b") as file:
            # After a kill in the middle of a line the next one begins on its own.
            if file.tell() and _last(file) != b"\n":
                line = "\n" + line
            file.write(line.encode("utf-8", "surrogateescape"))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise PictureError(
            f"What was done cannot be written to '{out / NAME}' ({error.strerror}); make room, and start the "
            "same batch again: it goes on where it is."
        ) from error


def is_done(job: Job, recipe: Recipe, before: Mapping[str, Outcome]) -> bool:
    """Return whether a picture has the result that it would get."""
    last = before.get(job.name)
    if last is None or not last.done or last.made_by != recipe.digest(job.name):
        return False
    try:
        return stamp(job.source) == last.source and job.target.stat().st_size == last.size
    except OSError:
        return False


def _last(file: Any) -> bytes:
    file.seek(-1, os.SEEK_END)
    return bytes(file.read(1))


def _outcome(told: Any) -> Outcome:
    return Outcome(
        str(told["picture"]),
        str(told["output"]),
        str(told["problem"]),
        tuple(map(str, told["notes"])),
        float(told["seconds"]),
        str(told["made_by"]),
        (int(told["source"][0]), int(told["source"][1])),
        int(told["size"]),
    )
