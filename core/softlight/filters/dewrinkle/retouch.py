"""De-wrinkle on a crop: from the coarsest scale to the photo's own, bringing back only the change."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.filters.dewrinkle import octave
from softlight.filters.dewrinkle.octave import Erasure, Image, Networks, Plane
from softlight.filters.dewrinkle.plan import CONTEXT, Box, grown
from softlight.filters.dewrinkle.settings import Target

PAINTED = 0.02
"""Brush from which a pixel counts as painted."""
REMAINS = 0.3
"""Core of a wrinkle at a coarser octave from which a pixel counts as marked at the next."""
LEAST_CHANGE = 1e-4
"""Resizing leaves traces of 1e-5 around a change; nothing below six steps of 16 bits is one."""
GREY = 1.5 / 255
"""Difference of a pixel's channels up to which a picture is black and white, a level of rounding included.
Into such ones the inpainting network painted blue and red shades: it learnt from colours."""


def retouch(
    photo: Image,
    brush: Plane,
    fillable: Plane | None,
    wanted: Box,
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
    fillable : ndarray of float32, shape (height, width), or None
        0..1: how much of a pixel may be filled; nothing else is erased, nor lent as texture. `None`: all.
    wanted : tuple of int
        Left, top, right, bottom of the part that the caller keeps; see `seen_at`.
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
    changes, marks = np.zeros_like(photo), np.zeros_like(brush)
    skin = 0.0
    for number, scale in enumerate(scales):
        window = seen_at(scale, wanted, brush.shape)
        change, marked = changes[window], marks[window]
        height, width = marked.shape
        size = (max(8, round(width * scale)), max(8, round(height * scale)))
        image = resized(photo[window] + change, size)
        painted = resized(brush[window], size) > PAINTED
        if not painted.any():
            continue
        if target is Target.EVERYTHING:
            erasure = octave.everything(painted)
            if number == 0:
                skin = 1.0
                step = octave.erase(image, erasure, keep_texture, networks)
            else:
                step = octave.renew_texture(image, erasure, keep_texture)
        else:
            free = None if fillable is None else resized(fillable[window], size)
            found = octave.find(image, painted, free, networks)
            if number == 0:
                skin = float((cv2.blur(found.skin, (8, 8)) * painted).max())
            before = np.clip(resized(marked, size), 0, 1)
            erasure = octave.wrinkles(found, painted, before > REMAINS)
            step = octave.erase(image, erasure, keep_texture, networks)
            # What a coarser octave has filled, and this one does not see, still has its finest lines.
            remains = (before > REMAINS) & ~erasure.hole
            left_over = Erasure(remains, before, erasure.source)
            change += resized(octave.renew_texture(image, left_over, keep_texture), (width, height))
            np.maximum(marked, resized(erasure.core, (width, height)), out=marked)
        change += resized(step * octave.softened(erasure.hole)[..., None], (width, height))
    # Channel by channel: numpy's reductions over the last axis took 4 % of the time of 24 megapixels.
    if all(float(np.abs(photo[..., i] - photo[..., 1]).max()) < GREY for i in (0, 2)):
        changes = np.repeat(changes.mean(axis=-1, keepdims=True), 3, axis=-1)
    changes[np.abs(changes).max(axis=-1) < LEAST_CHANGE] = 0
    return skin, changes


def seen_at(scale: float, wanted: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The rows and columns that an octave works on: the wanted part and its context at that octave.

    The coarsest octave's context at every octave took 1.6 times the processor time (24 MP, a stroke of 2 MP).
    """
    left, top, right, bottom = grown(wanted, CONTEXT / scale, shape)
    return np.s_[top:bottom, left:right]


def resized(image: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Area filter when shrinking, cubic when enlarging; `size` is (width, height)."""
    if (image.shape[1], image.shape[0]) == size:
        return image
    method = cv2.INTER_AREA if size[0] < image.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=method), np.float32)
