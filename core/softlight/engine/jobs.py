"""The queue of jobs: one at a time, first come first served, each with a ticket that tells how far it is."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from softlight.engine.failures import Failure, describe
from softlight.engine.log import log
from softlight.errors import Cancelled
from softlight.progress import Progress

Work = Callable[[Progress], Any]

STUCK = 60.0
"""Seconds from a cancel on; a filter's step takes some, and that of a graphics driver that hangs, all."""


class Ticket:
    """One job, waiting, running or done; safe from any thread."""

    def __init__(self, work: Work) -> None:
        self._work: Work | None = work
        self._change = threading.Condition()
        self._news = (0.0, "Waiting")
        self._done = False
        self.cancelled: float | None = None
        """When it was cancelled, on the monotonic clock."""
        self.value: Any = None
        """What the work returned, once `wait` says that it is done."""
        self.failure: Failure | None = None
        """Kind and sentence of what went wrong instead."""

    def wait(self, seconds: float) -> bool:
        """Wait at most this long for the end, or for news; whether the job is done."""
        with self._change:
            if not self._done:
                self._change.wait(seconds)
            return self._done

    @property
    def news(self) -> tuple[float, str]:
        """How much is done, and what is being done."""
        return self._news

    def cancel(self) -> None:
        """Have the work stop at its next step, or never begin."""
        self.cancelled = time.monotonic()

    def run(self) -> None:
        """Do the work; its end is told whatever happens."""
        work, self._work = self._work, None
        value, failure = None, None
        try:
            assert work is not None
            self._report(0.0, "Starting")
            value = work(self._report)
        except BaseException as error:
            # Kept as text: the error itself would hold on to the frames, and with them to the pixels.
            failure = describe(error)
        with self._change:
            self.value, self.failure, self._done = value, failure, True
            self._change.notify_all()

    def tell(self, done: float, text: str) -> None:
        """Set the news; who waits looks at them at the next turn."""
        self._news = (min(max(float(done), 0.0), 1.0), text[:200])

    def _report(self, done: float, text: str) -> None:
        if self.cancelled is not None:
            raise Cancelled
        self.tell(done, text)


class JobQueue:
    """Does one job after the other in a thread of its own.

    Two at once would share the processor and double the memory.

    Parameters
    ----------
    warm_up : callable
        Done first, in the same thread.
    """

    def __init__(self, warm_up: Callable[[], object]) -> None:
        self._warm_up = warm_up
        self._change = threading.Condition()
        self._waiting: deque[Ticket] = deque()
        self._running: Ticket | None = None
        threading.Thread(target=self._work, name="jobs", daemon=True).start()

    def submit(self, work: Work) -> Ticket:
        """Add a job to the end of the queue."""
        ticket = Ticket(work)
        with self._change:
            self._waiting.append(ticket)
            self._tell_places()
            self._change.notify()
        return ticket

    def withdraw(self, ticket: Ticket) -> None:
        """Cancel a job, whether it waits or runs; one that is done stays done."""
        if ticket.cancelled is None:
            ticket.cancel()
        with self._change:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                self._tell_places()

    @property
    def stuck(self) -> bool:
        """Whether a cancelled job has not stopped for so long that it never will."""
        running = self._running
        since = None if running is None else running.cancelled
        return since is not None and time.monotonic() - since > STUCK

    def _work(self) -> None:
        try:
            self._warm_up()
        except Exception:
            # The job that needs it will fail in the same way, and its host is told.
            log.exception("the engine could not warm up")
        while True:
            with self._change:
                self._running = None
                while not self._waiting:
                    self._change.wait()
                ticket = self._running = self._waiting.popleft()
                self._tell_places()
            ticket.run()
            # Not kept until the next job comes: it holds the result.
            del ticket

    def _tell_places(self) -> None:
        ahead = 0 if self._running is None else 1
        for number, ticket in enumerate(self._waiting, ahead):
            if number:
                one = "Waiting: 1 job before yours"
                ticket.tell(0.0, one if number == 1 else f"Waiting: {number} jobs before yours")
