"""The wrinkle map: what De-wrinkle finds under the brush, for people to look at before it is erased."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.filters.dewrinkle import octave
from softlight.filters.dewrinkle.octave import Networks, Plane
from softlight.filters.dewrinkle.plan import blocks, make_plan, painted_box, settle
from softlight.filters.dewrinkle.retouch import PAINTED, REMAINS, resized, seen_at
from softlight.filters.dewrinkle.settings import DewrinkleSettings, Target
from softlight.filters.dewrinkle.sight import Sight, check_size, load_networks, look
from softlight.picture import Picture
from softlight.progress import Progress, silent
from softlight.runtime import Runtime


def wrinkle_view(
    picture: Picture,
    mask: NDArray[Any],
    settings: DewrinkleSettings,
    runtime: Runtime,
    progress: Progress = silent,
) -> Plane:
    """Show what the filter would erase, by the octaves and the network it erases by.

    Parameters are those of the filter.

    Returns
    -------
    ndarray of float32, shape (height, width)
        At the photo's resolution: the wrinkle probability, 0..1, wherever an octave would erase; the brush
        itself where everything painted goes. 0 outside the brush.

    Raises
    ------
    MaskError
        If the mask has another size or is empty.
    Cancelled
        From `progress`.
    """
    check_size(mask, picture)
    settings = settle(mask, settings, (picture.width, picture.height))
    box = painted_box(mask)
    plan = make_plan(mask, box, settings)
    networks = load_networks(runtime)
    view = np.zeros(mask.shape, np.float32)
    parts = blocks(mask, box, plan)
    for number, block in enumerate(parts):
        progress(number / len(parts), "Looking for wrinkles")
        sight = look(picture, mask, block, plan)
        if settings.target is Target.EVERYTHING:
            found = sight.brush
        else:
            found = _found(sight, plan.scales, networks)
        left, top, right, bottom = block
        own = np.s_[top - sight.box[1] : bottom - sight.box[1], left - sight.box[0] : right - sight.box[0]]
        view[top:bottom, left:right] = found[own]
    progress(1.0, "Done")
    return view


def _found(sight: Sight, scales: tuple[float, ...], networks: Networks) -> Plane:
    """The largest answer of all octaves, at the photo's resolution."""
    found = np.zeros_like(sight.brush)
    for scale in scales:
        window = seen_at(scale, sight.covered, found.shape)
        largest = found[window]
        height, width = largest.shape
        size = (max(8, round(width * scale)), max(8, round(height * scale)))
        painted = resized(sight.brush[window], size) > PAINTED
        if not painted.any():
            continue
        answer = octave.find(resized(sight.photo[window], size), painted, networks)
        # Nothing has been filled here, so a finer octave sees again what a coarser one has found.
        marked = resized(largest, size) > REMAINS
        hole = octave.wrinkles(answer, painted, marked).hole
        seen = np.where(hole, answer.wrinkle, np.float32(0))
        np.maximum(largest, resized(seen, (width, height)), out=largest)
    return np.asarray(np.clip(found, 0, 1) * (sight.brush > 0), np.float32)
