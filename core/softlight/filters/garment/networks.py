"""The networks of Garment creases, as functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from softlight.blend_pyramid import Networks
from softlight.filters.pyramid.networks import with_refinement
from softlight.roles import garment_retouch
from softlight.roles.local_retouching import TILING
from softlight.runtime import Runtime


def load_networks(runtime: Runtime, tick: Callable[[], None] = lambda: None) -> Networks:
    """Return the models of the roles garment-retouch and blend-refinement.

    Parameters
    ----------
    runtime : Runtime
    tick : callable
        Called before each tile.

    Raises
    ------
    ModelError
        If there is no model for one of the roles.
    """
    retouch = partial(garment_retouch.retouch, runtime.model("garment-retouch"))
    return with_refinement(retouch, TILING, runtime, tick)
