"""Several sources, each with faults of its own, and mirrors before them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.model_store import misbehaving_server as does
from tests.model_store.downloading import CONTENT, QUICK, run, wanted
from tests.model_store.fault_table import FaultTable
from tests.model_store.misbehaving_server import serving

pytestmark = pytest.mark.usefixtures("_direct")
SIZE = len(CONTENT)
HALF = SIZE // 2
OTHER = bytes(reversed(CONTENT))
SEVERAL = "Several sources"
"""Of the table of faults."""


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "gfpgan" / "model.onnx"


def test_the_second_goes_on_where_the_first_stopped(target: Path, fault_table: FaultTable) -> None:
    with (
        serving(CONTENT, does.cut_after(HALF), does.status(404)) as first,
        serving(CONTENT) as second,
    ):
        outcome = run(wanted(first.url(), second.url()), target)
        assert outcome.installed
        assert (first.sent, second.sent) == (HALF, SIZE - HALF)
    fault_table.add(
        SEVERAL,
        "the first breaks off in the middle for good",
        "",
        f"{outcome.state}; the second sent the rest only",
    )


def test_wrong_bytes_then_right_ones(target: Path, fault_table: FaultTable) -> None:
    with serving(OTHER) as first, serving(CONTENT) as second:
        outcome = run(wanted(first.url(), second.url()), target)
        assert outcome.installed
        assert (first.sent, second.sent) == (SIZE, SIZE)
    fault_table.add(
        SEVERAL, "the first has another file of the same length", "", f"{outcome.state} from the second"
    )


def test_half_a_wrong_file_then_a_right_one(target: Path, fault_table: FaultTable) -> None:
    with (
        serving(OTHER, does.cut_after(HALF), does.status(404)) as first,
        serving(CONTENT) as second,
    ):
        outcome = run(wanted(first.url(), second.url()), target)
        assert outcome.installed
        assert second.sent == HALF + SIZE
    fault_table.add(
        SEVERAL,
        "the first breaks off, and its bytes were wrong",
        "",
        f"{outcome.state} from the second, begun again from zero",
    )


def test_a_replaced_file_costs_nothing_where_another_source_has_the_rest(
    target: Path, fault_table: FaultTable
) -> None:
    with (
        serving(CONTENT, does.cut_after(HALF), does.other_content(OTHER, etag='"two"')) as first,
        serving(CONTENT) as second,
    ):
        outcome = run(wanted(first.url(), second.url()), target)
        assert outcome.installed
        assert second.sent == SIZE - HALF
    fault_table.add(
        SEVERAL,
        "the first replaces its file in the middle",
        "",
        f"{outcome.state}; the second sent the rest only",
    )


def test_each_with_a_fault_of_its_own(target: Path, fault_table: FaultTable) -> None:
    with serving(CONTENT, does.status(404)) as first, serving(CONTENT, does.stall_after(None)) as second:
        outcome = run(wanted(first.url(), second.url(host="localhost")), target)
    assert "127.0.0.1 answered 404 (Not Found), and localhost sent nothing for 0.8 s;" in outcome.sentence
    fault_table.add(SEVERAL, "none delivers", outcome.reads(("localhost", "mirror.org")), outcome.state)


def test_mirrors_come_first(target: Path) -> None:
    with serving(CONTENT) as original, serving(CONTENT) as mirror:
        rules = replace(QUICK, mirrors=((original.url("/repo/"), mirror.url("/copy/")),))
        assert run(wanted(original.url("/repo/model.onnx")), target, rules).installed
        assert original.lines == []
        assert [line.path for line in mirror.lines] == ["/copy/model.onnx"]


def test_behind_a_mirror_stands_the_original(target: Path, fault_table: FaultTable) -> None:
    with serving(CONTENT) as original, serving(CONTENT, does.cut_after(HALF), does.status(403)) as mirror:
        rules = replace(QUICK, mirrors=((original.url("/"), mirror.url("/copy/")),))
        outcome = run(wanted(original.url()), target, rules)
        assert outcome.installed
        assert original.sent == SIZE - HALF
    fault_table.add(
        SEVERAL,
        "the user's mirror fails in the middle",
        "",
        f"{outcome.state}; the original sent the rest only",
    )


def test_no_source_at_all(target: Path) -> None:
    assert "names no source" in run(wanted(), target).sentence
