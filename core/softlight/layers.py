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


class SourceType(Enum):
    """What a result's metadata say it is: terms of IPTC's vocabulary "Digital Source Type".

    The values are its URIs (http://cv.iptc.org/newscodes/digitalsourcetype); it has 17 terms in use.
    """

    EDITED_WITH_AI = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
    """A photo of which a trained model has made parts anew.

    IPTC calls the term "Edited using Generative AI" and means "augmentation, correction or enhancement using
    a Generative AI model, such as with inpainting". The terms beside it say something else:
    `trainedAlgorithmicMedia` that a model made all of the picture, `compositeSynthetic` that it was put
    together of several elements, `algorithmicallyEnhanced` that its main content is as it was.
    """


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
    source_type: SourceType | None = None
    """What files and pictures with these layers must say of themselves in their metadata; None: nothing."""
