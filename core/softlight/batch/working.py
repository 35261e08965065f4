"""One picture of a batch, from its file to that of its result: what runs here, and what workers run."""

from __future__ import annotations

import time
from pathlib import Path

from softlight.batch.chain import run_steps
from softlight.batch.journal import Outcome, stamp
from softlight.batch.recipe import Recipe
from softlight.batch.worklist import Job
from softlight.defects import record
from softlight.errors import Cancelled, PictureError, SoftlightError
from softlight.files import check_target, read_picture, write_stack
from softlight.progress import Progress, part, silent
from softlight.runtime import Runtime

MEMORY = "There is not enough memory for this picture; close other programs, or give it to a larger machine."


def work(job: Job, out: Path, recipe: Recipe, runtime: Runtime, progress: Progress = silent) -> Outcome:
    """Make the result of one picture, whole or not at all.

    Whatever is wrong with the picture becomes the outcome's sentence; only `Cancelled`, and what is no
    `Exception`, ends the batch.
    """
    started = time.monotonic()
    source, problem, size = (0, 0), "", 0
    notes: tuple[str, ...] = ()
    try:
        source = stamp(job.source) if job.source.exists() else source
        notes = _made(job, recipe, runtime, progress)
        size = job.target.stat().st_size
    except Cancelled:
        raise
    except SoftlightError as error:
        problem = str(error)
    except MemoryError:
        problem = MEMORY
    except Exception as error:  # a fault of ours with one picture must not stop those that are left
        problem = record(error, "batch", (job.source, job.target, out))
    output = "" if problem else job.target.relative_to(out).as_posix()
    seconds = round(time.monotonic() - started, 3)
    return Outcome(job.name, output, problem, notes, seconds, recipe.digest(job.name), source, size)


def _made(job: Job, recipe: Recipe, runtime: Runtime, progress: Progress) -> tuple[str, ...]:
    picture = read_picture(job.source)
    try:
        job.target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PictureError(
            f"The folder '{job.target.parent}' cannot be made ({error.strerror}); choose another with --out."
        ) from error
    check_target(job.target, picture)
    stack = run_steps(picture, recipe.steps_for(job.name), runtime, part(progress, 0.05, 0.95))
    progress(0.95, f"writing {job.target.name}")
    return (*stack.notes, *write_stack(job.target, picture, stack))
