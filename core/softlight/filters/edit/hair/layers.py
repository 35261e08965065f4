"""The layers of one person's hair: volume, length, and above both its colour, or what years do to it."""

from __future__ import annotations

from collections.abc import Callable

from softlight.alignment import Box
from softlight.compositor import composite
from softlight.faces import analysis
from softlight.faces.mesh import mesh_of
from softlight.filters import boxes
from softlight.filters.composite import Composite
from softlight.filters.edit.age.wear import worn
from softlight.filters.edit.blocks import BLOCK, finished
from softlight.filters.edit.change import KEPT, Change
from softlight.filters.edit.hair.colour import Dye, HairTarget, measured, recoloured
from softlight.filters.edit.hair.greying import greying
from softlight.filters.edit.hair.growth import Flattened, grown
from softlight.filters.edit.hair.mask import HairMask, find_hair
from softlight.filters.edit.hair.shape import (
    LEAST_HANGING,
    Surroundings,
    ends_of,
    hanging,
    longer,
    shorter,
    surroundings,
    volume,
)
from softlight.filters.edit.settings import SPEC, YEARS, EditSettings, HairColour
from softlight.filters.face_scope import Scope
from softlight.filters.result import ResultLayers
from softlight.layers import BlendMode, Layer, LayerStack
from softlight.picture import Picture
from softlight.progress import Progress
from softlight.runtime import Runtime
from softlight.tiles import Planes

HAT = 0.5
"""Squared interocular distances of hat from which there is one: three had .75 and more, 27 bare heads .36 and
less. Dark hats are half taken for hair, and would grow."""
LEAST_ENDS = 0.2
"""Interocular distances across which ends of hair are seen at least where its length can change."""

Shaping = Callable[[Surroundings, HairMask], Change | str]
"""Finds what to change, or says in the end of a sentence about somebody's hair why nothing is."""


def hair_layers(
    scope: Scope,
    number: int,
    settings: EditSettings,
    runtime: Runtime,
    layers: tuple[Layer, ...],
    notes: list[str],
    progress: Progress,
) -> tuple[Layer, ...]:
    """Return layers with those of one person's hair above them.

    Parameters
    ----------
    scope : Scope
    number : int
        Of the face in it.
    settings : EditSettings
    runtime : Runtime
    layers : tuple of Layer
        That lie below.
    notes : list of str
        Gets what is to be said where nothing was done.
    progress : Progress
    """
    todo = list(_shapings(scope, number, settings))
    dyed = settings.hair_colour is not HairColour.OWN and settings.hair_amount > 0
    aged = settings.age != 0 and not dyed
    if not todo and not dyed and not aged:
        return layers
    progress(0.0, "Editing: Hair")
    seen, model = scope.picture, runtime.model("parsing")
    mask = find_hair(seen, scope.faces[number], model)
    if measured(mask) is None:
        if todo or dyed:
            notes.append(f"Too little hair was found around {scope.whose(number)} to change it.")
        return layers
    for turn, (label, shaping) in enumerate(todo):
        progress((1 + turn) / (2 + len(todo)), f"Editing: {label}")
        change = shaping(surroundings(seen, scope.faces, number, mask), mask)
        if isinstance(change, str):
            notes.append(change)
            continue
        below = Composite.of(scope.picture, layers)
        layers += finished(scope, change, below, settings, scope.name(f"{SPEC.label}: {label}", number))
        if turn + 1 < len(todo) or dyed or aged:
            seen = _seen(scope.picture, layers)
            mask = find_hair(seen, scope.faces[number], model)
    if dyed:
        return layers + _dyed(scope, number, settings, mask, layers)
    return layers + _aged(scope, number, settings, mask, runtime, layers) if aged else layers


def _shapings(scope: Scope, number: int, settings: EditSettings) -> list[tuple[str, Shaping]]:
    mesh, whose = mesh_of(scope.faces[number].landmarks), scope.whose(number)

    def fuller(around: Surroundings, mask: HairMask) -> Change | str:
        if mask.hat > HAT:
            return f"The hair around {whose} lies under a hat, so its volume was not changed."
        shape = volume(around, settings.hair_volume)
        full = settings.hair_volume > 0
        return grown(mesh, mask, around, shape, loose=True) if full else Flattened(mesh, shape)

    def grow(around: Surroundings, mask: HairMask) -> Change | str:
        amount, ends = settings.hair_length, ends_of(around)
        if hanging(around) < LEAST_HANGING:
            return f"The hair around {whose} does not hang down far enough to change its length."
        if ends.width < LEAST_ENDS:
            return f"The hair around {whose} goes on beyond the photo, so its length was not changed."
        if amount < 0:
            return Flattened(mesh, shorter(around, -amount, ends))
        return grown(mesh, mask, around, longer(around, amount))

    wanted = (("Hair volume", settings.hair_volume, fuller), ("Hair length", settings.hair_length, grow))
    return [(label, shaping) for label, amount, shaping in wanted if amount]


def _seen(picture: Picture, layers: tuple[Layer, ...]) -> Picture:
    """Return a picture as it is with its layers at full strength."""
    below = Composite.of(picture, layers)
    return composite(picture, LayerStack(SPEC.label, below.layers)) if layers else picture


def _dyed(
    scope: Scope, number: int, settings: EditSettings, mask: HairMask, layers: tuple[Layer, ...]
) -> tuple[Layer, ...]:
    """Return the layer of the colour of one person's hair."""
    hair = measured(mask)
    if hair is None:
        return ()
    dye = Dye.to(hair, HairTarget[settings.hair_colour.name], settings.hair_amount)
    return _painted(scope, number, settings, layers, "Hair", mask, dye)


def _aged(
    scope: Scope,
    number: int,
    settings: EditSettings,
    mask: HairMask,
    runtime: Runtime,
    layers: tuple[Layer, ...],
) -> tuple[Layer, ...]:
    """Return the layer of one person's hair that is older or younger, if there is any."""
    picture, face = scope.picture, scope.faces[number]
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
    """Return the layer of hair in another colour, or of a share of it."""
    box = mask.box(scope.picture).within(scope.area)
    if box.empty:
        return ()
    below = Composite.of(scope.picture, layers)
    name = scope.name(f"{SPEC.label}: {label}", number)
    result = ResultLayers(scope.picture, name, box.edges, BlendMode.NORMAL)
    for block in boxes.cut(box, BLOCK):
        if not scope.painted(block):
            continue
        before = below.seen(block)
        weight = mask.mask_in(before, block) * analysis.nearest(scope.faces, number, block)
        after = recoloured(before, weight, block, dye)
        if share is not None:
            weight = share(before, weight, block)
        result.add_working(block, after, scope.weights(block) * weight)
    return result.layers(settings.strength)
