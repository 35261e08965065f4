"""A wheel from every kind of index, and indexes that have none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.model_store import misbehaving_server as does
from tests.model_store.downloading import CONTENT, QUICK, run
from tests.model_store.fault_table import FaultTable
from tests.model_store.misbehaving_server import serving
from tests.model_store.wheel.offered import (
    GOOD,
    MEMBER,
    SECTION,
    WHEEL,
    as_json,
    html,
    html_with_base,
    html_without_checksum,
    index,
    of_wheel,
    packed,
)


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
    assert "no package index is set that pip uses; name one in pip's configuration" in outcome.sentence
    fault_table.add(SECTION, "pip is set to use no index", outcome.reads(), outcome.state)
