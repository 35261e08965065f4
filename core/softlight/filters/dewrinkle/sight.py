"""What De-wrinkle sees: the photo and the brush around a block, ready for the networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.encoding import finite, to_unit, to_working
from softlight.filters import brush
from softlight.filters.dewrinkle.octave import Networks, Plane
from softlight.filters.dewrinkle.plan import Box, Plan, grown
from softlight.picture import Picture
from softlight.roles import skin_inpainting, wrinkle_map
from softlight.runtime import Runtime


@dataclass(frozen=True, eq=False)
class Sight:
    """What a block sees, its context included."""

    box: Box
    around: Box
    """What the block covers, inside `box`."""
    photo: NDArray[np.float32]
    """Perceptual RGB."""
    brush: Plane
    """0..1; 0 where the photo is not finite."""
    good: NDArray[np.bool_] | None
    """Where the photo is finite; `None` everywhere."""
    fillable: Plane | None
    """0..1: 0 what no fill may touch; `None`: 1 everywhere."""

    @property
    def covered(self) -> Box:
        """`around` in the planes."""
        left, top = self.box[:2]
        return self.around[0] - left, self.around[1] - top, self.around[2] - left, self.around[3] - top

    @property
    def inner(self) -> tuple[slice, slice]:
        """The rows and columns of `covered`."""
        left, top, right, bottom = self.covered
        return np.s_[top:bottom, left:right]


def look(
    picture: Picture, mask: NDArray[Any], fillable: NDArray[np.uint8] | None, block: Box, plan: Plan
) -> Sight:
    """Take what a block sees out of the photo, its mask and where it may be filled."""
    around = grown(block, plan.overlap, mask.shape)
    box = left, top, right, bottom = grown(around, plan.context, mask.shape)
    crop = picture.pixels[top:bottom, left:right]
    painted = brush.shares(mask[top:bottom, left:right])
    good = finite(crop[..., : picture.colour_channels])
    if good is not None:
        painted = painted * good
    free = None if fillable is None else to_unit(fillable[top:bottom, left:right])
    return Sight(box, around, to_working(crop, picture.encoding.transfer), painted, good, free)


def load_networks(runtime: Runtime, tick: Callable[[], None] = lambda: None) -> Networks:
    """Return the two models of De-wrinkle as functions; `tick` is called before each tile that is filled."""
    finding, filling = runtime.model("wrinkle-map"), runtime.model("skin-inpainting")
    return Networks(
        lambda image, needed: wrinkle_map.find(finding, image, needed),
        lambda image, hole: skin_inpainting.fill(filling, image, hole, tick),
    )
