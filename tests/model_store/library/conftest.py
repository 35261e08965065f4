"""A store that knows one model and has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from softlight_models.store import Store
from tests.model_store.library.one_model import CONTENT
from tests.model_store.own_store import store, write_entry


@pytest.fixture
def shelf(tmp_path: Path) -> Store:
    made = store(tmp_path)
    write_entry(made.places, "one", CONTENT)
    return made
