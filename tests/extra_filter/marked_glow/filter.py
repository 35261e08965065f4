"""Marked glow: what a filter does to have its result marked."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray
from softlight.filters.marked_glow.settings import SPEC, MarkedGlowSettings
from softlight.filters.soft_glow.filter import area as glow_area
from softlight.filters.soft_glow.filter import soft_glow
from softlight.filters.soft_glow.settings import SoftGlowSettings

from softlight.filters.registry import Filter
from softlight.filters.result import stack_of
from softlight.layers import LayerStack, SourceType
from softlight.picture import Picture
from softlight.progress import Progress, silent
from softlight.runtime import Runtime


def settle(mask: NDArray[Any], settings: MarkedGlowSettings, size: tuple[int, int]) -> MarkedGlowSettings:
    return settings


def area(mask: NDArray[Any], settings: MarkedGlowSettings) -> tuple[int, int, int, int]:
    return glow_area(mask, SoftGlowSettings())


def marked_glow(
    picture: Picture,
    mask: NDArray[Any],
    settings: MarkedGlowSettings,
    runtime: Runtime,
    progress: Progress = silent,
) -> LayerStack:
    glow = soft_glow(picture, mask, SoftGlowSettings(), runtime, progress)
    source_type = SourceType.EDITED_WITH_AI if settings.mark else None
    return stack_of(glow.layers, SPEC, settings, runtime, "Nothing is light.", source_type=source_type)


FILTER = Filter(SPEC, MarkedGlowSettings, settle, area, marked_glow)
