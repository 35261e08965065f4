"""What the trial filter does: one normal layer, half lighter than the photo."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import numpy as np
from softlight.filters.trial.settings import SPEC, TrialSettings

from softlight.encoding import from_unit, to_unit
from softlight.errors import MaskError, SettingsError
from softlight.filters.registry import Filter
from softlight.filters.specification import arguments_from_settings
from softlight.layers import Layer, LayerStack
from softlight.picture import Picture


def area(mask: np.ndarray, settings: TrialSettings) -> tuple[int, int, int, int]:
    return 0, 0, mask.shape[1], mask.shape[0]


def run(
    picture: Picture, mask: np.ndarray, settings: TrialSettings, runtime: object, progress: Any
) -> LayerStack:
    end = time.monotonic() + settings.seconds
    while time.monotonic() < end:
        progress(1 - (end - time.monotonic()) / settings.seconds, "Working")
        time.sleep(0.01)
    if settings.end == "defect":
        raise ZeroDivisionError("a private detail")
    if settings.end == "memory":
        np.empty(1 << 60, np.uint8)
    if settings.end == "crash":
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    if settings.end == "error":
        raise MaskError("The mask is wrong; paint another.")
    if settings.end == "mistake":
        raise SettingsError("All is switched off; switch something on.")
    stored = arguments_from_settings(settings) | {"filter": SPEC.name}
    if settings.end == "nothing":
        return LayerStack(SPEC.label, (), stored, ("There was nothing to do.",))
    light = 1 - (1 - to_unit(picture.pixels[..., : picture.colour_channels])) / 2
    layer = Layer(SPEC.label, from_unit(light, picture.pixels.dtype), mask)
    return LayerStack(SPEC.label, (layer,), stored)


FILTER = Filter(SPEC, TrialSettings, lambda mask, settings, size: settings, area, run)
