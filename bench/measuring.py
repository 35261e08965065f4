"""What the benchmarks measure with: stages of a job, memory of a process, what memory itself allows."""

from __future__ import annotations

import dataclasses
import gc
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from softlight.runtime import Model, Runtime
from softlight_models.contracts.describe import MODEL

MEGA = 1_000_000


class Stages:
    """Adds up what functions take by themselves, without the time of other stages that they call.

    What runs beside each other in threads is added up as well.
    """

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._thread = threading.local()

    def forget(self) -> None:
        self.seconds.clear()
        self.calls.clear()

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with a stopwatch in it."""

        def call(*arguments: Any, **named: Any) -> Any:
            inner = self._thread.__dict__.setdefault("inner", [])
            start = time.perf_counter()
            inner.append(0.0)
            try:
                return function(*arguments, **named)
            finally:
                spent = time.perf_counter() - start
                with self._lock:
                    self.seconds[stage] += spent - inner.pop()
                    self.calls[stage] += 1
                if inner:
                    inner[-1] += spent

        return call

    def watch(self, owner: Any, name: str, stage: str) -> None:
        """Time every call of `owner.name` from now on."""
        setattr(owner, name, self.timed(stage, getattr(owner, name)))


class StagedRuntime(Runtime):
    """A runtime whose sessions are stages, each called as its role."""

    stages: Stages

    def model(self, role: str) -> Model:
        model = super().model(role)
        timed: Any = _TimedSession(model.session(), self.stages, role)
        return dataclasses.replace(model, sessions={MODEL: timed})


class _TimedSession:
    def __init__(self, session: Any, stages: Stages, role: str) -> None:
        self._session = session
        self.run = stages.timed(role, session.run)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


def resident(name: str) -> float:
    """VmRSS or VmHWM of this process in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024 / MEGA
    raise OSError(f"/proc/self/status has no {name}")


def extra_memory(job: Callable[[], object]) -> float:
    """MB that a job adds to the resident memory of this process at its peak (Linux: clear_refs)."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before = resident("VmRSS")
    job()
    return resident("VmHWM") - before


def copy_bandwidth() -> float:
    """Bytes per second that this machine reads and writes when it copies: the best of five."""
    source = np.ones(256 * MEGA, np.uint8)
    target = np.empty_like(source)
    times = []
    for _ in range(6):
        start = time.perf_counter()
        np.copyto(target, source)
        times.append(time.perf_counter() - start)
    return 2 * source.nbytes / min(times[1:])


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
