"""Heal holes in skin by frequency separation: the tone from around, the pores from skin nearby."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from training import masked_bands

TONE = 2.2
"""Sigma in px below which a band is pores and above which it is tone."""
HALO = 2
"""Px by which a hole is wider than what was found: a blemish fades into the skin."""

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]


def healed(image: Array, holes: Mask, avoid: Mask, skin: Mask) -> Array:
    """Return a picture whose holes are skin again.

    Parameters
    ----------
    image : ndarray, float32, shape (height, width, 3)
        RGB 0..1.
    holes, avoid, skin : ndarray, bool, shape (height, width)
        What shall go; what shall neither go nor be borrowed from; where there is skin at all.

    Returns
    -------
    ndarray, float32, shape (height, width, 3)
        Other only in the holes and `HALO` + 2 px around them.
    """
    if not holes.any():
        return image
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * HALO + 1,) * 2)
    wide = (cv2.dilate(holes.astype(np.uint8), disc) > 0) & skin & ~avoid
    known = skin & ~wide & ~avoid
    tone = masked_bands.low(image, known.astype(np.float32), TONE)
    pores = np.where(known[..., None], image - tone, 0)
    tone = masked_bands.membrane(tone, wide, known)
    filled = tone + _borrowed(pores, tone, wide, known)
    inside = cv2.GaussianBlur(wide.astype(np.float32), (0, 0), 0.8)
    share = np.where(wide, np.clip(2 * inside - 0.4, 0, 1), 0).astype(np.float32)[..., None]
    return np.asarray(image + share * (filled - image), np.float32)


def _borrowed(pores: Array, tone: Array, holes: Mask, known: Mask) -> Array:
    """Pores for every hole, from the nearest skin of like brightness that is wholly known."""
    out = np.zeros_like(pores)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(holes.astype(np.uint8), connectivity=8)
    luma = tone.mean(axis=-1)
    height, width = holes.shape
    turns = np.arange(12) * np.pi / 6
    for number in range(1, count):
        left, top, across, down = stats[number, :4]
        window = np.s_[top : top + down, left : left + across]
        mine = parts[window] == number
        bright = float(luma[window][mine].mean())
        best, source = np.inf, None
        for reach in (1.1, 1.6, 2.3, 3.2, 4.5):
            if best < reach:
                break
            for turn in turns + reach:
                y = top + round(float(np.sin(turn) * (reach * down + 3)))
                x = left + round(float(np.cos(turn) * (reach * across + 3)))
                if y < 0 or x < 0 or y + down > height or x + across > width:
                    continue
                there = np.s_[y : y + down, x : x + across]
                missing = np.count_nonzero(mine & ~known[there]) / np.count_nonzero(mine)
                # 0.1 of brightness counts as much as going three times as far: pores follow the light.
                cost = reach + 20 * abs(float(luma[y + down // 2, x + across // 2]) - bright) + 40 * missing
                if cost < best:
                    best, source = cost, there
        if source is not None:
            out[window][mine] = pores[source][mine]
    return out
