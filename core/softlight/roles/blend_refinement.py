"""The role blend-refinement: a blend layer at the resolution of a picture twice as large."""

from __future__ import annotations

import numpy as np

from softlight.runtime import Model
from softlight.tiles import Planes

REACH = 8
"""Px of the larger picture: an answer depends on what is up to 7 px away, in cells of 2 px."""


def refine(model: Model, image: Planes, coarse: Planes) -> Planes:
    """Return the blend layer `B` of a picture from that of the picture at half its size.

    Parameters
    ----------
    model : Model
        Of the role blend-refinement.
    image : ndarray of float32, shape (3, 2 * height, 2 * width)
        Perceptual RGB, 0..1 nominal.
    coarse : ndarray of float32, shape (3, height, width)
        0..1 nominal; 0.5 changes nothing.

    Returns
    -------
    ndarray of float32, shape (3, 2 * height, 2 * width)
    """
    answer = model.session().run(image=np.clip(image, 0, 1)[None], coarse=np.ascontiguousarray(coarse[None]))
    return np.asarray(answer["fine"][0], np.float32)
