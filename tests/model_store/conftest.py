"""What the tests of downloads share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.model_store.fault_table import FaultTable


@pytest.fixture(scope="session")
def fault_table() -> Iterator[FaultTable]:
    """Collects the rows of docs/models-faults.md; written where SOFTLIGHT_FAULTS says, if it does."""
    table = FaultTable()
    yield table
    if path := os.environ.get("SOFTLIGHT_FAULTS"):
        table.write(Path(path))


@pytest.fixture
def _direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of this machine between a test and its own server."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
