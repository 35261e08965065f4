"""Full and read-only disks, strange paths, and what is in the way."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from softlight_models.download import download
from softlight_models.errors import ModelStoreError
from softlight_models.parallel import download_all
from softlight_models.part import Origin, Part
from tests.full_disks import mounted
from tests.model_store import misbehaving_server as does
from tests.model_store.downloading import CONTENT, QUICK, one_sentence, run, wanted
from tests.model_store.fault_table import FaultTable
from tests.model_store.misbehaving_server import Line, serving

pytestmark = pytest.mark.usefixtures("_direct")
SIZE = len(CONTENT)
HALF = SIZE // 2
SECTION = "The disk"


def test_too_little_room_is_found_before_the_first_byte(tmp_path: Path, fault_table: FaultTable) -> None:
    with mounted(tmp_path / "small disk") as disk, serving(CONTENT) as server:
        target = disk / "model.onnx"
        outcome = run(wanted(server.url()), target)
        assert "needs 300 kB on the disk of" in outcome.sentence
        assert server.lines == []
        assert list(disk.iterdir()) == []
    fault_table.add(SECTION, "too little room", outcome.reads(), f"{outcome.state}; no connection was made")


def test_too_little_room_where_only_the_server_knows_the_length(tmp_path: Path) -> None:
    with mounted(tmp_path / "small disk") as disk, serving(CONTENT) as server:
        outcome = run(wanted(server.url(), size=None), disk / "model.onnx")
        assert "needs 300 kB on the disk of" in outcome.sentence
        assert list(disk.iterdir()) == []


def test_too_little_room_for_all_of_several(tmp_path: Path) -> None:
    content = CONTENT[:40_000]
    with mounted(tmp_path / "small disk") as disk, serving(content) as server:
        jobs = [(wanted(server.url(), content=content), disk / name) for name in ("a", "b")]
        with pytest.raises(ModelStoreError, match="This download needs 80 kB"):
            download_all(jobs, network=QUICK)
        assert server.lines == []


def test_disk_that_gets_full(tmp_path: Path, fault_table: FaultTable) -> None:
    content = CONTENT[:40_000]
    with mounted(tmp_path / "small disk") as disk:

        def fill_the_disk(line: Line) -> None:
            rest = does.answer(line)
            line.body(rest[:10_000])
            (disk / "something else").write_bytes(bytes(40_000))
            line.body(rest[10_000:])

        with serving(content, fill_the_disk) as server:
            what = wanted(server.url(), content=content)
            target = disk / "gfpgan" / "model.onnx"
            outcome = run(what, target)
            assert "is full" in outcome.sentence
            kept = outcome.kept
            assert 0 < kept < len(content)
            assert target.with_name("model.onnx.part").read_bytes() == content[:kept]
        fault_table.add(
            SECTION,
            "the disk gets full in the middle",
            outcome.reads(),
            "nothing installed; what fits is kept",
        )
        (disk / "something else").unlink()
        with serving(content) as server:
            assert run(wanted(server.url(), content=content), target).installed
            assert server.sent == len(content) - kept


def test_folder_that_is_read_only(tmp_path: Path, fault_table: FaultTable) -> None:
    with mounted(tmp_path / "read-only") as disk, serving(CONTENT) as server:
        (disk / "gfpgan").mkdir()
        remount(disk, "ro")
        outcome = run(wanted(server.url()), disk / "gfpgan" / "model.onnx")
        assert "cannot be written into" in outcome.sentence
        assert "SOFTLIGHT_MODELS" in outcome.sentence
        assert server.lines == []
        again = run(wanted(server.url()), disk / "not there yet" / "model.onnx")
        assert "cannot be written into" in again.sentence
    fault_table.add(
        SECTION, "a read-only folder", outcome.reads(), f"{outcome.state}; no connection was made"
    )


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


NAMES = ("Modèle 模型 🙂.onnx", "with blanks and 'quotes' & co.onnx", "é" * 60 + ".onnx")


@pytest.mark.parametrize("name", NAMES, ids=["unicode", "blanks", "long"])
def test_strange_names(name: str, tmp_path: Path, fault_table: FaultTable) -> None:
    target = tmp_path / "Künstler 写真" / name
    with serving(CONTENT, does.cut_after(HALF), does.honest) as server:
        outcome = run(wanted(server.url()), target)
        assert outcome.installed
        assert server.sent == SIZE
    fault_table.add(SECTION, "a path with Unicode, blanks and quotes", "", outcome.state)


def test_long_path(tmp_path: Path, fault_table: FaultTable) -> None:
    # Longer than the 260 characters that old programs take on Windows.
    folder = tmp_path.joinpath(*["a folder with a rather long name, number " + str(n) for n in range(15)])
    target = folder / "model.onnx"
    assert len(str(target)) > 600
    with serving(CONTENT) as server:
        outcome = run(wanted(server.url()), target)
        assert outcome.installed
    fault_table.add(SECTION, "a path of more than 600 characters", "", outcome.state)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other limits")
def test_name_that_no_disk_takes(tmp_path: Path, fault_table: FaultTable) -> None:
    with serving(CONTENT) as server:
        outcome = run(wanted(server.url()), tmp_path / "gfpgan" / ("n" * 248 + ".onnx"))
        assert "too long" in outcome.sentence
        assert server.lines == []
    fault_table.add(SECTION, "a name that no disk takes", outcome.reads(), outcome.state)


def test_file_where_the_folder_should_be(tmp_path: Path, fault_table: FaultTable) -> None:
    (tmp_path / "gfpgan").write_bytes(b"mine")
    with serving(CONTENT) as server:
        target = tmp_path / "gfpgan" / "model.onnx"
        with pytest.raises(ModelStoreError) as caught:
            download(wanted(server.url()), target, network=QUICK)
    assert one_sentence(str(caught.value))
    assert (tmp_path / "gfpgan").read_bytes() == b"mine"


def test_folder_where_the_file_should_be(tmp_path: Path) -> None:
    target = tmp_path / "gfpgan" / "model.onnx"
    target.mkdir(parents=True)
    with serving(CONTENT) as server, pytest.raises(ModelStoreError) as caught:
        download(wanted(server.url()), target, network=QUICK)
    assert one_sentence(str(caught.value))
    assert target.is_dir()


def test_what_is_there_is_not_downloaded_again(tmp_path: Path) -> None:
    target = tmp_path / "model.onnx"
    target.write_bytes(CONTENT)
    before = target.stat()
    with serving(CONTENT) as server:
        assert run(wanted(server.url()), target).installed
        assert server.lines == []
    after = target.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_what_is_there_is_replaced_only_by_the_right_file(tmp_path: Path, fault_table: FaultTable) -> None:
    target = tmp_path / "model.onnx"
    tampered = bytearray(CONTENT)
    tampered[1000] ^= 1
    seen = []

    def look(line: Line) -> None:
        seen.append(target.read_bytes())
        does.honest(line)

    with serving(CONTENT, look) as server:
        assert run(wanted(server.url()), target, old=bytes(tampered)).installed
    assert seen == [bytes(tampered)]


# What earlier attempts have left.


@pytest.mark.parametrize(
    "note",
    ["", "{", "[]", '{"sha256": 3}', '{"sha256": "%s"}', "\0\0\0", '{"sha256": "%s", "url": 1, "etag": 2}'],
)
def test_damaged_note_costs_nothing(note: str, tmp_path: Path) -> None:
    target = tmp_path / "model.onnx"
    with serving(CONTENT) as server:
        what = wanted(server.url())
        target.with_name("model.onnx.part").write_bytes(CONTENT[:HALF])
        target.with_name("model.onnx.part.json").write_text(note.replace("%s", what.sha256))
        assert run(what, target).installed
        assert server.sent == SIZE - HALF


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
@pytest.mark.parametrize("name", ["model.onnx.part", "model.onnx.part.json", "model.onnx.part.json.new"])
@pytest.mark.parametrize("kind", ["symbolic", "hard", "broken", "pipe"])
def test_planted_link(name: str, kind: str, tmp_path: Path, fault_table: FaultTable) -> None:
    """Somebody else who may write into a shared folder of models."""
    victim = tmp_path / "victim"
    target = tmp_path / "models" / "model.onnx"
    target.parent.mkdir()
    planted = target.with_name(name)
    if kind == "pipe":
        os.mkfifo(planted)
    elif kind == "hard":
        victim.write_bytes(b"mine")
        planted.hardlink_to(victim)
    else:
        planted.symlink_to(victim)
    if kind == "symbolic":
        victim.write_bytes(b"mine")
    with serving(CONTENT) as server:
        outcome = run(wanted(server.url()), target)
        assert outcome.installed
        assert server.sent == SIZE
    assert not target.is_symlink()
    if kind in ("symbolic", "hard"):
        assert victim.read_bytes() == b"mine"
        assert target.stat().st_nlink == 1
    else:
        assert not victim.exists()
    fault_table.add(
        SECTION,
        "a link or a pipe that was put in the part's place",
        "",
        f"{outcome.state}; nothing was followed",
    )


def test_part_of_another_file_is_thrown_away(tmp_path: Path) -> None:
    target = tmp_path / "model.onnx"
    with Part(target, "0" * 64, None) as part:
        part.came_from(Origin("https://example.org/older"))
        part.write(CONTENT[:HALF])
    with serving(CONTENT) as server:
        assert run(wanted(server.url()), target).installed
        assert server.sent == SIZE


@pytest.mark.parametrize("extra", [0, 1, 1000])
def test_part_that_is_whole_or_too_long(extra: int, tmp_path: Path) -> None:
    target = tmp_path / "model.onnx"
    target.with_name("model.onnx.part").write_bytes(CONTENT + bytes(extra))
    with serving(CONTENT) as server:
        assert run(wanted(server.url()), target).installed
        assert server.sent == (SIZE if extra else 0)
        assert len(server.lines) == (1 if extra else 0)


def test_whole_part_is_installed_though_no_server_is_there(tmp_path: Path, fault_table: FaultTable) -> None:
    target = tmp_path / "model.onnx"
    target.with_name("model.onnx.part").write_bytes(CONTENT)
    outcome = run(wanted("http://no-such-host.invalid/"), target)
    assert outcome.installed
    fault_table.add(
        SECTION, "killed between the last byte and the move", "", f"{outcome.state} without a connection"
    )


def test_slow_reader_of_the_new_file(tmp_path: Path) -> None:
    """Somebody who has the old file open keeps it, and the new one still gets into place."""
    target = tmp_path / "model.onnx"
    with serving(CONTENT) as server:
        target.write_bytes(b"the old one")
        with target.open("rb") as reader:
            if os.name == "nt":
                threading.Timer(0.5, reader.close).start()
            download(wanted(server.url()), target, network=replace(QUICK))
            if os.name != "nt":
                assert reader.read() == b"the old one"
    assert target.read_bytes() == CONTENT


@pytest.mark.skipif(os.name == "nt", reason="Windows opens no folders")
def test_what_is_installed_is_there_after_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "model.onnx"
    synced: list[tuple[str, bool]] = []
    fsync = os.fsync

    def note(number: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(number).st_mode)
        synced.append(("folder" if is_folder else "file", target.exists()))
        fsync(number)

    monkeypatch.setattr(os, "fsync", note)
    with serving(CONTENT) as server:
        assert run(wanted(server.url()), target).installed
    assert synced == [("file", False), ("folder", True)]
