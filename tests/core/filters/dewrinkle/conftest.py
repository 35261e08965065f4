"""A shipped portrait, its brush, and the shipped networks."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest
from PIL import Image

from softlight.encoding import from_unit, perceptual_to_linear
from softlight.picture import ColourEncoding, Picture, Transfer
from softlight.runtime import Runtime

SAMPLES = files("softlight") / "samples"

PIXEL_TYPES = [
    (np.uint8, 3, Transfer.PERCEPTUAL),
    (np.uint8, 2, Transfer.PERCEPTUAL),
    (np.uint16, 4, Transfer.PERCEPTUAL),
    (np.uint16, 1, Transfer.PERCEPTUAL),
    (np.float16, 3, Transfer.LINEAR),
    (np.float32, 4, Transfer.LINEAR),
    (np.float32, 3, Transfer.PERCEPTUAL),
]
"""Depth, channels and transfer curve."""


@pytest.fixture(scope="session")
def runtime() -> Runtime:
    return Runtime("cpu", passed_checks=None)


@pytest.fixture(scope="session")
def portrait() -> np.ndarray:
    with (SAMPLES / "hopper.jpg").open("rb") as file:
        return np.asarray(Image.open(file).convert("RGB"))


@pytest.fixture(scope="session")
def brush() -> np.ndarray:
    with (SAMPLES / "hopper-mask.png").open("rb") as file:
        return np.asarray(Image.open(file).convert("L"))


def stored(portrait: np.ndarray, dtype: type, channels: int, transfer: Transfer) -> Picture:
    """The portrait as another kind of document holds it."""
    values = portrait.astype(np.float32) / 255
    if channels < 3:
        values = values.mean(axis=2, keepdims=True)
    if transfer is Transfer.LINEAR:
        values = perceptual_to_linear(values)
    if channels in (2, 4):
        alpha = np.linspace(0, 1, values.shape[1], dtype=np.float32)
        values = np.concatenate([values, np.broadcast_to(alpha[:, None], (*values.shape[:2], 1))], axis=2)
    return Picture(from_unit(values, dtype), ColourEncoding(transfer))
