"""What is recorded is installed, what is not is not; only what the store wrote is ever deleted."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from softlight_models.catalogue import read_catalogue
from softlight_models.checked import CheckedFiles
from softlight_models.errors import ModelStoreError
from softlight_models.library import InstalledFile
from softlight_models.lock import held
from softlight_models.store import Store
from tests.full_disks import mounted
from tests.model_store.own_store import again, places, put, served, store, write_entry

ROLE = "face-restoration"
CONTENT = bytes(range(256)) * 4096
"""One megabyte."""


@pytest.fixture
def shelf(tmp_path: Path) -> Store:
    made = store(tmp_path)
    write_entry(made.places, "one", CONTENT)
    return made


def file_of(content: bytes, link: Path | None = None) -> InstalledFile:
    return InstalledFile("model.onnx", len(content), hashlib.sha256(content).hexdigest(), link)


def left(shelf: Store) -> list[str]:
    root = shelf.places.models
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


class Hashed:
    """Counts how often files are read to be hashed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths: list[Path] = []
        hash_now = CheckedFiles.hash

        def counted(checked: CheckedFiles, path: Path, *more: object) -> str:
            self.paths.append(path)
            return hash_now(checked, path, *more)  # type: ignore[arg-type]

        monkeypatch.setattr(CheckedFiles, "hash", counted)


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hashed]:
    yield Hashed(monkeypatch)


def test_a_file_is_hashed_once_and_again_only_after_a_change(shelf: Store, hashed: Hashed) -> None:
    path = put(shelf, "one", CONTENT)
    for _ in range(3):
        assert shelf.best(ROLE) is not None
        assert again(shelf).best(ROLE) is not None
    assert hashed.paths == [], "it was hashed when it was installed"
    os.utime(path, ns=(1, 1))
    for _ in range(3):
        assert shelf.best(ROLE) is not None
    assert hashed.paths == [path]


def test_a_wrong_file_is_not_hashed_at_every_job(shelf: Store, hashed: Hashed) -> None:
    path = put(shelf, "one", CONTENT)
    path.write_bytes(CONTENT[:-1] + b"x")
    for _ in range(3):
        assert shelf.best(ROLE) is None
        assert again(shelf).best(ROLE) is None
    assert hashed.paths == [path]


def test_a_file_that_changes_while_it_is_hashed_is_not_remembered(shelf: Store, tmp_path: Path) -> None:
    path = put(shelf, "one", CONTENT)
    os.utime(path, ns=(1, 1))

    def meddle(done: int, total: int, text: str) -> None:
        if done < len(CONTENT) + 1:
            path.write_bytes(CONTENT + b"more")

    checked = shelf.library.checked
    checked.hash(path, meddle)
    assert checked.sha256(path) == hashlib.sha256(CONTENT + b"more").hexdigest()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"/x": 3}', "\udcff"])
def test_what_was_remembered_may_be_lost(shelf: Store, content: str, hashed: Hashed) -> None:
    path = put(shelf, "one", CONTENT)
    shelf.places.checked.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert again(shelf).best(ROLE) is not None
    assert hashed.paths == [path]


def test_a_shared_folder_cannot_vouch_for_itself(shelf: Store) -> None:
    put(shelf, "one", CONTENT)
    assert not shelf.places.checked.is_relative_to(shelf.places.models)
    assert left(shelf) == ["one", "one/installed.json", "one/model.onnx"]


@pytest.mark.skipif(os.name == "nt", reason="rights of Unix")
def test_others_may_read_what_is_installed(shelf: Store) -> None:
    old = os.umask(0o022)
    try:
        put(shelf, "one", CONTENT)
    finally:
        os.umask(old)
    record = shelf.library.folder("one") / "installed.json"
    assert stat.S_IMODE(record.stat().st_mode) == 0o644


def test_the_key_tells_one_content_from_another(shelf: Store) -> None:
    put(shelf, "one", CONTENT)
    model = shelf.best(ROLE)
    assert model is not None
    assert model.key == hashlib.sha256(CONTENT).hexdigest()
    assert model.paths == {"model": shelf.library.folder("one") / "model.onnx"}


def test_files_without_a_record_are_not_installed(shelf: Store) -> None:
    path = put(shelf, "one", CONTENT)
    (path.parent / "installed.json").unlink()
    assert shelf.best(ROLE) is None
    (state,) = [state for state in shelf.overview() if state.id == "one"]
    assert (state.state, state.installed) == ("partial", False)


@pytest.mark.parametrize(
    "record",
    [
        "",
        "[]",
        '{"files": []}',
        '{"files": [{"name": "../../one", "size": 1, "sha256": "0"}]}',
        '{"files": [{"name": "model.onnx", "size": -1, "sha256": "0"}]}',
        '{"files": [{"name": "model.onnx", "size": 1, "sha256": 7}]}',
    ],
)
def test_a_damaged_record_is_a_sentence_and_an_import_repairs_it(shelf: Store, record: str) -> None:
    path = put(shelf, "one", CONTENT)
    (path.parent / "installed.json").write_text(record, encoding="utf-8")
    assert shelf.best(ROLE) is None
    (note,) = shelf.notes(ROLE)
    assert "installed.json cannot be read (" in note
    assert note.endswith("; download or import the model again.")
    (verdict,) = shelf.verify(["one"])
    assert (verdict.good, verdict.sentence) == (False, note)
    assert path.read_bytes() == CONTENT
    put(shelf, "one", CONTENT)
    assert shelf.best(ROLE) is not None


def test_a_linked_file_is_used_where_it_lies_and_never_deleted(shelf: Store, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.onnx"
    elsewhere.write_bytes(CONTENT)
    assert shelf.library.add(shelf.entry("one"), [file_of(CONTENT, elsewhere)])
    model = again(shelf).best(ROLE)
    assert model is not None
    assert model.open_verified("model") == elsewhere
    (state,) = [state for state in shelf.overview() if state.id == "one"]
    assert state.size_on_disk < 1000
    shelf.remove("one")
    assert elsewhere.read_bytes() == CONTENT
    assert shelf.best(ROLE) is None
    assert left(shelf) == []


def test_verify_hashes_everything_and_says_what_is_wrong(shelf: Store, hashed: Hashed) -> None:
    write_entry(shelf.places, "two", b"second")
    path = put(shelf, "one", CONTENT)
    put(shelf, "two", b"second")
    reports: list[tuple[int, int]] = []
    verdicts = shelf.verify(progress=lambda done, total, text: reports.append((done, total)))
    assert [(verdict.model, verdict.good) for verdict in verdicts] == [("one", True), ("two", True)]
    assert verdicts[0].sentence == "One is what was installed."
    assert len(hashed.paths) == 2
    assert (len(CONTENT), len(CONTENT)) in reports
    path.write_bytes(CONTENT[::-1])
    one, two = shelf.verify()
    assert (one.good, two.good) == (False, True)
    assert "was changed after it was installed" in one.sentence
    assert path.exists()


def test_verify_says_what_is_not_installed(shelf: Store) -> None:
    assert shelf.verify() == ()
    (verdict,) = shelf.verify(["one"])
    assert (verdict.good, verdict.sentence) == (False, "One is not installed; download or import it.")


def test_a_check_can_be_stopped(shelf: Store) -> None:
    put(shelf, "one", CONTENT)

    class Stop(Exception):
        pass

    def stop(done: int, total: int, text: str) -> None:
        raise Stop

    with pytest.raises(Stop):
        shelf.verify(progress=stop)
    assert shelf.best(ROLE) is not None


def test_remove_leaves_what_is_not_the_stores(shelf: Store) -> None:
    path = put(shelf, "one", CONTENT)
    (path.parent / "model.onnx.part").write_bytes(b"half")
    (path.parent / "my notes.txt").write_text("mine", encoding="utf-8")
    shelf.remove("one")
    assert left(shelf) == ["one", "one/my notes.txt"]
    shelf.remove("one")


def test_an_embedded_model_cannot_be_removed(shelf: Store) -> None:
    with pytest.raises(ModelStoreError, match="is a part of Softlight; choose another one instead."):
        shelf.remove("softlight-skin-inpainting")


def test_prune_deletes_what_no_model_needs_and_nothing_else(shelf: Store) -> None:
    write_entry(shelf.places, "two", b"second")
    write_entry(shelf.places, "gone", b"third")
    put(shelf, "one", CONTENT)
    put(shelf, "gone", b"third")
    folder = put(shelf, "two", b"second").parent
    for name in ("model.onnx.part", "model.onnx.part.json", "model.onnx.whl.part", "other.part", "photo.jpg"):
        (folder / name).write_bytes(b"x")
    (shelf.places.models / "family").mkdir()
    (shelf.places.models / "family" / "holiday.part").write_bytes(b"x")
    (shelf.places.own_entries / "gone.toml").unlink()
    write_entry(shelf.places, "two", b"second, another edition")
    deleted = sorted(str(path.relative_to(shelf.places.models)) for path in shelf.prune())
    assert deleted == [
        "two/model.onnx",
        "two/model.onnx.part",
        "two/model.onnx.part.json",
        "two/model.onnx.whl.part",
    ]
    assert left(shelf) == [
        "family",
        "family/holiday.part",
        "gone",
        "gone/installed.json",
        "gone/model.onnx",
        "one",
        "one/installed.json",
        "one/model.onnx",
        "two",
        "two/other.part",
        "two/photo.jpg",
    ]
    assert shelf.prune() == ()


def test_prune_deletes_models_that_the_catalogue_does_not_know_only_if_told_to(shelf: Store) -> None:
    path = put(shelf, "one", CONTENT)
    (shelf.places.own_entries / "one.toml").unlink()
    assert shelf.prune() == () and shelf.unknown() == ("one",)
    assert shelf.prune(unknown=True) == (path,)
    assert left(shelf) == [] and shelf.unknown() == ()


def test_prune_never_deletes_a_linked_file(shelf: Store, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.onnx"
    elsewhere.write_bytes(CONTENT)
    shelf.library.add(shelf.entry("one"), [file_of(CONTENT, elsewhere)])
    (shelf.places.own_entries / "one.toml").unlink()
    assert shelf.prune(unknown=True) == ()
    assert elsewhere.exists()
    assert left(shelf) == []


def test_prune_spares_the_model_of_an_entry_that_cannot_be_read_just_now(shelf: Store) -> None:
    path = put(shelf, "one", CONTENT)
    entry = shelf.places.own_entries / "one.toml"
    good = entry.read_text("utf-8")
    entry.write_text("role = ", encoding="utf-8")
    assert shelf.prune(unknown=True) == ()
    entry.write_text(good, encoding="utf-8")
    assert path.exists()
    assert shelf.best(ROLE) is not None


def test_prune_and_remove_spare_a_download_that_is_going_on(shelf: Store) -> None:
    folder = shelf.library.folder("one")
    folder.mkdir(parents=True)
    part = folder / "model.onnx.part"
    part.write_bytes(b"half")
    ready, done = threading.Event(), threading.Event()

    def downloading() -> None:
        with held(folder / "model.onnx", lambda: None):
            ready.set()
            done.wait()

    thread = threading.Thread(target=downloading)
    thread.start()
    try:
        ready.wait()
        assert shelf.prune() == ()
        shelf.remove("one")
        assert part.read_bytes() == b"half"
    finally:
        done.set()
        thread.join()
    assert shelf.prune() == (part,)
    assert left(shelf) == []


def test_one_model_is_installed_although_another_fails(shelf: Store) -> None:
    with served({"/one.onnx": CONTENT, "/two.onnx": b"not the second"}) as server:
        write_entry(shelf.places, "one", CONTENT, url=f"{server.address}/one.onnx")
        write_entry(shelf.places, "two", b"it is the second", url=f"{server.address}/two.onnx")
        with pytest.raises(ModelStoreError, match="model.onnx"):
            shelf.download(["one", "two"], ["one", "two"])
        model = shelf.best(ROLE)
        assert model is not None and model.entry.id == "one"
        assert shelf.library.get(shelf.entry("two")) is None
        server.asked.clear()
        with pytest.raises(ModelStoreError):
            shelf.download(["one", "two"])
        assert "/one.onnx" not in server.asked, "what is installed is not fetched again"


def test_a_damaged_model_is_downloaded_again(shelf: Store) -> None:
    with served({"/one.onnx": CONTENT}) as server:
        write_entry(shelf.places, "one", CONTENT, url=f"{server.address}/one.onnx")
        path = put(shelf, "one", CONTENT)
        path.write_bytes(b"damaged")
        assert shelf.best(ROLE) is None
        shelf.download(["one"], ["one"])
        assert path.read_bytes() == CONTENT
        assert shelf.best(ROLE) is not None


def test_a_linked_file_that_was_changed_is_replaced_by_a_copy_of_our_own(
    shelf: Store, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere.onnx"
    elsewhere.write_bytes(CONTENT)
    shelf.library.add(shelf.entry("one"), [file_of(CONTENT, elsewhere)])
    elsewhere.write_bytes(b"changed")
    with served({"/one.onnx": CONTENT}) as server:
        write_entry(shelf.places, "one", CONTENT, url=f"{server.address}/one.onnx")
        shelf.download(["one"], ["one"])
    model = shelf.best(ROLE)
    assert model is not None and model.paths["model"] == shelf.library.folder("one") / "model.onnx"
    assert elsewhere.read_bytes() == b"changed"


def test_a_download_that_is_cancelled_leaves_no_model_and_goes_on_later(shelf: Store) -> None:
    class Stop(Exception):
        pass

    def stop(done: int, total: int, text: str) -> None:
        if done:
            raise Stop

    with served({"/one.onnx": CONTENT}) as server:
        write_entry(shelf.places, "one", CONTENT, url=f"{server.address}/one.onnx")
        server.half = threading.Event()
        with pytest.raises(Stop):
            shelf.download(["one"], ["one"], stop)
        server.half.set()
        assert shelf.best(ROLE) is None
        (state,) = [state for state in shelf.overview() if state.id == "one"]
        assert (state.state, state.installed) == ("partial", False)
        shelf.download(["one"])
        assert shelf.best(ROLE) is not None


def test_two_that_download_the_same_model_fetch_it_once(shelf: Store) -> None:
    with served({"/one.onnx": CONTENT}) as server:
        write_entry(shelf.places, "one", CONTENT, url=f"{server.address}/one.onnx")
        server.half = threading.Event()
        heard: list[str] = []

        def hear(done: int, total: int, text: str) -> None:
            heard.append(text)
            if "waiting" in text:
                server.half.set()  # type: ignore[union-attr]

        with ThreadPoolExecutor(2) as pool:
            both = [pool.submit(again(shelf).download, ["one"], ["one"], hear) for _ in range(2)]
            for each in both:
                each.result()
        assert server.asked == ["/one.onnx"]
        assert any("another Softlight is downloading it" in text for text in heard)
        assert shelf.best(ROLE) is not None


def test_a_disk_without_room_even_for_a_lock_can_be_tidied_up(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=640k,nr_inodes=8") as disk:
        shelf = Store(replace(places(tmp_path), models=disk))
        write_entry(shelf.places, "one", b"weights")
        part = put(shelf, "one", b"weights").with_name("model.onnx.part")
        part.write_bytes(b"half")
        with contextlib.suppress(OSError):
            for number in range(9):
                (disk / str(number)).touch()
        assert shelf.prune() == (part,)
        (disk / "last").touch()
        shelf.remove("one")
        assert not (disk / "one").exists()


def test_a_read_only_share_serves_its_models_and_refuses_changes_with_a_sentence(tmp_path: Path) -> None:
    with mounted(tmp_path / "share") as share:
        shelf = Store(replace(places(tmp_path), models=share))
        write_entry(shelf.places, "one", b"weights")
        write_entry(shelf.places, "two", b"weights of another")
        put(shelf, "one", b"weights")
        subprocess.run(["mount", "-o", "remount,ro", str(share)], check=True)
        model = shelf.best(ROLE)
        assert model is not None and model.open_verified("model").read_bytes() == b"weights"
        assert shelf.verify()[0].good
        assert [state.active for state in shelf.overview() if state.id == "one"] == [True]
        for act in (
            lambda: shelf.download(["two"], ["two"]),
            lambda: shelf.remove("one"),
        ):
            with pytest.raises(ModelStoreError) as raised:
                act()
            said = str(raised.value)
            assert "Read-only file system" in said or "read-only" in said
            assert said.endswith(".") and "; " in said and "\n" not in said
        assert shelf.best(ROLE) is not None


def test_what_is_installed_can_be_used_without_the_libraries_for_downloads(shelf: Store) -> None:
    program = (
        "import sys\n"
        "for name in ('requests', 'urllib3', 'truststore', 'filelock'):\n"
        "    sys.modules[name] = None\n"
        "from softlight_models.store import Store\n"
        "shelf = Store()\n"
        "print(len(shelf.entries()), shelf.best('hats'), shelf.notes())\n"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "XDG_CONFIG_HOME": str(shelf.places.config),
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(f"{len(read_catalogue().entries)} None ")


def test_records_tell_what_is_there(shelf: Store) -> None:
    put(shelf, "one", CONTENT)
    record = json.loads((shelf.library.folder("one") / "installed.json").read_text("utf-8"))
    assert record == {
        "model": "one",
        "files": [
            {"name": "model.onnx", "size": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest()}
        ],
    }
