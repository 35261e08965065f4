"""The client against real engine processes: what a user gets and is told while the engine lives."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from softlight_bridge import places
from softlight_bridge.errors import BridgeError, Cancelled, EngineError
from softlight_bridge.messages import Box, PixelFormat, Raster
from softlight_bridge.wire import Line
from tests.bridge.ground import Ground, altered_engine, eventually, grey, one_sentence, trial_job


def test_layers_come_back_ready_to_be_set(ground: Ground) -> None:
    result = ground.engine().run(trial_job(), grey)
    assert (result.group, result.notes) == ("Trial", ())
    assert result.settings == {"filter": "trial", "seconds": 0.0, "end": "layers"}
    (layer,) = result.layers
    assert (layer.name, layer.blend, layer.opacity) == ("Trial", "normal", 1.0)
    assert layer.box == Box(0, 0, 40, 30)
    # 0x40 = 64 of 255, half of the way to white: 159.5.
    assert bytes(layer.pixels.data) == bytes([160, 160, 160, 255]) * 1200
    assert layer.mask is not None and bytes(layer.mask.data) == b"\xff" * 1200


def test_nothing_to_do_is_a_note_and_no_layer(ground: Ground) -> None:
    result = ground.engine().run(trial_job(end="nothing"), grey)
    assert result.layers == () and result.notes == ("There was nothing to do.",)


def test_profiles_and_formats_pass(ground: Ground) -> None:
    job = trial_job()._replace(
        icc=b"no profile at all", layer_format=PixelFormat("BGRA", "u16"), mask_depth=None, blends=("normal",)
    )
    (layer,) = ground.engine().run(job, grey).layers
    assert layer.mask is None and layer.pixels.format == PixelFormat("BGRA", "u16")
    preview = ground.engine().preview(job, grey, (20, 20))
    assert (preview.before.width, preview.before.height) == (20, 15)
    assert preview.view is None and preview.view_label == "" and preview.box == Box(0, 0, 40, 30)
    assert bytes(preview.before.data[:3]) == b"\x40" * 3
    assert bytes(preview.after.data[:3]) == b"\xa0" * 3


@pytest.mark.parametrize(
    ("end", "kind", "words"),
    [
        ("error", "MaskError", "The mask is wrong; paint another."),
        ("memory", "MemoryError", "not enough memory"),
        ("defect", "Defect", "Softlight itself failed (ZeroDivisionError)"),
    ],
)
def test_errors_are_data_and_the_engine_lives_on(ground: Ground, end: str, kind: str, words: str) -> None:
    engine = ground.engine()
    with pytest.raises(EngineError) as caught:
        engine.run(trial_job(end=end), grey)
    assert caught.value.kind == kind and words in one_sentence(caught.value)
    assert "a private detail" not in str(caught.value)
    if kind != "MaskError":
        assert f"'{places.log_path()}'" in str(caught.value)
        assert "Traceback" in ground.log
    pid = ground.pid()
    assert engine.run(trial_job(), grey).layers
    assert ground.pid() == pid


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"seconds": 99}, "'seconds' takes a number from 0 to 60"), ({"colour": 1}, "has no setting 'colour'")],
)
def test_wrong_settings_are_told_before_pixels_are_sent(
    ground: Ground, settings: dict[str, object], words: str
) -> None:
    def never(box: Box) -> Raster:
        raise AssertionError("pixels were asked for")

    with pytest.raises(EngineError, match=words) as caught:
        ground.engine().run(trial_job(**settings), never)
    assert caught.value.kind == "SettingsError"


def test_an_unknown_filter_is_told(ground: Ground) -> None:
    with pytest.raises(EngineError, match="There is no filter 'nosuch'"):
        ground.engine().run(trial_job()._replace(filter="nosuch"), grey)


def test_progress_comes_often_and_in_the_callers_thread(ground: Ground) -> None:
    calls: list[tuple[float, float, str, int]] = []

    def progress(done: float, text: str) -> None:
        calls.append((time.monotonic(), done, text, threading.get_ident()))

    # Slower than a tick at its start, as it is on most machines.
    altered_engine("import time; time.sleep(0.5)").run(trial_job(seconds=1.5), grey, progress)
    assert {ident for _, _, _, ident in calls} == {threading.get_ident()}
    assert next(text for _, _, text, _ in calls) == "Starting the engine"
    working = [(at, done) for at, done, text, _ in calls if text == "Working"]
    assert len(working) >= 7 and [done for _, done in working] == sorted(done for _, done in working)


def test_what_the_callbacks_raise_comes_through_and_cancels(ground: Ground) -> None:
    engine = ground.engine()

    class HostFault(Exception):
        pass

    def broken(box: Box) -> Raster:
        raise HostFault

    with pytest.raises(HostFault):
        engine.run(trial_job(), broken)
    with pytest.raises(ValueError, match="another size or format"):
        engine.run(trial_job(), lambda box: grey(box._replace(width=1)))
    with pytest.raises(ValueError, match="a raster of 40 x 30"):
        engine.run(trial_job(), lambda box: grey(box)._replace(data=b"short"))
    assert engine.run(trial_job(), grey).layers


def test_cancel_frees_the_engine_for_the_next_job(ground: Ground) -> None:
    engine = ground.engine()

    def stop(done: float, text: str) -> None:
        if text == "Working":
            raise Cancelled

    started = time.monotonic()
    with pytest.raises(Cancelled, match="nothing was changed"):
        engine.run(trial_job(seconds=60), grey, stop)
    assert engine.run(trial_job(), grey).layers
    assert time.monotonic() - started < 30


def test_a_host_without_memory_for_the_layers_is_told(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(line: Line, size: int) -> bytearray:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(Line, "receive_blob", full)
        with pytest.raises(
            BridgeError, match="not enough memory for this; close other programs, or"
        ) as caught:
            ground.engine().run(trial_job(), grey)
    one_sentence(caught.value)
    assert ground.engine().run(trial_job(), grey).layers


def test_jobs_of_two_hosts_wait_for_each_other(ground: Ground) -> None:
    first, second = ground.engine()._replace(host="GIMP 3.0"), ground.engine()._replace(host="Krita 5.2")
    running, waiting = threading.Event(), threading.Event()

    def until_both_are_there(done: float, text: str) -> None:
        if text == "Working":
            running.set()
            if waiting.is_set():
                raise Cancelled

    def note(done: float, text: str) -> None:
        if text == "Waiting: 1 job before yours":
            waiting.set()

    def run_first() -> None:
        with pytest.raises(Cancelled):
            first.run(trial_job(seconds=60), grey, until_both_are_there)
        first.run(trial_job(), grey)

    thread = threading.Thread(target=run_first)
    thread.start()
    assert running.wait(20)
    assert second.run(trial_job(), grey, note).layers
    thread.join()
    assert waiting.is_set()
    assert "GIMP 3.0: trial layers" in ground.log and "Krita 5.2: trial layers" in ground.log


def test_a_waiting_job_can_be_cancelled(ground: Ground) -> None:
    engine = ground.engine()
    running, end = threading.Event(), threading.Event()

    def until_told(done: float, text: str) -> None:
        if text == "Working":
            running.set()
            if end.is_set():
                raise Cancelled

    def stop(done: float, text: str) -> None:
        if text.startswith("Waiting: "):
            raise Cancelled

    def first() -> None:
        with pytest.raises(Cancelled):
            engine.run(trial_job(seconds=60), grey, until_told)

    thread = threading.Thread(target=first)
    thread.start()
    assert running.wait(20)
    with pytest.raises(Cancelled):
        engine.run(trial_job(), grey, stop)
    end.set()
    thread.join()
    assert engine.run(trial_job(), grey).layers


def test_a_host_that_dies_leaves_its_job(ground: Ground) -> None:
    ground.engine().run(trial_job(), grey)
    code = (
        "from tests.bridge.ground import *\n"
        "def tell(done, text):\n"
        "    if text == 'Working': print('running', flush=True)\n"
        "Engine(TRIAL_ENGINE, 'Dying 1.0').run(trial_job(seconds=60), grey, tell)\n"
    )
    host = subprocess.Popen(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE
    )
    assert host.stdout is not None and host.stdout.readline()
    host.kill()
    host.wait()
    host.stdout.close()
    eventually(lambda: "Dying 1.0 has left" in ground.log)
    assert ground.engine().run(trial_job(), grey).layers


def test_the_log_names_no_pixels_and_can_be_read_by_its_user_only(ground: Ground) -> None:
    ground.engine().run(trial_job(), grey)
    assert "Test 1.0: trial layers of 40 x 30 RGB u8" in ground.log
    assert os.stat(places.log_path()).st_mode & 0o077 == 0


def test_a_filter_that_needs_a_brush_says_so(ground: Ground) -> None:
    with pytest.raises(EngineError, match="Trial works where a brush painted; paint a mask first.") as caught:
        ground.engine().run(trial_job()._replace(mask=None), lambda box: pytest.fail("pixels were asked for"))
    assert caught.value.kind == "MaskError"
