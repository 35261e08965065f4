"""Several programs change the same store at once: none undoes what another one did."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from softlight_models import json_files, parallel
from softlight_models.entry import CatalogueEntry
from softlight_models.errors import ModelStoreError
from softlight_models.library import InstalledFile, Library
from softlight_models.lock import held
from softlight_models.store import Store
from tests.model_store.fault_table import FaultTable
from tests.model_store.models_in_hand import entry, library, network
from tests.model_store.own_store import again, put, served, store, write_entry

ROLE = "skin-inpainting"
CONTENT, OTHER = network(ROLE), network(ROLE, note="other")


@pytest.fixture
def shelf(tmp_path: Path) -> Store:
    made = store(tmp_path)
    write_entry(made.places, "one", CONTENT, role=ROLE, contract=ROLE)
    return made


def at_once(*acts: Callable[[], object]) -> None:
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        start.wait()
        act()

    with ThreadPoolExecutor(len(acts)) as pool:
        for future in [pool.submit(run, act) for act in acts]:
            future.result()


def names(shelf: Store) -> list[str]:
    return sorted(path.name for path in shelf.library.folder("one").iterdir())


def test_no_setting_is_lost(shelf: Store, fault_table: FaultTable) -> None:
    def choose() -> None:
        for model in ("softlight-wrinkle-map", None) * 15 + ("softlight-wrinkle-map",):
            again(shelf).choose("wrinkle-map", model)

    def allow() -> None:
        for on in (True, False) * 15 + (True,):
            again(shelf).set_option("non-commercial", on)

    at_once(choose, allow)
    settings = shelf.settings()
    assert settings.non_commercial and settings.choices == {"wrinkle-map": "softlight-wrinkle-map"}
    assert [path.name for path in shelf.places.config.iterdir() if path.is_file()] == ["models.json"]
    fault_table.add("Processes", "two programs change settings at once", "nothing", "both changes are there")


def test_no_acceptance_is_lost(shelf: Store) -> None:
    models = [f"m{number}" for number in range(12)]
    for model in models:
        write_entry(shelf.places, model, CONTENT, role=ROLE, contract=ROLE)

    def accept(some: Sequence[str]) -> None:
        for model in some:
            gate = again(shelf)._gate()
            gate.accept([again(shelf).entry(model)], [model])

    at_once(lambda: accept(models[::2]), lambda: accept(models[1::2]))
    assert all(terms.accepted for terms in shelf.terms(models))


def test_no_file_of_a_model_is_lost(tmp_path: Path) -> None:
    contents = {f"{number}.onnx": bytes([number]) for number in range(10)}
    made = entry("many", contents)
    shelf = library(tmp_path)
    folder = shelf.folder("many")
    folder.mkdir(parents=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    files = [InstalledFile(file.name, 1, file.sha256 or "") for file in made.files]
    at_once(
        lambda: [shelf.add(made, [file]) for file in files[::2]],
        lambda: [shelf.add(made, [file]) for file in files[1::2]],
    )
    assert shelf.get(made) is not None


def test_a_record_that_another_program_keeps_is_told(shelf: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_files, "PATIENCE", 0.1)
    with held(shelf.places.settings, lambda: None), pytest.raises(ModelStoreError) as raised:
        shelf.places.config.mkdir(exist_ok=True)
        shelf.set_option("offline", True)
    assert str(raised.value) == (
        f"Another program has been changing {shelf.places.settings} for a while; close it and try again."
    )


def test_prune_spares_the_new_version_that_is_not_recorded_yet(shelf: Store) -> None:
    path = put(shelf, "one", CONTENT)
    with served({"/one": OTHER}) as server:
        url = f"{server.address}/one"
        write_entry(shelf.places, "one", OTHER, role=ROLE, contract=ROLE, url=url)
        path.write_bytes(OTHER)  # as a download does before it records it
        assert again(shelf).prune() == ()
        assert path.read_bytes() == OTHER
        again(shelf).download(["one"], ["one"])
        assert server.asked == []
    assert again(shelf).best(ROLE) is not None


def test_prune_leaves_a_file_alone_that_is_being_replaced(shelf: Store) -> None:
    path = put(shelf, "one", CONTENT)
    write_entry(shelf.places, "one", OTHER, role=ROLE, contract=ROLE)
    with held(path, lambda: None):
        assert shelf.prune() == ()
    assert shelf.prune() == (path,)
    assert not path.parent.exists()


def test_a_download_under_the_old_record_is_recorded_by_the_next(shelf: Store) -> None:
    path = put(shelf, "one", CONTENT)
    with served({"/one": OTHER}) as server:
        url = f"{server.address}/one"
        write_entry(shelf.places, "one", OTHER, role=ROLE, contract=ROLE, url=url)
        path.write_bytes(OTHER)
        shelf.download(["one"], ["one"])
    assert shelf.best(ROLE) is not None


def test_a_download_that_was_removed_meanwhile_does_not_pass_for_installed(
    shelf: Store, monkeypatch: pytest.MonkeyPatch, fault_table: FaultTable
) -> None:
    download_all = parallel.download_all

    def removed_after(*values: object, **named: object) -> None:
        download_all(*values, **named)  # type: ignore[arg-type]
        again(shelf).remove("one")

    monkeypatch.setattr(parallel, "download_all", removed_after)
    with served({"/one": CONTENT}) as server:
        url = f"{server.address}/one"
        write_entry(shelf.places, "one", CONTENT, role=ROLE, contract=ROLE, url=url)
        with pytest.raises(ModelStoreError) as raised:
            shelf.download(["one"], ["one"])
    assert "was removed by another program while it was downloaded;" in str(raised.value)
    assert not shelf.library.folder("one").exists()
    fault_table.add(
        "Processes", "another program removes a model while it is downloaded", str(raised.value), "no model"
    )


def test_remove_takes_what_a_killed_program_did_not_record(shelf: Store) -> None:
    path = put(shelf, "one", CONTENT)
    (path.parent / "installed.json").unlink()
    shelf.remove("one")
    assert not path.parent.exists()
    path.parent.mkdir()
    path.write_bytes(b"mine, and only called like it")
    shelf.remove("one")
    assert path.read_bytes() == b"mine, and only called like it"


def test_remove_can_be_gone_on_with(shelf: Store) -> None:
    path = put(shelf, "one", CONTENT)
    path.unlink()
    (state,) = [state for state in again(shelf).overview() if state.id == "one"]
    assert state.state == "damaged"
    shelf.remove("one")
    assert not path.parent.exists()


def test_a_link_takes_the_place_of_a_damaged_copy(shelf: Store, tmp_path: Path) -> None:
    path = put(shelf, "one", CONTENT)
    path.write_bytes(b"damaged")
    file = tmp_path / "elsewhere.onnx"
    file.write_bytes(CONTENT)
    again(shelf).import_files([file], link=True, accepted=["one"])
    assert names(shelf) == ["installed.json"]
    assert again(shelf).best(ROLE) is not None
    again(shelf).remove("one")
    assert file.read_bytes() == CONTENT and not path.parent.exists()


def test_a_link_to_the_copy_itself_does_not_delete_it(shelf: Store) -> None:
    path = put(shelf, "one", CONTENT)
    shelf.library.add(shelf.entry("one"), [InstalledFile("model.onnx", len(CONTENT), "0" * 64, path)])
    assert path.read_bytes() == CONTENT
    shelf.remove("one")
    assert path.read_bytes() == CONTENT


def test_what_killed_writers_left_is_swept(shelf: Store) -> None:
    record = put(shelf, "one", CONTENT).with_name("installed.json")
    left = [path.with_name(f".{path.name}.0123abcd.tmp") for path in (record, shelf.places.settings)]
    for path in left:
        path.write_text("{", encoding="utf-8")
        os.utime(path, times=(time.time() + 1e6,) * 2)  # the clock was set back since
    shelf.set_option("offline", True)
    shelf.prune()
    assert not any(path.exists() for path in left)
    # What other programs may be writing just now has no lock: it is told by its age.
    fresh, stale = (
        shelf.places.checked.with_name(f".checked-models.json.{n}.tmp") for n in ("0" * 8, "1" * 8)
    )
    for path in (fresh, stale):
        path.write_text("{", encoding="utf-8")
    os.utime(stale, times=(time.time() - 3600,) * 2)
    shelf.verify()
    assert fresh.exists() and not stale.exists()


def test_a_file_that_is_changed_between_its_check_and_its_record_is_not_used(
    shelf: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = Library.add

    def tampered(library: Library, made: CatalogueEntry, files: Sequence[InstalledFile]) -> bool:
        (library.folder("one") / "model.onnx").write_bytes(CONTENT[:-1] + b"?")
        return add(library, made, files)

    monkeypatch.setattr(Library, "add", tampered)
    with served({"/one": CONTENT}) as server:
        url = f"{server.address}/one"
        write_entry(shelf.places, "one", CONTENT, role=ROLE, contract=ROLE, url=url)
        shelf.download(["one"], ["one"])
    assert shelf.best(ROLE) is None and again(shelf).best(ROLE) is None
