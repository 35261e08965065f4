"""What a worker of Dask's does: one runtime for all of its pictures, which it makes one after another."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from distributed import WorkerPlugin, get_worker

from softlight.batch.journal import Outcome
from softlight.batch.recipe import Recipe
from softlight.batch.working import work
from softlight.batch.worklist import Job
from softlight.runtime import Runtime
from softlight.runtime.providers import Provider

PLUGIN = "softlight"


class Retoucher(WorkerPlugin):
    """Lives as long as its worker, and keeps the sessions of the networks.

    Parameters
    ----------
    provider : Provider
        What computes on each worker.
    """

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    def setup(self, worker: Any) -> None:
        """Make what cannot travel from the client to the worker."""
        self.runtime = Runtime(self.provider)
        self.turn = threading.Lock()


def worked(job: Job, out: Path, recipe: Recipe) -> Outcome:
    """Make the result of one picture, as `softlight.batch.working.work` does, on a worker."""
    own: Any = get_worker().plugins[PLUGIN]
    with own.turn:  # a picture takes all cores of its worker
        return work(job, out, recipe, own.runtime)
