"""Garment creases: from a photo, and a brush mask or none, to a layer stack.

After ABPN (Lei et al., CVPR 2022), as Skin retouch: a network finds cloth and what takes its creases away,
and a pyramid of blend layers brings that to the photo's own pixels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.errors import MaskError
from softlight.filters import chosen_faces, face_size
from softlight.filters.garment import reach
from softlight.filters.garment.networks import load_networks
from softlight.filters.garment.settings import SPEC, GarmentSettings
from softlight.filters.pyramid import painted
from softlight.filters.pyramid.place import ANALYSIS, Loader, Place, finished, of_faces, seen
from softlight.filters.registry import Filter
from softlight.filters.result import stack_of
from softlight.layers import BlendMode, LayerStack
from softlight.picture import Picture
from softlight.progress import Progress, part, silent
from softlight.runtime import Runtime

CLOTH, LOOKING = "the cloth", "Looking at the cloth"
"""What is to be painted, and what is told."""


def settle(mask: NDArray[Any] | None, settings: GarmentSettings, size: tuple[int, int]) -> GarmentSettings:
    """Guess the face size where the settings leave it to the filter; see `Filter.settle`.

    Raises
    ------
    MaskError
        When there is a mask, and nothing is painted.
    """
    if mask is None or settings.face_size is not None:
        return settings
    return replace(settings, face_size=face_size.guessed(mask, size, CLOTH))


def area(mask: NDArray[Any], settings: GarmentSettings) -> tuple[int, int, int, int]:
    """Return all that the filter sees; see `Filter.area`.

    Raises
    ------
    MaskError
        When nothing is painted.
    """
    assert settings.face_size is not None
    return painted.area(mask, settings.face_size, settings.feather, CLOTH).edges


def smooth(
    picture: Picture,
    mask: NDArray[Any] | None,
    settings: GarmentSettings,
    runtime: Runtime,
    progress: Progress = silent,
) -> LayerStack:
    """Take creases out of cloth where a brush marked it, or out of what the people in the photo wear.

    Parameters
    ----------
    picture : Picture
        Any supported type and encoding; never changed.
    mask : ndarray, shape (height, width), or None
        How much of the brush lies on each pixel: float 0..1, or an unsigned integer over its full range.
        `None` for whole clothes: the filter finds the faces above them.
    settings : GarmentSettings
    runtime : Runtime
        Gives the models of the roles `garment-retouch` and `blend-refinement`, and those of `face-detection`,
        `landmarks` and `parsing`.
    progress : Progress

    Returns
    -------
    LayerStack
        For the brush, or for each person, a soft-light layer (and a normal one for what its range cannot
        hold), or a normal layer; with a note if there is nothing to be done.

    Raises
    ------
    MaskError
        If the mask has another size, is empty, or covers no cloth; without one, if there is no face.
    SettingsError
        If a face is chosen that is not there.
    ModelError
        If there is no model for one of the roles.
    Cancelled
        From `progress`.
    """
    settings = settle(mask, settings, (picture.width, picture.height))
    places = _places(picture, mask, settings, runtime, progress)
    blend = BlendMode(settings.layer.value)
    done = finished(places, _loader(runtime, mask), LOOKING, blend, settings.strength)
    if mask is not None and not done.sure:
        raise MaskError("There is no cloth under the mask; paint over the clothes whose creases shall go.")
    progress(1.0, "Done")
    nothing = "No creases were found, so nothing was changed."
    return stack_of(done.layers, SPEC, settings, runtime, nothing)


def cloth_view(
    picture: Picture,
    mask: NDArray[Any] | None,
    settings: GarmentSettings,
    runtime: Runtime,
    progress: Progress = silent,
) -> NDArray[np.float32]:
    """Show which cloth the filter works on; parameters and errors are those of the filter.

    Returns
    -------
    ndarray of float32, shape (height, width)
        How strongly each pixel is meant, 0..1: the layers' masks.
    """
    settings = settle(mask, settings, (picture.width, picture.height))
    places = _places(picture, mask, settings, runtime, progress)
    view = seen(places, _loader(runtime, mask), LOOKING, picture)
    progress(1.0, "Done")
    return view


def _loader(runtime: Runtime, mask: NDArray[Any] | None) -> Loader:
    return lambda tick: load_networks(runtime, mask is not None, tick)


def _places(
    picture: Picture,
    mask: NDArray[Any] | None,
    settings: GarmentSettings,
    runtime: Runtime,
    progress: Progress,
) -> Iterator[tuple[Place, Progress]]:
    """Yield what is worked on, each when its turn comes, with the progress of its step; settings settled."""
    finding, working = part(progress, 0.0, ANALYSIS), part(progress, ANALYSIS, 1.0)
    if mask is not None:
        assert settings.face_size is not None
        what = painted.look(picture, mask, settings.face_size, settings.feather, CLOTH, runtime, finding)
        yield reach.under_brush(what, SPEC.label, runtime), working
        return
    chosen = chosen_faces.find(
        picture,
        settings.faces,
        runtime,
        finding,
        subject="smoother clothes",
        instead="paint over the clothes to smooth them",
    )
    yield from of_faces(chosen, reach.of_person, SPEC.label, picture, runtime, working)


FILTER = Filter(SPEC, GarmentSettings, settle, area, smooth, cloth_view)
