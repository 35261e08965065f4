"""An engine that dies or hangs in the middle: the host says so, and the next call starts another."""

from __future__ import annotations

import os
import signal
import time

import pytest

from softlight_bridge import conversation, packing, places
from softlight_bridge.errors import BridgeError, Cancelled, EngineError, EngineStopped
from softlight_bridge.messages import Box, Job, Raster, Result
from softlight_bridge.wire import Line
from tests.bridge.ground import Ground, alive, altered_engine, eventually, grey, one_sentence, trial_job


def test_an_engine_that_dies_in_the_filter_says_so_and_the_next_call_starts_one(ground: Ground) -> None:
    engine = ground.engine()
    with pytest.raises(EngineStopped) as caught:
        engine.run(trial_job(end="crash"), grey)
    assert "nothing was changed" in one_sentence(caught.value)
    assert f"'{places.log_path()}'" in str(caught.value)
    assert engine.run(trial_job(), grey).layers


def test_an_engine_killed_before_the_transfer(ground: Ground) -> None:
    engine = ground.engine()

    def killing(box: Box) -> Raster:
        ground.kill()
        return grey(box)

    with pytest.raises(EngineStopped):
        engine.run(trial_job(), killing)
    assert engine.run(trial_job(), grey).layers


def test_an_engine_killed_in_the_transfer(ground: Ground) -> None:
    engine = ground.engine()
    frozen = []

    def freezing(box: Box) -> Raster:
        frozen.append(ground.pid())
        os.kill(frozen[0], signal.SIGSTOP)
        return grey(box)

    def killing(done: float, text: str) -> None:
        # 9 MB do not fit into a socket's buffer: the client is in the middle of sending.
        if frozen:
            time.sleep(0.3)
            os.kill(frozen.pop(), signal.SIGKILL)

    with pytest.raises(EngineStopped):
        engine.run(trial_job(2000, 1500), freezing, killing)
    assert engine.run(trial_job(), grey).layers


def test_an_engine_killed_while_it_works(ground: Ground) -> None:
    engine, killed = ground.engine(), []

    def killing(done: float, text: str) -> None:
        # More news may have come before the end of the connection is seen.
        if text == "Working" and not killed:
            killed.append(ground.pid())
            os.kill(killed[0], signal.SIGKILL)

    with pytest.raises(EngineStopped):
        engine.run(trial_job(seconds=60), grey, killing)
    assert engine.run(trial_job(), grey).layers


def test_an_engine_killed_in_the_return(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = ground.engine()

    def killing(line: Line, header: dict[str, object], job: Job) -> Result:
        # The header has come; of the 15 MB of layers a socket's buffer holds a fraction.
        ground.kill()
        return unpack(line, header, job)

    unpack = packing.unpack_result
    with monkeypatch.context() as patched:
        patched.setattr(packing, "unpack_result", killing)
        with pytest.raises(EngineStopped):
            engine.run(trial_job(2000, 1500), grey)
    assert engine.run(trial_job(), grey).layers


class Freezer:
    """A listener to a job's progress that stops the engine as soon as it works, like one that hangs."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._engine: int | None = None
        self._since = 0.0

    def __call__(self, done: float, text: str) -> None:
        if text == "Working" and self._engine is None:
            self._engine, self._since = self._ground.pid(), time.monotonic()
            os.kill(self._engine, signal.SIGSTOP)

    @property
    def seconds(self) -> float:
        """For how long it has been stopped."""
        return time.monotonic() - self._since if self._engine is not None else 0.0

    def end(self) -> None:
        """Kill what was stopped."""
        assert self._engine is not None
        os.kill(self._engine, signal.SIGKILL)
        eventually(lambda: not alive(self._engine))


def test_an_engine_that_hangs_can_be_cancelled(ground: Ground) -> None:
    engine, freeze = ground.engine(), Freezer(ground)

    def freeze_and_cancel(done: float, text: str) -> None:
        freeze(done, text)
        if freeze.seconds > 0.5:
            raise Cancelled

    started = time.monotonic()
    with pytest.raises(Cancelled):
        engine.run(trial_job(seconds=60), grey, freeze_and_cancel)
    # A frozen engine takes no connection either, which is told within the handshake's deadline.
    with pytest.raises(BridgeError, match="did not answer|takes no connection") as caught:
        engine.run(trial_job(), grey)
    one_sentence(caught.value)
    assert time.monotonic() - started < 40
    freeze.end()
    assert engine.run(trial_job(), grey).layers


def test_an_engine_that_falls_silent_is_told(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, freeze = ground.engine(), Freezer(ground)
    # One that still loads its modules may be silent for as long on a busy machine.
    assert engine.run(trial_job(), grey).layers
    with monkeypatch.context() as patched:
        patched.setattr(conversation, "LONGEST_SILENCE", 0.5)
        with pytest.raises(EngineStopped, match="no longer answers; nothing was changed") as caught:
            engine.run(trial_job(seconds=60), grey, freeze)
    assert places.log_path() in one_sentence(caught.value)
    freeze.end()
    assert engine.run(trial_job(), grey).layers


def test_an_engine_that_refuses_in_the_transfer_says_why(ground: Ground) -> None:
    """It hangs up while the host is still sending, and the reason must not be lost over that."""
    engine = altered_engine("""
from softlight_bridge.wire import Line
def full(line, size):
    raise MemoryError
Line.receive_blob = full
""")
    with pytest.raises(EngineError, match="not enough memory") as caught:
        engine.run(trial_job(4000, 3000), grey)
    assert caught.value.kind == "MemoryError"


def test_an_engine_whose_job_cannot_be_stopped_makes_room(ground: Ground) -> None:
    """As when a graphics driver hangs."""
    engine = altered_engine("""
from softlight.engine import jobs
jobs.STUCK = 0.3
jobs.Ticket._report = jobs.Ticket.tell
""")

    def stop(done: float, text: str) -> None:
        if text == "Working":
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.run(trial_job(seconds=60), grey, stop)
    eventually(lambda: not ground.engines())
    assert "ends: a cancelled job does not stop" in ground.log
    assert ground.engine().run(trial_job(), grey).layers
