"""A made-up face of plain skin with pores, at 180 px between the eyes, for the tests of the retoucher."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.training.faces import mean_mesh
from training.mesh_points import LEFT_BROW, LEFT_EYE, LIPS, NOSTRILS, RIGHT_BROW, RIGHT_EYE
from training.skin_ground import filled

Array = NDArray[np.float32]

HEIGHT, WIDTH = 640, 460
LIGHT, DARK = (0.87, 0.68, 0.58), (0.33, 0.21, 0.16)


@dataclass(frozen=True, eq=False)
class Face:
    """What the retoucher is given; the face looks ahead, its eyes are at row 200."""

    image: Array
    skin: Array
    features: Array
    mesh: Array
    hair: Array


def face(tone: tuple[float, float, float] = LIGHT, pores: float = 0.01) -> Face:
    """Pores are white noise, as a share of the tone."""
    mesh = (mean_mesh() * 180 + (WIDTH / 2, 200)).astype(np.float32)
    grain = np.random.default_rng(3).normal(0, pores, (HEIGHT, WIDTH, 1))
    image = np.clip(np.array(tone) * (1 + grain), 0, 1).astype(np.float32)
    features = np.zeros((HEIGHT, WIDTH), np.uint8)
    for outline in (RIGHT_EYE, LEFT_EYE, RIGHT_BROW, LEFT_BROW, LIPS, NOSTRILS):
        features |= filled(features.shape, mesh[outline])
    skin = np.zeros((HEIGHT, WIDTH), np.float32)
    skin[30:620, 20:440] = 1
    return Face(image, skin, features.astype(np.float32), mesh, np.zeros_like(skin))


def blob(y: float, x: float, radius: float, edge: float = 0.8) -> Array:
    """A disc with a soft edge, (HEIGHT, WIDTH), 0..1."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    far = np.hypot(rows - y, columns - x) - radius
    return (1 / (1 + np.exp(np.clip(far / (edge / 2), -40, 40)))).astype(np.float32)


def stained(image: Array, where: Array, colour: tuple[float, float, float]) -> Array:
    """Skin that keeps a share of its light, per channel: pigment and blood."""
    return (image * (1 - where[..., None] * (1 - np.array(colour)))).astype(np.float32)


BROWN, RED = (0.55, 0.48, 0.45), (0.97, 0.72, 0.72)
