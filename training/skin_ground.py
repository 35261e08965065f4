"""Where a retoucher works: skin, and on it the calm parts where a dark blob cannot be anatomy."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from training import pseudo_labels
from training.lab import to_lab
from training.mesh_points import LEFT_EYE, LIPS, NOSTRILS, OVAL, RIGHT_EYE

LID_RING = ([31, 228, 229, 230, 231, 232, 233], [261, 448, 449, 450, 451, 452, 453])
"""Below the subject's right and left eye, from the temple to the nose: where a bag ends."""
ORBIT = ([117, 118, 119, 120, 121, 128], [346, 347, 348, 349, 350, 357])
"""The rim of the orbit below it, where the cheek begins; from the temple to the nose."""
LOWER_LID = ([33, 7, 163, 144, 145, 153, 154, 155, 133], [263, 249, 390, 373, 374, 380, 381, 382, 362])
CREASES = ([129, 203, 206, 216, 212], [358, 423, 426, 436, 432])
"""The folds from the nose's wings to the corners of the mouth."""

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]


def _disc(radius: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2), np.uint8)


def filled(shape: tuple[int, ...], outline: Array) -> NDArray[np.uint8]:
    """A polygon as a mask, 0 and 1; outline (n, 2) as x, y."""
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(outline).astype(np.int32)], 1)
    return mask


def skin_weight(image: Array, skin: Array, features: Array, mesh: Array, hair: Array) -> Array:
    """How much a pixel is skin that may be retouched, 0..1, soft at its edges.

    The parsing takes white collars and pale walls for skin now and then: beyond the face's oval only what
    has the face's own colour counts.

    Parameters
    ----------
    image : ndarray, float32, shape (height, width, 3)
        RGB 0..1, sRGB.
    skin, features, hair : ndarray, float32, shape (height, width)
        0..1; `features` are eyes, brows, lips and nostrils.
    mesh : ndarray, float32, shape (478, 2)
        MediaPipe's points, x and y in px.

    Returns
    -------
    ndarray, float32, shape (height, width)
    """
    free = cv2.erode((features < 0.5).astype(np.uint8), _disc(1)).astype(np.float32)
    weight = skin * (1 - np.clip(2 * hair, 0, 1)) * cv2.GaussianBlur(free, (0, 0), 1.5) * free
    weight = np.clip((weight - 0.15) / 0.6, 0, 1).astype(np.float32)
    # MediaPipe's oval ends below the hair line: the forehead goes on, by a third of the eyes' distance.
    oval = filled(skin.shape, mesh[OVAL]) | filled(skin.shape, mesh[OVAL] - np.array([0, 60], np.float32))
    inside = cv2.erode(oval, _disc(6)) > 0
    return np.where(inside, weight, weight * _like(image, inside & (weight > 0.9))).astype(np.float32)


def tapered(weight: Array, reach: float = 12.0) -> Array:
    """A weight that grows from 0 at its edges to its own value: for what would show as a step there."""
    known = cv2.copyMakeBorder((weight > 0.5).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    inwards = cv2.distanceTransform(known, cv2.DIST_L2, 3)[1:-1, 1:-1]
    return np.asarray(weight * cv2.GaussianBlur(np.clip(inwards / reach, 0, 1), (0, 0), 2), np.float32)


def _like(image: Array, face: Mask) -> Array:
    """How near a pixel's colour is to that of the face, 0..1; light and shade count for nothing."""
    if not face.any():
        return np.ones(face.shape, np.float32)
    lab = to_lab(cv2.GaussianBlur(image, (0, 0), 3))
    pigment = lab[..., 1:] / (lab[..., :1] + 16)
    usual = np.median(pigment[face], axis=0)
    # Faces differ in themselves by 0.02 to 0.04; 0.035 leaves red ears and shaded necks in.
    spread = np.maximum(1.4826 * np.median(np.abs(pigment[face] - usual), axis=0), 0.035)
    far = np.hypot(*np.moveaxis((pigment - usual) / spread, -1, 0))
    near = np.clip((3.0 - far) / 0.8, 0, 1).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(cv2.erode(near, _disc(2)), (0, 0), 1.5), np.float32)


def beard(luma: Array, weight: Array, mesh: Array) -> Mask:
    """Where bristles stand: lower face and neck much rougher than the skin is on average."""
    found = pseudo_labels.bristly(luma, weight > 0.6).astype(np.uint8)
    found[: int(np.clip(mesh[2, 1], 0, luma.shape[0]))] = 0
    # A mole makes 20 px around it rough, a beard more.
    return np.asarray(cv2.dilate(cv2.morphologyEx(found, cv2.MORPH_OPEN, _disc(13)), _disc(12)) > 0)


def calm(weight: Array, mesh: Array, luma: Array) -> Mask:
    """Skin on which a blob is a blemish: no lids, nose's wings, mouth's corners, ears, jaw line or beard.

    Parameters
    ----------
    weight : ndarray, float32, shape (height, width)
        Of `skin_weight`.
    mesh : ndarray, float32, shape (478, 2)
        MediaPipe's points, x and y in px.
    luma : ndarray, float32, shape (height, width)
        0..1.

    Returns
    -------
    ndarray, bool, shape (height, width)
    """
    shape = weight.shape
    # Stray hairs at the hair line are dark and small like freckles.
    inner = cv2.erode((weight > 0.75).astype(np.uint8), _disc(6))
    outline = np.zeros(shape, np.uint8)
    for lid in (pseudo_labels.RIGHT_LID, pseudo_labels.LEFT_LID):
        outline |= filled(shape, cv2.convexHull(mesh[lid])[:, 0])
    outline |= filled(shape, cv2.convexHull(mesh[pseudo_labels.NOSE_BASE])[:, 0])
    for eye in (RIGHT_EYE, LEFT_EYE):
        outline |= cv2.dilate(filled(shape, mesh[eye]), _disc(8))
    for x, y in mesh[[*NOSTRILS, 61, 291]]:
        cv2.circle(outline, (round(float(x)), round(float(y))), 7, 1, -1)
    for x, y in mesh[[33, 133, 263, 362]]:
        cv2.circle(outline, (round(float(x)), round(float(y))), 13, 1, -1)
    outline |= cv2.dilate(filled(shape, mesh[LIPS]), _disc(4))
    for line in CREASES:
        cv2.polylines(outline, [np.rint(mesh[line]).astype(np.int32)], False, 1, 9)
    oval = filled(shape, mesh[OVAL])
    rows = np.arange(shape[0])[:, None]
    brow, chin = float(mesh[[70, 300], 1].min()), float(mesh[152, 1])
    # Ears and the jaw's shadow, which reaches 30 px below MediaPipe's oval.
    beside = (cv2.erode(oval, _disc(4)) == 0) & (rows > brow) & (rows < chin)
    under = (cv2.dilate(oval, _disc(32)) > 0) & (cv2.erode(oval, _disc(7)) == 0) & (rows > mesh[4, 1])
    return np.asarray((inner > 0) & (outline == 0) & ~beside & ~under & ~beard(luma, weight, mesh))


def under_eye_map(shape: tuple[int, ...], mesh: Array) -> Array:
    """Where dark circles are: from the lower lids to the rim of the orbit, fading into the cheek.

    Parameters
    ----------
    shape : (int, int)
        Height and width.
    mesh : ndarray, float32, shape (478, 2)
        MediaPipe's points, x and y in px; 180 px between the eyes.

    Returns
    -------
    ndarray, float32, shape (height, width)
        0..1.
    """
    whole = np.zeros(tuple(shape[:2]), np.float32)
    for lid, ring, orbit in zip(LOWER_LID, LID_RING, ORBIT):
        bag = filled(shape, np.concatenate([mesh[lid], mesh[ring][::-1]])).astype(np.float32)
        rim = filled(shape, np.concatenate([mesh[lid], mesh[orbit][::-1]])).astype(np.float32)
        soft = cv2.GaussianBlur(np.maximum(bag, 0.7 * rim), (0, 0), 6)
        # The lashes' own edge is no skin: 5 px below the lid the work begins.
        line = np.zeros_like(bag)
        cv2.polylines(line, [np.rint(mesh[lid]).astype(np.int32)], False, 1.0, 7)
        eye = filled(shape, np.concatenate([mesh[lid], mesh[lid][:1]])).astype(np.float32)
        lashes = cv2.GaussianBlur(np.maximum(line, eye), (0, 0), 2)
        whole = np.maximum(whole, soft * np.clip(1 - 1.3 * lashes, 0, 1))
    return np.clip(whole, 0, 1).astype(np.float32)
