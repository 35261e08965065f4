"""A portrait, a brush on it, and what the core makes of it by a pyramid filter: what hosts have to show."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from two_people import SAMPLES

from softlight.compositor import composite
from softlight.encoding import from_unit, to_unit
from softlight.files import read_picture
from softlight.filters.registry import load
from softlight.filters.specification import settings_from_arguments
from softlight.picture import Picture
from softlight.runtime import Runtime

ALLOWED = {"uint8": 2, "uint16": 4}
"""Levels: the rule of agreement of all host tests."""
CHOSEN: dict[str, dict[str, float | str]] = {"edit": {"smile": -0.7, "age": 12.0, "hair_colour": "copper"}}
"""What is asked of a filter beside its defaults, which of an edit are to do nothing."""
SEEN = 0.02
"""What a retouch has to change at least, of the whole range: one that nobody sees proves nothing."""


@functools.cache
def deep_portrait() -> NDArray[np.uint16]:
    """The astronaut with 16 bits, of which the lower 8 are not a copy of the upper ones."""
    pixels = read_picture(SAMPLES / "astronaut.png").pixels[:400, :400, :3]
    fine = np.random.default_rng(6).integers(-90, 91, pixels.shape)
    return np.clip(pixels.astype(np.int64) * 257 + fine, 0, 65535).astype(np.uint16)


def shallow(photo: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """The same with 8 bits."""
    return np.rint(photo / 257).astype(np.uint8)


def painted(photo: NDArray[Any]) -> NDArray[np.uint8]:
    """A brush of 0, half and 1 over the cheek that is on the right."""
    mask = np.zeros(photo.shape[:2], np.uint8)
    mask[100:190, 220:280] = 128
    mask[115:175, 230:270] = 255
    return mask


def reference(
    photo: NDArray[Any],
    brush: NDArray[np.uint8] | None,
    strength: float,
    masks: DTypeLike,
    name: str = "retouch",
    nudge: int = 0,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """What must be seen after a retouch, in levels, and where anything may have changed.

    Parameters
    ----------
    photo : ndarray of uint8 or uint16, shape (height, width, 3)
    brush : ndarray of uint8, shape (height, width), or None
        None for whole faces.
    strength : float
    masks : uint8 or uint16
        How exactly the host stores a layer's mask. All else is taken as the core has it, not rounded.
    name : str
        Of the filter.
    nudge : int
        Levels that are added to a mask before it is stored: a network in another process may differ in the
        last bit, and a mask of 8 bits then by a whole level.
    """
    filter_ = load(name)
    settings = settings_from_arguments(
        filter_.spec, filter_.settings_type, {"strength": strength, **CHOSEN.get(name, {})}
    )
    stack = filter_.run(Picture(photo), brush, settings, _runtime())
    layers = tuple(
        replace(one, mask=from_unit(to_unit(_nudged(one.mask, nudge)), masks)) for one in stack.layers
    )
    expected = composite(Picture(photo), replace(stack, layers=layers)).pixels.astype(np.int64)
    touched = np.zeros(photo.shape[:2], bool)
    for layer in layers:
        (x, y), (height, width) = layer.offset, layer.mask.shape
        touched[y : y + height, x : x + width] |= layer.mask > 0
    changed = np.abs(expected - photo).max() / np.iinfo(photo.dtype).max
    assert changed > SEEN * strength, f"the retouch changes {changed:.3f} of the range"
    return expected, touched


def _nudged(mask: NDArray[Any], by: int) -> NDArray[Any]:
    """Return a mask of integers by some levels higher; what is not shown stays so."""
    if not by:
        return mask
    return np.where(mask > 0, np.clip(mask.astype(np.int64) + by, 0, np.iinfo(mask.dtype).max), 0).astype(
        mask.dtype
    )


@functools.cache
def _runtime() -> Runtime:
    return Runtime()
