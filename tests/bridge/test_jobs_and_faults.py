"""The client against real engine processes: what a user sees when all is well, and when it is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from softlight_bridge import packing, places
from softlight_bridge.client import Engine, end_engine
from softlight_bridge.errors import BridgeError, Cancelled, EngineError, EngineStopped
from softlight_bridge.messages import Box, Job, PixelFormat, Raster, Result
from softlight_bridge.wire import Line
from tests.bridge.ground import Ground, alive, eventually, grey, trial_job


def one_sentence(error: BaseException) -> str:
    text = str(error)
    assert text.endswith((".", "'")) and "\n" not in text and "Traceback" not in text, text
    return text


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

    ground.engine().run(trial_job(seconds=1.5), grey, progress)
    assert {ident for _, _, _, ident in calls} == {threading.get_ident()}
    assert next(text for _, _, text, _ in calls) == "Starting the engine"
    working = [(at, done) for at, done, text, _ in calls if text == "Working"]
    assert len(working) >= 7 and [done for _, done in working] == sorted(done for _, done in working)


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


def test_jobs_of_two_hosts_wait_for_each_other(ground: Ground) -> None:
    first, second = ground.engine()._replace(host="GIMP 3.0"), ground.engine()._replace(host="Krita 5.2")
    running, texts = threading.Event(), []

    def notice(done: float, text: str) -> None:
        if text == "Working":
            running.set()

    def note(done: float, text: str) -> None:
        if not texts or texts[-1] != text:
            texts.append(text)

    thread = threading.Thread(target=first.run, args=(trial_job(seconds=1.0), grey, notice))
    thread.start()
    assert running.wait(20)
    assert second.run(trial_job(), grey, note).layers
    thread.join()
    assert "Waiting: 1 job before yours" in texts
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


# --- death and resurrection ---------------------------------------------------------------------------------


def test_an_engine_that_dies_in_the_filter_says_so_and_the_next_call_starts_one(ground: Ground) -> None:
    engine = ground.engine()
    with pytest.raises(EngineStopped) as caught:
        engine.run(trial_job(end="crash"), grey)
    assert "nothing was changed" in one_sentence(caught.value)
    assert f"'{places.log_path()}'" in str(caught.value)
    assert engine.run(trial_job(), grey).layers


def test_an_engine_killed_before_it_listens(ground: Ground) -> None:
    command = (sys.executable, "-I", "-c", "import os; os.kill(os.getpid(), 9)")
    with pytest.raises(BridgeError, match="could not start") as caught:
        Engine(command, "Test").run(trial_job(), grey)
    assert "status -9" in one_sentence(caught.value)


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
    pids = []

    def freezing(box: Box) -> Raster:
        pids.append(ground.pid())
        os.kill(pids[0], signal.SIGSTOP)
        return grey(box)

    def killing(done: float, text: str) -> None:
        # 9 MB do not fit into a socket's buffer: the client is in the middle of sending.
        if pids and alive(pids[0]):
            time.sleep(0.3)
            os.kill(pids[0], signal.SIGKILL)

    with pytest.raises(EngineStopped):
        engine.run(trial_job(2000, 1500), freezing, killing)
    assert engine.run(trial_job(), grey).layers


def test_an_engine_killed_while_it_works(ground: Ground) -> None:
    engine = ground.engine()

    def killing(done: float, text: str) -> None:
        if text == "Working":
            os.kill(ground.pid(), signal.SIGKILL)

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


def test_an_engine_that_hangs_can_be_cancelled(ground: Ground) -> None:
    engine = ground.engine()
    pids = []

    def freeze(done: float, text: str) -> None:
        if text == "Working" and not pids:
            pids.append(ground.pid())
            os.kill(pids[0], signal.SIGSTOP)
            freeze.since = time.monotonic()  # type: ignore[attr-defined]
        if pids and time.monotonic() - freeze.since > 0.5:  # type: ignore[attr-defined]
            raise Cancelled

    started = time.monotonic()
    with pytest.raises(Cancelled):
        engine.run(trial_job(seconds=60), grey, freeze)
    # A frozen engine takes no connection either, which is told within the handshake's deadline.
    with pytest.raises(BridgeError, match="did not answer|takes no connection") as caught:
        engine.run(trial_job(), grey)
    one_sentence(caught.value)
    assert time.monotonic() - started < 40
    os.kill(pids[0], signal.SIGKILL)
    eventually(lambda: not alive(pids[0]))
    assert engine.run(trial_job(), grey).layers


def test_two_hosts_that_start_at_once_get_one_engine(ground: Ground) -> None:
    code = (
        "from tests.bridge.ground import *\n"
        "Engine(TRIAL_ENGINE, 'Host').run(trial_job(), grey)\n"
        "print(private_files.read_state().pid)\n"
    )
    hosts = [
        subprocess.Popen(
            [sys.executable, "-c", code], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    pids = {host.communicate()[0].strip() for host in hosts}
    assert len(pids) == 1 and all(host.returncode == 0 for host in hosts)
    eventually(lambda: [str(pid) for pid in ground.engines()] == list(pids))


@pytest.mark.parametrize("left", ["socket", "nothing listens", "garbage", "empty"])
def test_what_a_crash_left_behind_is_replaced(ground: Ground, left: str) -> None:
    engine = ground.engine()
    engine.run(trial_job(), grey)
    ground.kill()
    state, socket = ground.runtime / "engine.json", ground.runtime / "engine.sock"
    assert socket.exists() and state.exists()
    if left == "nothing listens":
        socket.unlink()
        socket.touch()
    elif left == "garbage":
        state.write_bytes(b"\xff{]")
    elif left == "empty":
        state.write_bytes(b"")
    assert engine.run(trial_job(), grey).layers


def test_a_command_that_is_not_there(ground: Ground) -> None:
    with pytest.raises(BridgeError, match="could not be started from '/no/such/python'") as caught:
        Engine(("/no/such/python", "-m", "softlight.engine"), "Test").run(trial_job(), grey)
    assert "softlight plugins install" in one_sentence(caught.value)


def test_an_engine_that_ends_at_once_is_told_with_its_last_words(ground: Ground) -> None:
    command = (
        sys.executable,
        "-I",
        "-c",
        "import os; os.write(2, b'fine\\nb\\xf6se: no such thing\\n'); os._exit(3)",
    )
    with pytest.raises(BridgeError) as caught:
        Engine(command, "Test").run(trial_job(), grey)
    text = one_sentence(caught.value)
    assert "status 3" in text and "se: no such thing" in text and places.log_path() in text


def test_starting_can_be_cancelled(ground: Ground) -> None:
    def stop(done: float, text: str) -> None:
        assert text == "Starting the engine"
        raise Cancelled

    sleeper = Engine((sys.executable, "-I", "-c", "import time; time.sleep(30)"), "Test")
    started = time.monotonic()
    with pytest.raises(Cancelled):
        sleeper.run(trial_job(), grey, stop)
    assert time.monotonic() - started < 10


# --- the end ------------------------------------------------------------------------------------------------


def files_left(ground: Ground) -> set[str]:
    return {path.name for path in ground.runtime.iterdir()}


def test_idle_engines_end_and_tidy_up(ground: Ground) -> None:
    engine = ground.engine("--idle", "0.02")
    engine.run(trial_job(seconds=2), grey)
    pid = ground.pid()
    eventually(lambda: not alive(pid))
    assert files_left(ground) == {"engine.lock"}
    assert "ends: unused for 0.02 minutes" in ground.log
    assert engine.run(trial_job(), grey).layers


def test_the_idle_time_is_a_setting(ground: Ground) -> None:
    config = Path(places.config_folder())
    config.mkdir(parents=True)
    (config / "settings.toml").write_text("[engine]\nidle_minutes = 0.01\n")
    ground.engine().run(trial_job(), grey)
    eventually(lambda: not ground.engines())
    assert "ends: unused for 0.01 minutes" in ground.log


def test_sigterm_ends_it_tidily_in_the_middle_of_a_job(ground: Ground) -> None:
    pids = []

    def end(done: float, text: str) -> None:
        if text == "Working" and not pids:
            pids.append(ground.pid())
            os.kill(pids[0], signal.SIGTERM)

    with pytest.raises(EngineStopped):
        ground.engine().run(trial_job(seconds=60), grey, end)
    eventually(lambda: not alive(pids[0]))
    assert files_left(ground) == {"engine.lock"}


def test_a_logout_ends_it(ground: Ground) -> None:
    import shutil

    ground.engine().run(trial_job(), grey)
    pid = ground.pid()
    shutil.rmtree(ground.folder / "run")
    eventually(lambda: not alive(pid))
    assert "ends: its files are gone from the runtime folder" in ground.log


def test_an_engine_whose_folder_was_made_anew_leaves_it_alone(ground: Ground) -> None:
    import shutil

    engine = ground.engine()
    engine.run(trial_job(), grey)
    old = ground.pid()
    shutil.rmtree(ground.runtime)
    assert engine.run(trial_job(), grey).layers
    new = ground.pid()
    assert new != old
    eventually(lambda: not alive(old))
    assert files_left(ground) == {"engine.lock", "engine.sock", "engine.json", "key"}
    assert engine.run(trial_job(), grey).layers and ground.pid() == new


def test_it_can_be_asked_to_end_and_finishes_its_job_first(ground: Ground) -> None:
    assert end_engine() is False
    engine = ground.engine()
    asked = []

    def ask(done: float, text: str) -> None:
        if text == "Working" and not asked:
            asked.append(end_engine())

    assert engine.run(trial_job(seconds=1), grey, ask).layers
    assert asked == [True]
    eventually(lambda: not ground.engines())
    assert "ends: asked to end" in ground.log


# --- surroundings -------------------------------------------------------------------------------------------


def test_it_starts_with_a_clean_environment_and_a_session_of_its_own(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = {
        "PYTHONPATH": str(ground.folder), "PYTHONHOME": "", "LD_LIBRARY_PATH": "/tmp", "LD_PRELOAD": "",
        "QT_PLUGIN_PATH": "/tmp", "GIO_MODULE_DIR": "/tmp", "GI_TYPELIB_PATH": "/tmp", "DISPLAY": ":9",
        "XDG_DATA_DIRS": "/tmp", "GIMP3_DIRECTORY": "/tmp", "APPDIR": "/tmp",
    }  # fmt: skip
    (ground.folder / "numpy.py").write_text("raise SystemExit('the host's module was loaded')")
    for name, value in hostile.items():
        if value:
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("LC_NUMERIC", "C")
    monkeypatch.chdir(ground.folder)
    assert ground.engine().run(trial_job(), grey).layers
    process = Path(f"/proc/{ground.pid()}")
    pairs = (process / "environ").read_bytes().decode().strip("\0").split("\0")
    environment = dict(pair.split("=", 1) for pair in pairs)
    assert not hostile.keys() & environment.keys()
    assert environment["XDG_RUNTIME_DIR"] == os.environ["XDG_RUNTIME_DIR"]
    assert environment["LC_NUMERIC"] == "C"
    assert (process / "cwd").readlink() == Path("/")
    assert os.getsid(ground.pid()) != os.getsid(0)
    assert (process / "fd" / "0").readlink() == Path(os.devnull)
    assert (process / "fd" / "2").readlink() == Path(places.log_path())
    # Nothing of the host's own is open in the engine.
    allowed = ("/dev/null", "socket:", "anon_inode:", "/dev/urandom", "pipe:")
    mine = (str(ground.folder), *allowed)
    for descriptor in (process / "fd").iterdir():
        assert str(descriptor.readlink()).startswith(mine)


def test_the_log_names_no_pixels_and_can_be_read_by_its_user_only(ground: Ground) -> None:
    ground.engine().run(trial_job(), grey)
    assert "Test 1.0: trial layers of 40 x 30 RGB u8" in ground.log
    assert os.stat(places.log_path()).st_mode & 0o077 == 0


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
