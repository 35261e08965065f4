"""Models are taken in from anywhere and recognised by what they hold; what nobody knows is refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from softlight_models.errors import ModelStoreError
from softlight_models.library import Library
from tests.model_store.importing.conftest import Tell
from tests.model_store.models_in_hand import network
from tests.model_store.taking import CATALOGUE, LAMA, MIGAN, everything, installed, put, refused, take


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


def test_a_file_that_nobody_knows_is_refused(shelf: Library, place: Path, tell: Tell) -> None:
    path = put(place, "model.onnx", network("abpn-512"))
    sentence = refused(shelf, path)
    assert f"'{path}' is no model that the catalogue knows" in sentence
    tell("a file that no entry knows", sentence, "nothing was installed")
    sound = put(place, "lama.onnx", LAMA)
    refused(shelf, sound, path)  # not the good one either: the user sees one answer, not half of one
    assert "cannot be read" in refused(shelf, place / "missing.onnx")


def test_a_wrong_file_for_a_named_model_is_refused(shelf: Library, place: Path, tell: Tell) -> None:
    path = put(place, "model.onnx", LAMA[:-1] + b"x")
    sentence = refused(shelf, path, model="lama")
    assert "is not the file that was released as Lama (its SHA-256 differs" in sentence
    tell("one byte of a known file is wrong", sentence, "nothing was installed")
    assert "is no model that the catalogue knows" in refused(shelf, path)
