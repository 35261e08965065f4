"""De-wrinkle: from a photo and a brush mask to a layer stack.

After Kuaishou Y-Tech's wrinkle removal: a wrinkle map inside the brush, the marked pixels erased and
filled by a two-branch network, and only the change brought back to the photo's own pixels. Work goes
block by block along the stroke, so that its cost follows the brush and not the photo.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.encoding import finite, from_working, to_unit, to_working
from softlight.errors import MaskError
from softlight.filters.dewrinkle.octave import SKIN, Networks, Plane
from softlight.filters.dewrinkle.retouch import retouch
from softlight.filters.dewrinkle.scale import STROKE, face_size, octaves
from softlight.filters.dewrinkle.settings import SPEC, DewrinkleSettings, LayerKind, Target
from softlight.filters.result import ResultLayers
from softlight.filters.specification import arguments_from_settings
from softlight.layers import BlendMode, LayerStack
from softlight.picture import Picture
from softlight.progress import Progress, silent
from softlight.runtime import Runtime

BLOCK = 1024
"""Side of a block in the pixels that are worked on: 30 MB a plane of work, and little context done twice."""
CONTEXT = 64
"""Px at the coarsest octave that a block sees beyond its own: what the networks see around a pixel."""
WIDEST_HOLE = 40
"""Px: wider holes are first filled at a coarser scale, since training saw holes of up to 40 px."""
STRIP = 512
"""Rows of the mask looked at in one go."""

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Plan:
    """The scales of a job and the blocks that follow from them; lengths in the photo's pixels."""

    interocular: float
    scales: tuple[float, ...]
    feather: float
    block: int
    context: int


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
    if mask.shape != (picture.height, picture.width):
        raise MaskError(
            f"The mask is {mask.shape[-1]} x {mask.shape[0]} pixels and the photo {picture.width} x "
            f"{picture.height}; paint the mask on a layer of the photo's own size."
        )
    box = painted_box(mask)
    if box is None:
        raise MaskError("The mask is empty; paint over the wrinkles first.")
    plan = make_plan(mask, box, settings)
    networks = _networks(runtime)
    result = ResultLayers(picture, "De-wrinkle", _grown(box, plan.feather, mask.shape), _blend(settings))
    blocks = [b for b in _blocks(box, plan) if _painted(mask, b)]
    skin = 0.0
    for number, area in enumerate(blocks):
        progress(number / len(blocks), "Removing wrinkles")
        seen, change, brush, around = _work_on(picture, mask, area, plan, settings, networks)
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
    stored = arguments_from_settings(settings) | {"face_size": round(plan.interocular, 1)}
    return LayerStack(SPEC.label, layers, {"filter": SPEC.name, **stored}, notes)


def painted_box(mask: NDArray[Any]) -> Box | None:
    """Left, top, right, bottom of the pixels above 0, or None; NaN counts as unpainted."""
    found = None
    # In strips: a comparison of a whole 96 MP mask would take 96 MB.
    for start in range(0, mask.shape[0], STRIP):
        painted = mask[start : start + STRIP] > 0
        rows = np.flatnonzero(painted.any(axis=1))
        if not len(rows):
            continue
        columns = np.flatnonzero(painted.any(axis=0))
        box = int(columns[0]), start + int(rows[0]), int(columns[-1]) + 1, start + int(rows[-1]) + 1
        found = box if found is None else (min(found[0], box[0]), found[1], max(found[2], box[2]), box[3])
    return found


def make_plan(mask: NDArray[Any], box: Box, settings: DewrinkleSettings) -> Plan:
    """Choose scales and blocks for a mask."""
    interocular = settings.face_size or face_size(mask, box)
    scales = octaves(interocular)
    if settings.target is Target.EVERYTHING:
        widest = face_size(mask, box) / STROKE
        while widest * scales[0] > WIDEST_HOLE:
            scales = (scales[0] / 2, *scales)
    block = max(128, round(BLOCK / max(1.0, scales[0])))
    return Plan(interocular, scales, settings.feather * interocular, block, round(CONTEXT / scales[0]))


def _blend(settings: DewrinkleSettings) -> BlendMode:
    return BlendMode.SOFT_LIGHT if settings.layer is LayerKind.SOFT_LIGHT else BlendMode.NORMAL


def _networks(runtime: Runtime) -> Networks:
    wrinkle_map, inpainting = runtime.session("wrinkle-map"), runtime.session("skin-inpainting")
    return Networks(
        lambda image: wrinkle_map.run(image=image)["map"],
        lambda image, hole: inpainting.run(image=image, hole=hole)["fill"],
    )


def _grown(box: Box, by: float, shape: tuple[int, ...]) -> Box:
    step = int(np.ceil(by))
    left, top, right, bottom = box
    return max(0, left - step), max(0, top - step), min(shape[1], right + step), min(shape[0], bottom + step)


def _blocks(box: Box, plan: Plan) -> Iterator[Box]:
    """Cut the painted box into blocks of about equal size."""
    left, top, right, bottom = box
    rows = np.linspace(top, bottom, -(-(bottom - top) // plan.block) + 1).round().astype(int)
    columns = np.linspace(left, right, -(-(right - left) // plan.block) + 1).round().astype(int)
    for upper, lower in itertools.pairwise(rows):
        for start, end in itertools.pairwise(columns):
            yield int(start), int(upper), int(end), int(lower)


def _painted(mask: NDArray[Any], box: Box) -> bool:
    left, top, right, bottom = box
    return bool((mask[top:bottom, left:right] > 0).any())


def _work_on(
    picture: Picture,
    mask: NDArray[Any],
    block: Box,
    plan: Plan,
    settings: DewrinkleSettings,
    networks: Networks,
) -> tuple[float, NDArray[np.float32], Plane, Box]:
    """Skin share, finished unit values and brush weight of one block, with the box they lie in."""
    shape = (picture.height, picture.width)
    overlap = plan.feather + 16 / plan.scales[0]
    around = _grown(block, overlap, shape)
    left, top, right, bottom = _grown(around, plan.context, shape)
    crop = picture.pixels[top:bottom, left:right]
    brush = np.nan_to_num(to_unit(mask[top:bottom, left:right]), nan=0.0, posinf=1.0, neginf=0.0)
    brush = np.clip(brush, 0, 1)
    good = finite(crop[..., : picture.colour_channels])
    if good is not None:
        brush = brush * good
    photo = to_working(crop, picture.encoding.transfer)
    skin, change = retouch(photo, brush, plan.scales, settings.target, settings.keep_texture, networks)
    weight = feathered(brush, plan.feather)
    if good is not None:
        weight = weight * good
    inner = np.s_[around[1] - top : around[3] - top, around[0] - left : around[2] - left]
    photo, change = photo[inner], change[inner]
    finished = from_working(photo + change, picture.encoding.transfer, picture.colour_channels)
    untouched = ~(change != 0).any(axis=-1)
    own = to_unit(crop[inner][..., : picture.colour_channels])
    finished[untouched] = own[untouched]
    return skin, np.where(np.isfinite(own), finished, own), weight[inner], around


def feathered(brush: Plane, feather: float) -> Plane:
    """Soften the brush's edge to both sides; 0 from `feather` px outside of it on."""
    if feather < 0.5:
        return brush
    reach = 2 * int(np.ceil(feather)) - 1
    soft = cv2.GaussianBlur(brush, (reach, reach), feather / 2.5) if reach > 1 else brush
    return np.asarray(soft, np.float32)
