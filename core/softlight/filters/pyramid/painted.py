"""What a brush marked: its scale for the blend pyramid, and how far the filter sees around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight import blend_pyramid
from softlight.alignment import Box
from softlight.encoding import from_unit
from softlight.faces import analysis
from softlight.faces.analysis import AnalysedFace
from softlight.filters import boxes, brush
from softlight.filters.pyramid.cells import AROUND, Cells, cells_of
from softlight.picture import Picture
from softlight.progress import Progress
from softlight.runtime import Runtime

FACE = 3.0
"""Interocular distances around what was painted in which its face is looked for: a brow is 2.5 away from the
chin, and the guess may be somewhat small."""
REACH = 4.5
"""Interocular distances from the middle of a face within which it gives the scale: its neck, its shoulders
and a hand at its chin are nearer."""


def area(mask: NDArray[Any], face_size: float, feather: float, what: str) -> Box:
    """Return all that the filter sees, from the mask's left upper pixel; it may reach beyond the picture.

    Parameters
    ----------
    mask : ndarray, shape (height, width)
        The part of the picture's mask that holds all that was painted, or more.
    face_size : float
        Interocular distance in px.
    feather : float
        In interocular distances.
    what : str
        What should have been painted, if nothing is.

    Raises
    ------
    MaskError
        When nothing is painted.
    """
    painted = boxes.grown(brush.painted_box(mask, what), feather * face_size)
    near, scale = boxes.grown(painted, FACE * face_size), blend_pyramid.seen(painted, face_size)
    return Box(
        min(near.left, scale.left),
        min(near.top, scale.top),
        max(near.right, scale.right),
        max(near.bottom, scale.bottom),
    )


def face_under(faces: Sequence[AnalysedFace], box: Box) -> AnalysedFace | None:
    """Return the face that the middle of a box is nearest to, in the face's own measure, if it is near."""

    def away(face: AnalysedFace) -> float:
        middle = ((box.left + box.right - 1) / 2, (box.top + box.bottom - 1) / 2)
        return float(np.linalg.norm(face.points.mean(axis=0) - middle)) / face.interocular

    nearest = min(faces, key=away, default=None)
    return nearest if nearest is not None and away(nearest) <= REACH else None


@dataclass(frozen=True, eq=False)
class Painted:
    """A brush on its part of the photo, and the faces there."""

    picture: Picture
    origin: tuple[int, int]
    """x and y of that part in the photo."""
    interocular: float
    """Of the face under the brush where there is one, else as given."""
    cells: Cells
    brush: NDArray[np.uint8]
    """Feathered, over the cells' box."""
    faces: tuple[AnalysedFace, ...]


def look(
    picture: Picture, mask: NDArray[Any], face_size: float, feather: float, what: str,
    runtime: Runtime, progress: Progress,
) -> Painted:  # fmt: skip
    """Find what was painted, and the faces around it.

    Only the filter's own area is looked at, so that a host's part of the photo shows the same faces.

    Parameters
    ----------
    picture : Picture
    mask : ndarray, shape (height, width)
    face_size, feather, what
        As for `area`.
    runtime : Runtime
    progress : Progress

    Raises
    ------
    MaskError
        If the mask has another size, or nothing is painted.
    """
    brush.check_size(mask, picture)
    around = area(mask, face_size, feather, what).within(boxes.whole_of(picture))
    part, painted = boxes.part_of(picture, around), mask[around.slices]
    faces = analysis.find(part, runtime, progress)
    marked = brush.painted_box(painted, what)
    face = face_under(faces, marked)
    interocular = face_size if face is None else face.interocular
    wide = feather * interocular + AROUND * cells_of(marked, interocular).side
    cells = cells_of(boxes.grown(marked, wide).within(boxes.whole_of(part)), interocular)
    soft = _softened(painted, cells.box, feather * interocular)
    return Painted(part, (around.left, around.top), interocular, cells, soft, faces)


def _softened(painted: NDArray[Any], box: Box, feather: float) -> NDArray[np.uint8]:
    """Return the brush with its feather over a box, 0..255."""
    soft = np.zeros((box.bottom - box.top, box.right - box.left), np.uint8)
    whole = Box(0, 0, painted.shape[1], painted.shape[0])
    for strip in boxes.strips(box):
        around = boxes.grown(strip, feather).within(whole)
        wide = brush.feathered(brush.shares(painted[around.slices]), feather)
        soft[strip.slices_in(box)] = from_unit(wide[strip.slices_in(around)], np.uint8)
    return soft
