"""What strangers and fools can do to the engine: nothing."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Client
from pathlib import Path

import pytest

import softlight_bridge
from softlight.engine.server import MOST_VISITORS
from softlight_bridge import handshake, launcher, messages, packing, places, private_files
from softlight_bridge.errors import BridgeError, EngineError, WireError
from softlight_bridge.wire import Line, LineLost
from tests.bridge.conftest import make_ground
from tests.bridge.ground import Ground, alive, altered_engine, eventually, grey, trial_job


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
    header = packing.pack_job(trial_job(), None)[0]
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
    header = packing.pack_job(trial_job(), None)[0]
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
    line = launcher.connect("Cut off")
    line.send(*packing.pack_job(trial_job(), None))
    assert line.receive_header()["type"] == "need"
    header, (pixels,) = packing.pack_pixels(grey(messages.Box(0, 0, 40, 30)))
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


def test_a_host_that_says_nothing_after_the_handshake_is_thrown_out(ground: Ground) -> None:
    altered_engine("from softlight.engine import visitor; visitor.PATIENCE = 0.5").run(trial_job(), grey)
    line = launcher.connect("Mute")
    assert line.poll(10)
    with pytest.raises(LineLost):
        line.receive_header()
    line.close()


def test_a_crowd_is_bounded_and_the_next_host_gets_its_turn(unharmed: Ground) -> None:
    crowd = [bare_socket(unharmed) for _ in range(60)]
    assert unharmed.engine().run(trial_job(), grey).layers
    assert all(hung_up(connection) for connection in crowd)
    assert unharmed.log.count("too many connections") >= 60 - MOST_VISITORS


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
    eventually(lambda: f"GIMP 3.0.4 speaks the protocol {protocol}, not {messages.PROTOCOL}" in ground.log)
    if protocol > messages.PROTOCOL:
        # It makes room for the newer engine that may be installed by now.
        eventually(lambda: not alive(pid))


@pytest.mark.parametrize(
    ("version", "words"),
    [("0.0.9", r"is older than the engine .*run 'softlight plugins install' and restart GIMP\."),
     ("0.10.0", r"is newer than the engine .*update Softlight's engine, and if you just did, try again")],
)  # fmt: skip
def test_a_plugin_of_another_version_works_until_it_is_not_understood(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, version: str, words: str
) -> None:
    engine = ground.engine()._replace(host="GIMP 3.0.4")
    strange = trial_job()._replace(settings={"sparkle": 1.0})
    with pytest.raises(EngineError, match="has no setting 'sparkle'"):
        engine.run(strange, grey)
    pid, ours = ground.pid(), softlight_bridge.__version__
    with monkeypatch.context() as patched:
        patched.setattr(softlight_bridge, "__version__", version)
        engine.run(trial_job(), grey)
        # What the user can put right is told as ever.
        with pytest.raises(EngineError, match="All is switched off; switch something on"):
            engine.run(trial_job(end="mistake"), grey)
        with pytest.raises(EngineError, match=words) as caught:
            engine.run(strange, grey)
    assert f"(Softlight {version})" in str(caught.value) and f"(Softlight {ours})" in str(caught.value)
    eventually(lambda: not alive(pid))  # to make room for one that may be installed by now


def test_a_plugin_that_is_too_new_is_told_so_though_the_engine_has_ended_since(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = ground.engine()
    engine.run(trial_job(), grey)
    pid, greet = ground.pid(), launcher.greet

    def slowly(line: Line, key: bytes, host: str) -> object:
        try:
            return greet(line, key, host)
        finally:
            eventually(lambda: not alive(pid))

    monkeypatch.setattr(handshake, "PROTOCOL", 9)
    monkeypatch.setattr(launcher, "greet", slowly)
    with pytest.raises(BridgeError, match="is newer than the engine"):
        engine.run(trial_job(), grey)
    assert ground.engines() == []
