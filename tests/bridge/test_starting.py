"""From no engine to one, whatever is in the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from softlight_bridge import handshake, launcher, places, private_files
from softlight_bridge.client import Engine
from softlight_bridge.errors import BridgeError, Cancelled
from softlight_bridge.wire import Line
from tests.bridge.ground import Ground, altered_engine, eventually, grey, one_sentence, trial_job


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


def test_a_second_engine_gives_way(ground: Ground) -> None:
    engine = ground.engine()
    engine.run(trial_job(), grey)
    pid = ground.pid()
    assert subprocess.run(engine.command, check=False).returncode == launcher.ALREADY_RUNS
    assert engine.run(trial_job(), grey).layers and ground.engines() == [pid]


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


def test_a_missing_key_heals(ground: Ground) -> None:
    engine = ground.engine()
    engine.run(trial_job(), grey)
    (ground.runtime / "key").unlink()
    assert engine.run(trial_job(), grey).layers
    eventually(lambda: len(ground.engines()) == 1)


def test_a_key_that_is_replaced_while_a_host_comes_is_read_again(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = ground.engine()
    engine.run(trial_job(), grey)
    read, last = private_files.read_key, iter([bytes(private_files.KEY_BYTES)])
    monkeypatch.setattr(private_files, "read_key", lambda: next(last, None) or read())
    assert engine.run(trial_job(), grey).layers


def test_a_command_that_is_not_there(ground: Ground) -> None:
    with pytest.raises(BridgeError, match="could not be started from '/no/such/python'") as caught:
        Engine(("/no/such/python", "-m", "softlight.engine"), "Test").run(trial_job(), grey)
    assert "softlight plugins install" in one_sentence(caught.value)


def test_a_flatpak_that_may_start_nothing_is_told_who_knows(ground: Ground) -> None:
    portal = ground.folder / places.OUTSIDE[0]
    portal.write_text("#!/bin/sh\necho 'Portal call failed: it is not allowed' >&2\nexit 1\n")
    portal.chmod(0o755)
    with pytest.raises(BridgeError) as caught:
        Engine((str(portal), "--host", sys.executable), "Test").run(trial_job(), grey)
    assert one_sentence(caught.value).startswith(
        "Softlight's engine could not start (status 1: Portal call failed: it is not allowed); run "
        "'softlight plugins status' to see whether this Flatpak may start it. Its log is '"
    )


def test_an_engine_killed_before_it_listens(ground: Ground) -> None:
    command = (sys.executable, "-I", "-c", "import os; os.kill(os.getpid(), 9)")
    with pytest.raises(BridgeError, match="could not start") as caught:
        Engine(command, "Test").run(trial_job(), grey)
    assert "status -9" in one_sentence(caught.value)


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


def test_what_an_earlier_engine_said_is_not_told_again(ground: Ground) -> None:
    Path(places.log_folder()).mkdir(parents=True)
    Path(places.log_path()).write_text("an old story\n")
    with pytest.raises(BridgeError, match="status 3\\);") as caught:
        Engine((sys.executable, "-I", "-c", "import os; os._exit(3)"), "Test").run(trial_job(), grey)
    assert "old story" not in str(caught.value)


def tricky_engine(line: str) -> Engine:
    """The trial engine, which does something else before it answers anyone."""
    return altered_engine(f"""
import os, time
from softlight.engine import server
began, serve = time.monotonic(), server.serve
def tricky(*arguments):
    {line}
    serve(*arguments)
server.serve = tricky
""")


def test_an_engine_killed_in_the_handshake(ground: Ground) -> None:
    with pytest.raises(BridgeError, match="could not start .status -9") as caught:
        tricky_engine("os.kill(os.getpid(), 9)").run(trial_job(), grey)
    assert places.log_path() in one_sentence(caught.value)
    assert ground.engine().run(trial_job(), grey).layers


@pytest.mark.parametrize("first", [True, False])
def test_an_engine_that_starts_slowly_is_waited_for(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    monkeypatch.setattr(handshake, "DEADLINE", 0.2)
    engine = tricky_engine("time.sleep(max(0, began + 1.5 - time.monotonic()))")
    if not first:
        # Another host has started it a moment ago, and ours finds out only when its own gives way.
        other = subprocess.Popen(engine.command)
        monkeypatch.setattr(launcher, "connect", seen_too_early(ground))
    assert engine.run(trial_job(), grey).layers
    # The one that gives way may still be loading its modules.
    eventually(lambda: len(ground.engines()) == 1)
    if not first:
        other.kill()
        other.wait()


def seen_too_early(ground: Ground) -> Callable[[str], Line]:
    """`connect` that finds nobody at its first look, though somebody listens."""
    looks = iter([True])
    connect = launcher.connect

    def look(host: str) -> Line:
        if next(looks, False):
            eventually(private_files.read_state)
            raise launcher.NotRunning("Not yet.")
        return connect(host)

    return look


def test_an_engine_that_never_answers_is_not_waited_for_long(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshake, "DEADLINE", 0.2)
    monkeypatch.setattr(launcher, "LONGEST_HANG_UPS", 1.0)
    started = time.monotonic()
    deaf = tricky_engine("time.sleep(1000)")
    for wait in (True, False):
        # The second time it is known to run, and one deadline is enough.
        with pytest.raises(BridgeError, match="runs but did not answer within") as caught:
            deaf.run(trial_job(), grey)
        assert places.log_path() in one_sentence(caught.value)
        took, started = time.monotonic() - started, time.monotonic()
        assert (took > 1.0) is wait and took < 15
    for pid in ground.engines():
        os.kill(pid, signal.SIGKILL)


def test_starting_can_be_cancelled(ground: Ground) -> None:
    def stop(done: float, text: str) -> None:
        assert text == "Starting the engine"
        raise Cancelled

    sleeper = Engine((sys.executable, "-I", "-c", "import time; time.sleep(30)"), "Test")
    started = time.monotonic()
    with pytest.raises(Cancelled):
        sleeper.run(trial_job(), grey, stop)
    assert time.monotonic() - started < 10


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
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/flatpak/bus")
    monkeypatch.chdir(ground.folder)
    assert ground.engine().run(trial_job(), grey).layers
    process = Path(f"/proc/{ground.pid()}")
    pairs = (process / "environ").read_bytes().decode().strip("\0").split("\0")
    environment = dict(pair.split("=", 1) for pair in pairs)
    assert not hostile.keys() & environment.keys()
    assert environment["XDG_RUNTIME_DIR"] == os.environ["XDG_RUNTIME_DIR"]
    assert environment["LC_NUMERIC"] == "C"
    assert environment["DBUS_SESSION_BUS_ADDRESS"] == "unix:path=/run/flatpak/bus"
    assert (process / "cwd").readlink() == Path("/")
    assert os.getsid(ground.pid()) != os.getsid(0)
    assert (process / "fd" / "0").readlink() == Path(os.devnull)
    assert (process / "fd" / "2").readlink() == Path(places.log_path())
    # Nothing of the host's own is open in the engine.
    allowed = ("/dev/null", "socket:", "anon_inode:", "/dev/urandom", "pipe:")
    mine = (str(ground.folder), *allowed)
    for descriptor in (process / "fd").iterdir():
        with suppress(FileNotFoundError):  # the last host's connection, closed since
            assert str(descriptor.readlink()).startswith(mine)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--idle"], ["--idle", "x"], ["--idle", "-1"], ["--idle", "nan"]]
)
def test_wrong_arguments_of_the_engine_are_told(ground: Ground, arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-m", "softlight.engine", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and done.stderr.startswith("Usage: ") and "Traceback" not in done.stderr


def test_engine_json_is_found_beside_the_plugin_or_in_the_configuration(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BridgeError) as caught:
        Engine.beside(str(ground.folder), "Krita 5.2.9")
    assert str(caught.value) == (
        "Softlight's engine, which does the work of this plug-in, is not installed for you; install it by "
        "Softlight's installer or by the commands of its README, then start Krita again."
    )
    # As a plug-in brings it that came from another machine.
    (ground.folder / "engine.json").write_text(json.dumps({"engine": None, "cli": None, "version": "0"}))
    with pytest.raises(BridgeError, match=r"is not installed for you; install it .* then start GIMP again\."):
        Engine.beside(str(ground.folder), "GIMP 3.0.4")
    config = Path(places.config_folder())
    config.mkdir(parents=True)
    (config / "engine.json").write_text(json.dumps({"engine": ["a", "b"]}))
    assert Engine.beside(str(ground.folder), "Test").command == ("a", "b")
    with monkeypatch.context() as flatpak:
        flatpak.setattr(places, "FLATPAK", __file__)
        flatpak.setenv("HOST_XDG_CONFIG_HOME", os.environ["XDG_CONFIG_HOME"])
        assert Engine.beside(str(ground.folder), "Test").command == ("flatpak-spawn", "--host", "a", "b")
    (ground.folder / "engine.json").unlink()
    assert Engine.beside(str(ground.folder), "Test").command == ("a", "b")
    (ground.folder / "engine.json").write_text(json.dumps({"engine": ["c"], "cli": ["d"], "version": "0"}))
    assert Engine.beside(str(ground.folder), "Test") == Engine(("c",), "Test")


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"engine": []}', b'{"engine": [1]}', b'{"engine": "x"}', b"\xff"]
)
def test_a_damaged_engine_json_is_a_sentence(ground: Ground, content: bytes) -> None:
    (ground.folder / "engine.json").write_bytes(content)
    with pytest.raises(BridgeError, match="cannot be read .*run 'softlight plugins install'"):
        Engine.beside(str(ground.folder), "Test")
