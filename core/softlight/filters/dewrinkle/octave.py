"""One scale of De-wrinkle: find, erase, fill, and give the pores back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.filters.dewrinkle.texture import borrow, low_pass, missing_texture, ordinary

FOUND, TRACED = 0.4, 0.15
"""Wrinkle probabilities: a wrinkle is traced as far as the lower one, if it reaches the higher somewhere
(hysteresis, Canny 1986)."""
CORE = 0.4
"""Wrinkle probability from which nothing of a pixel's own texture is kept."""
SKIN = 0.5
WEAKER = 0.6
"""Factor on `FOUND` where a coarser scale found a wrinkle: weaker evidence tells what is left of it."""
ANY_SKIN = 0.4
"""Skin probability below which nothing is a wrinkle: brows, lashes, frames and hair stay as they are."""
BEYOND = 8
"""Px that a painted wrinkle is followed outside the brush: what is left of it would colour the fill."""
GUARD = 2
"""Px by which a found wrinkle is widened: its lit edge and its blur."""
SHORTEST = 9
"""Px: 0.05 interocular distances. What is shorter is a pore or a spot."""

Plane = NDArray[np.float32]
Image = NDArray[np.float32]


@dataclass(frozen=True)
class Networks:
    """The two models, as functions."""

    wrinkle_map: Callable[[Image, NDArray[np.bool_]], Image]
    """From a picture (height, width, 3) to a map (height, width, 2), of use where it is asked for."""
    inpainting: Callable[[Image, NDArray[np.bool_]], Image]
    """From a picture (height, width, 3) and a hole to a fill, of use inside the hole."""


@dataclass(frozen=True, eq=False)
class Found:
    """What the map says at one scale; planes of shape (height, width), 0..1."""

    wrinkle: Plane
    skin: Plane
    """That may be filled: a fill that touched a collar would take on its colour."""


def find(image: Image, painted: NDArray[np.bool_], fillable: Plane | None, networks: Networks) -> Found:
    """Wrinkle and skin probability wherever something is painted.

    Parameters
    ----------
    image : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.
    painted : ndarray of bool, shape (height, width)
    fillable : ndarray of float32, shape (height, width), or None
        0..1: how much of a pixel may be filled; `None`: all.
    """
    both = networks.wrinkle_map(np.clip(image, 0, 1), widened(painted, BEYOND))
    wrinkle, skin = both[..., 0], both[..., 1]
    return Found(wrinkle, skin if fillable is None else skin * fillable)


def widened(mask: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    """Grow a mask by `radius` px in every direction."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), disc)) > 0


@dataclass(frozen=True, eq=False)
class Erasure:
    """What is to be erased at one scale; planes of shape (height, width)."""

    hole: NDArray[np.bool_]
    core: Plane
    """0..1: where the hole's own texture is the crease's. On its flanks the skin's own pores stay."""
    source: NDArray[np.bool_]
    """Skin that may lend its texture."""


def everything(painted: NDArray[np.bool_]) -> Erasure:
    """Erase all that is painted, whatever it is."""
    return Erasure(painted, painted.astype(np.float32), ~widened(painted, GUARD))


def wrinkles(found: Found, painted: NDArray[np.bool_], marked: NDArray[np.bool_]) -> Erasure:
    """Erase the wrinkles under the brush, and so much beyond it that none of their shade fills the hole.

    Parameters
    ----------
    found : Found
    painted : ndarray of bool
        The brush; the caller keeps the change to it.
    marked : ndarray of bool
        Where a coarser scale found a wrinkle.
    """
    around = widened(painted, BEYOND) & (found.skin > ANY_SKIN)
    seeds = (found.wrinkle > np.where(marked, WEAKER * FOUND, FOUND)) & painted & around
    traced = (found.wrinkle > TRACED) & around
    count, parts, boxes, _ = cv2.connectedComponentsWithStats(traced.astype(np.uint8))
    extent = np.maximum(boxes[:, cv2.CC_STAT_WIDTH], boxes[:, cv2.CC_STAT_HEIGHT])
    wrinkle = (extent >= SHORTEST) & (np.bincount(parts[seeds], minlength=count) > 0)
    hole = widened(wrinkle[parts] & traced, GUARD) & around
    doubtful = widened(hole, GUARD) | (found.wrinkle > TRACED)
    sure = np.clip((found.wrinkle - TRACED) / (CORE - TRACED), 0, 1)
    core = cv2.dilate(np.where(hole, sure, 0).astype(np.float32), np.ones((3, 3), np.uint8))
    return Erasure(hole, np.asarray(core, np.float32), (found.skin > SKIN) & ~doubtful)


def softened(hole: NDArray[np.bool_]) -> Plane:
    """The hole with an edge of 2 px that lies inside of it, 0..1."""
    inner = cv2.erode(hole.astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.GaussianBlur(inner.astype(np.float32), (0, 0), 1.0), np.float32)


def erase(image: Image, erasure: Erasure, keep_texture: float, networks: Networks) -> Image:
    """The change that fills a hole with skin, 0 outside it.

    Parameters
    ----------
    image : ndarray of float32, shape (height, width, 3)
        Perceptual RGB; values outside 0..1 are kept outside the hole.
    erasure : Erasure
    keep_texture : float
        1 gives the fill the texture of skin, 0 leaves it as the network paints it.

    Returns
    -------
    ndarray of float32, shape (height, width, 3)
    """
    hole = erasure.hole
    if not hole.any():
        return np.zeros_like(image)
    seen = np.clip(image, 0, 1)
    fill = networks.inpainting(seen, hole)
    filled = np.where(hole[..., None], fill, image)
    if keep_texture > 0:
        tone = low_pass(filled)
        new = filled - tone + missing_texture(image, filled, hole, erasure.core, erasure.source)
        # Independent textures are mixed by their energies: linear weights would lose half of it half way.
        core = erasure.core[..., None]
        texture = np.sqrt(core) * new + np.sqrt(1 - core) * (image - low_pass(image))
        filled = filled + keep_texture * (tone + texture - filled)
    return np.where(hole[..., None], filled - image, np.float32(0))


def renew_texture(image: Image, erasure: Erasure, keep_texture: float) -> Image:
    """The change that replaces only the fine band of a core, 0 outside the hole.

    For what a coarser scale has filled: the tone is right already, the sharp remains are not. Parameters as
    for `erase`.
    """
    band = image - low_pass(image)
    lent = borrow(band, erasure.hole, erasure.source & ordinary(band, erasure.source))
    core = np.where(erasure.hole, erasure.core, 0)[..., None]
    return np.asarray(keep_texture * np.sqrt(core) * lent + np.sqrt(1 - core) * band - band, np.float32)
