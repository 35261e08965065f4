"""The networks of a filter of the blend pyramid: its own, and the step that all of them share."""

from __future__ import annotations

from collections.abc import Callable

from softlight.blend_pyramid import Networks
from softlight.roles import blend_refinement
from softlight.roles.local_retouching import Retouched
from softlight.runtime import Runtime
from softlight.tiles import Planes, Tiling


def with_refinement(
    retouch: Callable[[Planes], Retouched], tiling: Tiling, runtime: Runtime, tick: Callable[[], None]
) -> Networks:
    """Return a filter's own network together with the model of the role blend-refinement.

    Parameters
    ----------
    retouch : callable
        From planes of the lowest level to what is to be changed there.
    tiling : Tiling
        In which tiles it is called.
    runtime : Runtime
    tick : callable
        Called before each tile.

    Raises
    ------
    ModelError
        If there is no model for the role.
    """
    refining = runtime.model("blend-refinement")

    def retouched(image: Planes) -> Retouched:
        tick()
        return retouch(image)

    def refine(image: Planes, coarse: Planes) -> Planes:
        return blend_refinement.refine(refining, image, coarse)

    return Networks(retouched, tiling, refine)
