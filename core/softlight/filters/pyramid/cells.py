"""The lowest level's cells over a box of the photo, and the faces on them.

Where a face ends, where its hair begins and what is nearer to another face has no edge as sharp as a pixel:
it is found in cells as large as the lowest level's pixels, a sixteenth of the work for a face of 800 px.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight import blend_pyramid
from softlight.alignment import Box, Matrix, chained, scaling, shifting
from softlight.faces import protection
from softlight.faces.analysis import AnalysedFace, face_moved
from softlight.filters import boxes
from softlight.picture import Picture
from softlight.roles.parsing import Parsing
from softlight.runtime import Runtime
from softlight.tiles import Planes

SOFT = 0.02
"""Standard deviation in interocular distances over which a retouch fades out before what must stay: the
parsing's own edge is a step where a beard or a strand begins."""

AROUND = 9
"""Cells that bringing a pixel up looks at: 8 px of each level are 4, 2, 1 … cells, and 1 to enlarge by."""
LEAST = 0.002
"""Below half a level of an 8-bit mask nothing may change: resampling leaves traces of 1e-6 inside an eye."""


@dataclass(frozen=True)
class Cells:
    """A box of the photo in cells; its left upper corner is one of theirs."""

    box: Box
    side: int
    """Of a cell, in px of the photo; a power of two."""

    @property
    def whole(self) -> Box:
        """All of the cells, counted from the box's corner."""
        width, height = self.box.right - self.box.left, self.box.bottom - self.box.top
        return Box(0, 0, -(-width // self.side), -(-height // self.side))

    @property
    def matrix(self) -> Matrix:
        """From the photo to the cells."""
        corner = shifting(-self.box.left, -self.box.top)
        return chained(corner, scaling(1 / self.side, 1 / self.side))


@dataclass(frozen=True, eq=False)
class Faces:
    """Faces and what each of their pixels shows, on the same plane."""

    faces: tuple[AnalysedFace, ...]
    parsings: tuple[Parsing, ...]

    def on(self, cells: Cells) -> Faces:
        """Return the same in the coordinates of cells."""
        return Faces(
            tuple(face_moved(face, cells.matrix) for face in self.faces),
            tuple(parsing.moved(cells.matrix) for parsing in self.parsings),
        )


def parsed(picture: Picture, found: Sequence[AnalysedFace], runtime: Runtime) -> Faces:
    """Return the faces that `analysis.find` found in a picture, with what their pixels show.

    What was asked last is remembered by `runtime`: a preview, its map and the run ask for the same faces.
    """

    def parsing(face: AnalysedFace) -> Parsing:
        return protection.remembered(picture, face, runtime)

    return Faces(tuple(found), tuple(parsing(face) for face in found))


def cells_of(box: Box, interocular: float) -> Cells:
    """Return the cells of the lowest level over a box, which is grown up and to the left to whole ones."""
    side = 1 << max(0, blend_pyramid.halvings(interocular))
    return Cells(Box(box.left // side * side, box.top // side * side, box.right, box.bottom), side)


def largest(plane: NDArray[np.uint8], cells: Cells) -> NDArray[np.uint8]:
    """Return the largest value of a plane of the box's size within each cell."""
    below, beyond = -plane.shape[0] % cells.side, -plane.shape[1] % cells.side
    padded = np.pad(plane, ((0, below), (0, beyond)))
    shape = (cells.whole.bottom, cells.side, cells.whole.right, cells.side)
    return np.asarray(padded.reshape(shape).max(axis=(1, 3)))


def free(faces: Faces, cells: Cells) -> Planes:
    """Return how much of each cell may change, 0..1; `faces` are on the cells.

    It fades out before what must stay, and never reaches into it.
    """
    found = protection.free_in(faces.faces, faces.parsings, cells.whole)
    if not faces.faces:
        return found
    deviation = max(0.3, SOFT * float(np.median([face.interocular for face in faces.faces])))
    kept = boxes.extent(found < 1)
    if kept.empty:
        return found
    # Around what is kept only: OpenCV's kernel ends after four deviations.
    near = boxes.grown(kept, 5 * deviation).within(cells.whole).slices
    soft = np.asarray(cv2.GaussianBlur(found[near], (0, 0), deviation), np.float32)
    # Twice the shortfall: half way across a straight edge a blur is .5 where it has to be 0.
    soft = np.minimum(found[near], np.clip(2 * soft - 1, 0, 1))
    found[near] = np.where(soft < LEAST, np.float32(0), soft)
    return found
