"""What every filter returns: a stack of layers to be put above the photo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from numpy.typing import NDArray


class BlendMode(Enum):
    """Blend modes with one exact formula in GIMP, in Krita and here."""

    NORMAL = "normal"
    SOFT_LIGHT = "soft-light"
    """ABPN's blend layer: ``out = (1 - 2 B) in^2 + 2 B in`` on stored values (Lei et al., CVPR 2022)."""


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer: pixels in the photo's own encoding, and where they count.

    Parameters
    ----------
    name : str
    pixels : ndarray, shape (height, width, 1 or 3)
        Colour only, with as many channels as the photo has colour channels. float32 with 0..1
        nominal, or the photo's integer type over its full range.
    mask : ndarray, shape (height, width)
        How much of the layer shows, 0 where nothing changes; float32 0..1, or an integer type over
        its full range.
    blend : BlendMode
    opacity : float
        0..1.
    offset : tuple of int
        x and y of the layer's left upper pixel in the photo.
    """

    name: str
    pixels: NDArray[Any]
    mask: NDArray[Any]
    blend: BlendMode = BlendMode.NORMAL
    opacity: float = 1.0
    offset: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class LayerStack:
    """A named group of layers, the lowest first, with the settings that made it."""

    name: str
    layers: tuple[Layer, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    """JSON-compatible; stored with the group so that the filter can be run on it again."""
    notes: tuple[str, ...] = ()
    """Sentences for the user, such as a fall-back that was taken."""
