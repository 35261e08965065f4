"""Edit attributes: from a photo, and a brush mask or none, to a layer for each attribute of each face.

After Rowland and Perrett's prototypes: what distinguishes two groups of faces on average is added to one
face, which stays itself; see `softlight.faces.prototypes`. Age and expression may be left to networks that a
user has installed; see `networks`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from softlight.alignment import chained
from softlight.errors import MaskError
from softlight.faces import analysis
from softlight.faces.mesh import mesh_of
from softlight.filters import face_size
from softlight.filters.composite import Composite
from softlight.filters.edit.blocks import finished
from softlight.filters.edit.change import KEPT, Subject, Unchanged
from softlight.filters.edit.hair.layers import hair_layers
from softlight.filters.edit.networks.by_network import ByNetwork
from softlight.filters.edit.settings import SPEC, EditSettings
from softlight.filters.edit.steps import steps
from softlight.filters.face_scope import Scope, scope_of, seen
from softlight.filters.registry import Filter
from softlight.filters.result import stack_of
from softlight.layers import Layer, LayerStack, SourceType
from softlight.picture import Picture
from softlight.progress import Progress, part, silent
from softlight.roles.parsing import Parsing, parse_face
from softlight.runtime import Runtime

ANALYSIS = 0.2
"""Share of the time after which the faces are found."""
HAIR, REACH = 5.5, 11.0
"""Interocular distances from the middle of a face to where its hair is looked for, and twice as many: a brush
at the end of long hair sees the face and what lies around it."""


def settle(mask: NDArray[Any] | None, settings: EditSettings, size: tuple[int, int]) -> EditSettings:
    """Guess the face size where the settings leave it to the filter; see `Filter.settle`.

    Raises
    ------
    MaskError
        When there is a mask, and nothing is painted.
    """
    if mask is None or settings.face_size is not None:
        return settings
    return replace(settings, face_size=face_size.guessed(mask, size, "the faces"))


def area(mask: NDArray[Any], settings: EditSettings) -> tuple[int, int, int, int]:
    """Return all that the filter sees; see `Filter.area`.

    Raises
    ------
    MaskError
        When nothing is painted.
    """
    return seen(mask, settings, REACH).edges


def edit(
    picture: Picture,
    mask: NDArray[Any] | None,
    settings: EditSettings,
    runtime: Runtime,
    progress: Progress = silent,
) -> LayerStack:
    """Edit the attributes of the faces of a photo.

    Parameters
    ----------
    picture : Picture
        Any supported type and encoding; never changed.
    mask : ndarray, shape (height, width), or None
        How much of the brush lies on each pixel: float 0..1, or an unsigned integer over its full range.
        `None` for the whole photo.
    settings : EditSettings
    runtime : Runtime
        Gives the models of the roles `face-detection`, `landmarks` and `parsing`; for age those of
        `wrinkle-map`, `skin-inpainting` and `skin-retouch` as well; and where installed networks are asked
        for, those of `age` and `expression`.
    progress : Progress

    Returns
    -------
    LayerStack
        Normal layers with masks, one for each attribute of each face whose slider is not at zero, and one for
        hair that changes with age; none where all are.

    Raises
    ------
    MaskError
        If the mask has another size, is empty, or covers no face; without one, if there is no face.
    SettingsError
        If a face is chosen that is not there.
    ModelError
        If there is no model for one of the roles.
    Cancelled
        From `progress`.
    """
    settings = settle(mask, settings, (picture.width, picture.height))
    networks = ByNetwork.of(settings, runtime)
    scope = scope_of(
        picture,
        mask,
        settings,
        runtime,
        part(progress, 0.0, ANALYSIS),
        subject="an edit",
        instead="attributes are those of a face",
        reach=REACH,
        square=HAIR,
    )
    if not scope.chosen:
        raise MaskError("No face was found under the brush; paint over the face that shall be edited.")
    layers: tuple[Layer, ...] = ()
    working = part(progress, ANALYSIS, 1.0)
    count, rest = len(scope.chosen), networks.rest(settings)
    notes: list[str] = []
    for turn, number in enumerate(scope.chosen):
        step = part(working, turn / count, (turn + 1) / count)
        layers = _edited(scope, number, settings, runtime, networks, layers, notes, part(step, 0.0, 0.5))
        layers = hair_layers(scope, number, rest, runtime, layers, notes, part(step, 0.5, 1.0))
    progress(1.0, "Done")
    x, y = scope.origin
    there = tuple(replace(one, offset=(one.offset[0] + x, one.offset[1] + y)) for one in layers)
    nothing = "All sliders are at zero, so nothing was changed."
    if notes or networks.wanted_any:
        nothing = "Nothing was changed."
    mark = SourceType.EDITED_WITH_AI if settings.mark else None
    return stack_of(there, SPEC, settings, runtime, nothing, notes, source_type=mark)


def _edited(
    scope: Scope,
    number: int,
    settings: EditSettings,
    runtime: Runtime,
    networks: ByNetwork,
    layers: tuple[Layer, ...],
    notes: list[str],
    progress: Progress,
) -> tuple[Layer, ...]:
    """Return layers with those of one more face above them."""
    picture, face = scope.picture, scope.faces[number]
    near = analysis.around(picture, face.points)
    there = analysis.face_moved(face, near.matrix)
    inside = parse_face(runtime.model("parsing"), near.pixels, there.points)
    parsing = Parsing(inside.shares, chained(near.matrix, inside.matrix))
    if len(scope.faces) > 1:
        parsing = parsing.only(analysis.belonging(scope.faces, number, parsing.matrix, len(parsing.shares)))
    close = analysis.around(picture, face.points, KEPT)
    subject = Subject(picture, face, close, parsing, mesh_of(face.landmarks))
    now = 0.0, "Editing"
    todo = list(steps(settings, networks, runtime, lambda: progress(*now)))
    for turn, step in enumerate(todo):
        now = turn / len(todo), f"Editing: {step.label}"
        progress(*now)
        try:
            change = step.change(subject)
        except Unchanged as why:
            notes.append(f"{step.label} of {scope.whose(number)} was left as it is: {why}.")
            continue
        below = Composite.of(picture, layers)
        name = scope.name(f"{SPEC.label}: {step.label}", number)
        layers += finished(scope, change, below, settings, name)
        subject = replace(subject, mesh=change.mesh)
    return layers


FILTER = Filter(SPEC, EditSettings, settle, area, edit)
