"""Killed, cancelled, several at once: in one process and in many."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from softlight_models.download import Wanted, download
from softlight_models.errors import ModelStoreError
from softlight_models.lock import held
from softlight_models.parallel import download_all
from tests.model_store import misbehaving_server as does
from tests.model_store.downloading import CONTENT, QUICK, Outcome, check, run, wanted
from tests.model_store.fault_table import FaultTable
from tests.model_store.misbehaving_server import Line, honest, serving

pytestmark = pytest.mark.usefixtures("_direct")
SIZE = len(CONTENT)
HALF = SIZE // 2
SECTION = "Processes"

PROCESS = """
import sys
from pathlib import Path
from softlight_models.download import Wanted, download
from softlight_models.entry import HttpsSource
url, target, size, sha256 = sys.argv[1:]
wanted = Wanted("The model", int(size), sha256, (HttpsSource(url),))
download(wanted, Path(target), progress=lambda *what: print(*what, flush=True))
print("done", flush=True)
"""


def started(what: Wanted, url: str, target: Path) -> subprocess.Popen[str]:
    """Another process that downloads, by the rules of the house."""
    arguments = [url, str(target), str(what.size), what.sha256]
    return subprocess.Popen(
        [sys.executable, "-c", PROCESS, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_killed_in_the_middle_and_gone_on_with(tmp_path: Path, fault_table: FaultTable) -> None:
    target = tmp_path / "gfpgan" / "model.onnx"
    part = target.with_name("model.onnx.part")
    with serving(CONTENT, does.stall_after(HALF), does.stall_after(1000), honest) as server:
        what = wanted(server.url())
        for expected in (HALF, HALF + 1000):
            process = started(what, server.url(), target)
            wait_for(lambda: part.exists() and part.stat().st_size == expected)  # noqa: B023
            process.kill()
            process.communicate()
            assert process.returncode == -signal.SIGKILL
            assert part.read_bytes() == CONTENT[:expected]
            assert not target.exists()
        outcome = run(what, target)
        assert outcome.installed
        assert server.sent == SIZE
        assert [line.start for line in server.lines] == [None, HALF, HALF + 1000]
    fault_table.add(
        SECTION,
        "kill -9 in the middle, twice",
        "",
        f"{outcome.state} at the third start; 100 % of the file were sent",
    )


def test_two_processes_download_once(tmp_path: Path, fault_table: FaultTable) -> None:
    target = tmp_path / "gfpgan" / "model.onnx"
    both_run = threading.Event()

    def wait_in_the_middle(line: Line) -> None:
        rest = does.answer(line)
        line.body(rest[:HALF])
        both_run.wait(60)
        line.body(rest[HALF:])

    with serving(CONTENT, wait_in_the_middle) as server:
        what = wanted(server.url())
        first = started(what, server.url(), target)
        wait_for(lambda: server.sent == HALF)
        second = started(what, server.url(), target)
        assert second.stdout
        said = second.stdout.readline()
        assert "another Softlight is downloading it; waiting" in said
        both_run.set()
        texts = [process.communicate(timeout=60) for process in (first, second)]
        assert [process.returncode for process in (first, second)] == [0, 0], texts
        assert len(server.lines) == 1
        assert server.sent == SIZE
    check(Outcome(target, ""), what)
    fault_table.add(
        SECTION,
        "two processes at once",
        "nothing; the second shows that it waits",
        "installed and verified; the server was asked once",
    )


def test_the_waiting_process_takes_over_when_the_first_is_killed(
    tmp_path: Path, fault_table: FaultTable
) -> None:
    target = tmp_path / "gfpgan" / "model.onnx"
    with serving(CONTENT, does.stall_after(HALF), honest) as server:
        what = wanted(server.url())
        first = started(what, server.url(), target)
        wait_for(lambda: server.sent == HALF)
        second = started(what, server.url(), target)
        assert second.stdout
        second.stdout.readline()
        first.kill()
        first.communicate()
        assert "done" in second.communicate(timeout=60)[0]
        assert server.sent == SIZE
    check(Outcome(target, ""), what)
    fault_table.add(
        SECTION,
        "two processes at once, and the one that downloads is killed",
        "nothing; the second shows that it waits",
        "installed and verified by the second, which fetched the rest only",
    )


class Enough(Exception):
    """The user pressed Cancel."""


@pytest.mark.parametrize(
    ("where", "script"),
    [
        ("before the answer", (does.stall_after(None),)),
        ("in the middle", (does.stall_after(HALF),)),
        ("while it waits before another attempt", (does.status(429, retry_after=60),)),
    ],
)
def test_cancel(
    where: str, script: tuple[does.Behaviour, ...], tmp_path: Path, fault_table: FaultTable
) -> None:
    target = tmp_path / "gfpgan" / "model.onnx"
    patient = replace(QUICK, silence_seconds=60, connect_seconds=60, longest_wait=100)
    with serving(CONTENT, *script) as server:
        what = wanted(server.url())
        begun = time.monotonic()

        def cancel(done: int, total: int, text: str) -> None:
            if time.monotonic() - begun > 0.5:
                raise Enough

        with pytest.raises(Enough):
            download(what, target, network=patient, progress=cancel)
        # Not the 60 s of the rules: a wide bound, for what it shall catch takes a minute.
        assert time.monotonic() - begun < 10
    outcome = Outcome(target, "cancelled")
    kept = HALF if where == "in the middle" else 0
    assert outcome.kept == kept
    assert not target.exists()
    fault_table.add(SECTION, f"cancelled {where}", "", outcome.state)
    with serving(CONTENT) as server:
        assert run(wanted(server.url()), target).installed
        assert server.sent == SIZE - kept


def test_cancel_while_another_process_downloads(tmp_path: Path) -> None:
    target = tmp_path / "model.onnx"

    def cancel(done: int, total: int, text: str) -> None:
        assert "another Softlight" in text
        raise Enough

    holding, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with held(target, lambda: None):
            holding.set()
            leave.wait(60)

    other = threading.Thread(target=hold)
    other.start()
    holding.wait(60)
    try:
        with pytest.raises(Enough):
            download(wanted("http://no-such-host.invalid/"), target, network=QUICK, progress=cancel)
    finally:
        leave.set()
        other.join()
    assert list(tmp_path.iterdir()) == []


def test_threads_want_the_same_file(tmp_path: Path) -> None:
    with serving(CONTENT, does.drip(SIZE, 0.1)) as server:
        what = wanted(server.url())
        download_all([(what, tmp_path / "model.onnx")] * 4, network=QUICK, at_once=4)
        assert server.sent == SIZE
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


# Several files at once.


def test_three_at_a_time(tmp_path: Path) -> None:
    guard, now, most, come = threading.Lock(), 0, 0, 0
    first_three = threading.Barrier(3)

    def count(line: Line) -> None:
        nonlocal now, most, come
        with guard:
            now, come = now + 1, come + 1
            most, number = max(most, now), come
        if number <= 3:
            first_three.wait(60)
        time.sleep(0.1)
        with guard:
            now -= 1
        honest(line)

    reports: list[tuple[int, int]] = []
    caller = threading.get_ident()

    def hear(done: int, total: int, text: str) -> None:
        assert threading.get_ident() == caller
        reports.append((done, total))

    with serving(CONTENT, count) as server:
        jobs = [(wanted(server.url()), tmp_path / f"{number}.onnx") for number in range(8)]
        download_all(jobs, network=QUICK, progress=hear)
        assert len(server.lines) == 8
    assert most == 3
    assert reports[-1] == (8 * SIZE, 8 * SIZE)
    assert [done for done, _ in reports] == sorted(done for done, _ in reports)
    for _, target in jobs:
        assert target.read_bytes() == CONTENT


def test_one_that_fails_does_not_stop_the_others(tmp_path: Path, fault_table: FaultTable) -> None:
    def behave(line: Line) -> None:
        (does.status(404) if line.path == "/2" else honest)(line)

    with serving(CONTENT, behave) as server:
        jobs = [(wanted(server.url(f"/{number}")), tmp_path / f"{number}.onnx") for number in range(5)]
        with pytest.raises(ModelStoreError, match="404") as caught:
            download_all(jobs, network=QUICK)
    there = sorted(path.name for path in tmp_path.iterdir())
    assert there == ["0.onnx", "1.onnx", "3.onnx", "4.onnx"]
    sentence = Outcome(tmp_path / "x", str(caught.value)).reads()
    fault_table.add(SECTION, "one of several files fails", sentence, "the others are installed and verified")


def test_no_empty_folder_is_left(tmp_path: Path) -> None:
    with serving(CONTENT, does.status(404)) as server:
        jobs = [(wanted(server.url()), tmp_path / "gfpgan" / f"{number}.onnx") for number in range(5)]
        with pytest.raises(ModelStoreError, match="404"):
            download_all(jobs, network=QUICK)
    assert list(tmp_path.iterdir()) == []


def test_cancel_of_several(tmp_path: Path) -> None:
    patient = replace(QUICK, silence_seconds=60)
    with serving(CONTENT, does.stall_after(HALF)) as server:
        jobs = [(wanted(server.url()), tmp_path / f"{number}.onnx") for number in range(5)]

        def cancel(done: int, total: int, text: str) -> None:
            if done == 3 * HALF:
                raise Enough

        with pytest.raises(Enough):
            download_all(jobs, network=patient, progress=cancel)
        assert len(server.lines) == 3
    left = {path.name: path.stat().st_size for path in tmp_path.glob("*.part")}
    assert left == {f"{number}.onnx.part": HALF for number in range(3)}
    assert not list(tmp_path.glob("*.lock"))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    content = bytes(120_000_000)
    measured = PROCESS.replace(
        'print("done", flush=True)',
        'print(next(l.split()[1] for l in open("/proc/self/status") if l.startswith("VmHWM")))',
    ).replace(
        "download(wanted", "import json, softlight_models.network as n; n.new_session(); download(wanted"
    )
    if not os.path.exists("/proc/self/status"):
        pytest.skip("the system has no /proc to read the peak from")
    peaks = []
    for size in (1_000_000, len(content)):
        with serving(content[:size]) as server:
            what = wanted(server.url(), content=content[:size])
            arguments = [server.url(), str(tmp_path / f"{size}.onnx"), str(size), what.sha256]
            done = subprocess.run(
                [sys.executable, "-c", measured, *arguments], check=True, capture_output=True, text=True
            )
            peaks.append(int(done.stdout.splitlines()[-1]) / 1000)
    # The queue holds 4 chunks of 1 MB, reader and writer one each.
    assert peaks[1] - peaks[0] < 20, json.dumps(peaks)
