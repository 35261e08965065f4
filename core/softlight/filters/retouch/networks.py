"""The networks of Skin retouch, as functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from softlight.blend_pyramid import Networks
from softlight.filters.pyramid.networks import with_refinement
from softlight.roles import skin_retouch
from softlight.runtime import Runtime


def load_networks(
    runtime: Runtime, weights: Mapping[str, float], tick: Callable[[], None] = lambda: None
) -> Networks:
    """Return the models of the roles skin-retouch and blend-refinement.

    Parameters
    ----------
    runtime : Runtime
    weights : mapping of str to float
        How strongly each component of the role skin-retouch acts, 0..1.
    tick : callable
        Called before each tile.

    Raises
    ------
    ModelError
        If there is no model for one of the roles.
    """
    model = runtime.model("skin-retouch")
    retouch = partial(skin_retouch.retouch, model, weights=weights)
    return with_refinement(retouch, skin_retouch.tiling(model), runtime, tick)
