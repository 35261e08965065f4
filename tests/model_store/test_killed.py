"""Killed before each single change to the disk: nothing wrong is installed, nothing good is lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from softlight_models.places import Places
from softlight_models.store import Store
from tests.model_store.fault_table import FaultTable
from tests.model_store.models_in_hand import network
from tests.model_store.own_store import Served, places, put, served, write_entry

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a copy of this process")

ROLE = "skin-inpainting"
GOOD, ONE, OLD, TWO = (network(ROLE, note=note) for note in ("good", "one", "old", "two"))
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
"""Of the names that Python gives to what a program does (`sys.addaudithook`)."""
EMBEDDED = "softlight-wrinkle-map"


def killed(place: Path, step: int, act: Callable[[], object]) -> bool:
    """Run `act` in a process that is killed right before its `step`-th change; return whether it was."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            seen = 0

            def look(event: str, values: tuple[Any, ...]) -> None:
                nonlocal seen
                opened = event == "open" and bool(values[2] & (os.O_WRONLY | os.O_RDWR))
                if (opened or event in CHANGES) and str(place) in str(values[0]):
                    seen += 1
                    if seen == step:
                        os.kill(os.getpid(), signal.SIGKILL)

            sys.addaudithook(look)
            act()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "see stderr"
    return False


def _entries(where: Places, served_at: Served) -> None:
    for model, content in (("good", GOOD), ("one", ONE), ("two", TWO)):
        url = f"{served_at.address}/{model}"
        write_entry(where, model, content, role=ROLE, contract=ROLE, url=url, preference=ord(model[0]))


def _downloaded(shelf: Store) -> None:
    shelf.download(["one", "two"], ["one", "two"])


def _imported(shelf: Store) -> None:
    shelf.import_files([shelf.places.config.parent / "files"], accepted=["one", "two"])


def _unpacked(shelf: Store) -> None:
    shelf.import_files([shelf.places.config.parent / "bundle.zip"], accepted=["one", "two"])


def _linked(shelf: Store) -> None:
    shelf.import_files([shelf.places.config.parent / "files"], link=True, accepted=["one", "two"])


def _removed(shelf: Store) -> None:
    shelf.remove("one")
    shelf.remove("two")


def _pruned(shelf: Store) -> None:
    shelf.prune(unknown=True)


def _chosen(shelf: Store) -> None:
    shelf.choose(ROLE, "good")
    shelf.set_option("non-commercial", True)


def _exported(shelf: Store) -> None:
    shelf.export(["good"], shelf.places.config.parent / "bundle.zip")


GETTING = (_downloaded, _imported, _unpacked, _linked)
WORDS = {
    _downloaded: "two models are downloaded",
    _imported: "a folder is imported",
    _unpacked: "a bundle is imported",
    _linked: "files are linked",
    _removed: "models are removed",
    _pruned: "the store is pruned",
    _chosen: "a model is chosen",
    _exported: "a bundle is written",
}


@contextmanager
def _ground(folder: Path) -> Iterator[None]:
    """A user with a good model, a choice, an old version of one and a broken-off download of another."""
    with served({"/good": GOOD, "/one": ONE, "/two": TWO}) as server:
        where = places(folder)
        _entries(where, server)
        shelf = Store(where)
        (folder / "files").mkdir()
        for model, content in (("one", ONE), ("two", TWO)):
            (folder / "files" / f"{model}.bin").write_bytes(content)
            put(shelf, model, content)
        shelf.download(["good"], ["good"])
        shelf.export(["one", "two"], folder / "bundle.zip")
        shelf.remove("one")
        shelf.remove("two")
        shelf.choose("wrinkle-map", EMBEDDED)
        yield


def _prepared(shelf: Store, act: Callable[[Store], None]) -> None:
    if act is _removed:
        _imported(shelf)
    elif act is not _chosen:
        content = (shelf.places.own_entries / "one.toml").read_text("utf-8")
        write_entry(shelf.places, "one", OLD, role=ROLE, contract=ROLE)
        put(shelf, "one", OLD)
        (shelf.places.own_entries / "one.toml").write_text(content, encoding="utf-8")
        part = shelf.library.folder("two") / "model.onnx.part"
        part.parent.mkdir()
        part.write_bytes(TWO[:50])


def _files_of(shelf: Store, model: str) -> list[bytes]:
    """What a process that starts now would use as this model."""
    installed = shelf.library.get(shelf.entry(model))
    if installed is None:
        return []
    installed.require_verified()
    return [path.read_bytes() for path in installed.paths.values()]


@pytest.mark.parametrize("act", WORDS, ids=lambda act: act.__name__)
def test_killed_before_each_change(
    tmp_path: Path, act: Callable[[Store], None], fault_table: FaultTable
) -> None:
    master = tmp_path / "master"
    with _ground(master):
        _prepared(Store(places(master)), act)
        step = 0
        while True:
            step += 1
            place = tmp_path / str(step)
            shutil.copytree(master, place)
            where = places(place)
            ended = not killed(place, step, lambda where=where: act(Store(where)))  # type: ignore[misc]

            shelf = Store(where)
            assert _files_of(shelf, "good") == [GOOD]
            assert shelf.settings().choices["wrinkle-map"] == EMBEDDED
            assert all(each.accepted for each in shelf.terms(["good"]))
            states = {state.id: state for state in shelf.overview()}
            for model, content in (("one", ONE), ("two", TWO)):
                if states[model].state == "installed":
                    assert _files_of(shelf, model) == [content]
                else:
                    assert states[model].state in ("available", "partial")
            for model, content in (("one", ONE), ("two", TWO)):
                assert (place / "files" / f"{model}.bin").read_bytes() == content
            json.loads(where.settings.read_text("utf-8"))

            act(shelf)  # the next command works
            if act in GETTING:
                assert [_files_of(shelf, model) for model in ("one", "two")] == [[ONE], [TWO]]
            shelf.import_files([place / "bundle.zip"], accepted=["one", "two"])
            _removed(shelf)
            shelf.prune()
            assert sorted(str(each.relative_to(where.models)) for each in where.models.rglob("*")) == [
                "good",
                "good/installed.json",
                "good/model.onnx",
            ]
            assert [each.name for each in (*place.glob(".*"), *where.config.rglob("*.tmp"))] == []
            shutil.rmtree(place)
            if ended:
                assert step > 3
                break
    fault_table.add(
        "Processes",
        f"`kill -9` before any single change to the disk while {WORDS[act]}",
        "nothing",
        "all that was installed and chosen before; the same command completes it, and nothing is left over",
    )
