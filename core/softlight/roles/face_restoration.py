"""The role face-restoration: believable detail for a blurred or small face."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from softlight.alignment import Crop
from softlight.roles.aligned import aligned
from softlight.runtime import Model
from softlight.tiles import Planes

FIDELITY = 0.5
"""What CodeFormer's authors take where nothing else is asked for."""


def restore_face(model: Model, photo: Planes, points: ArrayLike, fidelity: float = FIDELITY) -> Crop:
    """Cut a face out of a photo as the network wants it, and restore it.

    Parameters
    ----------
    model : Model
        Of the role face-restoration.
    photo : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.
    points : array_like, shape (5, 2)
        Of the face; see `alignment.cut_face`.
    fidelity : float
        0..1: how closely the network keeps to what it sees. Only some networks listen to it.

    Returns
    -------
    Crop
        The restored face, to be brought back with `alignment.put_back`.
    """
    crop = aligned(model, photo, points, model.session().side)
    return Crop(restore(model, crop.pixels, fidelity), crop.matrix)


def restore(model: Model, face: Planes, fidelity: float = FIDELITY) -> Planes:
    """Restore a face that lies as the contract's template says.

    Parameters
    ----------
    model : Model
    face : ndarray of float32, shape (side, side, 3)
        Perceptual RGB, 0..1; `side` is the network's own, ``model.session().side``.
    fidelity : float

    Returns
    -------
    ndarray of float32, shape (side, side, 3)
        Perceptual RGB, 0..1.
    """
    session = model.session()
    inputs = {"input": 2 * np.clip(face, 0, 1).transpose(2, 0, 1)[None] - 1}
    if any(tensor.name == "weight" for tensor in session.network.inputs):
        inputs["weight"] = np.array([np.clip(fidelity, 0, 1)], np.float64)
    answer = session.run(**inputs)["output"]
    return np.ascontiguousarray((np.clip(answer[0], -1, 1).transpose(1, 2, 0) + 1) / 2)
