"""The role skin-retouch: what evens out a face's skin, as a soft-light layer."""

from __future__ import annotations

import cv2
import numpy as np

from softlight.runtime import Model
from softlight.tiles import Planes

NEUTRAL = np.float32(0.5)
"""The blend layer that changes nothing."""
BORDER = 1 / 16
"""Share of a side over which the layer fades out at the crop's edges, so that nobody sees where it ends."""


def blend_layer(model: Model, face: Planes) -> Planes:
    """Return the layer `B` that retouches a face: ``out = (1 - 2 B) in^2 + 2 B in`` (ABPN, CVPR 2022).

    The network sees the face at its own size, and only its layer is resized: the photo's pores stay.

    Parameters
    ----------
    model : Model
        Of the role skin-retouch.
    face : ndarray of float32, shape (height, width, 3)
        A face and its surroundings, perceptual RGB, 0..1.

    Returns
    -------
    ndarray of float32, shape (height, width, 3)
        0..1; 0.5 at the edges.
    """
    height, width = face.shape[:2]
    session = model.session()
    seen = resized(np.clip(face, 0, 1), session.side, session.side)
    answer = session.run(image=2 * seen.transpose(2, 0, 1)[None] - 1)["pred_mg"]
    layer = resized(np.ascontiguousarray(answer[0].transpose(1, 2, 0)), width, height)
    inside = _inside(height)[:, None, None] * _inside(width)[:, None]
    return NEUTRAL + inside * (np.clip(layer, 0, 1) - NEUTRAL)


def resized(image: Planes, width: int, height: int) -> Planes:
    """Resize: by area where it shrinks, linearly where it grows, since a cubic step would overshoot 0..1."""
    shrinks = width * height < image.shape[0] * image.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (width, height), interpolation=method), np.float32)


def _inside(length: int) -> Planes:
    """1 inside, 0 at both ends."""
    distance = np.minimum(np.arange(length), np.arange(length)[::-1])
    return np.asarray(np.clip(distance / max(1.0, BORDER * length), 0, 1), np.float32)
