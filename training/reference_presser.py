"""A slow, careful presser of clothes, in classical steps: the garment recipe learns from it on worn folds.

Drawn folds teach what a network is sure of; folds as they are worn look otherwise, and with drawn ones alone
.91 of them were left. Here they go as retouchers take them: the band of tone between weave and form is
lowered (frequency separation), on cloth, and never across a seam, lapel, button or print.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from training import label_cloth, masked_bands

FINE, BROAD = 2.2, 26.0
"""Sigmas in px between which folds lie at 180 px between the eyes; finer is weave, broader the body."""
LEFT = 0.2
"""Share of a fold that stays: cloth without any looks like card."""
DEEPEST = 0.5
"""Change of log tone that a fold is lowered by at most, about; what is deeper is where one piece of cloth
lies on another."""
SHARP = (0.05, 0.12)
"""Steps in log tone at 1.2 px between which an edge becomes one that stays."""
BESIDE = 11
"""Px around such an edge that have no say in what lies beside it."""
NEAR, FAR = 24.0, 44.0
"""Px from the rim of calm cloth over which folds begin to be lowered: nearer, the shading of a collar, or of
a lapel's roll, was half taken and looked like a smudge. Collars are 70 px wide."""
FOLDED = 5.0
"""Sigma in px by which what counts as folded is spread: the two sides of a fold go together."""

Array = NDArray[np.float32]


def pressed(image: NDArray[np.uint8], cloth: Array, folded: Array) -> tuple[NDArray[np.uint8], Array]:
    """Return a portrait whose clothes have fewer folds, and where that was decided.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
        RGB at 180 px between the eyes.
    cloth, folded : ndarray of float32, shape (height, width), 0..1
        As `label_cloth` has them.

    Returns
    -------
    smooth : ndarray of uint8, shape (height, width, 3)
        As `image` where no folded cloth is; the weave is its own everywhere.
    reached : ndarray of float32, shape (height, width), 0..1
        1 well inside of cloth without edges, 0 at its rim: folds there are neither taken nor kept on purpose.
    """
    smooth, reached = image.copy(), np.zeros_like(cloth)
    left, top, across, down = cv2.boundingRect((cloth > 0.5).astype(np.uint8))
    if across:
        # With a pixel of what lies around: a rim at the box's edge would be taken for cloth that goes on.
        box = np.s_[max(0, top - 1) : top + down + 1, max(0, left - 1) : left + across + 1]
        weight = _calm(image[box], cloth[box])
        reached[box] = _inwards(weight)
        meant = np.clip(1.5 * cv2.GaussianBlur(folded[box], (0, 0), FOLDED), 0, 1) * reached[box]
        smooth[box] = _lowered(image[box], weight, meant)
    return smooth, reached


def _calm(image: NDArray[np.uint8], cloth: Array) -> Array:
    """Return where cloth has no seams, lapels, buttons or prints, 0..1."""
    low, high = SHARP
    sharp = np.clip((label_cloth.steps(label_cloth.log_tone(image)) - low) / (high - low), 0, 1)
    spread = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (BESIDE, BESIDE))
    return np.asarray(np.where(cloth > 0.5, cloth * (1 - cv2.dilate(sharp, spread)), 0), np.float32)


def _inwards(weight: Array) -> Array:
    known = cv2.copyMakeBorder((weight > 0.5).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    distance = cv2.distanceTransform(known, cv2.DIST_L2, 3)[1:-1, 1:-1]
    return cv2.GaussianBlur(np.clip((distance - NEAR) / (FAR - NEAR), 0, 1), (0, 0), 3).astype(np.float32)


def _lowered(image: NDArray[np.uint8], weight: Array, meant: Array) -> NDArray[np.uint8]:
    # Each channel for itself: the shaded side of orange cloth is redder than the lit one.
    light = image.astype(np.float32) / 255 + label_cloth.DARK
    tone = np.log(light)
    band = masked_bands.low(tone, weight, FINE) - masked_bands.low(tone, weight, BROAD)
    lowered = (1 - LEFT) * DEEPEST * np.tanh(band / DEEPEST) * meant[..., None]
    smooth = light * np.exp(-lowered) - label_cloth.DARK
    return np.where(lowered == 0, image, np.rint((255 * smooth).clip(0, 255))).astype(np.uint8)
