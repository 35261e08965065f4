"""The comparison with the golden tile, and the memory of passed checks."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softlight.errors import ModelError
from softlight.runtime.self_check import Agreement, PassedChecks, compare, read_golden

GOLDEN = {"map": np.random.default_rng(0).random((1, 2, 32, 32), np.float32)}
PASS = Agreement(80.0, 0.001)


def test_equal_arrays_agree_completely() -> None:
    assert compare(GOLDEN, GOLDEN) == Agreement(psnr=120.0, max_error=0.0)


@given(st.floats(1e-5, 0.3))
def test_the_psnr_of_a_constant_offset_is_known(offset: float) -> None:
    shifted = {"map": (GOLDEN["map"].astype(np.float64) + offset)}
    agreement = compare(shifted, GOLDEN)  # type: ignore[arg-type]
    assert agreement.psnr == pytest.approx(min(-20 * np.log10(offset), 120), abs=1e-3)
    assert agreement.max_error == pytest.approx(offset, abs=1e-6)
    assert agreement.passes == (agreement.psnr >= 50)


def test_one_value_off_by_more_than_four_levels_fails_at_any_psnr() -> None:
    wrong = {"map": GOLDEN["map"].copy()}
    wrong["map"][0, 1, 3, 4] += 4.5 / 255
    agreement = compare(wrong, GOLDEN)
    assert agreement.psnr > 50 and not agreement.passes


@pytest.mark.parametrize("outputs", [{}, {"map": GOLDEN["map"][:, :1]}, {"map": GOLDEN["map"] * np.inf}])
def test_what_cannot_be_compared_does_not_agree(outputs: dict[str, np.ndarray]) -> None:
    assert not compare(outputs, GOLDEN).passes


def test_the_worst_output_counts() -> None:
    two = {"good": GOLDEN["map"], "bad": GOLDEN["map"]}
    assert not compare({"good": GOLDEN["map"], "bad": GOLDEN["map"] * 0}, two).passes


def test_a_golden_tile_is_never_unpickled() -> None:
    buffer = io.BytesIO()
    np.savez(buffer, **{"input.image": np.array([{"code": "runs"}], dtype=object)})
    with pytest.raises(ModelError, match="reinstall Softlight"):
        read_golden(buffer.getvalue())


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 broken"])
def test_a_broken_golden_tile_is_one_sentence(content: bytes) -> None:
    with pytest.raises(ModelError, match="reinstall Softlight"):
        read_golden(content)


def test_passed_checks_survive_the_process(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "checks.json"
    PassedChecks(path).add("a", PASS)
    PassedChecks(path).add("b", PASS)
    again = PassedChecks(path)
    assert "a" in again and "b" in again and "c" not in again
    assert [file.name for file in path.parent.iterdir()] == ["checks.json"]


def test_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    checks = PassedChecks(tmp_path / "checks.json")
    for number in range(130):
        checks.add(str(number), PASS)
    assert "129" in checks and "0" not in checks
    assert len(json.loads((tmp_path / "checks.json").read_text())) == 100


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b'{"a": 5}', b"null"])
def test_a_damaged_file_is_ignored_and_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "checks.json"
    path.write_bytes(content)
    checks = PassedChecks(path)
    assert "a" not in checks
    checks.add("a", PASS)
    assert "a" in checks


def test_a_folder_that_cannot_be_written_is_not_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    checks = PassedChecks(tmp_path / "file" / "checks.json")
    checks.add("a", PASS)
    assert "a" not in checks


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "checks.json"
    PassedChecks(path).add("a", PASS)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(json, "dump", full)
    PassedChecks(path).add("b", PASS)
    assert "a" in PassedChecks(path) and "b" not in PassedChecks(path)
    assert [file.name for file in tmp_path.iterdir()] == ["checks.json"]


def test_no_file_remembers_nothing() -> None:
    checks = PassedChecks(None)
    checks.add("a", PASS)
    assert "a" not in checks
