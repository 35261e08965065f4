"""A new user, and a server of models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.cli.models.home import Home
from tests.model_shelf import Shelf, shelf


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home of Zoë")


@pytest.fixture
def server() -> Iterator[Shelf]:
    with shelf() as served:
        yield served
