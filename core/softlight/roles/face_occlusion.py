"""The role face-occlusion: where hair, hands, glasses or other things hide a face."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from softlight.alignment import Crop
from softlight.roles.aligned import aligned
from softlight.runtime import Model
from softlight.tiles import Planes

_SIDE = 256


def visible_face(model: Model, photo: Planes, points: ArrayLike) -> Crop:
    """Say where a face is seen.

    Parameters
    ----------
    model : Model
        Of the role face-occlusion.
    photo : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.
    points : array_like, shape (5, 2)
        Of the face; see `alignment.cut_face`.

    Returns
    -------
    Crop
        One channel: 1 where the face is seen, 0 where something hides it and beside it.
    """
    crop = aligned(model, photo, points, _SIDE)
    # It was trained in TensorFlow on pictures as OpenCV reads them: channels last, blue first.
    blue_first = np.ascontiguousarray(np.clip(crop.pixels, 0, 1)[None, ..., ::-1])
    return Crop(np.clip(model.session().run(input=blue_first)["output"][0], 0, 1), crop.matrix)
