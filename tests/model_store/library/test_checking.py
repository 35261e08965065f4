"""Files are hashed when they may have changed, and only then; whoever asks is told what is wrong."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from softlight_models.checked import CheckedFiles
from softlight_models.store import Store
from tests.model_store.library.one_model import CONTENT, ROLE, left
from tests.model_store.own_store import again, put, write_entry


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


def test_the_key_tells_one_content_from_another(shelf: Store) -> None:
    put(shelf, "one", CONTENT)
    model = shelf.best(ROLE)
    assert model is not None
    assert model.key == hashlib.sha256(CONTENT).hexdigest()
    assert model.paths == {"model": shelf.library.folder("one") / "model.onnx"}


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
