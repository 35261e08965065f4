"""What is recorded is installed, what is not is not."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from softlight_models.catalogue import read_catalogue
from softlight_models.errors import ModelStoreError
from softlight_models.store import Store
from tests.full_disks import mounted
from tests.model_store.library.one_model import CONTENT, ROLE, file_of, left
from tests.model_store.own_store import again, places, put, write_entry


@pytest.mark.skipif(os.name == "nt", reason="rights of Unix")
def test_others_may_read_what_is_installed(shelf: Store) -> None:
    old = os.umask(0o022)
    try:
        put(shelf, "one", CONTENT)
    finally:
        os.umask(old)
    record = shelf.library.folder("one") / "installed.json"
    assert stat.S_IMODE(record.stat().st_mode) == 0o644


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
