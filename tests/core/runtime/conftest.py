from __future__ import annotations

from pathlib import Path

import pytest

from softlight.runtime.self_check import PassedChecks
from softlight_models.bundled import BundledModels
from tests.tiny_models import release_all


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> BundledModels:
    return BundledModels(release_all(tmp_path_factory.mktemp("models") / "weights"))


@pytest.fixture
def passed(tmp_path: Path) -> PassedChecks:
    return PassedChecks(tmp_path / "cache" / "self-checks.json")
