"""The queue, in this process."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import pytest

from softlight.engine import jobs
from softlight.engine.jobs import JobQueue, Ticket
from softlight.engine.log import log
from softlight.errors import MaskError
from softlight.progress import Progress
from tests.bridge.ground import eventually


def finished(ticket: Ticket) -> Ticket:
    while not ticket.wait(20):
        pass
    return ticket


def test_first_come_first_served_one_at_a_time_and_told_so() -> None:
    queue, gate, order = JobQueue(lambda: None), threading.Event(), []
    busy = threading.Lock()

    def job(number: int) -> int:
        assert busy.acquire(blocking=False), "two at a time"
        assert gate.wait(20)
        order.append(number)
        busy.release()
        return number

    tickets = [queue.submit(lambda progress, n=n: job(n)) for n in range(4)]
    while tickets[0].news[1] != "Starting":
        tickets[0].wait(0.01)
    assert [ticket.news[1] for ticket in tickets[1:]] == [
        "Waiting: 1 job before yours", "Waiting: 2 jobs before yours", "Waiting: 3 jobs before yours",
    ]  # fmt: skip
    queue.withdraw(tickets[1])
    assert [ticket.news[1] for ticket in tickets[2:]] == [
        "Waiting: 1 job before yours", "Waiting: 2 jobs before yours",
    ]  # fmt: skip
    gate.set()
    assert [finished(tickets[n]).value for n in (0, 2, 3)] == [0, 2, 3]
    assert order == [0, 2, 3]


def test_a_running_job_is_cancelled_at_its_next_step() -> None:
    queue, began = JobQueue(lambda: None), threading.Event()

    def work(progress: Progress) -> None:
        while True:
            began.set()
            progress(0.5, "Working")

    ticket = queue.submit(work)
    assert began.wait(20)
    queue.withdraw(ticket)
    assert finished(ticket).failure == ("Cancelled", "Cancelled; nothing was written.", ())


def test_a_job_that_does_not_stop_is_known_as_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "STUCK", 0.05)
    queue, began, end = JobQueue(lambda: None), threading.Event(), threading.Event()

    def work(progress: Progress) -> None:
        began.set()
        assert end.wait(20)

    ticket = queue.submit(work)
    assert began.wait(20) and not queue.stuck
    queue.withdraw(ticket)
    queue.withdraw(ticket)
    while not queue.stuck:
        time.sleep(0.01)
    end.set()
    finished(ticket)
    finished(queue.submit(lambda progress: None))
    assert not queue.stuck


def test_failures_of_every_kind_are_told_and_the_next_job_runs() -> None:
    def fail(error: BaseException) -> object:
        raise error

    def warm_up() -> None:
        raise ImportError("nothing is installed")

    queue = JobQueue(warm_up)
    wrong = [
        MaskError("Paint."),
        MemoryError(),
        SystemExit(1),
        KeyboardInterrupt(),
        RecursionError(),
        OSError(28, "x"),
    ]
    tickets = [queue.submit(lambda progress, error=error: fail(error)) for error in wrong]
    failures = [finished(ticket).failure for ticket in tickets]
    assert failures[0] == ("MaskError", "Paint.", ())
    assert [failure[0] for failure in failures if failure] == ["MaskError", "MemoryError", *["Defect"] * 4]
    assert finished(queue.submit(lambda progress: 7)).value == 7


def test_a_done_job_keeps_nothing_of_its_work_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    # pytest keeps every record that is logged, with its traceback; the engine's own handler does not.
    monkeypatch.setattr(log, "disabled", True)

    class Pixels:
        pass

    def submit(fails: bool) -> tuple[Ticket, weakref.ref[Pixels]]:
        pixels = Pixels()

        def work(progress: Progress) -> bool:
            local = pixels
            if fails:
                raise ValueError(local)
            return local is not None

        return queue.submit(work), weakref.ref(pixels)

    queue = JobQueue(lambda: None)
    for fails in (False, True):
        ticket, pixels = submit(fails)
        finished(ticket)
        finished(queue.submit(lambda progress: None))
        gc.collect()
        assert pixels() is None


def test_the_queue_keeps_no_result_that_was_fetched() -> None:
    class Layers:
        pass

    def submit() -> weakref.ref[Layers]:
        ticket = queue.submit(lambda progress: Layers())
        return weakref.ref(finished(ticket).value)

    queue = JobQueue(lambda: None)
    layers = submit()
    eventually(lambda: layers() is None, 5)


def test_progress_is_kept_within_bounds() -> None:
    ticket = Ticket(lambda progress: progress(7.0, "x" * 1000))
    ticket.run()
    assert ticket.news == (1.0, "x" * 200)
