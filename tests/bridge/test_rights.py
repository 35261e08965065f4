"""Whose the files are that engine and hosts meet by, other users, and full disks."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from softlight_bridge.errors import BridgeError
from tests.bridge.ground import Ground, grey, trial_job
from tests.bridge.pythons import BRIDGE
from tests.full_disks import mounted

root_only = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root can be another user"
)


def as_nobody(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run code as the user nobody, from copies that it can read."""
    lead = f"import sys; sys.path.insert(0, {environment['BRIDGE']!r})\n"
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    return subprocess.run(
        [*user, "/usr/bin/python3", "-I", "-c", lead + code],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@root_only
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv")
def test_another_user_is_kept_out_by_the_folder_and_refused_by_the_engine(ground: Ground) -> None:
    ground.engine().run(trial_job(), grey)
    copy = ground.folder / "bridge"
    shutil.copytree(BRIDGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    address, key = ground.runtime / "engine.sock", (ground.runtime / "key").read_bytes()
    os.chmod(ground.folder, 0o755)
    environment = {"BRIDGE": str(copy), "XDG_RUNTIME_DIR": str(ground.folder / "run")}

    # As installed: the folder.
    reach = f"import socket; socket.socket(socket.AF_UNIX).connect({str(address)!r})"
    assert "PermissionError" in as_nobody(reach, environment).stderr

    # Even with folder, socket and key given away, the kernel says who it is.
    for path, mode in ((ground.folder / "run", 0o755), (ground.runtime, 0o755), (address, 0o777)):
        os.chmod(path, mode)
    greet = f"""
from multiprocessing.connection import Client
from softlight_bridge import handshake
from softlight_bridge.wire import Line
try:
    handshake.greet(Line(Client({str(address)!r})), {key!r}, "Nobody")
    print("let in")
except Exception as error:
    print(type(error).__name__)
"""
    done = as_nobody(greet, environment)
    assert done.stdout.strip() in ("Unanswered", "BrokenPipeError", "ConnectionResetError"), done.stderr
    assert "A process of another user was refused." in ground.log

    # And our own client now refuses that folder.
    with pytest.raises(BridgeError, match="is not this user's alone"):
        ground.engine().run(trial_job(), grey)
    os.chmod(ground.runtime, 0o700)


def test_an_open_key_is_not_used(ground: Ground) -> None:
    ground.engine().run(trial_job(), grey)
    os.chmod(ground.runtime / "key", 0o644)
    with pytest.raises(BridgeError, match="is not a file of this user alone; remove it and try again"):
        ground.engine().run(trial_job(), grey)


@root_only
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv")
def test_an_unreadable_key_is_a_sentence(ground: Ground) -> None:
    copy = ground.folder / "bridge"
    shutil.copytree(BRIDGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    os.chmod(ground.folder, 0o755)
    # Nobody's own folder, with a key in it that was made unreadable: root itself can read everything.
    for folder in (ground.folder / "run", ground.runtime):
        folder.mkdir(exist_ok=True)
        os.chown(folder, 65534, 65534)
        os.chmod(folder, 0o700)
    (ground.runtime / "key").write_bytes(bytes(32))
    os.chmod(ground.runtime / "key", 0)
    os.chown(ground.runtime / "key", 65534, 65534)
    code = """
from softlight_bridge import launcher
import threading
try:
    launcher.reach(("/nowhere",), "Nobody", threading.Event())
except Exception as error:
    print(error)
"""
    environment = {"BRIDGE": str(copy), "XDG_RUNTIME_DIR": str(ground.folder / "run")}
    done = as_nobody(code, environment)
    assert done.stdout == (
        f"'{ground.runtime}/key' cannot be read (Permission denied); remove it and try again.\n"
    ), done.stderr


@pytest.mark.parametrize("kind", ["link", "file", "open"])
def test_a_runtime_folder_that_is_no_folder_of_ours_is_refused(ground: Ground, kind: str) -> None:
    if kind == "link":
        (ground.folder / "elsewhere").mkdir(mode=0o700)
        ground.runtime.symlink_to(ground.folder / "elsewhere")
    elif kind == "file":
        ground.runtime.touch()
    else:
        ground.runtime.mkdir()
        ground.runtime.chmod(0o777)
    with pytest.raises(BridgeError, match="remove it"):
        ground.engine().run(trial_job(), grey)
    assert ground.engines() == []
    if kind != "file":
        ground.runtime.chmod(0o700)


def test_a_fifo_in_place_of_the_key_or_the_state_does_not_block(ground: Ground) -> None:
    ground.engine().run(trial_job(), grey)
    # Not removed first: an engine that looks just then sees its files gone, and ends.
    os.mkfifo(ground.folder / "fifo", 0o600)
    os.replace(ground.folder / "fifo", ground.runtime / "key")
    with pytest.raises(BridgeError, match="not a file of this user alone|cannot be read"):
        ground.engine().run(trial_job(), grey)


def test_a_path_too_long_for_a_socket_is_a_sentence(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = ground.folder / ("x" * 90)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    with pytest.raises(
        BridgeError, match="is too long for a socket; set XDG_RUNTIME_DIR to a folder with a shorter"
    ):
        ground.engine().run(trial_job(), grey)


def filled(folder: Path) -> Path:
    """Fill a small disk to the last byte."""
    with open(folder / "filler", "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    return folder


def test_a_full_disk_under_the_runtime_folder_is_a_sentence(ground: Ground) -> None:
    with mounted(ground.runtime):
        os.chmod(ground.runtime, 0o700)
        filled(ground.runtime)
        with pytest.raises(BridgeError, match="No space left on device") as caught:
            ground.engine().run(trial_job(), grey)
        assert "make room there" in str(caught.value) and "\n" not in str(caught.value)
        assert not (ground.runtime / "key").exists()
        (ground.runtime / "filler").unlink()
        assert ground.engine().run(trial_job(), grey).layers
        ground.kill(signal.SIGTERM)


def test_a_full_disk_under_the_log_does_not_keep_a_filter_from_running(ground: Ground) -> None:
    with mounted(ground.folder / "full") as full:
        os.environ["XDG_STATE_HOME"] = str(filled(full))
        assert ground.engine().run(trial_job(), grey).layers
        with pytest.raises(BridgeError):
            ground.engine().run(trial_job(end="defect"), grey)
        assert ground.engine().run(trial_job(), grey).layers
        ground.kill(signal.SIGTERM)
