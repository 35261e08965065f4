"""De-wrinkle on a crop: from the coarsest scale to the photo's own, bringing back only the change."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.filters.dewrinkle import octave
from softlight.filters.dewrinkle.octave import Image, Networks, Plane
from softlight.filters.dewrinkle.settings import Target
from softlight.filters.dewrinkle.texture import low_pass

PAINTED = 0.02
"""Brush from which a pixel counts as painted."""
LEAST_CHANGE = 1e-4
"""Resizing leaves traces of 1e-5 around a change; nothing below six steps of 16 bits is one."""


def retouch(
    photo: Image,
    brush: Plane,
    scales: tuple[float, ...],
    target: Target,
    keep_texture: float,
    networks: Networks,
) -> tuple[float, Image]:
    """Find the change that takes what was painted out of a crop.

    Parameters
    ----------
    photo : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1 nominal.
    brush : ndarray of float32, shape (height, width)
        0..1.
    scales : tuple of float
        Coarse to fine, relative to the photo's pixels.
    target : Target
    keep_texture : float
        0..1.
    networks : Networks

    Returns
    -------
    skin : float
        The largest skin probability under the brush, averaged over 8 px of the coarsest scale.
    change : ndarray of float32, shape (height, width, 3)
        To be added to `photo`; exactly 0 where nothing is to change.
    """
    height, width = brush.shape
    change = np.zeros_like(photo)
    marked = np.zeros_like(brush)
    skin = 0.0
    last = len(scales) - 1
    for number, scale in enumerate(scales):
        size = (max(8, round(width * scale)), max(8, round(height * scale)))
        image = resized(photo + change, size)
        painted = resized(brush, size) > PAINTED
        if not painted.any():
            continue
        if target is Target.EVERYTHING:
            erasure = octave.everything(painted)
            if number == 0:
                skin = 1.0
                step = octave.erase(image, erasure, keep_texture, networks)
            else:
                step = keep_texture * octave.renew_texture(image, erasure)
        else:
            found = octave.find(image, painted, networks)
            if number == 0:
                skin = float((cv2.blur(found.skin, (8, 8)) * painted).max())
            erasure = octave.wrinkles(found, painted, resized(marked, size) > 0.5)
            marked = np.maximum(marked, resized(erasure.hole.astype(np.float32), (width, height)))
            step = octave.erase(image, erasure, keep_texture if number == last else 0.0, networks)
            if number != last:
                # A coarse octave gives tone alone. Its texture would be resized and meet the photo's own
                # half way, where neither adds up: a quarter of the pores was lost.
                step = low_pass(step)
        change += resized(step * octave.softened(erasure.hole)[..., None], (width, height))
    change[np.abs(change).max(axis=-1) < LEAST_CHANGE] = 0
    return skin, change


def resized(image: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Area filter when shrinking, cubic when enlarging; `size` is (width, height)."""
    if (image.shape[1], image.shape[0]) == size:
        return image
    method = cv2.INTER_AREA if size[0] < image.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=method), np.float32)
