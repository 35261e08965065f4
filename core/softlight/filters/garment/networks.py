"""The networks of Garment creases, as functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from softlight.blend_pyramid import Networks
from softlight.filters.pyramid.networks import with_refinement
from softlight.roles import garment_retouch
from softlight.roles.local_retouching import TILING, Retouched
from softlight.runtime import Runtime
from softlight.tiles import Planes


def load_networks(runtime: Runtime, marked: bool, tick: Callable[[], None] = lambda: None) -> Networks:
    """Return the models of the roles garment-retouch and blend-refinement.

    Parameters
    ----------
    runtime : Runtime
    marked : bool
        A brush says what cloth is: nothing else is asked. Of rare clothes the network finds a part only, of
        an astronaut's orange suit a half.
    tick : callable
        Called before each tile.

    Raises
    ------
    ModelError
        If there is no model for one of the roles.
    """
    model = runtime.model("garment-retouch")

    def retouch(image: Planes) -> Retouched:
        found = garment_retouch.retouch(model, image)
        return replace(found, area=np.ones_like(found.area)) if marked else found

    return with_refinement(retouch, TILING, runtime, tick)
