"""A hundred jobs in a row."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from softlight_bridge.messages import Box, Raster
from tests.bridge.conftest import ground
from tests.bridge.ground import RGB8, Ground, trial_job

__all__ = ["ground"]

WIDTH, HEIGHT = 400, 300


def resident(pid: int) -> float:
    """Megabytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def test_a_hundred_jobs_leave_nothing_behind_in_engine_or_host(ground: Ground) -> None:
    engine, job = ground.engine(), trial_job(WIDTH, HEIGHT)

    def read(number: int) -> Raster:
        # Another picture each time, or the engine would give the last result again.
        return Raster(WIDTH, HEIGHT, RGB8, bytes([number]) * (WIDTH * HEIGHT * 3))

    def jobs(first: int, last: int) -> None:
        for number in range(first, last):
            layers = engine.run(job, lambda box: read(number)).layers  # noqa: B023
            assert abs(layers[0].pixels.data[0] - (255 + number) / 2) < 1
            if number % 10 == 0:
                engine.preview(job, lambda box: read(number), (100, 100))  # noqa: B023

    jobs(0, 25)
    pid = ground.pid()
    open_files, threads = count(pid, "fd"), count(pid, "task")
    before, own, own_threads = resident(pid), resident(os.getpid()), threading.active_count()
    jobs(25, 100)
    assert ground.pid() == pid
    # One leaked job would be 1 MB: photo, mask, layer, and what is sent.
    assert resident(pid) - before < 15, "the engine grows"
    assert resident(os.getpid()) - own < 15, "the host grows"
    assert count(pid, "fd") <= open_files + 2 and count(pid, "task") <= threads + 2
    assert threading.active_count() <= own_threads + 1
    assert Box(0, 0, WIDTH, HEIGHT) == engine.run(job, lambda box: read(0)).layers[0].box


def count(pid: int, what: str) -> int:
    return len(os.listdir(f"/proc/{pid}/{what}"))
