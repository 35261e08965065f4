"""A batch on several machines, by Dask's scheduler and workers: the same recipe, the same bytes.

All machines must see the folders under the same names. The workers are the studio's own: Dask lets whoever
reaches a scheduler run programs on its workers, so keep it in a network of your own, or give it certificates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from softlight.batch.journal import Outcome, stamp
from softlight.batch.recipe import Recipe
from softlight.batch.running import Outcomes
from softlight.batch.worklist import Job
from softlight.errors import SettingsError
from softlight.progress import Progress, silent
from softlight.runtime.providers import Provider

LIVES = 3
"""Workers that may die over one picture before it is given up: it may be the picture that kills them."""
PATIENCE = "20s"
"""For the scheduler to answer."""


def spread(
    scheduler: str, out: Path, recipe: Recipe, provider: Provider, progress: Progress = silent
) -> Callable[[Sequence[Job]], Outcomes]:
    """Return what gives the pictures to the workers of a scheduler.

    Parameters
    ----------
    scheduler : str
        Its address, such as ``tcp://studio:8786``.
    out : Path
    recipe : Recipe
    provider : Provider
        What computes on each worker.
    progress : Progress

    Raises
    ------
    SettingsError
        When Dask is not installed, or no scheduler answers there, or it has no workers.
    """
    try:
        import distributed
    except ImportError as error:
        raise SettingsError(
            "Several machines need Dask, which is not installed; install Softlight with the extra 'batch'."
        ) from error
    return lambda jobs: _each(distributed, scheduler, out.resolve(), recipe, provider, progress, jobs)


def _each(
    distributed: Any,
    scheduler: str,
    out: Path,
    recipe: Recipe,
    provider: Provider,
    progress: Progress,
    jobs: Sequence[Job],
) -> Outcomes:
    if not jobs:
        return
    from softlight.batch.worker import PLUGIN, Retoucher, worked

    try:
        client = distributed.Client(scheduler, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"No scheduler answers at '{scheduler}'; start one with 'dask scheduler', or check the address."
        ) from error
    with client:
        if not client.scheduler_info()["workers"]:
            raise SettingsError(
                f"The scheduler at '{scheduler}' has no workers; start 'dask worker {scheduler}'."
            )
        client.register_plugin(Retoucher(provider), name=PLUGIN)
        asked = {
            client.submit(worked, _resolved(job), out, recipe, pure=False, retries=0): job for job in jobs
        }
        progress(0.0, f"{len(jobs)} pictures")
        for number, future in enumerate(distributed.as_completed(list(asked)), 1):
            job = asked[future]
            yield future.result() if future.status == "finished" else _lost(job, recipe, future.exception())
            future.release()
            progress(number / len(jobs), f"{number} of {len(jobs)}: {job.name}")


def _resolved(job: Job) -> Job:
    return Job(job.name, job.source.resolve(), job.target.resolve())


def _lost(job: Job, recipe: Recipe, error: BaseException | None) -> Outcome:
    problem = f"It was given up after {LIVES} workers had died over it ({type(error).__name__})."
    return Outcome(job.name, "", problem, (), 0.0, recipe.digest(job.name), stamp(job.source))
