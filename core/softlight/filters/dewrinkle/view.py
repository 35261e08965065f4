"""The wrinkle map: what De-wrinkle finds under the brush, for people to look at before it is erased."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.encoding import to_unit
from softlight.filters.dewrinkle import octave, tasks
from softlight.filters.dewrinkle.octave import Networks, Plane
from softlight.filters.dewrinkle.plan import blocks, make_plan, painted_box, settle
from softlight.filters.dewrinkle.retouch import PAINTED, REMAINS, resized, seen_at
from softlight.filters.dewrinkle.settings import DewrinkleSettings, Target
from softlight.filters.dewrinkle.sight import Sight, load_networks, look
from softlight.filters.dewrinkle.tasks import Task
from softlight.picture import Picture
from softlight.progress import Progress, part, silent
from softlight.runtime import Runtime

ANALYSIS = 0.3
"""Share of the time in which faces are found and measured."""


def wrinkle_view(
    picture: Picture,
    mask: NDArray[Any] | None,
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
        itself where everything painted goes. On whole faces times the strength of the region. 0 outside the
        brush and the regions.

    Raises
    ------
    MaskError, SettingsError
        As from the filter.
    Cancelled
        From `progress`.
    """
    settings = settle(mask, settings, (picture.width, picture.height))
    finding = part(progress, 0.0, ANALYSIS)
    faces: Iterable[Task]
    if mask is None:
        count, faces = tasks.on_faces(picture, settings, runtime, finding)
    else:
        count, faces = 1, (tasks.under_brush(picture, mask, settings, runtime, finding),)
    view = np.zeros((picture.height, picture.width), np.float32)
    step = (1 - ANALYSIS) / count
    for number, task in enumerate(faces):
        start = ANALYSIS + number * step
        (x, y), (height, width) = task.origin, task.mask.shape
        seen = _seen(task, runtime, part(progress, start, start + step))
        if mask is None:
            seen *= to_unit(task.mask)
        window = view[y : y + height, x : x + width]
        np.maximum(window, seen, out=window)
    progress(1.0, "Done")
    return view


def _seen(task: Task, runtime: Runtime, progress: Progress) -> Plane:
    """What one task would erase."""
    box = painted_box(task.mask)
    plan = make_plan(task.mask, box, task.settings)
    networks = load_networks(runtime)
    seen = np.zeros(task.mask.shape, np.float32)
    parts = blocks(task.mask, box, plan)
    for number, block in enumerate(parts):
        progress(number / len(parts), "Looking for wrinkles")
        sight = look(task.picture, task.mask, task.fillable, block, plan)
        if task.settings.target is Target.EVERYTHING:
            found = sight.brush
        else:
            found = _found(sight, plan.scales, networks)
        left, top, right, bottom = block
        own = np.s_[top - sight.box[1] : bottom - sight.box[1], left - sight.box[0] : right - sight.box[0]]
        seen[top:bottom, left:right] = found[own]
    return seen


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
        free = None if sight.fillable is None else resized(sight.fillable[window], size)
        answer = octave.find(resized(sight.photo[window], size), painted, free, networks)
        # Nothing has been filled here, so a finer octave sees again what a coarser one has found.
        marked = resized(largest, size) > REMAINS
        hole = octave.wrinkles(answer, painted, marked).hole
        seen = np.where(hole, answer.wrinkle, np.float32(0))
        np.maximum(largest, resized(seen, (width, height)), out=largest)
    return np.asarray(np.clip(found, 0, 1) * (sight.brush > 0), np.float32)
