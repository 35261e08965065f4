"""What holds for every test: it sees none of the tester's own models."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest


@pytest.fixture(autouse=True, scope="session")
def no_models_of_the_testers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty folder of models, for this process and those that inherit its environment."""
    folder = tmp_path_factory.mktemp("models")
    with mock.patch.dict(os.environ, {"SOFTLIGHT_MODELS": str(folder)}):
        yield folder
