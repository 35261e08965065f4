"""The soft-light layer that turns stored values of a photo into finished ones, at the photo's own depth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight import soft_light
from softlight.encoding import from_unit, to_unit

EXACT = 1e-5
"""How far a float soft-light layer may miss its result, in stored values: the hosts' own error there."""

Solved = tuple[NDArray[Any], NDArray[np.bool_]]
Solver = Callable[[NDArray[Any], NDArray[Any]], Solved]
"""From stored values of a photo and of its result, shape (height, width, channels), to the blend layer of the
result's type, and to the pixels (height, width) that it does not bring to their result."""


def solver(stored: np.dtype[Any]) -> Solver:
    """Return what solves the layer of photos of a type: by formula, or looked up where values are few."""
    return _tabulated() if stored == np.uint8 else solve


def solve(photo: NDArray[Any], finished: NDArray[Any]) -> Solved:
    """Solve a layer by its formula; see `Solver`."""
    before, after = to_unit(photo), to_unit(finished)
    tolerance = EXACT
    if finished.dtype.kind == "u":
        tolerance = 0.5 / float(np.iinfo(finished.dtype).max)
    else:
        # Infinite pixels are never changed; their differences would only warn.
        before, after = (np.nan_to_num(v, nan=0.5, posinf=0.5, neginf=0.5) for v in (before, after))
    b = from_unit(soft_light.solve(before, after), finished.dtype)
    return b, soft_light.missed(before, after, to_unit(b), tolerance)


def _tabulated() -> Solver:
    """Return `solve` for 8 bits as a table of all pairs of values: a twentieth of its time."""
    levels = np.arange(256, dtype=np.uint8)
    photo, finished = (grid[..., None] for grid in np.meshgrid(levels, levels, indexing="ij"))
    b, missed = (part.ravel() for part in solve(photo, finished))
    # Both in one table: what takes the time is to look up.
    found = b | missed.astype(np.uint16) << 8

    def look_up(photo: NDArray[Any], finished: NDArray[Any]) -> Solved:
        pair = photo.astype(np.intp)
        pair <<= 8
        pair |= finished
        both = found[pair]
        far = both > 255
        return both.astype(np.uint8), np.logical_or.reduce([far[..., c] for c in range(far.shape[-1])])

    return look_up
