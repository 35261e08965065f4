"""Engines of their own for every test, in folders short enough for a socket."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bridge.ground import Ground


def make_ground(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    if os.name != "posix":
        pytest.skip("tests/hosts has these for Windows")
    # Not pytest's tmp_path, which is too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="sl-", dir="/tmp"))
    ground = Ground(folder)
    for variable, name in (
        ("XDG_RUNTIME_DIR", "run"), ("XDG_STATE_HOME", "state"), ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"), ("XDG_CACHE_HOME", "cache"),
    ):  # fmt: skip
        (folder / name).mkdir(mode=0o700)
        monkeypatch.setenv(variable, str(folder / name))
    monkeypatch.delenv("SOFTLIGHT_MODELS", raising=False)
    yield ground
    ground.leave()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def ground(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    yield from make_ground(monkeypatch)
