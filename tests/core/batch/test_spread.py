"""A batch on Dask's own scheduler and workers, as processes; one of them is killed in the middle."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.core.batch.conftest import Studio

pytest.importorskip("distributed", reason="Dask is not installed; the extra 'test' has it.")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="workers are killed as POSIX does")


@pytest.fixture
def scheduler(studio: Studio) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The address of a scheduler with two workers, and the workers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with contextlib.ExitStack() as stack:

        def start(*command: str) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *command],
                env=studio.environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=studio.place,
                start_new_session=True,
            )
            stack.callback(process.wait)
            stack.callback(_kill, process)
            return process

        port = address.rpartition(":")[2]
        start("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
        options = "--nthreads", "1", "--no-dashboard", "--no-nanny", "--host", "127.0.0.1"
        yield address, [start("worker", address, *options) for _ in range(2)]


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def workers(address: str) -> int:
    import distributed

    with distributed.Client(address, timeout="60s") as client:
        return len(client.scheduler_info()["workers"])


def test_a_dead_worker_loses_nothing_and_the_bytes_are_the_same(
    studio: Studio, scheduler: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    studio.run()
    alone = studio.results()
    for name in alone:
        (studio.out / name).unlink()
    address, (first, _) = scheduler
    deadline = time.monotonic() + 120
    while workers(address) < 2:
        assert time.monotonic() < deadline, "the workers do not come"
        time.sleep(0.5)
    with studio.started("--scheduler", address) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if "1 of " in line)
        _kill(first)
        answer, rest = process.communicate()
    assert process.returncode == 8, rest
    told = json.loads(answer)
    assert (told["kept"], told["made"], told["failed"]) == (0, 4, 3)
    assert studio.results() == alone


def test_without_a_scheduler_it_is_one_sentence(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    from softlight.batch import spread
    from softlight.batch.recipe import read_recipe
    from softlight.batch.worklist import worklist
    from softlight.errors import SettingsError

    monkeypatch.setattr(spread, "PATIENCE", "1s")
    recipe = read_recipe(studio.recipe)
    each = spread.spread("tcp://127.0.0.1:9", studio.out, recipe, "cpu")
    with pytest.raises(SettingsError, match=r"^No scheduler answers at 'tcp://127\.0\.0\.1:9'; "):
        list(each(worklist(studio.pictures, studio.out, ".png")))
