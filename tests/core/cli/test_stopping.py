"""Ctrl-C and a polite kill, sent to the real command line while it works."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.core.cli.conftest import Job, command_line, environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as POSIX does")


@pytest.fixture
def long_job(job: Job) -> Job:
    """The astronaut 16 times as large, painted all over the face: seconds of work."""
    for path in (job.photo, job.mask):
        picture = Image.open(path)
        picture.resize((2048, 2048), Image.Resampling.BICUBIC).save(path)
    mask = np.zeros((2048, 2048), np.uint8)
    mask[320:700, 760:1060] = 255
    Image.fromarray(mask).save(job.mask)
    return job


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("existing", [b"", b"an earlier result"])
def test_a_signal_leaves_nothing_half_written(
    long_job: Job, tmp_path_factory: pytest.TempPathFactory, number: signal.Signals, existing: bytes
) -> None:
    if existing:
        long_job.out.write_bytes(existing)
    before = sorted(long_job.folder.iterdir())
    with start(long_job, tmp_path_factory.mktemp("environment"), "--json") as process:
        assert process.stderr is not None
        working = next(line for line in process.stderr if json.loads(line)["progress"] > 0.06)
        process.send_signal(number)
        answer, rest = process.communicate()
    assert process.returncode == 128 + number, working + rest
    assert json.loads(answer) == {
        "status": "failed",
        "error": "Cancelled; nothing was written.",
        "exit_code": 128 + number,
    }
    assert "Traceback" not in rest
    assert sorted(long_job.folder.iterdir()) == before
    if existing:
        assert long_job.out.read_bytes() == existing


def start(job: Job, place: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command_line(*job.arguments(*more)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(place),
    )


def test_a_second_signal_does_not_break_off_the_tidying_up() -> None:
    program = (
        "import os, signal, sys\n"
        "from softlight.cli.stopping import Stopped, stoppable\n"
        "try:\n"
        "    with stoppable():\n"
        "        try:\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "        finally:\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "            os.kill(os.getpid(), signal.SIGTERM)\n"
        "            print('tidy')\n"
        "except Stopped as stopped:\n"
        "    sys.exit(stopped.exit_code)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "tidy\n", "")


def test_a_signal_that_python_dropped_stops_the_work_at_its_next_step() -> None:
    program = (
        "import os, signal\n"
        "from softlight.cli.stopping import Stopped, stoppable\n"
        "class Finalized:\n"
        "    def __del__(self):\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "try:\n"
        "    with stoppable() as stop:\n"
        "        Finalized()\n"
        "        print('still here')\n"
        "        stop.check()\n"
        "        print('never here')\n"
        "except Stopped as stopped:\n"
        "    print(stopped.exit_code)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "still here\n130\n"
