"""One scale of De-wrinkle: find, erase, fill, and give the pores back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.filters.dewrinkle.texture import borrow, low_pass
from softlight.tiles import run_tiled

FOUND = 0.4
"""Wrinkle probability from which a pixel counts: balances precision and recall on held-out wrinkles."""
SKIN = 0.5
REMAINS = 0.6
"""Factor on `FOUND` where a coarser scale found a wrinkle: weaker evidence tells what is left of it."""
GUARD = 2
"""Px by which a found wrinkle is widened: its lit edge and its blur."""
SHORTEST = 9
"""Px: 0.05 interocular distances. What is shorter is a pore or a spot."""

Plane = NDArray[np.float32]
Image = NDArray[np.float32]


@dataclass(frozen=True)
class Networks:
    """The two models, as functions on tiles of shape (1, channels, 256, 256)."""

    wrinkle_map: Callable[[Image], Image]
    inpainting: Callable[[Image, Image], Image]


@dataclass(frozen=True, eq=False)
class Found:
    """What the map says at one scale; planes of shape (height, width), 0..1."""

    wrinkle: Plane
    skin: Plane


def find(image: Image, painted: NDArray[np.bool_], networks: Networks) -> Found:
    """Wrinkle and skin probability wherever something is painted.

    Parameters
    ----------
    image : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.
    painted : ndarray of bool, shape (height, width)
    """
    both = run_tiled(networks.wrinkle_map, painted, 2, np.clip(image, 0, 1))
    return Found(both[..., 0], both[..., 1])


def widened(mask: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    """Grow a mask by `radius` px in every direction."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), disc)) > 0


def wrinkles(
    found: Found, painted: NDArray[np.bool_], marked: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which pixels to erase, and which skin may lend its texture; all of shape (height, width).

    Parameters
    ----------
    found : Found
    painted : ndarray of bool
    marked : ndarray of bool
        Where a coarser scale found a wrinkle.
    """
    level = np.where(marked, REMAINS * FOUND, FOUND)
    _, parts, boxes, _ = cv2.connectedComponentsWithStats(
        ((found.wrinkle > level) & painted).astype(np.uint8)
    )
    extent = np.maximum(boxes[:, cv2.CC_STAT_WIDTH], boxes[:, cv2.CC_STAT_HEIGHT])
    long = extent >= SHORTEST
    long[0] = False
    hole = widened(long[parts], GUARD) & painted
    doubtful = widened(hole, GUARD) | (found.wrinkle > 0.5 * FOUND)
    return hole, (found.skin > SKIN) & ~doubtful


def softened(hole: NDArray[np.bool_]) -> Plane:
    """The hole with an edge of 2 px that lies inside of it, 0..1."""
    inner = cv2.erode(hole.astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.GaussianBlur(inner.astype(np.float32), (0, 0), 1.0), np.float32)


def erase(
    image: Image, hole: NDArray[np.bool_], source: NDArray[np.bool_], keep_texture: float, networks: Networks
) -> Image:
    """The change that fills `hole` with skin, 0 outside it.

    Parameters
    ----------
    image : ndarray of float32, shape (height, width, 3)
        Perceptual RGB; values outside 0..1 are kept outside the hole.
    hole : ndarray of bool, shape (height, width)
    source : ndarray of bool, shape (height, width)
        Skin that texture may be borrowed from.
    keep_texture : float
        1 gives the fill the texture of neighbouring skin, 0 leaves it as the network paints it.

    Returns
    -------
    ndarray of float32, shape (height, width, 3)
    """
    if not hole.any():
        return np.zeros_like(image)
    seen = np.clip(image, 0, 1)
    plane = hole.astype(np.float32)[..., None]
    fill = run_tiled(networks.inpainting, hole, 3, seen, plane)
    filled = np.where(hole[..., None], fill, image)
    if keep_texture > 0:
        smooth = low_pass(filled)
        textured = smooth + borrow(filled - smooth, hole, source)
        filled = filled + keep_texture * (textured - filled)
    return np.where(hole[..., None], filled - image, np.float32(0))


def renew_texture(image: Image, hole: NDArray[np.bool_], source: NDArray[np.bool_]) -> Image:
    """The change that replaces only the fine band inside `hole`, 0 outside it.

    For what a coarser scale has filled: the tone is right already, the sharp remains are not.
    """
    smooth = low_pass(image)
    band = image - smooth
    return borrow(band, hole, source) - band
