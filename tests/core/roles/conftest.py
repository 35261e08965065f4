"""What the roles were run on, gathered while the tests pass, becomes docs/models-contracts.md."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.resources import files

import numpy as np
import pytest
from PIL import Image

from tests.core.roles.contract_table import DOCUMENT, Run, missing, text

RUNS = pytest.StashKey[list[Run]]()


@pytest.fixture
def ran(request: pytest.FixtureRequest) -> Callable[[str, str, str], None]:
    """Note that a contract was run: ``ran(contract, kind, what)``, the last line of a test; see `Run`."""
    runs = request.config.stash.setdefault(RUNS, [])
    return lambda contract, kind, what: runs.append(Run(contract, kind, what))


@pytest.fixture(scope="session")
def portrait() -> np.ndarray:
    """A shipped portrait, float32 RGB, 0..1, shape (600, 512, 3)."""
    with (files("softlight") / "samples" / "hopper.jpg").open("rb") as file:
        return np.asarray(Image.open(file).convert("RGB"), np.float32) / 255


def pytest_sessionfinish(session: pytest.Session) -> None:
    if "SOFTLIGHT_CONTRACTS" in os.environ:
        runs = session.config.stash.get(RUNS, [])
        assert not missing(runs), f"nothing was run for {', '.join(sorted(missing(runs)))}"
        DOCUMENT.write_text(text(runs), "utf-8")
