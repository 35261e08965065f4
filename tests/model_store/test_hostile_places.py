"""Whatever lies where the store keeps its files, and whatever paths are called, no filter stops for it."""

from __future__ import annotations

import json
import os
import re
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from softlight_models.errors import ModelStoreError
from softlight_models.places import Places
from softlight_models.small_files import LARGEST
from softlight_models.store import Store
from tests.model_store.models_in_hand import network
from tests.model_store.own_store import places, put, write_entry

ROLE = "skin-inpainting"
CONTENT = network(ROLE)


def _entry(where: Places, model: str = "one") -> None:
    write_entry(where, model, CONTENT, role=ROLE, contract=ROLE)


# --- files that are none ---


def _pipe(path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(path)


def _endless(path: Path) -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("this system has no /dev/zero")
    path.symlink_to("/dev/zero")


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)


def _deep(path: Path) -> None:
    opening = '{"a": ' if path.suffix == ".json" else "a = "
    path.write_text(opening + "[" * 100_000, encoding="utf-8")


HARM = {
    "pipe": (_pipe, "it is no ordinary file"),
    "device": (_endless, "it is no ordinary file"),
    "huge": (_huge, "it is too large"),
    "deep": (_deep, "it is nested too deeply"),
    "folder": (Path.mkdir, ""),
}


@pytest.mark.parametrize(("harm", "cause"), HARM.values(), ids=HARM)
@pytest.mark.parametrize("place", ["settings", "accepted", "checked", "entry", "policy", "record"])
def test_what_is_no_small_file(tmp_path: Path, place: str, harm: Callable[[Path], None], cause: str) -> None:
    where = places(tmp_path)
    _entry(where)
    shelf = Store(where)
    put(shelf, "one", CONTENT)
    path = {
        "settings": where.settings,
        "accepted": where.accepted,
        "checked": where.checked,
        "entry": where.own_entries / "wrong.toml",
        "policy": where.policies[0],
        "record": where.models / "one" / "installed.json",
    }[place]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    harm(path)

    shelf = Store(where)
    used = shelf.best(ROLE)  # never raises, whatever there is
    notes = " ".join(shelf.notes())
    assert "\n" not in notes
    if place in ("accepted", "checked", "entry"):
        assert used is not None
    else:
        assert used is None
    if place in ("settings", "entry", "record"):
        assert str(path) in notes and cause in notes
    if place == "policy":
        assert "cannot be read" in next(state.why for state in shelf.overview() if state.id == "one")
    if place == "accepted":
        with pytest.raises(ModelStoreError, match=cause or "cannot be read"):
            shelf.terms(["one"])


@pytest.mark.parametrize("key", ["size", "year", "preference"])
def test_numbers_that_nothing_can_hold_are_refused(tmp_path: Path, key: str) -> None:
    where = places(tmp_path)
    _entry(where)
    path = where.own_entries / "one.toml"
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith(f"{key} = ")]
    at = 0 if key != "size" else next(n for n, line in enumerate(lines) if line == "[[files]]") + 1
    path.write_text("\n".join([*lines[:at], f"{key} = {'9' * 400}", *lines[at:]]), encoding="utf-8")
    (note,) = Store(where).notes()
    assert f"{key} is not a whole number" in note


def test_a_key_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    where = places(tmp_path)
    _entry(where)
    path = where.own_entries / "one.toml"
    path.write_text('"a\\n\\u001b[31mb" = 1\n' + path.read_text("utf-8"), encoding="utf-8")
    (note,) = Store(where).notes()
    assert "a??[31mb is not a key" in note


# --- names and paths ---

NAMES = {
    "ideographic-space": "我的\u3000模型.onnx",
    "family": "\U0001f469\u200d\U0001f4bb.onnx",
    "no-break-space": "my\u00a0model.onnx",
    "tabulator": "a\tb.onnx",
    "no-unicode": os.fsdecode(b"f\xff.onnx"),
}


def _writable(path: Path) -> Path:
    try:
        path.touch()
    except (OSError, UnicodeError):
        pytest.skip("this system has no such names")
    path.unlink()
    return path


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_file_may_be_linked_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    where = places(tmp_path)
    _entry(where)
    file = _writable(tmp_path / name)
    file.write_bytes(CONTENT)
    Store(where).import_files([file], link=True, accepted=["one"])
    used = Store(where).best(ROLE)
    assert used is not None and used.open_verified("model") == file


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_the_folder_of_models_may_be_called_anything(tmp_path: Path, name: str) -> None:
    where = replace(places(tmp_path), models=_writable(tmp_path / name))
    _entry(where)
    put(Store(where), "one", CONTENT)
    assert Store(where).best(ROLE) is not None
    assert Store(where).notes() == ()


@pytest.mark.parametrize("link", ["", "model.onnx", "../../x", "/tmp/a\0b", 7, None, ["/tmp/x"]])
def test_a_record_may_link_to_whole_paths_only(tmp_path: Path, link: object) -> None:
    where = places(tmp_path)
    _entry(where)
    record = put(Store(where), "one", CONTENT).with_name("installed.json")
    table = json.loads(record.read_text("utf-8"))
    table["files"][0]["link"] = link
    record.write_text(json.dumps(table), encoding="utf-8")
    used = Store(where).best(ROLE)
    if link is None:  # the same as no link
        assert used is not None
    else:
        assert used is None
        assert "files.link is not a path" in " ".join(Store(where).notes())


@pytest.mark.parametrize("name", [".", "..", "a/b", "a\\b", "C:b", "", "../model.onnx"])
def test_a_record_cannot_name_what_is_elsewhere(tmp_path: Path, name: str) -> None:
    where = places(tmp_path)
    _entry(where)
    record = put(Store(where), "one", CONTENT).with_name("installed.json")
    table = json.loads(record.read_text("utf-8"))
    table["files"].append({"name": name, "size": 1, "sha256": "0"})
    record.write_text(json.dumps(table), encoding="utf-8")
    assert Store(where).best(ROLE) is None
    Store(where).remove("one")  # nothing stands in its way
    assert not record.exists()


def test_settings_that_hold_half_a_character_can_be_changed(tmp_path: Path) -> None:
    where = places(tmp_path)
    where.config.mkdir()
    where.settings.write_text('{"choices": {"\\ud800": "x"}}', encoding="utf-8")
    Store(where).set_option("offline", True)
    assert Store(where).settings().offline


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that cannot be looked into")
def test_a_file_that_was_checked_once_and_cannot_be_reached_now_stops_nothing(tmp_path: Path) -> None:
    where = places(tmp_path)
    _entry(where)
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    where.cache.mkdir()
    known = {str(loop / "x"): [1, 2, 3, 4, 5, "0"], "/" + "a" * 300: [1, 2, 3, 4, 5, "0"], "a\0b": []}
    where.checked.write_text(json.dumps(known), encoding="utf-8")
    put(Store(where), "one", CONTENT)
    assert Store(where).best(ROLE) is not None
    assert str(loop / "x") in json.loads(where.checked.read_text("utf-8"))  # the drive may come back


# --- what somebody put there ---


def test_a_link_in_the_place_of_a_copy_is_not_followed(tmp_path: Path) -> None:
    where = places(tmp_path)
    _entry(where)
    dear = tmp_path / "dear.txt"
    dear.write_bytes(b"dear")
    folder = where.models / "one"
    folder.mkdir(parents=True)
    (folder / "model.onnx.copy").symlink_to(dear)
    file = tmp_path / "x.onnx"
    file.write_bytes(CONTENT)
    Store(where).import_files([file], accepted=["one"])
    assert dear.read_bytes() == b"dear"
    assert (folder / "model.onnx").read_bytes() == CONTENT and not (folder / "model.onnx").is_symlink()


def test_a_linked_file_that_changes_while_others_are_looked_at_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = places(tmp_path)
    _entry(where)
    file = tmp_path / "x.onnx"
    file.write_bytes(CONTENT)

    def accept(shelf: Store) -> None:
        file.write_bytes(CONTENT[:-1] + b"?")

    monkeypatch.setattr("softlight_models.gate.Gate.accept", lambda gate, entries, accepted: accept(shelf))
    shelf = Store(where)
    shelf.import_files([file], link=True)
    assert Store(where).best(ROLE) is None
    (note,) = Store(where).notes(ROLE)
    assert "was changed after it was installed" in note


@pytest.mark.parametrize("harm", [_pipe, _endless, Path.mkdir])
@pytest.mark.parametrize("linked", [False, True])
def test_what_is_no_file_in_the_place_of_a_model_is_not_waited_for(
    tmp_path: Path, harm: Callable[[Path], None], linked: bool
) -> None:
    where = places(tmp_path)
    _entry(where)
    file = put(Store(where), "one", CONTENT)
    if linked:
        Store(where).remove("one")
        file = tmp_path / "x.onnx"
        file.write_bytes(CONTENT)
        Store(where).import_files([file], link=True, accepted=["one"])
    file.unlink()
    harm(file)
    shelf = Store(where)
    assert shelf.best(ROLE) is None
    (note,) = shelf.notes(ROLE)
    assert str(file) in note and "cannot be read" in note
    assert [verdict.good for verdict in shelf.verify()] == [False]
    with pytest.raises(ModelStoreError, match="cannot be read"):
        shelf.export(["one"], tmp_path / "x.zip")


def test_a_file_of_another_length_is_not_read(tmp_path: Path) -> None:
    where = places(tmp_path)
    _entry(where)
    with put(Store(where), "one", CONTENT).open("ab") as file:
        file.truncate(1 << 40)  # a terabyte, with nothing in it
    assert Store(where).best(ROLE) is None
    (note,) = Store(where).notes(ROLE)
    assert "was changed after it was installed" in note
    assert [verdict.sentence for verdict in Store(where).verify()] == [note]


@pytest.mark.parametrize("kind", ["pipe", "device", "no-path"])
def test_only_files_and_folders_are_imported(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    if kind == "pipe":
        _pipe(path)
    elif kind == "device":
        _endless(path)
    else:
        path = tmp_path / "a\0b"
    with pytest.raises(ModelStoreError, match="cannot be read"):
        Store(places(tmp_path)).import_files([path])


def test_a_zip_file_with_a_name_in_no_encoding_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bundle.json", "{}")
        archive.writestr("é", "x")
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xff\xfe"))
    with pytest.raises(ModelStoreError, match="is a zip archive but no bundle of Softlight"):
        Store(places(tmp_path)).import_files([path])


def test_a_name_in_a_bundle_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    where = places(tmp_path)
    _entry(where)
    put(Store(where), "one", CONTENT)
    path = tmp_path / "x.zip"
    Store(where).export(["one"], path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("\x1b[2J\nsafe", "x")
    with pytest.raises(ModelStoreError) as raised:
        Store(where).import_files([path])
    assert "holds '?[2J?safe', which it does not list" in str(raised.value)


@pytest.mark.parametrize("target", ["", "/", ".."])
def test_a_bundle_needs_a_name(tmp_path: Path, target: str) -> None:
    where = places(tmp_path)
    _entry(where)
    put(Store(where), "one", CONTENT)
    with pytest.raises(ModelStoreError, match="cannot be written"):
        Store(where).export(["one"], Path(target))


def test_a_bundle_does_not_replace_what_is_in_it(tmp_path: Path) -> None:
    where = places(tmp_path)
    _entry(where)
    path = put(Store(where), "one", CONTENT)
    with pytest.raises(ModelStoreError, match="it is a file of the model itself"):
        Store(where).export(["one"], path)
    assert path.read_bytes() == CONTENT


def test_a_bundle_replaces_files_only(tmp_path: Path) -> None:
    where = places(tmp_path)
    _entry(where)
    put(Store(where), "one", CONTENT)
    path = tmp_path / "pipe"
    _pipe(path)
    with pytest.raises(ModelStoreError, match="something else than a file"):
        Store(where).export(["one"], path)
    assert path.is_fifo()
    assert [each.name for each in tmp_path.iterdir() if each.name.endswith(".tmp")] == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that cannot be looked into")
@pytest.mark.parametrize("lost", ["models", "model"])
def test_a_folder_that_cannot_be_looked_into_is_told(tmp_path: Path, lost: str) -> None:
    where = places(tmp_path)
    _entry(where)
    put(Store(where), "one", CONTENT)
    place = where.models if lost == "models" else where.models / "one"
    away = place.rename(tmp_path / "away")
    place.symlink_to(place)
    shelf = Store(where)
    assert shelf.best(ROLE) is None
    assert next(state for state in shelf.overview() if state.id == "one").state == "damaged"
    acts: list[Callable[[], object]] = [lambda: shelf.remove("one"), lambda: shelf.download(["one"], ["one"])]
    if lost == "models":
        acts.append(shelf.prune)
    for act in acts:
        with pytest.raises(ModelStoreError) as raised:
            act()
        assert re.search(r" \((Too many levels of symbolic links|File exists)\); .+\.$", str(raised.value))
    place.unlink()
    away.rename(place)
    assert Store(where).best(ROLE) is not None
