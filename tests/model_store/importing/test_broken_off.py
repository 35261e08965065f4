"""An import that is stopped, killed, disturbed or out of room leaves nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from softlight_models.errors import ModelStoreError
from softlight_models.library import Library
from softlight_models.lock import held
from tests.full_disks import mounted
from tests.model_store import own_store
from tests.model_store.importing.conftest import Tell
from tests.model_store.models_in_hand import entry, library, network
from tests.model_store.taking import LAMA, MIGAN, Stop, everything, installed, put, refused, take


@pytest.mark.skipif(sys.platform == "win32", reason="a kill as POSIX has it")
def test_a_kill_in_mid_copy_leaves_what_the_next_import_or_prune_tidies_up(
    tmp_path: Path, tell: Tell
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
        done = subprocess.run(command, cwd=Path(__file__).parents[3], check=False)
        assert done.returncode == -signal.SIGKILL
        assert any(each.name.endswith(".copy") for each in folder.iterdir())
        assert store.best("face-restoration") is None
        if tidy:
            assert any(each.name.endswith(".copy") for each in store.prune())
            assert not folder.exists() or not list(folder.iterdir())
    assert store.import_files([path], accepted=["big"])[0].installed
    assert {each.name for each in folder.iterdir()} == {"model.onnx", "installed.json"}
    tell(
        "`kill -9` in mid-copy",
        "nothing",
        "not installed; the next import starts anew, and `prune` deletes what was left",
    )


@pytest.mark.parametrize("step", ["Searching", "Looking at", "Copying"])
def test_a_cancelled_import_leaves_nothing(shelf: Library, place: Path, step: str) -> None:
    put(place, "lama.onnx", LAMA)

    def progress(done: int, total: int, text: str) -> None:
        if text.startswith(step):
            raise Stop

    with pytest.raises(Stop):
        take(shelf, place, progress=progress)
    assert everything(shelf) == {}


def test_a_file_that_changes_while_it_is_copied_is_refused(shelf: Library, place: Path, tell: Tell) -> None:
    path = put(place, "model.onnx", LAMA)

    def progress(done: int, total: int, text: str) -> None:
        if text.startswith("Looking"):
            path.write_bytes(LAMA[:-1] + b"x")

    with pytest.raises(ModelStoreError, match="does not hold what it should") as caught:
        take(shelf, path, progress=progress)
    assert everything(shelf) == {}
    fault = "a file that is changed while it is copied"
    tell(fault, caught.value, "nothing was installed")


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


def test_a_full_disk_leaves_nothing(tmp_path: Path, place: Path, tell: Tell) -> None:
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
        tell("another program fills the disk meanwhile", said, "nothing was installed")


def test_too_little_room_is_told_before_anything_is_written(tmp_path: Path, place: Path, tell: Tell) -> None:
    big = network("lama-512", note="x" * 100_000)
    with mounted(tmp_path / "disk") as disk:
        shelf = library(disk)
        sentence = refused(shelf, put(place, "big.onnx", big), entries=[entry("big", {"big.onnx": big})])
        assert "needs 100 kB" in sentence
        said = sentence.replace(str(disk), "FOLDER")
        tell("too little room", said, "nothing was written")
