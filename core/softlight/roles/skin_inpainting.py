"""The role skin-inpainting: fill holes in a picture, whatever network is installed for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from softlight.runtime import Model, Session
from softlight.tiles import Planes, run_tiled


def fill(
    model: Model, image: Planes, hole: NDArray[np.bool_], tick: Callable[[], None] = lambda: None
) -> Planes:
    """Fill a hole.

    Parameters
    ----------
    model : Model
        Of the role skin-inpainting.
    image : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.
    hole : ndarray of bool, shape (height, width)
    tick : callable
        Called before each tile; may raise to stop the work.

    Returns
    -------
    ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1 nominal; of use inside the hole only, and 0 far from it.
    """
    adapter = ADAPTERS[model.contract.name]
    session = model.session()
    plane = hole.astype(np.float32)[..., None]

    def run(image: Planes, hole: Planes) -> Planes:
        tick()
        return adapter(session, image, hole)

    return run_tiled(run, hole, 3, image, plane, tile=session.side)


def _ours(session: Session, image: Planes, hole: Planes) -> Planes:
    return session.run(image=image, hole=hole)["fill"]


def _lama(session: Session, image: Planes, hole: Planes) -> Planes:
    return np.asarray(session.run(image=image, mask=hole)["output"] / 255, np.float32)


def _lama_bgr(session: Session, image: Planes, hole: Planes) -> Planes:
    # OpenCV's copy was exported for pictures as cv2.imread gives them.
    return _lama(session, np.ascontiguousarray(image[:, ::-1]), hole)[:, ::-1]


def _migan(session: Session, image: Planes, hole: Planes) -> Planes:
    levels = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    kept = np.where(hole > 0, 0, 255).astype(np.uint8)
    return np.asarray(session.run(image=levels, mask=kept)["result"] / np.float32(255), np.float32)


ADAPTERS: dict[str, Callable[[Session, Planes, Planes], Planes]] = {
    "skin-inpainting": _ours,
    "lama-512": _lama,
    "lama-512-bgr": _lama_bgr,
    "migan-pipeline": _migan,
}
"""By contract: from a tile (1, 3, side, side) and its hole (1, 1, side, side) to the tile filled; 0..1."""
