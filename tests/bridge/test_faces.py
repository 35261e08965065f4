"""Looking for faces while the engine dies, waits, or is asked wrongly."""

from __future__ import annotations

import threading

import pytest

from softlight_bridge.client import Engine
from softlight_bridge.errors import Cancelled, EngineStopped
from softlight_bridge.faces import FacesRequest
from softlight_bridge.messages import Box, Raster
from tests.bridge.ground import RGB8, Ground, eventually, grey, one_sentence, trial_job

REQUEST = FacesRequest((40, 30), RGB8, "perceptual", None, 64)


def test_a_grey_photo_has_no_face_and_the_engine_lives_on(ground: Ground) -> None:
    engine = ground.engine()
    found = engine.faces(REQUEST, grey)
    assert found.faces == () and found.notes
    pid = ground.pid()
    assert engine.run(trial_job(), grey).layers and ground.pid() == pid


def test_an_engine_killed_before_it_has_the_photo(ground: Ground) -> None:
    def killing(box: Box) -> Raster:
        ground.kill()
        return grey(box)

    engine = ground.engine()
    with pytest.raises(EngineStopped) as caught:
        engine.faces(REQUEST, killing)
    assert "nothing was changed" in one_sentence(caught.value)
    assert engine.faces(REQUEST, grey).faces == ()


def test_what_the_host_raises_comes_through(ground: Ground) -> None:
    class HostFault(Exception):
        pass

    def broken(box: Box) -> Raster:
        raise HostFault

    engine = ground.engine()
    with pytest.raises(HostFault):
        engine.faces(REQUEST, broken)
    with pytest.raises(ValueError, match="another size or format"):
        engine.faces(REQUEST, lambda box: grey(box._replace(width=1)))
    assert engine.faces(REQUEST, grey).faces == ()


def test_faces_wait_for_their_turn_and_can_leave_the_queue(ground: Ground) -> None:
    engine = ground.engine()
    begun, over = threading.Event(), threading.Event()

    def until_over(done: float, text: str) -> None:
        if text == "Working":
            begun.set()
        if over.is_set():
            raise Cancelled

    def work() -> None:
        with pytest.raises(Cancelled):
            engine.run(trial_job(seconds=60), grey, until_over)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        assert begun.wait(30)
        with pytest.raises(Cancelled):
            engine.faces(REQUEST, grey, leave_when_waiting)
    finally:
        over.set()
        worker.join()
    eventually(lambda: answered(engine))


def leave_when_waiting(done: float, text: str) -> None:
    if text == "Waiting: 1 job before yours":
        raise Cancelled


def answered(engine: Engine) -> bool:
    return engine.faces(REQUEST, grey).faces == ()
