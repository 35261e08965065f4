"""Who may talk to the engine, and what strangers and fools can do to it: nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Client
from pathlib import Path

import pytest

import softlight_bridge
from softlight_bridge import handshake, launcher, messages, places, private_files
from softlight_bridge.client import Engine
from softlight_bridge.errors import BridgeError, WireError
from softlight_bridge.wire import Line
from tests.bridge.conftest import make_ground
from tests.bridge.ground import Ground, alive, eventually, grey, trial_job
from tests.bridge.pythons import BRIDGE

root_only = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root can be another user"
)


@pytest.fixture(scope="module")
def running() -> Iterator[Ground]:
    """A ground with an engine that must still be the same one after every test."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for ground in make_ground(monkeypatch):
            ground.engine().run(trial_job(), grey)
            yield ground


@pytest.fixture
def unharmed(running: Ground) -> Iterator[Ground]:
    pid = running.pid()
    yield running
    assert running.engine().run(trial_job(), grey).layers
    assert running.pid() == pid and running.engines() == [pid]


def bare_socket(ground: Ground) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(ground.runtime / "engine.sock"))
    connection.settimeout(20)
    return connection


def hung_up(connection: socket.socket) -> bool:
    """Whether the engine closes this connection, whatever it says before."""
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError:
        pass
    connection.close()
    return True


@pytest.mark.parametrize(
    "content",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        os.urandom(5000),
        struct.pack("!iQ", -1, 4 << 30),
        struct.pack("!i", 0x7FFFFFFF) + b"x" * 1000,
        struct.pack("!i", -7) * 100,
        struct.pack("!i", 20) + b"short",
        b"\0" * 100,
        b"",
    ],
    ids=["http", "noise", "4 GB", "2 GB", "negative", "cut", "zeros", "nothing"],
)
def test_garbage_instead_of_a_handshake(unharmed: Ground, content: bytes) -> None:
    with bare_socket(unharmed) as connection:
        try:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # It has hung up already.
        assert hung_up(connection)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"{}", b'{"type": "job"}', b'{"type": "pixels"}', b'{"type": ["job"]}', b'{"type": 1}',
        b"[" * 100_000, b"\x80\x04\x95", b'{"type": "job", "picture_size": {"width": 1e999, "height": 1}}',
    ],
)  # fmt: skip
def test_garbage_after_the_handshake(unharmed: Ground, content: bytes) -> None:
    line = launcher.connect("Fool")
    line.connection.send_bytes(content)
    with pytest.raises(WireError):
        line.receive_header()
    line.close()


def test_a_mask_of_four_gigabytes(unharmed: Ground) -> None:
    from softlight_bridge.packing import pack_job

    header = pack_job(trial_job(), None)[0]
    header["picture_size"] = header["mask"] | {"width": 65536, "height": 65536}
    header["mask"] |= {"width": 65536, "height": 65536}
    before = resident(unharmed.pid())
    line = launcher.connect("Fool")
    line.send(header, [bytes(1000)])
    with pytest.raises(WireError):
        line.receive_header()
    line.close()
    assert resident(unharmed.pid()) - before < 20_000_000


def test_half_a_gigabyte_declared_and_a_thousand_bytes_sent(unharmed: Ground) -> None:
    from softlight_bridge.packing import pack_job

    header = pack_job(trial_job(), None)[0]
    header["picture_size"] = {"width": 20000, "height": 20000}
    header["mask"] |= {"width": 20000, "height": 20000}
    before = resident(unharmed.pid())
    line = launcher.connect("Fool")
    line.send(header, [bytes(1000)])
    time.sleep(0.3)
    assert resident(unharmed.pid()) - before < 20_000_000
    line.close()
    eventually(lambda: "Fool: The connection was lost" in unharmed.log)


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def test_pixels_cut_in_the_middle(unharmed: Ground) -> None:
    from softlight_bridge.packing import pack_job, pack_pixels

    line = launcher.connect("Cut off")
    line.send(*pack_job(trial_job(), None))
    assert line.receive_header()["type"] == "need"
    header, (pixels,) = pack_pixels(grey(messages.Box(0, 0, 40, 30)))
    line.send(header, [memoryview(pixels)[:1000]])
    line.close()
    eventually(lambda: "Cut off: The connection was lost" in unharmed.log)


def test_silent_and_dripping_clients_block_nobody_and_are_thrown_out(unharmed: Ground) -> None:
    silent = [bare_socket(unharmed) for _ in range(8)]
    dripping = bare_socket(unharmed)
    started = time.monotonic()

    def drip() -> None:
        # A byte now and then would keep a limit on each read from ever being reached.
        with suppress(OSError):
            for byte in struct.pack("!i", 200) + bytes(200):
                dripping.sendall(bytes([byte]))
                time.sleep(0.2)

    thread = threading.Thread(target=drip)
    thread.start()
    assert unharmed.engine().run(trial_job(), grey).layers
    assert time.monotonic() - started < handshake.DEADLINE
    assert all(hung_up(connection) for connection in [*silent, dripping])
    thread.join()
    assert handshake.DEADLINE - 1 < time.monotonic() - started < 15


def test_a_crowd_is_bounded_and_the_next_host_gets_its_turn(unharmed: Ground) -> None:
    crowd = [bare_socket(unharmed) for _ in range(60)]
    assert unharmed.engine().run(trial_job(), grey).layers
    assert all(hung_up(connection) for connection in crowd)


def test_the_wrong_key_is_refused(unharmed: Ground) -> None:
    address = str(unharmed.runtime / "engine.sock")
    line = Line(Client(address))
    with pytest.raises(handshake.Refused, match="does not accept the key"):
        handshake.greet(line, bytes(32), "Thief")
    line.close()
    assert "A process with another key was refused." in unharmed.log


def test_an_engine_with_another_key_is_refused(ground: Ground) -> None:
    ground.engine().run(trial_job(), grey)
    private_files.write_private(places.key_path(), bytes(32))
    with pytest.raises(BridgeError, match="does not accept the key") as caught:
        ground.engine().run(trial_job(), grey)
    assert str(ground.runtime / "key") in str(caught.value)


# --- versions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("protocol", "words"),
    [(0, r"is older than the engine .*run 'softlight plugins install' and restart GIMP"),
     (9, r"is newer than the engine .*update Softlight's engine")],
)  # fmt: skip
def test_a_plugin_of_another_protocol_is_told_what_to_update(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, protocol: int, words: str
) -> None:
    engine = ground.engine()._replace(host="GIMP 3.0.4")
    engine.run(trial_job(), grey)
    pid = ground.pid()
    with monkeypatch.context() as patched:
        patched.setattr(handshake, "PROTOCOL", protocol)
        with pytest.raises(BridgeError, match=words) as caught:
            engine.run(trial_job(), grey)
        assert str(caught.value).endswith(".") and softlight_bridge.__version__ in str(caught.value)
    eventually(lambda: f"GIMP 3.0.4 speaks the protocol {protocol}, not 1" in ground.log)
    if protocol > messages.PROTOCOL:
        # It makes room for the newer engine that may be installed by now.
        eventually(lambda: not alive(pid))


# --- other users and the rights of files --------------------------------------------------------------------


def as_nobody(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run code as the user nobody, from copies that it can read."""
    lead = f"import sys; sys.path.insert(0, {environment['BRIDGE']!r})\n"
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    return subprocess.run(
        [*user, "/usr/bin/python3", "-I", "-c", lead + code],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@root_only
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv")
def test_another_user_is_kept_out_by_the_folder_and_refused_by_the_engine(ground: Ground) -> None:
    ground.engine().run(trial_job(), grey)
    copy = ground.folder / "bridge"
    shutil.copytree(BRIDGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    address, key = ground.runtime / "engine.sock", (ground.runtime / "key").read_bytes()
    os.chmod(ground.folder, 0o755)
    environment = {"BRIDGE": str(copy), "XDG_RUNTIME_DIR": str(ground.folder / "run")}

    # As installed: the folder.
    reach = f"import socket; socket.socket(socket.AF_UNIX).connect({str(address)!r})"
    assert "PermissionError" in as_nobody(reach, environment).stderr

    # Even with folder, socket and key given away, the kernel says who it is.
    for path, mode in ((ground.folder / "run", 0o755), (ground.runtime, 0o755), (address, 0o777)):
        os.chmod(path, mode)
    greet = f"""
from multiprocessing.connection import Client
from softlight_bridge import handshake
from softlight_bridge.wire import Line
try:
    handshake.greet(Line(Client({str(address)!r})), {key!r}, "Nobody")
    print("let in")
except Exception as error:
    print(type(error).__name__)
"""
    done = as_nobody(greet, environment)
    assert done.stdout.strip() in ("Unanswered", "BrokenPipeError", "ConnectionResetError"), done.stderr
    assert "A process of another user was refused." in ground.log

    # And our own client now refuses that folder.
    with pytest.raises(BridgeError, match="is not this user's alone"):
        ground.engine().run(trial_job(), grey)
    os.chmod(ground.runtime, 0o700)


def test_an_open_key_is_not_used(ground: Ground) -> None:
    ground.engine().run(trial_job(), grey)
    os.chmod(ground.runtime / "key", 0o644)
    with pytest.raises(BridgeError, match="is not a file of this user alone; remove it and try again"):
        ground.engine().run(trial_job(), grey)


@root_only
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv")
def test_an_unreadable_key_is_a_sentence(ground: Ground) -> None:
    copy = ground.folder / "bridge"
    shutil.copytree(BRIDGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    os.chmod(ground.folder, 0o755)
    # Nobody's own folder, with a key in it that was made unreadable: root itself can read everything.
    for folder in (ground.folder / "run", ground.runtime):
        folder.mkdir(exist_ok=True)
        os.chown(folder, 65534, 65534)
        os.chmod(folder, 0o700)
    (ground.runtime / "key").write_bytes(bytes(32))
    os.chmod(ground.runtime / "key", 0)
    os.chown(ground.runtime / "key", 65534, 65534)
    code = """
from softlight_bridge import launcher
import threading
try:
    launcher.reach(("/nowhere",), "Nobody", threading.Event())
except Exception as error:
    print(error)
"""
    environment = {"BRIDGE": str(copy), "XDG_RUNTIME_DIR": str(ground.folder / "run")}
    done = as_nobody(code, environment)
    assert done.stdout == (
        f"'{ground.runtime}/key' cannot be read (Permission denied); remove it and try again.\n"
    ), done.stderr


def test_a_missing_key_heals(ground: Ground) -> None:
    engine = ground.engine()
    engine.run(trial_job(), grey)
    (ground.runtime / "key").unlink()
    assert engine.run(trial_job(), grey).layers
    assert len(ground.engines()) == 1


@pytest.mark.parametrize("kind", ["link", "file", "open"])
def test_a_runtime_folder_that_is_no_folder_of_ours_is_refused(ground: Ground, kind: str) -> None:
    if kind == "link":
        (ground.folder / "elsewhere").mkdir(mode=0o700)
        ground.runtime.symlink_to(ground.folder / "elsewhere")
    elif kind == "file":
        ground.runtime.touch()
    else:
        ground.runtime.mkdir()
        ground.runtime.chmod(0o777)
    with pytest.raises(BridgeError, match="remove it"):
        ground.engine().run(trial_job(), grey)
    assert ground.engines() == []
    if kind != "file":
        ground.runtime.chmod(0o700)


def test_a_fifo_in_place_of_the_key_or_the_state_does_not_block(ground: Ground) -> None:
    ground.engine().run(trial_job(), grey)
    (ground.runtime / "key").unlink()
    os.mkfifo(ground.runtime / "key", 0o600)
    with pytest.raises(BridgeError, match="not a file of this user alone|cannot be read"):
        ground.engine().run(trial_job(), grey)


def test_a_path_too_long_for_a_socket_is_a_sentence(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = ground.folder / ("x" * 90)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    with pytest.raises(
        BridgeError, match="is too long for a socket; set XDG_RUNTIME_DIR to a folder with a shorter"
    ):
        ground.engine().run(trial_job(), grey)


# --- full disks ---------------------------------------------------------------------------------------------


def filled(folder: Path) -> Path:
    """Fill a small disk to the last byte."""
    with open(folder / "filler", "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    return folder


def test_a_full_disk_under_the_runtime_folder_is_a_sentence(ground: Ground) -> None:
    from tests.full_disks import mounted

    with mounted(ground.runtime, "size=64k"):
        os.chmod(ground.runtime, 0o700)
        filled(ground.runtime)
        with pytest.raises(BridgeError, match="No space left on device") as caught:
            ground.engine().run(trial_job(), grey)
        assert "make room there" in str(caught.value) and "\n" not in str(caught.value)
        assert not (ground.runtime / "key").exists()
        (ground.runtime / "filler").unlink()
        assert ground.engine().run(trial_job(), grey).layers
        ground.kill(signal.SIGTERM)


def test_a_full_disk_under_the_log_does_not_keep_a_filter_from_running(ground: Ground) -> None:
    from tests.full_disks import mounted

    with mounted(ground.folder / "full", "size=64k") as full:
        os.environ["XDG_STATE_HOME"] = str(filled(full))
        assert ground.engine().run(trial_job(), grey).layers
        with pytest.raises(BridgeError):
            ground.engine().run(trial_job(end="defect"), grey)
        assert ground.engine().run(trial_job(), grey).layers
        ground.kill(signal.SIGTERM)


# --- whole processes ----------------------------------------------------------------------------------------


def test_a_second_engine_gives_way(unharmed: Ground) -> None:
    command = unharmed.engine().command
    assert subprocess.run(command, check=False).returncode == launcher.ALREADY_RUNS


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


def test_engine_json_is_found_beside_the_plugin_or_in_the_configuration(ground: Ground) -> None:
    with pytest.raises(BridgeError, match="run 'softlight plugins install'"):
        Engine.beside(str(ground.folder), "Test")
    config = Path(places.config_folder())
    config.mkdir(parents=True)
    (config / "engine.json").write_text(json.dumps({"engine": ["a", "b"]}))
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
