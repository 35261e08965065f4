"""Beards: networks that parse faces call them skin, and De-wrinkle would shave them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Planes, Points
from softlight.encoding import perceptual_to_linear

# fmt: off
_CHEEKS = (
    (117, 118, 119, 120, 47, 126, 142, 36, 50, 123),
    (346, 347, 348, 349, 277, 355, 371, 266, 280, 352),
)
_LIPS = ((97, 98, 165, 92, 185, 40, 39, 37, 0, 164), (326, 327, 391, 322, 409, 270, 269, 267, 0, 164))
_CHIN = (
    (18, 83, 182, 204, 211, 170, 140, 171, 175, 199, 200),
    (18, 313, 406, 424, 431, 395, 369, 396, 175, 199, 200),
)
_JAW = ((212, 214, 192, 213, 138, 135, 210), (432, 434, 416, 433, 367, 364, 430))
_ZONE = (
    2, 98, 206, 207, 187, 147, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152,
    377, 400, 378, 379, 365, 397, 288, 361, 323, 376, 411, 427, 426, 327,
)
# fmt: on
_SMOOTH = 0.022
"""Standard deviation in interocular distances of the low-pass that leaves hairs out of the comparison."""
_FINE, _WINDOW = 0.017, 0.036
"""The same of the low-pass that leaves only hairs, and of the window in which their strength is measured."""
_DARKER = 0.55
"""Score of a dark beard, in powers of e of light: nearly all portraits above it show one (of 498, by eye)."""
_DARK, _DARKER_THAN_DARK = 0.16, 0.9
"""Linear light of cheeks below which skin is dark, and the score of a beard there: shine is a larger share of
what a dark cheek gives back. Of 14 such portraits two show a beard (1.3, 3.1); the others have up to .77."""
_ROUGHER = 0.8
"""Powers of e by which chin and jaw are rougher than the cheek above them: of the portraits that are not dark
enough, the 20 roughest are above it; 18 have a beard, grey or fair, or stubble."""
_LEAST_ROUGH = 0.012
"""Of the brightness: noise and the grain of smooth skin are less."""
_BEARD = ((0.4, 0.7), (0.3, 0.6))
"""From when on a pixel may be a beard's, and from when on it is: darker and rougher than the cheek."""
_MIDDLE = 0.15
"""Interocular distances beside the middle of the face within which one cheek's values become the other's."""


def beard(pixels: Planes, mesh: Points, interocular: float) -> Planes:
    """Return how much of each pixel is beard or moustache, 0..1.

    Each side of the face is compared with its own cheek, so that a shadow on one side is none. On both sides
    upper lip, or chin and jaw, have to be darker, more so if they are less red, or rougher: dark beards in
    low resolution are not rough, grey and fair ones not dark.

    Parameters
    ----------
    pixels : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1, of the face.
    mesh : ndarray of float64, shape (468, 2)
        The face's points in them; see `softlight.faces.mesh`.
    interocular : float
        In px.

    Returns
    -------
    ndarray of float32, shape (height, width)
    """
    planes = _planes(pixels, interocular)
    shape = planes.shape[:2]
    sides = [[_median(planes, mesh, zone[side]) for zone in (_CHEEKS, _LIPS, _CHIN, _JAW)] for side in (0, 1)]
    if any(value is None for side in sides for value in side):
        return np.zeros(shape, np.float32)
    values = np.array(sides, np.float64)  # side, zone, plane
    lip, chin, jaw = (values[:, 1:] - values[:, :1]).min(axis=0)
    below = np.minimum(chin, jaw)
    darker = max(below[0] + 1.5 * max(below[1], -0.1), 0.8 * (lip[0] + 1.5 * max(lip[1], -0.1)))
    rough = below[2] > _ROUGHER and values[:, 2:, 2].min() > np.log(_LEAST_ROUGH)
    dark = np.exp(-values[:, 0, 0]).mean() < _DARK
    if darker < (_DARKER_THAN_DARK if dark else _DARKER) and not rough:
        return np.zeros(shape, np.float32)
    across = _across(mesh, shape) / (_MIDDLE * interocular)
    left = np.clip(0.5 + across / 2, 0, 1)[..., None]
    differences = planes - (values[0, 0] * (1 - left) + values[1, 0] * left)
    found = np.zeros(shape)
    for plane, (least, sure) in zip((0, 2), _BEARD, strict=True):
        found = np.maximum(found, np.clip((differences[..., plane] - least) / (sure - least), 0, 1))
    return np.asarray(np.where(_drawn(mesh, _ZONE, shape), found, 0), np.float32)


def _planes(pixels: Planes, interocular: float) -> Planes:
    """Return darkness, lack of red and roughness, in powers of e, shape (height, width, 3)."""
    seen = np.clip(pixels, 0, 1)

    def low_pass(values: Planes, share: float) -> Planes:
        return np.asarray(cv2.GaussianBlur(values, (0, 0), max(share * interocular, 0.5)), np.float32)

    light = np.maximum(perceptual_to_linear(low_pass(seen, _SMOOTH)), 0.002)
    grey = seen.mean(axis=2)
    band = grey - low_pass(grey, _FINE)
    rough = np.sqrt(low_pass(band**2, _WINDOW)) / np.maximum(low_pass(grey, _WINDOW), 0.08)
    planes = 1 / light.mean(axis=2), light[..., 1] / light[..., 0], np.maximum(rough, 1e-4)
    return np.asarray(np.log(np.stack(planes, axis=2)), np.float32)


def _median(planes: Planes, mesh: Points, loop: tuple[int, ...]) -> list[float] | None:
    inside = _drawn(mesh, loop, planes.shape[:2])
    return np.median(planes[inside], axis=0).tolist() if inside.any() else None


def _drawn(mesh: Points, loop: tuple[int, ...], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    drawn = np.zeros(shape, np.uint8)
    limit = 4 * max(shape)
    cv2.fillPoly(drawn, [np.rint(np.clip(mesh[list(loop)], -limit, limit)).astype(np.int32)], 1)
    return np.asarray(drawn > 0)


def _across(mesh: Points, shape: tuple[int, ...]) -> Planes:
    """Return each pixel's distance from the middle line of the face, positive on the subject's left."""
    along = mesh[152] - mesh[168]
    length = max(float(np.linalg.norm(along)), 1e-6)
    x, y = np.arange(shape[1]) - mesh[168][0], np.arange(shape[0]) - mesh[168][1]
    return np.asarray((along[1] * x - along[0] * y[:, None]) / length, np.float32)
