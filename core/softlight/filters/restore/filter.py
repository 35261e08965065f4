"""Face restore: from a photo, and a brush mask or none, to a layer for each face and one for the rest.

After Kuaishou's HD portrait restoration: each face is aligned, parsed, restored with the parsing as a prior,
and brought back; what surrounds the faces is restored by a smaller network of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.encoding import to_working
from softlight.errors import MaskError
from softlight.filters import boxes, face_size
from softlight.filters.composite import Composite
from softlight.filters.face_scope import Scope, scope_of, seen
from softlight.filters.monochrome import is_grey
from softlight.filters.registry import Filter
from softlight.filters.restore import background, grain
from softlight.filters.restore.face import Change, Networks, restored
from softlight.filters.restore.settings import SPEC, Grain, RestoreSettings
from softlight.filters.restore.texture import texture
from softlight.filters.result import ResultLayers, stack_of
from softlight.layers import BlendMode, Layer, LayerStack
from softlight.picture import Picture
from softlight.progress import Progress, part, silent, ticking
from softlight.runtime import Runtime

ANALYSIS, SURROUNDINGS = 0.1, 0.5
"""Shares of the time after which the faces are found, and after which their surroundings are restored."""
BLOCK = 1024
"""Px of a block of a face that is finished at once."""
LEAST_SHARP = 0.42
"""Sharpness (`blur.sharpness`) below which a face is left alone."""


def settle(mask: NDArray[Any] | None, settings: RestoreSettings, size: tuple[int, int]) -> RestoreSettings:
    """Guess the face size where the settings leave it to the filter; see `Filter.settle`.

    Raises
    ------
    MaskError
        When there is a mask, and nothing is painted.
    """
    if mask is None or settings.face_size is not None:
        return settings
    return replace(settings, face_size=face_size.guessed(mask, size, "the faces"))


def area(mask: NDArray[Any], settings: RestoreSettings) -> tuple[int, int, int, int]:
    """Return all that the filter sees; see `Filter.area`.

    Raises
    ------
    MaskError
        When nothing is painted.
    """
    return seen(mask, settings).edges


def restore(
    picture: Picture,
    mask: NDArray[Any] | None,
    settings: RestoreSettings,
    runtime: Runtime,
    progress: Progress = silent,
) -> LayerStack:
    """Restore the faces of a photo, and what surrounds them.

    Parameters
    ----------
    picture : Picture
        Any supported type and encoding; never changed.
    mask : ndarray, shape (height, width), or None
        How much of the brush lies on each pixel: float 0..1, or an unsigned integer over its full range.
        `None` for the whole photo.
    settings : RestoreSettings
    runtime : Runtime
        Gives the models of the roles `face-restoration`, `background-restoration`, `face-detection`,
        `landmarks` and `parsing`, and of `face-occlusion` where there is one.
    progress : Progress

    Returns
    -------
    LayerStack
        Normal layers with masks: that of the surroundings below, then one for each face; with a note on
        faces that were left alone.

    Raises
    ------
    MaskError
        If the mask has another size, is empty, or covers no face while the background is left alone; without
        one, if there is no face.
    SettingsError
        If a face is chosen that is not there.
    ModelError
        If there is no model for one of the roles.
    Cancelled
        From `progress`.
    """
    settings = settle(mask, settings, (picture.width, picture.height))
    scope = scope_of(
        picture,
        mask,
        settings,
        runtime,
        part(progress, 0.0, ANALYSIS),
        subject="a restoration",
        instead="paint over what shall be restored",
    )
    if mask is not None and not scope.chosen and not settings.background:
        raise MaskError(
            "No face was found under the brush; paint over a face, or let the background be restored as well."
        )
    start = SURROUNDINGS if settings.background else ANALYSIS
    layers = _surroundings(scope, settings, runtime, part(progress, ANALYSIS, start))
    # At full strength: the strength is the layers' opacity, and changes nothing in them.
    below = Composite.of(scope.picture, layers)
    notes: list[str] = []
    working = part(progress, start, 1.0)
    count = len(scope.chosen)
    networks = _networks(runtime, notes) if count else None
    for turn, number in enumerate(scope.chosen):
        working(turn / count, "Restoring the face" if count == 1 else f"Restoring face {turn + 1} of {count}")
        assert networks is not None
        change = restored(scope.picture, scope.faces, number, networks, settings.fidelity)
        if change.sharpness < LEAST_SHARP:
            notes.append(_hopeless(scope, number))
            continue
        step = part(working, turn / count, (turn + 1) / count)
        layers += _finished(scope, change, below, settings, scope.name(SPEC.label, number), step)
    progress(1.0, "Done")
    x, y = scope.origin
    there = tuple(replace(one, offset=(one.offset[0] + x, one.offset[1] + y)) for one in layers)
    nothing = "Nothing was found to be restored, so nothing was changed."
    return stack_of(there, SPEC, settings, runtime, nothing, notes)


def _networks(runtime: Runtime, notes: list[str]) -> Networks:
    hides, why_not = runtime.optional("face-occlusion")
    notes.extend(why_not)
    return Networks(runtime.model("parsing"), runtime.model("face-restoration"), hides)


def _hopeless(scope: Scope, number: int) -> str:
    which = "The face" if len(scope.faces) == 1 else f"Face {number + 1}"
    return (
        f"{which} is so blurred that nothing of it can be known, and was left as it is; what a network would "
        "show there would be somebody else."
    )


def _surroundings(
    scope: Scope, settings: RestoreSettings, runtime: Runtime, progress: Progress
) -> tuple[Layer, ...]:
    """Return the layer of what surrounds the faces; none where that is left alone."""
    if not settings.background:
        return ()
    report, tick = ticking(progress, "Restoring the background")
    report(0.0)
    model = runtime.model("background-restoration")
    picture = scope.picture
    eyes = [scope.faces[number].interocular for number in scope.chosen]
    scale = background.Scale.of(float(np.median(eyes)) if eyes else settings.face_size)
    result = ResultLayers(picture, f"{SPEC.label} (background)", scope.area.edges, BlendMode.NORMAL)
    blocks = background.changes(
        model, picture, scope.area, scale, grey=is_grey(picture), wanted=scope.painted, tick=tick
    )
    for done, block, before, change in blocks:
        report(done)
        after = before + change
        if settings.grain is Grain.KEPT:
            strength = grain.measured(before, np.ones(before.shape[:2], np.float32)).strength
            after = after + grain.own(before - after, strength)
        result.add_working(block, after, scope.weights(block))
    return result.layers(settings.strength)


def _finished(
    scope: Scope, change: Change, below: Composite, settings: RestoreSettings, name: str, progress: Progress
) -> tuple[Layer, ...]:
    """Return the layer of one face."""
    picture = scope.picture
    box = change.box(picture).within(scope.area)
    if box.empty:
        return ()
    add = texture(change, picture, below, settings.grain)
    result = ResultLayers(picture, name, box.edges, BlendMode.NORMAL)
    blocks = list(boxes.cut(box, BLOCK))
    for number, block in enumerate(blocks):
        progress(number / len(blocks), "Bringing the face home")
        if not scope.painted(block):
            continue
        before = to_working(picture.pixels[block.slices], picture.encoding.transfer)
        after = add(block, before, change.added(before, block))
        result.add_working(block, after, scope.weights(block) * change.mask_in(block))
    return result.layers(settings.strength)


FILTER = Filter(SPEC, RestoreSettings, settle, area, restore)
