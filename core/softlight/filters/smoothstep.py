"""Ways from 0 to 1 that begin and end without a kink: a straight ramp's kinks show as lines in a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Planes


def smoothstep(values: NDArray[np.floating[Any]], start: float, end: float) -> Planes:
    """Return 0 up to `start`, 1 from `end` on, and ``3 t² - 2 t³`` between; `end` may lie below `start`.

    Returns
    -------
    ndarray of float32
        Of the shape of `values`.
    """
    share = np.clip((values - start) / (end - start), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def soft_rim(side: int, width: float) -> Planes:
    """Return a square plane, (side, side), that is 0 at its border and 1 from `width` of its side inwards."""
    to_border = np.minimum(np.arange(side), np.arange(side)[::-1])
    ramp = smoothstep(to_border.astype(np.float32), 0, width * side)
    return np.minimum(ramp[:, None], ramp)
