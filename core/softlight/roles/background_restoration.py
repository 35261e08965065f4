"""The role background-restoration: less noise, blur and JPEG, or a larger picture, tile by tile."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from softlight.runtime import Model
from softlight.tiles import OVERLAP, Planes, run_tiled

FACTORS = {"upscale-x2": 2, "upscale-x4": 4, "deblur": 1}
"""By contract: how much larger the network makes a picture."""


def factor(model: Model) -> int:
    """Return how much larger `enlarge` makes a picture."""
    return FACTORS[model.contract.name]


def enlarge(model: Model, image: Planes) -> Planes:
    """Restore a picture at the size that the network gives.

    Parameters
    ----------
    model : Model
        Of the role background-restoration.
    image : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.

    Returns
    -------
    ndarray of float32, shape (factor * height, factor * width, 3)
        Perceptual RGB, 0..1.
    """
    return _tiled(model, image, factor(model), shrink=False)


def restore(model: Model, image: Planes, tick: Callable[[], None] = lambda: None) -> Planes:
    """Restore a picture at its own size; what a network has enlarged is averaged down tile by tile.

    Parameters
    ----------
    model : Model
    image : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.
    tick : callable
        Called before each tile; may raise to stop the work.

    Returns
    -------
    ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.
    """
    return _tiled(model, image, factor(model), shrink=True, tick=tick)


def _tiled(
    model: Model, image: Planes, times: int, shrink: bool, tick: Callable[[], None] = lambda: None
) -> Planes:
    session = model.session()
    side = session.side

    def run(tile: Planes) -> Planes:
        tick()
        answer: Planes = np.clip(session.run(input=tile)["output"], 0, 1)
        if shrink and times > 1:
            answer = np.asarray(answer.reshape(1, 3, side, times, side, times).mean(axis=(3, 5)), np.float32)
        return answer

    everywhere = np.ones(image.shape[:2], bool)
    return run_tiled(
        run,
        everywhere,
        3,
        np.clip(image, 0, 1),
        tile=side,
        overlap=min(OVERLAP, side // 4),
        factor=1 if shrink else times,
    )
