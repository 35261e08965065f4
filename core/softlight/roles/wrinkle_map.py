"""The role wrinkle-map: where wrinkles and skin are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softlight.runtime import Model
from softlight.tiles import Planes, run_tiled


def find(model: Model, image: Planes, needed: NDArray[np.bool_]) -> Planes:
    """Return the probability of a wrinkle and of skin.

    Parameters
    ----------
    model : Model
        Of the role wrinkle-map.
    image : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.
    needed : ndarray of bool, shape (height, width)
        Where the answer is of use.

    Returns
    -------
    ndarray of float32, shape (height, width, 2)
        0..1; 0 far from what is needed.
    """
    session = model.session()
    return run_tiled(lambda tile: session.run(image=tile)["map"], needed, 2, image, tile=session.side)
