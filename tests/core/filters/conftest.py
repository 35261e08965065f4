"""A shipped portrait, its brush, and the shipped networks."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

import numpy as np
import pytest
from PIL import Image

from softlight.compositor import composite
from softlight.encoding import from_unit, perceptual_to_linear
from softlight.layers import LayerStack
from softlight.picture import ColourEncoding, Picture, Transfer
from softlight.runtime import Runtime
from softlight.runtime.self_check import PassedChecks

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
    return Runtime("cpu", passed_checks=PassedChecks(None))


def opened(sample: Traversable) -> np.ndarray:
    with sample.open("rb") as file:
        return np.asarray(Image.open(file).convert("RGB"))


@pytest.fixture(scope="session")
def portrait() -> np.ndarray:
    return opened(SAMPLES / "hopper.jpg")


@pytest.fixture(scope="session")
def brush() -> np.ndarray:
    with (SAMPLES / "hopper-mask.png").open("rb") as file:
        return np.asarray(Image.open(file).convert("L"))


def changed(picture: Picture, stack: LayerStack) -> np.ndarray:
    """Where the picture shows something else under the layers, (height, width)."""
    return (composite(picture, stack).pixels != picture.pixels).any(axis=2)


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
