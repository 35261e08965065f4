"""A whole batch: what is done already is left alone, and what became of each picture is written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from softlight.batch import journal
from softlight.batch.journal import Outcome
from softlight.batch.recipe import Recipe
from softlight.batch.working import work
from softlight.batch.worklist import Job
from softlight.progress import Progress, part, silent
from softlight.runtime import Runtime

Outcomes = Iterator[Outcome]
UNFINISHED = ".softlight-*.part"
"""What a killed process leaves of a result; see `softlight.files.atomic`."""


@dataclass(frozen=True)
class Account:
    """What became of a batch."""

    kept: tuple[Outcome, ...]
    """Of pictures that had their result already, from when they got it."""
    made: tuple[Outcome, ...]
    """Of pictures that got theirs now."""
    failed: tuple[Outcome, ...]
    """Of pictures that have none."""


def run_batch(
    jobs: Sequence[Job],
    out: Path,
    recipe: Recipe,
    each: Callable[[Sequence[Job]], Outcomes],
) -> Account:
    """Work on all pictures that have not their result yet.

    Parameters
    ----------
    jobs : sequence of Job
    out : Path
        The folder of the results; it exists.
    recipe : Recipe
    each : callable
        Does the work, here (`one_by_one`) or elsewhere, and yields each outcome as soon as it is known.

    Raises
    ------
    SettingsError
        When another batch writes to the folder.
    PictureError
        When what was done cannot be written down.
    Cancelled
        From the work's progress; what was done stays done.
    """
    with journal.held(out):
        for rest in out.rglob(UNFINISHED):
            rest.unlink(missing_ok=True)
        before = journal.read(out)
        kept = [before[job.name] for job in jobs if journal.is_done(job, recipe, before)]
        names = {one.picture for one in kept}
        found = []
        for outcome in each([job for job in jobs if job.name not in names]):
            journal.add(out, outcome)
            found.append(outcome)
    made = tuple(one for one in found if one.done)
    return Account(tuple(kept), made, tuple(one for one in found if not one.done))


def one_by_one(
    out: Path, recipe: Recipe, runtime: Runtime, progress: Progress = silent
) -> Callable[[Sequence[Job]], Outcomes]:
    """Return what works on one picture after another in this process, by all of its cores."""

    def each(jobs: Sequence[Job]) -> Outcomes:
        for number, job in enumerate(jobs):
            said = part(progress, number / len(jobs), (number + 1) / len(jobs))
            said(0.0, f"{number + 1} of {len(jobs)}: {job.name}")
            yield work(job, out, recipe, runtime, _named(said, f"{number + 1} of {len(jobs)}"))

    return each


def _named(progress: Progress, name: str) -> Progress:
    return lambda done, text: progress(done, f"{name}: {text}")
