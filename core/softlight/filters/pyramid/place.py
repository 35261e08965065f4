"""Places on a photo, and the layers that the blend pyramid makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight import blend_pyramid
from softlight.alignment import Box
from softlight.blend_pyramid import Correction, Networks
from softlight.encoding import finite, to_unit
from softlight.filters.boxes import cut, extent
from softlight.filters.chosen_faces import ChosenFaces
from softlight.filters.pyramid.cells import AROUND, Cells, Faces, largest, parsed
from softlight.filters.result import ResultLayers
from softlight.filters.threads import in_threads
from softlight.layers import BlendMode, Layer
from softlight.picture import Picture
from softlight.progress import Progress, part, ticking
from softlight.runtime import Runtime
from softlight.tiles import Planes

BLOCK = 512
"""Side in px of what is finished at once: 3 MB a picture, which stays in the processor's cache. Refinement
sees up to 16 px beyond it, and blocks are cut to what is meant: all in all a tenth less than at 1024."""
POSSIBLE, SURE = 0.1, 0.6
"""Probabilities of skin (or cloth) from which a pixel is meant a little, and fully: the networks are seldom
surer than .9 of what they know best, and a strength of 1 shall be all of it."""
ANALYSIS = 0.2
"""Share of a run's time in which faces are found and measured; the rest is for its places."""
LOOKING = 0.4
"""Share of a place's time in which the lowest level is looked at."""


@dataclass(frozen=True, eq=False)
class Place:
    """A part of a photo that is worked on at one scale, and how strongly each of its pixels is meant."""

    name: str
    """Of its layers."""
    picture: Picture
    """All that the networks see."""
    origin: tuple[int, int]
    """x and y of that picture in the photo."""
    interocular: float
    """Px between the eyes of the person."""
    cells: Cells
    """The part of the picture that may change."""
    reach: Planes
    """How much of each cell may change, 0..1: a face's reach, less what must stay."""
    brush: NDArray[np.uint8] | None = None
    """What was painted, feathered: 0..255, of the box's size in px. `None`: all of it."""

    @property
    def box(self) -> Box:
        """The part of the picture that may change."""
        return self.cells.box


@dataclass(frozen=True)
class Finished:
    """What became of some places."""

    layers: tuple[Layer, ...]
    """In the whole photo, the lowest first."""
    sure: bool
    """Whether anything is there that the filter works on."""


Meant = tuple[float, Box, Planes]
"""How much is done before a block, the part of it that is meant, and how strongly each pixel of that is."""
Loader = Callable[[Callable[[], None]], Networks]
"""Loads the networks of a filter; they call its argument before each tile."""
Reach = Callable[[Picture, Faces, int, str], Place | None]
"""Returns the place of one of the faces, by its number from 0, with the name of its layers; `None` where that
lies outside the picture."""


def of_faces(
    chosen: ChosenFaces, reach: Reach, label: str, picture: Picture, runtime: Runtime, progress: Progress
) -> Iterator[tuple[Place, Progress]]:
    """Yield the places of the chosen faces, each when its turn comes, with the progress of its step."""
    faces = parsed(picture, chosen.faces, runtime)
    step = 1 / len(chosen.numbers)
    for turn, number in enumerate(chosen.numbers):
        place = reach(picture, faces, number, chosen.name(label, number))
        if place is not None:
            yield place, part(progress, turn * step, (turn + 1) * step)


def finished(
    places: Iterable[tuple[Place, Progress]], load: Loader, looking: str, blend: BlendMode, strength: float
) -> Finished:
    """Retouch one place after the other and return their layers.

    Parameters
    ----------
    places : iterable of Place and Progress
        Each with the progress of its step.
    load : callable
    looking : str
        What is told while the lowest level is looked at: "Looking at the skin".
    blend : BlendMode
        Of the layers; what soft light cannot hold goes into a second, normal one.
    strength : float
        0..1: the layers' opacity.

    Raises
    ------
    ModelError
        From `load`.
    Cancelled
        From a progress.
    """
    layers: list[Layer] = []
    sure = False
    for place, progress in places:
        picture, (x, y) = place.picture, place.origin
        networks, correction = _looked_at(place, load, looking, progress)
        # In cells, without the brush: a light stroke on skin is one on skin.
        sure = sure or bool(
            (correction.area[_in_cells(place.cells, correction)] * _needed(place) > 0.5).any()
        )
        result = ResultLayers(picture, place.name, place.box.edges, blend)
        finish = partial(_finish, place, correction, networks, result)
        for done in in_threads(finish, _meant(place, correction)):
            progress(LOOKING + (1 - LOOKING) * done, "Retouching")
        for layer in result.layers(strength):
            layers.append(replace(layer, offset=(layer.offset[0] + x, layer.offset[1] + y)))
    return Finished(tuple(layers), sure)


def seen(places: Iterable[tuple[Place, Progress]], load: Loader, looking: str, picture: Picture) -> Planes:
    """Return how strongly each pixel of the whole photo is meant, float32 of shape (height, width), 0..1.

    Parameters and errors are those of `finished`.
    """
    view = np.zeros((picture.height, picture.width), np.float32)
    for place, progress in places:
        x, y = place.origin
        _, correction = _looked_at(place, load, looking, progress)
        for done, box, weight in _meant(place, correction):
            progress(LOOKING + (1 - LOOKING) * done, "Drawing the map")
            area = view[y + box.top : y + box.bottom, x + box.left : x + box.right]
            np.maximum(area, weight, out=area)
    return view


def _looked_at(place: Place, load: Loader, looking: str, progress: Progress) -> tuple[Networks, Correction]:
    """Look at the lowest level; the area is then how strongly each of its pixels is meant, less the brush."""
    report, tick = ticking(part(progress, 0.0, LOOKING), looking)
    report(0.0)
    networks = load(tick)
    needed = _with_around(_needed(place))
    correction = blend_pyramid.look(place.picture, place.box, place.interocular, networks, needed)
    there = _in_cells(place.cells, correction)
    meant = np.zeros_like(correction.area)
    meant[there] = np.clip((correction.area[there] - POSSIBLE) / (SURE - POSSIBLE), 0, 1) * place.reach
    return networks, replace(correction, area=meant)


def _needed(place: Place) -> NDArray[np.bool_]:
    """Return in which cells anything may change."""
    needed = place.reach > 0
    if place.brush is not None:
        needed &= largest(place.brush, place.cells) > 0
    return needed


def _with_around(needed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the same with the cells around: where nobody looked the layer is neutral and would fade in."""
    side = 2 * AROUND + 1
    return cv2.dilate(needed.astype(np.uint8), np.ones((side, side), np.uint8)) > 0


def _in_cells(cells: Cells, correction: Correction) -> tuple[slice, slice]:
    """Return the rows and columns of cells in the lowest level, whose grid holds theirs."""
    left, top = (cells.box.left - correction.seen.left), (cells.box.top - correction.seen.top)
    assert left % cells.side == 0 and top % cells.side == 0
    x, y = left // cells.side, top // cells.side
    return Box(x, y, x + cells.whole.right, y + cells.whole.bottom).slices


def _meant(place: Place, correction: Correction) -> Iterator[Meant]:
    """Yield how much is done, a part of the box, and its weights; of each block what is above 0."""
    blocks = list(cut(place.box, BLOCK))
    for number, block in enumerate(blocks):
        brush = None if place.brush is None else place.brush[block.slices_in(place.box)]
        if brush is not None and not brush.any():
            continue
        weight = blend_pyramid.area_in(correction, block)
        if brush is not None:
            weight = weight * to_unit(brush)
        meant = extent(weight > 0)
        if meant.empty:
            continue
        left, top, right, bottom = meant.edges
        box = Box(block.left + left, block.top + top, block.left + right, block.top + bottom)
        yield number / len(blocks), box, weight[meant.slices]


def _finish(
    place: Place, correction: Correction, networks: Networks, result: ResultLayers, meant: Meant
) -> float:
    """Retouch a block, put it into the result, and return how much is done."""
    done, box, weight = meant
    picture = place.picture
    good = finite(picture.pixels[box.slices][..., : picture.colour_channels])
    if good is not None:
        weight = weight * good
    result.add(box.edges, blend_pyramid.bring_up(correction, picture, box, networks), weight)
    return done
