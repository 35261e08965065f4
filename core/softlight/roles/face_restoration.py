"""The role face-restoration: believable detail for a blurred or small face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from softlight.alignment import Matrix, chained, scaling
from softlight.roles.aligned import aligned
from softlight.roles.parsing import Parsing
from softlight.runtime import Model
from softlight.tiles import Planes

FIDELITY = 0.5
"""What CodeFormer's authors take where nothing else is asked for."""
CELL = 4
"""Px of our network's square in a cell of the parsing that it is shown."""


@dataclass(frozen=True, eq=False)
class RestoredFace:
    """A face in the square of a network; float32, shape (side, side, 3), perceptual RGB, 0..1."""

    seen: Planes
    """As it was cut out of the photo."""
    pixels: Planes
    """As the network gave it back."""
    matrix: Matrix
    """From the photo to the square; `alignment.put_back` brings things home."""

    @property
    def side(self) -> int:
        return int(self.pixels.shape[0])


def restore_face(
    model: Model,
    photo: Planes,
    points: ArrayLike,
    parsing: Parsing | None = None,
    fidelity: float = FIDELITY,
) -> RestoredFace:
    """Cut a face out of a photo as the network wants it, and restore it.

    Parameters
    ----------
    model : Model
        Of the role face-restoration.
    photo : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.
    points : array_like, shape (5, 2)
        Of the face; see `alignment.cut_face`.
    parsing : Parsing, optional
        What the photo's pixels show, for a network that asks for it; `None` where nothing is known.
    fidelity : float
        0..1: how closely the network keeps to what it sees. Only some networks listen to it.
    """
    side = model.session().side
    crop = aligned(model, photo, points, side)
    seen = np.clip(crop.pixels, 0, 1)
    shares = None if parsing is None else cells_of(parsing, crop.matrix, side)
    return RestoredFace(seen, restore(model, seen, shares, fidelity), crop.matrix)


def cells_of(parsing: Parsing, matrix: Matrix, side: int) -> Planes:
    """Return what a parsing says of a square, in cells of `CELL` px.

    Parameters
    ----------
    parsing : Parsing
    matrix : ndarray
        From the photo to the square.
    side : int
        Of the square, in px.

    Returns
    -------
    ndarray of float32, shape (side / 4, side / 4, classes), 0..1
    """
    return parsing.in_square(chained(matrix, scaling(1 / CELL, 1 / CELL)), side // CELL)


def restore(model: Model, face: Planes, shares: Planes | None = None, fidelity: float = FIDELITY) -> Planes:
    """Restore a face that lies as the contract's template says.

    Parameters
    ----------
    model : Model
    face : ndarray of float32, shape (side, side, 3)
        Perceptual RGB, 0..1; `side` is the network's own, ``model.session().side``.
    shares : ndarray of float32, shape (side / 4, side / 4, classes), optional
        Of `cells_of`; `None` where nothing is known.
    fidelity : float

    Returns
    -------
    ndarray of float32, shape (side, side, 3)
        Perceptual RGB, 0..1.
    """
    ask = _ours if model.contract.name == "softlight-face-restoration" else _published
    return np.ascontiguousarray(ask(model, np.clip(face, 0, 1), shares, float(np.clip(fidelity, 0, 1))))


def _published(model: Model, face: Planes, shares: Planes | None, fidelity: float) -> Planes:
    session = model.session()
    inputs = {"input": 2 * face.transpose(2, 0, 1)[None] - 1}
    if any(tensor.name == "weight" for tensor in session.network.inputs):
        inputs["weight"] = np.array([fidelity], np.float64)
    answer = session.run(**inputs)["output"]
    return np.asarray((np.clip(answer[0], -1, 1).transpose(1, 2, 0) + 1) / 2)


def _ours(model: Model, face: Planes, shares: Planes | None, fidelity: float) -> Planes:
    session = model.session()
    network = session.network
    if shares is None:
        shares = np.zeros(network.usual_shape(network.inputs[1])[:0:-1], np.float32)
    answer = session.run(
        image=np.ascontiguousarray(face.transpose(2, 0, 1)[None]),
        shares=np.ascontiguousarray(shares.transpose(2, 0, 1)[None]),
    )
    found = answer["restored"][0] + np.float32(1 - fidelity) * answer["detail"][0]
    return np.asarray(np.clip(found, 0, 1).transpose(1, 2, 0))
