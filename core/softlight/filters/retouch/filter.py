"""Skin retouch: from a photo, and a brush mask or none, to a layer stack.

After ABPN (Lei et al., CVPR 2022): a network finds skin and what a retoucher would change of it at one
scale of the face, and a pyramid of blend layers brings that to the photo's own pixels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.errors import MaskError, SettingsError
from softlight.filters import chosen_faces, face_size
from softlight.filters.pyramid import painted
from softlight.filters.pyramid.place import ANALYSIS, Loader, Place, finished, of_faces, seen
from softlight.filters.registry import Filter
from softlight.filters.result import stack_of
from softlight.filters.retouch import reach
from softlight.filters.retouch.networks import load_networks
from softlight.filters.retouch.settings import SPEC, RetouchSettings, Skin
from softlight.layers import BlendMode, LayerStack
from softlight.picture import Picture
from softlight.progress import Progress, part, silent
from softlight.runtime import Runtime

SKIN, LOOKING = "the skin", "Looking at the skin"
"""What is to be painted, and what is told."""


def settle(mask: NDArray[Any] | None, settings: RetouchSettings, size: tuple[int, int]) -> RetouchSettings:
    """Guess the face size where the settings leave it to the filter; see `Filter.settle`.

    Raises
    ------
    MaskError
        When there is a mask, and nothing is painted.
    SettingsError
        When nothing is switched on.
    """
    if not any(settings.weights.values()):
        raise SettingsError(
            "All corrections are switched off, and the texture is kept; switch on those that shall be made."
        )
    if mask is None or settings.face_size is not None:
        return settings
    return replace(settings, face_size=face_size.guessed(mask, size, SKIN))


def area(mask: NDArray[Any], settings: RetouchSettings) -> tuple[int, int, int, int]:
    """Return all that the filter sees; see `Filter.area`.

    Raises
    ------
    MaskError
        When nothing is painted.
    """
    assert settings.face_size is not None
    return painted.area(mask, settings.face_size, settings.feather, SKIN).edges


def retouch(
    picture: Picture,
    mask: NDArray[Any] | None,
    settings: RetouchSettings,
    runtime: Runtime,
    progress: Progress = silent,
) -> LayerStack:
    """Retouch skin where a brush marked it, or that of faces and what is near them.

    Parameters
    ----------
    picture : Picture
        Any supported type and encoding; never changed.
    mask : ndarray, shape (height, width), or None
        How much of the brush lies on each pixel: float 0..1, or an unsigned integer over its full range.
        `None` for whole faces: the filter finds them.
    settings : RetouchSettings
    runtime : Runtime
        Gives the models of the roles `skin-retouch` and `blend-refinement`, and those of `face-detection`,
        `landmarks` and `parsing`.
    progress : Progress

    Returns
    -------
    LayerStack
        For the brush, or for each face, a soft-light layer (and a normal one for what its range cannot hold),
        or a normal layer; with a note if there is nothing to retouch.

    Raises
    ------
    MaskError
        If the mask has another size, is empty, or covers no skin; without one, if there is no face.
    SettingsError
        If a face is chosen that is not there, or nothing is switched on.
    ModelError
        If there is no model for one of the roles.
    Cancelled
        From `progress`.
    """
    settings = settle(mask, settings, (picture.width, picture.height))
    places = _places(picture, mask, settings, runtime, progress)
    blend = BlendMode(settings.layer.value)
    done = finished(places, _loader(runtime, settings), LOOKING, blend, settings.strength)
    if mask is not None and not done.sure:
        raise MaskError("There is no skin under the mask; paint over the skin that shall be retouched.")
    progress(1.0, "Done")
    nothing = "Nothing was found to be retouched, so nothing was changed."
    return stack_of(done.layers, SPEC, settings, runtime, nothing)


def skin_view(
    picture: Picture,
    mask: NDArray[Any] | None,
    settings: RetouchSettings,
    runtime: Runtime,
    progress: Progress = silent,
) -> NDArray[np.float32]:
    """Show which skin the filter works on; parameters and errors are those of the filter.

    Returns
    -------
    ndarray of float32, shape (height, width)
        How strongly each pixel is meant, 0..1: the layers' masks.
    """
    settings = settle(mask, settings, (picture.width, picture.height))
    places = _places(picture, mask, settings, runtime, progress)
    view = seen(places, _loader(runtime, settings), LOOKING, picture)
    progress(1.0, "Done")
    return view


def _loader(runtime: Runtime, settings: RetouchSettings) -> Loader:
    return lambda tick: load_networks(runtime, settings.weights, tick)


def _places(
    picture: Picture,
    mask: NDArray[Any] | None,
    settings: RetouchSettings,
    runtime: Runtime,
    progress: Progress,
) -> Iterator[tuple[Place, Progress]]:
    """Yield what is worked on, each when its turn comes, with the progress of its step; settings settled."""
    finding, working = part(progress, 0.0, ANALYSIS), part(progress, ANALYSIS, 1.0)
    if mask is not None:
        assert settings.face_size is not None
        what = painted.look(picture, mask, settings.face_size, settings.feather, SKIN, runtime, finding)
        yield reach.under_brush(what, SPEC.label, runtime, protect=settings.protect), working
        return
    chosen = chosen_faces.find(
        picture,
        settings.faces,
        runtime,
        finding,
        subject="a retouch",
        instead="paint over the skin to retouch it",
    )
    of_face = partial(reach.of_face, only_face=settings.skin is Skin.FACES, protect=settings.protect)
    yield from of_faces(chosen, of_face, SPEC.label, picture, runtime, working)


FILTER = Filter(SPEC, RetouchSettings, settle, area, retouch, skin_view)
