"""Only what the store wrote is ever deleted."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from softlight_models.errors import ModelStoreError
from softlight_models.lock import held
from softlight_models.store import Store
from tests.full_disks import mounted
from tests.model_store.library.one_model import CONTENT, ROLE, file_of, left
from tests.model_store.own_store import places, put, write_entry


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
