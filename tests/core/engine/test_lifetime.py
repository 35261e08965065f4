"""When the engine ends, in this process and with short times."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from softlight.engine import lifetime as module
from softlight.engine.lifetime import Closed, Lifetime, logged_out
from softlight.engine.lock import Lock
from softlight_bridge.errors import BridgeError


def test_it_stays_while_somebody_is_there_and_counts_from_when_they_left() -> None:
    life = Lifetime(0.3, lambda: "")
    began = threading.Event()

    def visit() -> None:
        with life.visit():
            began.set()
            time.sleep(0.6)

    started = time.monotonic()
    threading.Thread(target=visit).start()
    assert began.wait(60)
    assert life.wait() == "unused for 0.005 minutes"
    assert time.monotonic() - started >= 0.9


def test_zero_ends_it_as_soon_as_nobody_is_there() -> None:
    life = Lifetime(0, lambda: "")
    assert life.wait().startswith("unused")
    # A host that comes now must not be welcomed: nobody would do its job.
    with pytest.raises(Closed), life.visit():
        raise AssertionError("it was let in")


def test_retiring_waits_for_visitors_and_not_for_the_idle_time() -> None:
    life = Lifetime(1000, lambda: "")
    began = threading.Event()

    def visit() -> None:
        with life.visit():
            life.retire("a newer one came")
            began.set()
            time.sleep(0.4)

    started = time.monotonic()
    threading.Thread(target=visit).start()
    assert began.wait(60)
    assert life.wait() == "a newer one came"
    assert time.monotonic() - started >= 0.4


def test_an_end_or_a_logout_does_not_wait_for_visitors() -> None:
    life = Lifetime(1000, lambda: "")
    with life.visit():
        threading.Timer(0.1, life.end, ["told to"]).start()
        assert life.wait() == "told to"
    life = Lifetime(1000, lambda: "the session has ended")
    with life.visit():
        assert life.wait() == "the session has ended"


def test_signs_of_a_logout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SESSIONS", tmp_path)
    session = tmp_path / "c2"
    session.touch()
    monkeypatch.setenv("XDG_SESSION_ID", "c2")
    there = [True]
    over = logged_out(lambda: there[0])
    assert over() == ""
    session.unlink()
    assert over() == "the session has ended"
    there[0] = False
    assert over() == "its files are gone from the runtime folder"


@pytest.mark.parametrize("number", ["", "../../etc/passwd", "c99"])
def test_a_session_that_logind_never_listed_is_not_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    monkeypatch.setattr(module, "SESSIONS", tmp_path)
    monkeypatch.setenv("XDG_SESSION_ID", number)
    assert logged_out(lambda: True)() == ""


def test_one_lock_for_one_process(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    first, second = Lock(path), Lock(path)
    assert first.take() and not second.take()
    Path(path).unlink()
    assert not first.in_place()
    assert Lock(path).take()
    assert not first.in_place()
    # One that was opened before the folder was made anew is no use, though nobody holds it any more.
    os.close(first._descriptor)
    assert not second.take()


def test_a_lock_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BridgeError, match="cannot write .*make room there"):
        Lock(str(tmp_path / "missing" / "lock"))
