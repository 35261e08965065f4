"""A library that knows nothing yet, a folder of downloads, and the table's rows about imports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from softlight_models.library import Library
from tests.model_store.fault_table import FaultTable
from tests.model_store.models_in_hand import library

Tell = Callable[[str, object, str], None]
"""Takes a fault, what the user reads, and what is there afterwards."""


@pytest.fixture
def shelf(tmp_path: Path) -> Library:
    return library(tmp_path / "home of Zoë")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "Downloads (1) – žluté"
    folder.mkdir()
    return folder


@pytest.fixture
def tell(fault_table: FaultTable, place: Path) -> Tell:
    """Adds a row, in which the folder of downloads is left out."""

    def add(fault: str, said: object, state: str) -> None:
        fault_table.add("Imports", fault, str(said).replace(f"{place}/", ""), state)

    return add
