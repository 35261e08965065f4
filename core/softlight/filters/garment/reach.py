"""Whose clothes Garment creases works on: what a brush marked, or what the chosen people wear."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Box
from softlight.faces import analysis, protection
from softlight.faces.analysis import AnalysedFace
from softlight.faces.mesh import mesh_of
from softlight.filters import boxes
from softlight.filters.pyramid.cells import Cells, Faces, cells_of, parsed
from softlight.filters.pyramid.painted import Painted
from softlight.filters.pyramid.place import Place
from softlight.picture import Picture
from softlight.runtime import Runtime
from softlight.tiles import Planes

BODY = ("skin", "brows", "eyes", "ears", "nose", "inner mouth", "lips", "neck", "hair", "glasses")
"""Of `softlight.roles.parsing.CLASSES`: the parsing sees faces closer than the garment network, which works
on the rest."""
ROOM = "background"
"""The same, where nothing is painted: walls beside a head were taken for cloth."""
BESIDE, BELOW, ABOVE = 5.5, 13.0, 1.0
"""Interocular distances from the middle of a face, along its own axes: shoulders with folded arms lie 5 to
each side, hips 12 below; clothes begin at the chin, and stand-up collars and hoods a little above."""
COLLAR, SLOPE = 1.5, 1.25
"""How far it reaches to either side at its upper end, and how fast it widens from there: walls beside a head
are no clothes, and the shoulders begin 2 below the middle of the face."""
FACE = 0.15
"""Interocular distances around the points of a face that are no cloth either: the parsing is not sure of
reflections in glasses, nor of hair at the jaw."""
FADE = 0.5
"""Interocular distances over which the reach ends."""


def under_brush(painted: Painted, name: str, runtime: Runtime) -> Place:
    """Return the place of a brush, less faces, necks and hair."""
    cells = painted.cells
    reach = _free(parsed(painted.picture, painted.faces, runtime).on(cells), cells, BODY)
    return Place(name, painted.picture, painted.origin, painted.interocular, cells, reach, painted.brush)


def of_person(picture: Picture, faces: Faces, number: int, name: str) -> Place | None:
    """Return where one person's clothes may be; `None` where that lies outside the picture.

    Parameters
    ----------
    picture : Picture
    faces : Faces
        All faces of the picture: what is nearer to another one is left to it.
    number : int
        Of the face, from 0.
    name : str
        Of the layers.
    """
    face = faces.faces[number]
    box = _around(face).within(boxes.whole_of(picture))
    if box.empty:
        return None
    cells = cells_of(box, face.interocular)
    seen = faces.on(cells)
    reach = _near(seen.faces[number], cells.whole) * analysis.nearest(seen.faces, number, cells.whole)
    return Place(name, picture, (0, 0), face.interocular, cells, reach * _free(seen, cells, (*BODY, ROOM)))


def _free(faces: Faces, cells: Cells, classes: Sequence[str]) -> Planes:
    """Return how little of each cell is one of some parts, 0..1; `faces` are on the cells."""
    free = np.ones((cells.whole.bottom, cells.whole.right), np.float32)
    for parsing in faces.parsings:
        free *= 1 - protection.share_in(parsing, cells.whole, classes)
    for face in faces.faces:
        free[_face_itself(face, cells)] = 0
    return free


def _face_itself(face: AnalysedFace, cells: Cells) -> NDArray[np.bool_]:
    """Return which cells a face covers, by its outermost points; the face is on the cells."""
    drawn = np.zeros((cells.whole.bottom, cells.whole.right), np.uint8)
    limit = 4 * max(drawn.shape)
    outline = cv2.convexHull(np.clip(mesh_of(face.landmarks), -limit, limit).astype(np.float32))
    cv2.fillConvexPoly(drawn, np.rint(outline).astype(np.int32), 1)
    side = 2 * round(FACE * face.interocular) + 1
    return np.asarray(cv2.dilate(drawn, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))) > 0)


def _around(face: AnalysedFace) -> Box:
    """Return the box of a person's reach."""
    down = face.down
    across = np.array([-down[1], down[0]])
    corners = [
        face.points.mean(axis=0) + face.interocular * (side * BESIDE * across + along * down)
        for side in (-1, 1)
        for along in (-ABOVE, BELOW)
    ]
    left, top = np.floor(np.min(corners, axis=0)).astype(int).tolist()
    right, bottom = np.ceil(np.max(corners, axis=0)).astype(int).tolist()
    return Box(left, top, right + 1, bottom + 1)


def _near(face: AnalysedFace, box: Box) -> Planes:
    """Return how near each pixel of a box is to a person's body: 1 inside, 0 beyond its reach."""
    down, middle = face.down, face.points.mean(axis=0)
    x = (np.arange(box.left, box.right) - middle[0]) / face.interocular
    y = (np.arange(box.top, box.bottom) - middle[1])[:, None] / face.interocular
    along, beside = x * down[0] + y * down[1], np.abs(y * down[0] - x * down[1])
    to_side = np.minimum(BESIDE, COLLAR + SLOPE * (along + ABOVE)) - beside
    to_border = np.minimum(np.minimum(along + ABOVE, BELOW - along), to_side)
    return np.asarray(np.clip(to_border / FADE, 0, 1), np.float32)
