"""Edit attributes: from a photo, and a brush mask or none, to a layer for each attribute of each face.

After Rowland and Perrett's prototypes: what distinguishes two groups of faces on average is added to one
face, which stays itself; see `softlight.faces.prototypes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Box, chained
from softlight.encoding import to_working
from softlight.errors import MaskError
from softlight.faces import analysis
from softlight.faces.analysis import AnalysedFace
from softlight.faces.mesh import mesh_of
from softlight.faces.prototypes import prototypes
from softlight.filters import boxes, face_size
from softlight.filters.composite import Composite
from softlight.filters.edit.ageing import aged
from softlight.filters.edit.change import Change, Subject
from softlight.filters.edit.greying import greying
from softlight.filters.edit.hair_colour import Dye, HairTarget, measured, recoloured
from softlight.filters.edit.hair_mask import HairMask, find_hair
from softlight.filters.edit.likeness import likeness
from softlight.filters.edit.settings import SPEC, YEARS, EditSettings, HairColour
from softlight.filters.edit.wear import worn
from softlight.filters.face_scope import Scope, scope_of, seen
from softlight.filters.registry import Filter
from softlight.filters.result import ResultLayers, stack_of
from softlight.layers import BlendMode, Layer, LayerStack, SourceType
from softlight.picture import Picture
from softlight.progress import Progress, part, silent
from softlight.roles.parsing import Parsing, parse_face
from softlight.runtime import Model, Runtime
from softlight.tiles import Planes

ANALYSIS = 0.2
"""Share of the time after which the faces are found."""
HAIR, REACH = 5.5, 11.0
"""Interocular distances from the middle of a face to where its hair is looked for, and twice as many: a brush
at the end of long hair sees the face and what lies around it."""
BLOCK = 1024
"""Px of a block of a face that is finished at once."""
KEPT = 200.0
"""Px between the eyes of the copy of a face in which its texture is changed."""
CLOSED, PARTED = 0.03, 0.10
"""Height over width of lips that are closed, and that are parted: what lies between smiles in between."""
WIDER = 0.4
"""How much of a laugh's opening parted lips take: with all of it teeth that were seen already grew."""


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
        `wrinkle-map`, `skin-inpainting` and `skin-retouch` as well.
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
    count, parsing = len(scope.chosen), runtime.model("parsing")
    notes: list[str] = []
    for turn, number in enumerate(scope.chosen):
        step = part(working, turn / count, (turn + 1) / count)
        layers = _edited(scope, number, settings, runtime, layers, part(step, 0.0, 0.5))
        if settings.hair_colour is not HairColour.OWN and settings.hair_amount:
            step(0.5, "Editing: Hair")
            layers += _dyed(scope, number, settings, parsing, layers, notes)
        elif settings.age:
            step(0.5, "Editing: Age, hair")
            layers += _greyed(scope, number, settings, runtime, layers)
    progress(1.0, "Done")
    x, y = scope.origin
    there = tuple(replace(one, offset=(one.offset[0] + x, one.offset[1] + y)) for one in layers)
    nothing = "All sliders are at zero, so nothing was changed."
    mark = SourceType.EDITED_WITH_AI if settings.mark else None
    return stack_of(there, SPEC, settings, runtime, nothing, notes, source_type=mark)


@dataclass(frozen=True, eq=False)
class Step:
    """One attribute that is changed."""

    label: str
    change: Callable[[Subject], Change]
    """Finds what to change on the face as it is after the steps before."""


def steps(settings: EditSettings, picture: Picture, face: AnalysedFace, runtime: Runtime) -> Iterator[Step]:
    """Yield what is to be done to a face, in the order of the layers from the lowest on."""
    known = prototypes()
    if settings.age:
        # Texture is that of the photo: what moves most comes after what changes it.
        yield Step("Age", partial(aged, picture=picture, runtime=runtime, years=settings.age))
    parted = float(np.clip((face.landmarks.lips_open - CLOSED) / (PARTED - CLOSED), 0, 1))
    if settings.smile < 0:
        parted = 0.0  # lips that would shut over teeth
    closed, laughing = known["smile-closed"], known["smile"]
    shape = closed.shape + WIDER * parted * (laughing.shape - closed.shape)
    smile = replace(laughing, shape=shape)
    wanted = (
        ("Gender", known["masculine"], settings.gender),
        ("Brows", known["brows"], settings.brows),
        ("Eyes", known["eyes"], settings.eyes),
        ("Smile", smile, settings.smile),
    )
    for label, prototype, amount in wanted:
        if amount:
            yield Step(label, partial(likeness, prototype=prototype, amount=amount))


def _edited(
    scope: Scope,
    number: int,
    settings: EditSettings,
    runtime: Runtime,
    layers: tuple[Layer, ...],
    progress: Progress,
) -> tuple[Layer, ...]:
    """Return layers with those of one more face above them."""
    picture, face = scope.picture, scope.faces[number]
    near = analysis.around(picture, face.points)
    inside = parse_face(runtime.model("parsing"), near.pixels, analysis.face_moved(face, near.matrix).points)
    parsing = Parsing(inside.shares, chained(near.matrix, inside.matrix))
    close = analysis.around(picture, face.points, KEPT)
    todo, subject = (
        list(steps(settings, picture, face, runtime)),
        Subject(face, close, parsing, mesh_of(face.landmarks)),
    )
    for turn, step in enumerate(todo):
        progress(turn / len(todo), f"Editing: {step.label}")
        change = step.change(subject)
        below = Composite(picture, tuple(replace(one, opacity=1.0) for one in layers))
        name = scope.name(f"{SPEC.label}: {step.label}", number)
        layers += _finished(scope, change, below, settings, name)
        subject = replace(subject, mesh=change.mesh)
    return layers


def _dyed(
    scope: Scope,
    number: int,
    settings: EditSettings,
    model: Model,
    layers: tuple[Layer, ...],
    notes: list[str],
) -> tuple[Layer, ...]:
    """Return the layer of one person's hair."""
    mask = find_hair(scope.picture, scope.faces[number], model)
    hair = measured(mask)
    if hair is None:
        notes.append(_bald(scope, number))
        return ()
    dye = Dye.to(hair, HairTarget[settings.hair_colour.name], settings.hair_amount)
    return _painted(scope, number, settings, layers, "Hair", mask, dye)


def _greyed(
    scope: Scope, number: int, settings: EditSettings, runtime: Runtime, layers: tuple[Layer, ...]
) -> tuple[Layer, ...]:
    """Return the layer of one person's hair that is older or younger, if there is any."""
    picture, face = scope.picture, scope.faces[number]
    mask = find_hair(picture, face, runtime.model("parsing"))
    hair = measured(mask)
    if hair is None:
        return ()
    depth = worn(picture, face, analysis.around(picture, face.points, KEPT), runtime).depth
    way = greying(mask, hair, face, settings.age / YEARS, depth)
    if way is None:
        return ()
    return _painted(scope, number, settings, layers, "Age, hair", mask, way.dye, way.weight)


def _painted(
    scope: Scope,
    number: int,
    settings: EditSettings,
    layers: tuple[Layer, ...],
    label: str,
    mask: HairMask,
    dye: Dye,
    share: Callable[[Planes, Planes, Box], Planes] | None = None,
) -> tuple[Layer, ...]:
    """Return the layer of hair in another colour, or of a share of each block."""
    picture = scope.picture
    box = mask.box(picture).within(scope.area)
    if box.empty:
        return ()
    below = Composite(picture, tuple(replace(one, opacity=1.0) for one in layers))
    result = ResultLayers(picture, scope.name(f"{SPEC.label}: {label}", number), box.edges, BlendMode.NORMAL)
    for block in boxes.cut(box, BLOCK):
        if not scope.painted(block):
            continue
        photo = to_working(picture.pixels[block.slices], picture.encoding.transfer)
        weight = mask.mask_in(photo, block) * analysis.nearest(scope.faces, number, block)
        after = recoloured(below.seen(block), weight, block, dye)
        if share is not None:
            weight = share(photo, weight, block)
        result.add_working(block, after, scope.weights(block) * weight)
    return result.layers(settings.strength)


def _bald(scope: Scope, number: int) -> str:
    whose = "the face" if len(scope.faces) == 1 else f"face {number + 1}"
    return f"Too little hair was found around {whose} to colour it."


def _finished(
    scope: Scope, change: Change, below: Composite, settings: EditSettings, name: str
) -> tuple[Layer, ...]:
    """Return the layer of one attribute."""
    picture = scope.picture
    box = change.box(picture).within(scope.area)
    if box.empty:
        return ()
    result = ResultLayers(picture, name, box.edges, BlendMode.NORMAL)
    for block in boxes.cut(box, BLOCK):
        if not scope.painted(block):
            continue
        around = boxes.grown(block, change.margin).within(boxes.whole_of(picture))
        after, done = change.made(below.seen(around), block, around)
        result.add_working(block, after, scope.weights(block) * done)
    return result.layers(settings.strength)


FILTER = Filter(SPEC, EditSettings, settle, area, edit)
