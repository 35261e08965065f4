"""Wrinkle pseudo-labels on real faces: a ridge filter, cleaned by parsing.

A wrinkle is a dark valley: its cross-section is close to a Gaussian of negative sign, so the larger
eigenvalue of the Hessian is positive along it and the smaller one is near zero (Frangi et al. 1998;
for wrinkles: Ng et al., "Automatic wrinkle detection using hybrid Hessian filter", ACCV 2014).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from training.wrinkle_labels import UNKNOWN, WRINKLE

SIGMAS = {1.2: 1.0, 1.8: 1.0, 2.7: 1.0, 4.0: 1.3, 6.0: 2.4}
"""Scales in px at 180 px interocular distance, each with its factor on the thresholds: shading of cheek
and jaw answers at 4 px and more, and only real folds are that strong."""
SEED, REACH = 0.020, 0.010
"""Hysteresis thresholds on the scale-normalised response, luminance 0..1: a valley of depth d answers
0.35 d at its own scale, so 0.020 is a depth of 15 levels of 255, and 0.010 half of that."""
FRAME = 0.05
"""A valley 36 levels deep: frames are, and few wrinkles."""
LENGTH = 22
"""Shortest wrinkle in px: 0.12 interocular distances; pores and stubble are shorter."""

Array = NDArray[np.float32]

RIGHT_LID = [70, 63, 105, 66, 107, 55, 133, 173, 157, 158, 159, 160, 161, 246, 33]
LEFT_LID = [300, 293, 334, 296, 336, 285, 362, 398, 384, 385, 386, 387, 388, 466, 263]
NOSE_SIDES = [193, 417, 122, 351, 188, 412, 114, 343, 126, 355, 129, 358, 49, 279, 4]
NOSE_BASE = [45, 220, 115, 48, 64, 98, 97, 2, 326, 327, 294, 278, 344, 440, 275, 4]


def luminance(image: NDArray[np.uint8]) -> Array:
    return (image.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)) / 255


def valley_response(luma: Array, sigma: float) -> Array:
    """Scale-normalised valley strength: the larger Hessian eigenvalue less the size of the other."""
    smooth = cv2.GaussianBlur(luma, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    xx = cv2.Sobel(smooth, cv2.CV_32F, 2, 0, ksize=3) / 4
    yy = cv2.Sobel(smooth, cv2.CV_32F, 0, 2, ksize=3) / 4
    xy = cv2.Sobel(smooth, cv2.CV_32F, 1, 1, ksize=3) / 4
    mean, spread = (xx + yy) / 2, np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    high, low = mean + spread, mean - spread
    return (sigma**2 * np.clip(high - np.abs(low), 0, None)).astype(np.float32)


def roughness(luma: Array) -> Array:
    """RMS of the band below 1.5 px in windows of 15 px: high on hair and stubble."""
    band = luma - cv2.GaussianBlur(luma, (0, 0), 1.5)
    return np.sqrt(cv2.GaussianBlur(band**2, (0, 0), 5))


def _fill(shape: tuple[int, ...], outlines: list[Array]) -> NDArray[np.uint8]:
    mask = np.zeros(shape[:2], np.uint8)
    for outline in outlines:
        cv2.fillPoly(mask, [np.rint(cv2.convexHull(outline)).astype(np.int32)], 1)
    return mask


def wrinkle_ground(
    skin: Array, hair: Array, features: NDArray[np.uint8], oval: NDArray[np.uint8], mesh: Array, luma: Array
) -> NDArray[np.bool_]:
    """Where a wrinkle may be.

    Skin inside the face oval and on the neck, without eyes, lids, brows, lips, nostrils, jaw line, ears,
    hair and stubble.
    """
    disc = lambda r: cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * r + 1, 2 * r + 1))  # noqa: E731
    face = cv2.erode(oval, disc(13)) > 0
    neck = np.zeros_like(face)
    chin, top = mesh[152], mesh[10]
    y, x = np.mgrid[: luma.shape[0], : luma.shape[1]]
    # The jaw's shadow lies up to 30 px below MediaPipe's oval.
    neck |= (y > chin[1] + 30) & (np.abs(x - chin[0]) < 130) & (cv2.dilate(oval, disc(36)) == 0)
    # MediaPipe's oval ends below the hair line: the forehead goes on above it.
    brow = (np.abs(x - top[0]) < 120) & (y < top[1] + 10) & (y > top[1] - 110)
    ground = (face | neck | brow) & (cv2.erode(skin, disc(5)) > 0.75) & (cv2.dilate(hair, disc(5)) < 0.3)
    ground &= (features == 0) & (_fill(luma.shape, [mesh[RIGHT_LID], mesh[LEFT_LID]]) == 0)
    ground &= (
        cv2.dilate(_fill(luma.shape, [mesh[NOSE_BASE]]) | _fill(luma.shape, [mesh[NOSE_SIDES]]), disc(4)) == 0
    )
    return np.asarray(ground & ~bristly(luma, ground))


def bristly(luma: Array, ground: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where a face is much rougher than its skin is on average: stubble, beard, stray hair."""
    rough = roughness(luma)
    smooth = np.median(rough[ground]) if ground.any() else 1.0
    return np.asarray(rough >= max(2.6 * smooth, 0.02))


def wrinkles(luma: Array, ground: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The sure wrinkles at their full width, and the pixels of which nothing is known."""
    sure = np.zeros(luma.shape, bool)
    unsure = np.zeros(luma.shape, bool)
    # Darker skin has shallower valleys in stored values; the thresholds follow its brightness.
    level = np.clip(cv2.GaussianBlur(luma, (0, 0), 20) / 0.6, 0.55, 1.2)
    for sigma, factor in SIGMAS.items():
        response = valley_response(luma, sigma) / (level * factor)
        weak = ((response > REACH) & ground).astype(np.uint8)
        count, parts, stats, _ = cv2.connectedComponentsWithStats(weak, connectivity=8)
        peak = np.zeros(count, np.float32)
        np.maximum.at(peak, parts.ravel(), response.ravel())
        extent = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
        keep = (peak > SEED) & (extent > max(LENGTH, 5 * sigma))
        keep[0] = False
        line = keep[parts].astype(np.uint8)
        radius = max(1, round(0.7 * sigma))
        grown = cv2.dilate(line, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2))
        sure |= grown > 0
        unsure |= weak > 0
    return sure & ground, unsure & ~sure


def label_map(
    image: NDArray[np.uint8], skin: Array, hair: Array, features: NDArray[np.uint8], oval: NDArray[np.uint8],
    mesh: Array, glasses: bool,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:  # fmt: skip
    """Wrinkle labels and the map of clean skin (255 where neither wrinkle nor doubt is near).

    Frames look like wrinkles to a ridge filter, so with `glasses` nothing counts as positive between brows
    and mid-nose: what is as dark as a frame is known to be none, the rest is unknown.
    """
    luma = luminance(image)
    ground = wrinkle_ground(skin, hair, features, oval, mesh, luma)
    sure, unsure = wrinkles(luma, ground)
    labels = np.where(sure, WRINKLE, 0).astype(np.uint8)
    # Nothing is known of the rim of the face, but hair lines, lids, nose and jaw line are no wrinkles.
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (25, 25))
    rim = (skin > 0.75) & ~ground & (features == 0)
    known = cv2.dilate((hair > 0.3).astype(np.uint8), disc) > 0
    known |= _fill(luma.shape, [mesh[RIGHT_LID], mesh[LEFT_LID], mesh[NOSE_BASE]]) > 0
    known |= cv2.dilate(_fill(luma.shape, [mesh[NOSE_SIDES]]), disc) > 0
    known |= cv2.dilate(features, disc[6:-6, 6:-6]) > 0
    # Bristles below the nose are a beard, and a beard is no wrinkle.
    beard = bristly(luma, ground)
    beard[: int(mesh[2][1])] = False
    known |= cv2.dilate(beard.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    jaw = cv2.dilate(oval, np.ones((60, 60), np.uint8)) != cv2.erode(oval, np.ones((15, 15), np.uint8))
    jaw[: int(mesh[4][1])] = False
    labels[(unsure | rim) & ~known & ~jaw] = UNKNOWN
    labels[cv2.dilate(beard.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0] = 0
    if glasses:
        top, bottom = mesh[[70, 300]].min(0)[1] - 20, mesh[[50, 280]].max(0)[1] + 20
        band = np.zeros(luma.shape, bool)
        band[max(0, int(top)) : int(bottom)] = True
        frame = np.max([valley_response(luma, sigma) for sigma in (1.2, 1.8, 2.7)], axis=0) > FRAME
        frame = cv2.dilate(frame.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
        labels[band & (labels == WRINKLE)] = UNKNOWN
        labels[band & frame] = 0
        ground = ground & ~band
    doubt = cv2.GaussianBlur(((labels != 0) & ground).astype(np.float32), (0, 0), 6)
    near = cv2.dilate(sure.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    clean = ground & ~near & (doubt < 0.35)
    return labels, np.where(clean, 255, 0).astype(np.uint8)
