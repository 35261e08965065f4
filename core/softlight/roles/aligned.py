"""What all roles do that look at one face: cut it out as their network wants it."""

from __future__ import annotations

from numpy.typing import ArrayLike

from softlight.alignment import Crop, cut_face
from softlight.runtime import Model
from softlight.tiles import Planes


def aligned(model: Model, photo: Planes, points: ArrayLike, side: int) -> Crop:
    """Cut a face out of a photo as the template of the model's contract says.

    Parameters
    ----------
    model : Model
        Of a role that looks at one face.
    photo : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.
    points : array_like, shape (5, 2)
        Of the face; see `alignment.cut_face`.
    side : int
        Of the square, in px.
    """
    template = model.contract.template
    if template is None:
        raise ValueError(f"The contract {model.contract.name} names no template.")
    return cut_face(photo, points, template, side)
