"""Messages over a real connection: whole, too long, cut, garbled, never ending."""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

import pytest

from softlight_bridge import handshake
from softlight_bridge.errors import WireError
from softlight_bridge.private_files import KEY_BYTES
from softlight_bridge.wire import CHUNK, LARGEST_HEADER, Line, LineLost
from tests.bridge.ground import eventually

Ends = tuple[Line, Connection]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """Our end of a connection, and the bare other one."""
    mine, other = Pipe()
    line = Line(mine)
    yield line, other
    line.close()
    other.close()


def raw(other: Connection, content: bytes) -> None:
    """Write to the socket itself, past the framing."""
    while content:
        content = content[os.write(other.fileno(), content) :]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_headers_and_blobs_arrive_as_sent(ends: Ends, size: int) -> None:
    line, other = ends
    blob = os.urandom(size)
    header = {"type": "x", "umlaut": "Ä", "number": 1.5}
    sender = threading.Thread(target=Line(other).send, args=(header, [blob, memoryview(b"end")]))
    sender.start()
    assert line.receive_header() == header
    assert line.receive_blob(size) == blob
    assert line.receive_blob(3) == b"end"
    sender.join()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"1",
        b'"x"',
        b"\xff\xfe",
        b"[" * 900_000,
        b"{}{}",
        b"1" * 5000,
        b"\x80\x04N.",
    ],
    ids=lambda text: repr(text[:6]),
)
def test_what_is_no_json_object_is_garbled(ends: Ends, text: bytes) -> None:
    line, other = ends
    sender = threading.Thread(target=other.send_bytes, args=(text,))
    sender.start()
    with pytest.raises(WireError):
        line.receive_header()
    sender.join()


@pytest.mark.parametrize(
    "frame",
    [
        struct.pack("!i", LARGEST_HEADER + 1),
        struct.pack("!i", 0x7FFFFFFF),
        struct.pack("!iQ", -1, 4 << 30),
        struct.pack("!iQ", -1, (1 << 64) - 1),
        struct.pack("!i", -5),
    ],
)
def test_a_frame_of_gigabytes_is_refused_before_memory_is_taken(ends: Ends, frame: bytes) -> None:
    line, other = ends
    raw(other, frame)
    before = _peak()
    with pytest.raises(WireError):
        line.receive_header()
    assert _peak() - before < 10_000_000


def test_a_blob_takes_memory_as_it_arrives(ends: Ends) -> None:
    line, other = ends
    other.send_bytes(b"only this")
    other.close()
    before = _peak()
    with pytest.raises(LineLost):
        line.receive_blob(4 << 30)
    assert _peak() - before < 10_000_000


def _peak() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_a_chunk_larger_than_what_is_left_is_refused(ends: Ends) -> None:
    line, other = ends
    other.send_bytes(b"123456")
    with pytest.raises(WireError):
        line.receive_blob(5)


def test_an_empty_chunk_does_not_go_round_for_ever(ends: Ends) -> None:
    line, other = ends
    other.send_bytes(b"")
    with pytest.raises(WireError):
        line.receive_blob(5)


@pytest.mark.parametrize("sent", [b"", b"\0", b"\0\0\0\x20", b'\0\0\0\x20{"type"'])
def test_a_message_cut_in_the_middle_is_a_lost_line(ends: Ends, sent: bytes) -> None:
    line, other = ends
    raw(other, sent)
    other.close()
    with pytest.raises(LineLost):
        line.receive_header()


def test_a_peer_that_stops_in_the_middle_is_left_at_the_deadline(ends: Ends) -> None:
    line, other = ends
    raw(other, b"\0\0\0\x20{")
    with pytest.raises(LineLost), line.deadline(0.2):
        line.receive_header()
    assert line.aborted


def test_a_peer_that_does_not_read_is_left_at_the_deadline(ends: Ends) -> None:
    line, _ = ends
    with pytest.raises(LineLost), line.deadline(0.2):
        line.send({}, [bytes(20_000_000)])
    assert line.aborted


def test_abort_wakes_who_waits(ends: Ends) -> None:
    line, _ = ends
    threading.Timer(0.2, line.abort).start()
    with pytest.raises(LineLost):
        line.receive_header()
    with pytest.raises(LineLost):
        line.poll(30)


def test_closing_twice_and_aborting_what_is_closed_is_harmless(ends: Ends) -> None:
    line, _ = ends
    line.close()
    line.close()
    line.abort()
    with pytest.raises(LineLost):
        line.receive_header()


def test_a_deadline_that_was_kept_leaves_no_trace(ends: Ends) -> None:
    line, other = ends
    before = threading.active_count()
    with line.deadline(0.05):
        pass
    time.sleep(0.1)
    assert not line.aborted
    eventually(lambda: threading.active_count() <= before)
    other.send_bytes(b"{}")
    assert line.receive_header() == {}


def test_an_answer_that_comes_just_when_the_deadline_ends_is_late(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line is of no use any more, which must not be found out in the middle of the job."""
    mine, other = ends
    key = bytes(KEY_BYTES)
    monkeypatch.setattr(handshake, "DEADLINE", 0.3)
    receive_header = mine.receive_header

    def at_the_last_moment() -> Any:
        header = receive_header()
        eventually(lambda: mine.aborted)
        return header

    monkeypatch.setattr(mine, "receive_header", at_the_last_moment)
    engine = threading.Thread(target=handshake.receive, args=(Line(other), key))
    engine.start()
    with pytest.raises(handshake.Late):
        handshake.greet(mine, key, "Host")
    engine.join()


def test_a_header_that_is_too_long_is_not_sent(ends: Ends) -> None:
    line, other = ends
    with pytest.raises(WireError, match="too long"):
        line.send({"x": "y" * LARGEST_HEADER})
    assert not other.poll(0)


def test_numbers_that_json_does_not_know_are_not_sent(ends: Ends) -> None:
    line, _ = ends
    with pytest.raises(ValueError):
        line.send({"x": float("nan")})


def test_nothing_is_ever_unpickled(ends: Ends) -> None:
    line, other = ends
    other.send(Bomb())
    with pytest.raises(WireError):
        line.receive_header()
    assert not Bomb.exploded


class Bomb:
    exploded = False

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return _explode, ()


def _explode() -> None:
    Bomb.exploded = True
