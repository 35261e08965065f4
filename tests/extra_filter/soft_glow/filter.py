"""Soft glow: so simple that a test can foretell its pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from softlight.filters.soft_glow.settings import SPEC, SoftGlowSettings, Tint

from softlight.encoding import to_unit
from softlight.errors import MaskError
from softlight.filters.registry import Filter
from softlight.filters.result import ResultLayers
from softlight.filters.specification import arguments_from_settings
from softlight.layers import BlendMode, LayerStack
from softlight.picture import Picture
from softlight.progress import Progress, silent

WARM = np.array([1.0, 0.8, 0.5], np.float32)


def settle(mask: NDArray[Any], settings: SoftGlowSettings, size: tuple[int, int]) -> SoftGlowSettings:
    return settings if settings.radius is not None else replace(settings, radius=min(64.0, min(size) / 16))


def area(mask: NDArray[Any], settings: SoftGlowSettings) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        raise MaskError("The mask is empty; paint where there shall be light.")
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def soft_glow(
    picture: Picture,
    mask: NDArray[Any],
    settings: SoftGlowSettings,
    runtime: object,
    progress: Progress = silent,
) -> LayerStack:
    settings = settle(mask, settings, (picture.width, picture.height))
    progress(0.0, "Adding light")
    box = left, top, right, bottom = area(mask, settings)
    photo = to_unit(picture.pixels[top:bottom, left:right, : picture.colour_channels])
    tint = WARM if settings.tint is Tint.WARM and picture.colour_channels == 3 else np.float32(1)
    # Towards in * (2 - in), the most that soft light can do.
    light = photo + settings.amount * tint * photo * (1 - photo)
    finished = np.where(photo < 0.5, light, photo) if settings.only_dark else light
    weight = to_unit(mask[top:bottom, left:right])
    result = ResultLayers(picture, SPEC.label, box, BlendMode.SOFT_LIGHT)
    result.add(box, np.asarray(finished, np.float32), weight)
    stored = {"filter": SPEC.name, **arguments_from_settings(settings)}
    return LayerStack(SPEC.label, result.layers(1.0), stored)


def view(
    picture: Picture,
    mask: NDArray[Any],
    settings: SoftGlowSettings,
    runtime: object,
    progress: Progress = silent,
) -> NDArray[np.float32]:
    return to_unit(mask) * np.float32(settings.amount)


FILTER = Filter(SPEC, SoftGlowSettings, settle, area, soft_glow, view)
