"""Everything that a line and a server can do to a download."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import pytest

from softlight_models import transfer
from softlight_models.part import Origin, Part
from tests.model_store import misbehaving_server as does
from tests.model_store.downloading import CONTENT, run, wanted
from tests.model_store.fault_table import FaultTable
from tests.model_store.misbehaving_server import Behaviour, honest, serving

pytestmark = pytest.mark.usefixtures("_direct")
SIZE = len(CONTENT)
HALF = SIZE // 2
OTHER = bytes(reversed(CONTENT))


@dataclass(frozen=True)
class Fault:
    """What a server does, request after request, and what shall come of it."""

    name: str
    script: tuple[Behaviour, ...]
    reads: str = ""
    """A part of the sentence; empty: the download gets done."""
    sent: int | None = SIZE
    """Bytes of the file that the server sends in all; None: not known to the byte."""
    kept: int = 0
    """Bytes that a failed download leaves for the next one."""
    begun: int | None = None
    """Bytes that an earlier attempt left."""
    size: int | None = SIZE
    """What the catalogue says."""


LINE = (
    Fault("cut before the answer", (does.cut_in_head(0), honest)),
    Fault("cut in the status line", (does.cut_in_head(9), honest)),
    Fault("cut in the headers", (does.cut_in_head(45), honest)),
    Fault("cut after the headers", (does.cut_after(0), honest)),
    Fault("cut after the first byte", (does.cut_after(1), honest)),
    Fault("cut in the middle", (does.cut_after(HALF), honest)),
    Fault("cut one byte before the end", (does.cut_after(SIZE - 1), honest)),
    Fault(
        "cut twice, then again at the last byte but one", (does.cut_after(HALF), does.cut_after(9), honest)
    ),
    Fault("cut in the middle of a chunk", (functools.partial(does.chunked, end=HALF), honest)),
    Fault("cut after 1000 bytes, again and again", (does.cut_after(1000),), "broke the", 3000, 3000),
    Fault("cut before the answer, again and again", (does.cut_in_head(0),), "broke the connection off", 0),
    Fault("reset before the answer", (does.Line.reset, honest)),
    Fault("reset in the middle", (does.reset_after(HALF), honest), sent=None),
    Fault("reset in the middle, again and again", (does.reset_after(0),), "broke the connection off", None),
    Fault("silence before the answer", (does.stall_after(None), honest)),
    Fault("silence in the middle", (does.stall_after(HALF), honest)),
    Fault("silence for good", (does.stall_after(None),), "sent nothing for 0.8 s", 0),
    Fault(
        "silence for good in the middle", (does.stall_after(HALF), does.stall_after(0)), "nothing", HALF, HALF
    ),
    Fault("a byte now and then", (does.drip(HALF, 0.05), honest), sent=None),
)

SERVER = (
    Fault("no such file", (does.status(404),), "404 (Not Found)", 0),
    Fault("a file that is gone for good", (does.status(410),), "410 (Gone)", 0),
    Fault("forbidden", (does.status(403),), "403 (Forbidden)", 0),
    Fault("a password is wanted", (does.status(401),), "401 (Unauthorized)", 0),
    Fault("forbidden in the middle", (does.cut_after(HALF), does.status(403)), "403", HALF, HALF),
    Fault("too many requests, wait 1 s", (does.status(429, retry_after=1), honest)),
    Fault("too many requests, wait an hour", (does.status(429, retry_after=3600),), "asks to wait 60 min", 0),
    Fault("too many requests, without a time", (does.status(429), honest)),
    Fault("unavailable until a date", (does.unavailable_for(7300),), "asks to wait 2 h", 0),
    Fault("an error of the server, once", (does.status(500), honest)),
    Fault("an error of the server in the middle", (does.cut_after(HALF), does.status(502), honest)),
    Fault("an error of the server, again and again", (does.status(500),), "500 (Internal Server Error)", 0),
    Fault("a status that does not exist", (does.status(799),), "799 (no status that HTTP knows)", 0),
    Fault("an empty answer", (does.status(204),), "204 (No Content)", 0),
    Fault("something that is not HTTP", (does.no_http,), "not HTTP", 0),
    Fault(
        "a web page in place of the file",
        (does.other_content(b"<html>", content_type="text/html"),),
        "web page",
        None,
    ),
    Fault(
        "another length than in the catalogue",
        (does.other_content(CONTENT[:-1]),),
        "file of 299999 bytes",
        None,
    ),
    Fault("more bytes than announced", (does.other_content(CONTENT + b"!"),), "file of 300001 bytes", None),
    Fault("Content-Length too small", (does.says_length(SIZE - 1),), "file of 299999 bytes", None),
    Fault("Content-Length too large", (does.says_length(SIZE + 1),), "file of 300001 bytes", None),
    Fault(
        "Content-Length too large, length not in the catalogue",
        (does.says_length(SIZE + 1),),
        size=None,
    ),
    Fault("other bytes of the same length", (does.other_content(OTHER),), "its SHA-256 differs", SIZE),
    Fault(
        "other bytes, length not in the catalogue",
        (does.other_content(OTHER),),
        "SHA-256",
        SIZE,
        0,
        None,
        None,
    ),
    Fault("no Range: all of it, 200", (does.cut_after(HALF), does.ignores_range), sent=HALF + SIZE),
    Fault("no Range, and cut each time", (does.cut_after(HALF), does.says_length(SIZE)), sent=HALF + SIZE),
    Fault("416 though there is more", (does.cut_after(HALF), does.refuses_range), sent=HALF + SIZE),
    Fault(
        "another range than asked for", (does.cut_after(HALF), does.sends_another_range, honest), sent=None
    ),
    Fault(
        "another range than asked for, always", (does.sends_another_range,), "another part of the file", None
    ),
    Fault("ranges of 100 kB at most", (does.small_ranges(100_000),)),
    Fault(
        "replaced in the middle (other ETag, other bytes)",
        (does.cut_after(HALF), does.other_content(OTHER, etag='"two"')),
        "SHA-256",
        None,
    ),
    Fault(
        "replaced in the middle by the right file (other ETag)",
        (does.other_content(OTHER[:HALF], etag='"old"', content_length=SIZE), honest),
        sent=None,
    ),
    Fault(
        "another length in the middle",
        (does.cut_after(HALF), does.other_content(OTHER[:-5])),
        "file of 299995",
        None,
        HALF,
    ),
    Fault("what an earlier attempt left is wrong", (honest,), sent=SIZE + HALF, begun=HALF),
    Fault("gzip though not asked for", (does.compressed,), sent=None),
    Fault("a gzip bomb", (does.gzip_bomb,), "sent more than the file has", None),
    Fault("chunks without a length", (does.chunked,)),
    Fault("garbled chunks", (does.garbled_chunks, honest)),
    Fault("neither length nor chunks", (does.without_length,)),
    Fault("neither length nor chunks, length not in the catalogue", (does.without_length,), size=None),
    Fault("bytes without an end", (does.endless,), "sent more than the file has", None),
)


@pytest.mark.parametrize("old", [None, b"an older good file"], ids=["new", "over-old"])
@pytest.mark.parametrize("fault", LINE + SERVER, ids=lambda fault: fault.name)
def test_fault(fault: Fault, old: bytes | None, tmp_path: Path, fault_table: FaultTable) -> None:
    target = tmp_path / "gfpgan" / "model.onnx"
    with serving(CONTENT, *fault.script) as server:
        what = wanted(server.url(), size=fault.size)
        if fault.begun:
            leave_part(target, OTHER[: fault.begun], what.sha256)
        outcome = run(what, target, old=old)
        assert outcome.installed == (not fault.reads), outcome.sentence
        assert fault.reads in outcome.sentence
        if fault.sent is not None:
            assert server.sent == fault.sent
        assert outcome.kept == (0 if outcome.installed else pytest.approx(fault.kept, abs=0))
    section = "The line" if fault in LINE else "The server"
    state = outcome.state
    if outcome.installed and fault.sent:
        state += f"; {100 * fault.sent / SIZE:.0f} % of the file were sent"
    fault_table.add(section, fault.name, outcome.reads(), state)
    if outcome.sentence:
        kept = outcome.kept
        with serving(CONTENT) as server:
            assert run(wanted(server.url()), target).installed
            assert server.sent == SIZE - kept


@pytest.mark.parametrize("error", [KeyError("etag"), MemoryError(), ValueError("write to closed file")])
def test_a_defect_of_ours_is_not_called_the_server_s(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defect(*anything: object) -> None:
        raise error

    with serving(CONTENT) as server, monkeypatch.context() as patched:
        patched.setattr(Part, "write", defect)
        with pytest.raises(type(error)) as caught:
            run(wanted(server.url()), tmp_path / "model.onnx")
        assert caught.value is error


def test_a_defect_in_reading_the_answer_comes_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defect(*anything: object) -> None:
        raise KeyError("content-range")

    with serving(CONTENT) as server, monkeypatch.context() as patched:
        patched.setattr(transfer, "_understood", defect)
        with pytest.raises(KeyError, match="content-range"):
            run(wanted(server.url()), tmp_path / "model.onnx")


def leave_part(target: Path, content: bytes, sha256: str, origin: Origin | None = None) -> None:
    """What an earlier attempt would have left."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with Part(target, sha256, None) as part:
        part.came_from(origin or Origin("http://127.0.0.1/elsewhere"))
        part.write(content)
