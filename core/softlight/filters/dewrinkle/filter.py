"""De-wrinkle: from a photo and a brush mask to a layer stack.

After Kuaishou Y-Tech's wrinkle removal: a wrinkle map inside the brush, the marked pixels erased and
filled by a two-branch network, and only the change brought back to the photo's own pixels. Work goes
block by block along the stroke, so that its cost follows the brush and not the photo.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.encoding import from_working, to_unit
from softlight.errors import MaskError
from softlight.filters.dewrinkle.octave import SKIN, Networks, Plane
from softlight.filters.dewrinkle.plan import Box, Plan, area, blocks, grown, make_plan, painted_box, settle
from softlight.filters.dewrinkle.retouch import retouch
from softlight.filters.dewrinkle.settings import SPEC, DewrinkleSettings, LayerKind, Target
from softlight.filters.dewrinkle.sight import check_size, load_networks, look
from softlight.filters.dewrinkle.view import wrinkle_view
from softlight.filters.registry import Filter
from softlight.filters.result import ResultLayers
from softlight.filters.specification import arguments_from_settings
from softlight.layers import BlendMode, LayerStack
from softlight.picture import Picture
from softlight.progress import Progress, silent, ticking
from softlight.runtime import Runtime


def dewrinkle(
    picture: Picture,
    mask: NDArray[Any],
    settings: DewrinkleSettings,
    runtime: Runtime,
    progress: Progress = silent,
) -> LayerStack:
    """Remove wrinkles where a brush marked them.

    Parameters
    ----------
    picture : Picture
        Any supported type and encoding; never changed.
    mask : ndarray, shape (height, width)
        How much of the brush lies on each pixel: float 0..1, or an unsigned integer over its full range.
    settings : DewrinkleSettings
    runtime : Runtime
        Gives the models of the roles `wrinkle-map` and `skin-inpainting`.
    progress : Progress

    Returns
    -------
    LayerStack
        A soft-light layer (and a normal one for what its range cannot hold), or a normal layer; no layer
        where no wrinkle was found, with a note that says so.

    Raises
    ------
    MaskError
        If the mask has another size, is empty, or covers no skin.
    Cancelled
        From `progress`.
    """
    check_size(mask, picture)
    settings = settle(mask, settings, (picture.width, picture.height))
    box = painted_box(mask)
    plan = make_plan(mask, box, settings)
    report, tick = ticking(progress, "Removing wrinkles")
    networks = load_networks(runtime, tick)
    result = ResultLayers(picture, "De-wrinkle", grown(box, plan.feather, mask.shape), _blend(settings))
    parts = blocks(mask, box, plan)
    skin = 0.0
    for number, block in enumerate(parts):
        report(number / len(parts))
        seen, change, brush, around = _work_on(picture, mask, block, plan, settings, networks)
        skin = max(skin, seen)
        result.add(around, change, brush)
    if skin < SKIN and settings.target is Target.WRINKLES:
        raise MaskError(
            "There is no skin under the mask; paint over the wrinkles, or choose everything painted."
        )
    progress(1.0, "Done")
    layers = result.layers(settings.strength)
    notes = tuple(runtime.notes)
    if not layers:
        notes += ("No wrinkles were found under the brush, so nothing was changed.",)
    stored = arguments_from_settings(settings)
    return LayerStack(SPEC.label, layers, {"filter": SPEC.name, **stored}, notes)


def _blend(settings: DewrinkleSettings) -> BlendMode:
    return BlendMode.SOFT_LIGHT if settings.layer is LayerKind.SOFT_LIGHT else BlendMode.NORMAL


def _work_on(
    picture: Picture,
    mask: NDArray[Any],
    block: Box,
    plan: Plan,
    settings: DewrinkleSettings,
    networks: Networks,
) -> tuple[float, NDArray[np.float32], Plane, Box]:
    """Skin share, finished unit values and brush weight of one block, with the box they lie in."""
    sight = look(picture, mask, block, plan)
    skin, change = retouch(
        sight.photo, sight.brush, sight.covered, plan.scales, settings.target, settings.keep_texture, networks
    )
    weight = feathered(sight.brush, plan.feather)
    if sight.good is not None:
        weight = weight * sight.good
    photo, change = sight.photo[sight.inner], change[sight.inner]
    finished = from_working(photo + change, picture.encoding.transfer, picture.colour_channels)
    untouched = ~(change != 0).any(axis=-1)
    left, top, right, bottom = sight.around
    own = to_unit(picture.pixels[top:bottom, left:right, : picture.colour_channels])
    finished[untouched] = own[untouched]
    return skin, np.where(np.isfinite(own), finished, own), weight[sight.inner], sight.around


def feathered(brush: Plane, feather: float) -> Plane:
    """Soften the brush's edge to both sides; 0 from `feather` px outside of it on."""
    if feather < 0.5:
        return brush
    reach = 2 * int(np.ceil(feather)) - 1
    soft = cv2.GaussianBlur(brush, (reach, reach), feather / 2.5) if reach > 1 else brush
    return np.asarray(soft, np.float32)


FILTER = Filter(SPEC, DewrinkleSettings, settle, area, dewrinkle, wrinkle_view)
