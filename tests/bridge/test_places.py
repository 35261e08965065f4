"""Where both sides look for each other, and what keeps that from being someone else's place."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
import pytest

from softlight_bridge import places, private_files
from softlight_bridge.errors import BridgeError
from softlight_bridge.private_files import State
from tests.bridge.ground import Ground

pytestmark = pytest.mark.skipif(os.name != "posix", reason="tests/hosts has these for Windows")


def test_log_and_configuration_lie_where_the_core_puts_its_own() -> None:
    assert places.log_folder() == platformdirs.user_log_dir("softlight", appauthor=False)
    assert places.config_folder() == platformdirs.user_config_dir("softlight", appauthor=False)


def test_a_flatpak_names_the_folders_of_the_engine_outside(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = places.log_path(), places.config_folder()
    monkeypatch.setattr(places, "FLATPAK", __file__)
    monkeypatch.setenv("HOST_XDG_STATE_HOME", os.environ["XDG_STATE_HOME"])
    monkeypatch.setenv("HOST_XDG_CONFIG_HOME", os.environ["XDG_CONFIG_HOME"])
    for variable in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(ground.folder / ".var/app/org.gimp.GIMP"))
    assert (places.log_path(), places.config_folder()) == outside
    monkeypatch.delenv("HOST_XDG_STATE_HOME")
    assert places.log_folder() == str(Path.home() / ".local/state/softlight/log")


def test_the_runtime_folder_is_made_for_this_user_alone(ground: Ground) -> None:
    assert not ground.runtime.exists()
    assert places.runtime_folder() == str(ground.runtime)
    assert ground.runtime.stat().st_mode & 0o777 == 0o700
    assert places.runtime_folder() == str(ground.runtime)


@pytest.mark.parametrize("value", [None, "", "relative", "/no/such/folder"])
def test_without_a_session_folder_there_is_one_below_tmp(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    if value is None:
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    else:
        monkeypatch.setenv("XDG_RUNTIME_DIR", value)
    session = Path(f"/run/user/{os.geteuid()}")
    folder = places._runtime_folder()
    assert folder == (str(session / "softlight") if session.exists() else f"/tmp/softlight-{os.geteuid()}")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give a folder away")
def test_the_session_folder_of_another_user_is_not_used(ground: Ground) -> None:
    # As under sudo, which keeps the variable.
    os.chown(ground.folder / "run", 65534, 65534)
    assert not places._runtime_folder().startswith(str(ground.folder))


def test_a_folder_that_cannot_be_made_is_a_sentence(ground: Ground) -> None:
    (ground.folder / "run").rmdir()
    (ground.folder / "run").touch()
    with pytest.raises(BridgeError, match="cannot be made .*correct the rights of the folder above it"):
        places.runtime_folder()


def test_a_long_log_is_put_away_when_an_engine_starts(ground: Ground) -> None:
    def write(text: bytes) -> None:
        descriptor = places.open_log()
        assert descriptor is not None
        os.write(descriptor, text)
        os.close(descriptor)

    write(b"a" * places.LARGEST_LOG)
    write(b"b")
    assert Path(places.log_path()).stat().st_size == places.LARGEST_LOG + 1
    write(b"c")
    assert Path(places.log_path()).read_bytes() == b"c"
    assert Path(places.log_path() + ".1").stat().st_size == places.LARGEST_LOG + 1


def test_a_log_that_cannot_be_kept_is_none(ground: Ground) -> None:
    (ground.folder / "state").rmdir()
    (ground.folder / "state").touch()
    assert places.open_log() is None


def test_the_state_file_says_what_was_written_and_nothing_else(ground: Ground) -> None:
    assert private_files.read_state() is None
    state = State(str(ground.runtime / "engine.sock"), 1234, 1, "0.1.0")
    private_files.write_state(state)
    assert private_files.read_state() == state
    assert Path(places.state_path()).stat().st_mode & 0o777 == 0o600
    assert sorted(os.listdir(ground.runtime)) == ["engine.json"]


@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", b"{}", b'{"address": "x"}', b"\xff", b"[" * 9000,
     b'{"address": 1, "pid": 1, "protocol": 1, "version": "x"}',
     b'{"address": "a\\u0000b", "pid": 1, "protocol": 1, "version": "x"}',
     b'{"address": "x", "pid": "1", "protocol": 1, "version": "x"}'],
)  # fmt: skip
def test_a_damaged_state_is_none(ground: Ground, content: bytes) -> None:
    private_files.write_private(places.state_path(), content)
    assert private_files.read_state() is None


@pytest.mark.parametrize("content", [b"", b"short", bytes(33), bytes(5_000_000)])
def test_a_damaged_key_is_a_sentence(ground: Ground, content: bytes) -> None:
    private_files.write_private(places.key_path(), content)
    with pytest.raises(BridgeError, match="is damaged; remove it and try again"):
        private_files.read_key()


def test_keys_are_random_and_replaced_whole(ground: Ground) -> None:
    first = private_files.new_key()
    assert private_files.read_key() == first
    assert private_files.new_key() != first
    assert os.listdir(ground.runtime) == ["key"]
