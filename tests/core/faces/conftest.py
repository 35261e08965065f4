"""The shipped portraits, and the shipped networks."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest
from PIL import Image

from softlight.runtime import Runtime
from softlight.runtime.self_check import PassedChecks


@pytest.fixture(scope="session")
def runtime() -> Runtime:
    return Runtime("cpu", passed_checks=PassedChecks(None))


def sample(name: str) -> np.ndarray:
    """A shipped portrait, uint8, shape (height, width, 3)."""
    with (files("softlight") / "samples" / name).open("rb") as file:
        return np.asarray(Image.open(file).convert("RGB"))


@pytest.fixture(scope="session")
def hopper() -> np.ndarray:
    return sample("hopper.jpg")


@pytest.fixture(scope="session")
def couple() -> np.ndarray:
    """Two people beside each other: the astronaut, and Hopper, whose face is twice as large."""
    astronaut, hopper = sample("astronaut.png"), sample("hopper.jpg")
    both = np.full((600, 1024, 3), 120, np.uint8)
    both[:512, :512], both[:, 512:] = astronaut, hopper
    return both
