"""De-wrinkle: from a photo, and a brush mask or none, to a layer stack.

After Kuaishou Y-Tech's wrinkle removal: a wrinkle map inside the brush or inside the regions of faces, the
marked pixels erased and filled by a two-branch network, and only the change brought back to the photo's own
pixels. Work goes block by block along the stroke, so that its cost follows the brush and not the photo.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.encoding import from_working, to_unit
from softlight.errors import MaskError
from softlight.filters.brush import feathered
from softlight.filters.dewrinkle import tasks
from softlight.filters.dewrinkle.octave import SKIN, Networks, Plane
from softlight.filters.dewrinkle.plan import Box, Plan, area, blocks, grown, make_plan, painted_box, settle
from softlight.filters.dewrinkle.retouch import retouch
from softlight.filters.dewrinkle.settings import SPEC, DewrinkleSettings, Target
from softlight.filters.dewrinkle.sight import load_networks, look
from softlight.filters.dewrinkle.tasks import Task
from softlight.filters.dewrinkle.view import wrinkle_view
from softlight.filters.registry import Filter
from softlight.filters.result import ResultLayers, stack_of
from softlight.layers import BlendMode, Layer, LayerStack
from softlight.picture import Picture
from softlight.progress import Progress, part, silent, ticking
from softlight.runtime import Runtime

ANALYSIS = 0.1
"""Share of the time in which faces are found and measured."""


def dewrinkle(
    picture: Picture,
    mask: NDArray[Any] | None,
    settings: DewrinkleSettings,
    runtime: Runtime,
    progress: Progress = silent,
) -> LayerStack:
    """Remove wrinkles where a brush marked them, or from whole faces.

    Parameters
    ----------
    picture : Picture
        Any supported type and encoding; never changed.
    mask : ndarray, shape (height, width), or None
        How much of the brush lies on each pixel: float 0..1, or an unsigned integer over its full range.
        `None` for whole faces: the filter finds them, and works on the regions that the settings name.
    settings : DewrinkleSettings
    runtime : Runtime
        Gives the models of the roles `wrinkle-map` and `skin-inpainting`, and for whole faces and protection
        those of `face-detection`, `landmarks` and `parsing`.
    progress : Progress

    Returns
    -------
    LayerStack
        For the brush, or for each face, a soft-light layer (and a normal one for what its range cannot hold),
        or a normal layer; no layer where no wrinkle was found, with a note if there is none at all. The masks
        of two faces have no pixel in common.

    Raises
    ------
    MaskError
        If the mask has another size, is empty, or covers no skin; without one, if there is no face.
    SettingsError
        If a face is chosen that is not there, or the settings leave nothing to do without a brush.
    Cancelled
        From `progress`.
    """
    settings = settle(mask, settings, (picture.width, picture.height))
    if mask is None:
        layers = _on_faces(picture, settings, runtime, progress)
        nothing = "No wrinkles were found in the chosen regions, so nothing was changed."
    else:
        layers = _under_brush(picture, mask, settings, runtime, progress)
        nothing = "No wrinkles were found under the brush, so nothing was changed."
    progress(1.0, "Done")
    return stack_of(layers, SPEC, settings, runtime, nothing)


def _under_brush(
    picture: Picture, mask: NDArray[Any], settings: DewrinkleSettings, runtime: Runtime, progress: Progress
) -> tuple[Layer, ...]:
    task = tasks.under_brush(picture, mask, settings, runtime, part(progress, 0.0, ANALYSIS))
    skin, layers = _done(task, runtime, part(progress, ANALYSIS, 1.0))
    if skin < SKIN and settings.target is Target.WRINKLES:
        raise MaskError(
            "There is no skin under the mask; paint over the wrinkles, or choose everything painted."
        )
    return layers


def _on_faces(
    picture: Picture, settings: DewrinkleSettings, runtime: Runtime, progress: Progress
) -> tuple[Layer, ...]:
    count, faces = tasks.on_faces(picture, settings, runtime, part(progress, 0.0, ANALYSIS))
    step = (1 - ANALYSIS) / count
    found: list[Layer] = []
    for number, task in enumerate(faces):
        start = ANALYSIS + number * step
        found.extend(_done(task, runtime, part(progress, start, start + step))[1])
    return tuple(found)


def _done(task: Task, runtime: Runtime, progress: Progress) -> tuple[float, tuple[Layer, ...]]:
    """Skin share of a task, and its layers in the whole photo."""
    box = painted_box(task.mask)
    plan = make_plan(task.mask, box, task.settings)
    report, tick = ticking(progress, "Removing wrinkles")
    networks = load_networks(runtime, tick)
    blend = BlendMode(task.settings.layer.value)
    result = ResultLayers(task.picture, task.name, grown(box, plan.feather, task.mask.shape), blend)
    parts = blocks(task.mask, box, plan)
    skin = 0.0
    for number, block in enumerate(parts):
        report(number / len(parts))
        seen, change, brush, around = _work_on(task, block, plan, networks)
        skin = max(skin, seen)
        result.add(around, change, brush)
    x, y = task.origin
    layers = result.layers(task.settings.strength)
    return skin, tuple(replace(layer, offset=(layer.offset[0] + x, layer.offset[1] + y)) for layer in layers)


def _work_on(
    task: Task, block: Box, plan: Plan, networks: Networks
) -> tuple[float, NDArray[np.float32], Plane, Box]:
    """Skin share, finished unit values and brush weight of one block, with the box they lie in."""
    picture, settings = task.picture, task.settings
    sight = look(picture, task.mask, task.fillable, block, plan)
    skin, change = retouch(
        sight.photo,
        sight.brush,
        sight.fillable,
        sight.covered,
        plan.scales,
        settings.target,
        settings.keep_texture,
        networks,
    )
    weight = feathered(sight.brush, plan.feather)
    if sight.good is not None:
        weight = weight * sight.good
    if task.allowed is not None:
        left, top, right, bottom = sight.box
        weight = np.minimum(weight, to_unit(task.allowed[top:bottom, left:right]))
    photo, change = sight.photo[sight.inner], change[sight.inner]
    finished = from_working(photo + change, picture.encoding.transfer, picture.colour_channels)
    untouched = ~(change != 0).any(axis=-1)
    left, top, right, bottom = sight.around
    own = to_unit(picture.pixels[top:bottom, left:right, : picture.colour_channels])
    finished[untouched] = own[untouched]
    return skin, np.where(np.isfinite(own), finished, own), weight[sight.inner], sight.around


FILTER = Filter(SPEC, DewrinkleSettings, settle, area, dewrinkle, wrinkle_view)
