"""What lies below a layer: the photo, with the layers of a run that come before it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from softlight.alignment import Box
from softlight.encoding import to_unit, to_working
from softlight.layers import Layer
from softlight.picture import Picture
from softlight.tiles import Planes


@dataclass(frozen=True, eq=False)
class Composite:
    """A picture and normal layers above it, of which parts can be seen."""

    picture: Picture
    layers: tuple[Layer, ...]

    @classmethod
    def of(cls, picture: Picture, layers: tuple[Layer, ...]) -> Composite:
        """Return a picture with its layers at full strength: what a slider of opacity moves is no input."""
        return cls(picture, tuple(replace(one, opacity=1.0) for one in layers))

    def seen(self, box: Box) -> Planes:
        """Return the working values of a part, float32 of shape (height, width, 3)."""
        transfer = self.picture.encoding.transfer
        values = to_working(self.picture.pixels[box.slices], transfer)
        for layer in self.layers:
            x, y = layer.offset
            height, width = layer.mask.shape
            common = Box(x, y, x + width, y + height).within(box)
            if common.empty:
                continue
            inside = common.slices_in(Box(x, y, x + width, y + height))
            above = to_working(layer.pixels[inside], transfer)
            shown = (to_unit(layer.mask[inside]) * np.float32(layer.opacity))[..., None]
            there = values[common.slices_in(box)]
            there += shown * (above - there)
        return values
