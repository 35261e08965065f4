"""What the roles skin-retouch and garment-retouch share: a retouch at the scale that the networks know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from softlight.runtime import Session
from softlight.tiles import Planes, Tiling

TILING = Tiling(side=1728, reach=160, step=64)
"""An answer depends on what is up to 148 px away, in cells of 16 px. The largest tile takes 0.6 GB of memory,
208 bytes a pixel. The surroundings of a face of 200 px, 1664 x 1088 px, fit into one; in two they took 40 %
longer. A step coarser than a cell: GPUs see fewer sizes, each of which DirectML compiles."""
CELL = 16
"""Px: what the height and width of the networks' pictures are multiples of."""
QUARTER = np.float32(0.25)
"""What 1 in the networks' `change` stands for: the most that soft light can move a value."""


@dataclass(frozen=True, eq=False)
class Retouched:
    """What a network would do to a picture."""

    change: Planes
    """float32, shape (3, height, width): what is to be added to perceptual RGB."""
    area: Planes
    """float32, shape (height, width), 0..1: probability of what it works on, skin or cloth."""


def retouched(session: Session, area: str, image: Planes, weights: Sequence[float]) -> Retouched:
    """Run a network of the contracts softlight-retouch or softlight-garment.

    Parameters
    ----------
    session : Session
    area : str
        What the contract calls its first output.
    image : ndarray of float32, shape (3, height, width)
        Perceptual RGB, 0..1 nominal, of any size.
    weights : sequence of float
        How strongly each component acts, 0..1.
    """
    height, width = image.shape[1:]
    seen = np.clip(image, 0, 1)
    if height % CELL or width % CELL:
        borders = (0, -height % CELL, 0, -width % CELL)
        seen = np.stack([cv2.copyMakeBorder(plane, *borders, cv2.BORDER_REFLECT) for plane in seen])
    answer = session.run(image=seen[None], weights=np.asarray(weights, np.float32))
    change = QUARTER * answer["change"][0, :, :height, :width]
    return Retouched(change, answer[area][0, 0, :height, :width])
