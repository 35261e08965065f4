"""The role skin-retouch: what a retoucher would change of skin, whatever network is installed for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from softlight.roles.local_retouching import TILING, Retouched, retouched
from softlight.runtime import Model
from softlight.soft_light import NEUTRAL
from softlight.tiles import Planes, Tiling

COMPONENTS = ("blemishes", "marks", "evenness", "shine", "under_eye", "texture")
"""What our own network tells apart, in the order of its output. Marks are moles and freckles."""

WHOLE = Tiling(side=2**20, reach=2**20, step=1)
"""The published network resizes what it sees to its own 512 px, and has to see a face whole."""
BORDER = 1 / 16
"""Share of a side over which the layer fades out at the crop's edges, so that nobody sees where it ends."""


def retouch(model: Model, image: Planes, weights: Mapping[str, float]) -> Retouched:
    """Find the change that retouches skin, and where skin is.

    Parameters
    ----------
    model : Model
        Of the role skin-retouch.
    image : ndarray of float32, shape (3, height, width)
        Perceptual RGB, 0..1 nominal; faces with about 180 px between the eyes.
    weights : mapping of str to float
        How strongly each of `COMPONENTS` acts, 0..1.
    """
    return ADAPTERS[model.contract.name](model, image, weights)


def tiling(model: Model) -> Tiling:
    """Return in which tiles of a picture `retouch` is to be called."""
    return WHOLE if model.contract.name == "abpn-512" else TILING


def _ours(model: Model, image: Planes, weights: Mapping[str, float]) -> Retouched:
    return retouched(model.session(), "skin", image, [weights[component] for component in COMPONENTS])


def _abpn(model: Model, image: Planes, weights: Mapping[str, float]) -> Retouched:
    """The published network tells no components apart: all of it acts, as strongly as the strongest of them.

    It changes skin alone, and does not say where it sees any.
    """
    layer = blend_layer(model, np.ascontiguousarray(image.transpose(1, 2, 0))).transpose(2, 0, 1)
    change = 2 * max(weights.values()) * (layer - NEUTRAL) * (image * (1 - image))
    return Retouched(np.asarray(change, np.float32), np.ones(image.shape[1:], np.float32))


ADAPTERS: dict[str, Callable[[Model, Planes, Mapping[str, float]], Retouched]] = {
    "softlight-retouch": _ours,
    "abpn-512": _abpn,
}
"""By contract: from a picture and the components' strengths to its retouch."""


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
    return np.asarray(NEUTRAL + inside * (np.clip(layer, 0, 1) - NEUTRAL), np.float32)


def resized(image: Planes, width: int, height: int) -> Planes:
    """Resize: by area where it shrinks, linearly where it grows, since a cubic step would overshoot 0..1."""
    shrinks = width * height < image.shape[0] * image.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (width, height), interpolation=method), np.float32)


def _inside(length: int) -> Planes:
    """1 inside, 0 at both ends."""
    distance = np.minimum(np.arange(length), np.arange(length)[::-1])
    return np.asarray(np.clip(distance / max(1.0, BORDER * length), 0, 1), np.float32)
