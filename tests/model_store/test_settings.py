"""The user's settings survive, and are never guessed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from softlight_models.errors import ModelStoreError
from softlight_models.settings import StoreSettings, read_settings, with_option, write_settings
from tests.full_disks import mounted
from tests.model_store.own_store import again, store

MIRROR = ("https://huggingface.example/", "https://models.studio.example/hf/")


def test_the_defaults_forbid_non_commercial_models_and_allow_connections(tmp_path: Path) -> None:
    settings = read_settings(tmp_path / "models.json")
    assert settings == StoreSettings(False, False, (), {})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    settings = StoreSettings(True, True, (MIRROR,), {"parsing": "bisenet-resnet34"})
    write_settings(tmp_path / "deep" / "models.json", settings)
    assert read_settings(tmp_path / "deep" / "models.json") == settings
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["models.json"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        "[" * 9999,
        '{"offline": 1}',
        '{"choices": {"parsing": 3}}',
        '{"mirrors": [["https://a.example/"]]}',
    ],
)
def test_settings_that_cannot_be_read_are_refused_and_left_alone(tmp_path: Path, content: str) -> None:
    shelf = store(tmp_path)
    shelf.places.config.mkdir()
    shelf.places.settings.write_text(content, encoding="utf-8")
    with pytest.raises(ModelStoreError, match=r"models.json cannot be read .*; correct or delete the file."):
        shelf.set_option("offline", True)
    assert shelf.places.settings.read_text(encoding="utf-8") == content
    # A filter runs all the same, with the embedded model, and says why.
    assert shelf.best("skin-inpainting") is None
    assert "cannot be read" in shelf.notes("skin-inpainting")[0]


def test_what_a_later_version_writes_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "models.json"
    path.write_text('{"offline": true, "telepathy": 5}', encoding="utf-8")
    assert read_settings(path).offline


@pytest.mark.parametrize(
    ("name", "value", "cause"),
    [
        ("of-line", True, 'There is no setting "of-line"; there are non-commercial, offline, mirrors.'),
        ("offline", "on", "offline is not true or false"),
        ("mirrors", [["https://a.example/", "ftp://b.example/"]], "mirrors has an address that is not https"),
        ("mirrors", [["", "https://b.example/"]], "mirrors has an address that is not https"),
        ("mirrors", "https://b.example/", "mirrors is not a list of pairs"),
    ],
)
def test_wrong_options_are_refused(name: str, value: object, cause: str) -> None:
    with pytest.raises(ModelStoreError) as raised:
        with_option(StoreSettings(), name, value)
    assert cause in str(raised.value)


def test_an_option_changes_nothing_else(tmp_path: Path) -> None:
    shelf = store(tmp_path)
    shelf.set_option("mirrors", (MIRROR,))
    shelf.set_option("non-commercial", True)
    assert again(shelf).settings() == StoreSettings(True, False, (MIRROR,), {})


@pytest.mark.skipif(os.name == "nt", reason="Windows does not replace an open file")
def test_whoever_reads_meanwhile_reads_the_old_settings_whole(tmp_path: Path) -> None:
    path = tmp_path / "models.json"
    write_settings(path, StoreSettings(offline=True))
    before = path.read_text("utf-8")
    with path.open(encoding="utf-8") as reader:
        write_settings(path, StoreSettings(choices={"parsing": "bisenet-resnet34"}))
        assert reader.read() == before


def test_a_full_disk_leaves_the_old_settings(tmp_path: Path) -> None:
    with mounted(tmp_path / "full") as disk:
        path = disk / "models.json"
        write_settings(path, StoreSettings(offline=True))
        before = path.read_bytes()
        filler = disk / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while file.write(b"\0" * 4096):
                    pass
            except OSError:
                pass
        many = {f"role-{number}": "x" * 1000 for number in range(60)}
        with pytest.raises(
            ModelStoreError, match=r"cannot be written \(No space left on device\); make room"
        ):
            write_settings(path, StoreSettings(choices=many))
        assert path.read_bytes() == before
        assert sorted(each.name for each in disk.iterdir()) == ["filler", "models.json"]
