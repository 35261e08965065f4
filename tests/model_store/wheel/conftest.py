"""A pip that is set to use nothing, and a place for the model."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, _direct: None) -> None:
    """pip is set to use nothing."""
    for name in list(os.environ):
        if name.startswith("PIP_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / "faces" / "model.onnx"
