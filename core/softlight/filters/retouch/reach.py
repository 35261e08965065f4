"""Which skin Skin retouch works on, where nothing is painted: that of the chosen faces, or all near them."""

from __future__ import annotations

import numpy as np

from softlight.alignment import Box, Points, covered
from softlight.errors import MaskError
from softlight.faces import analysis, protection
from softlight.faces.analysis import AnalysedFace
from softlight.filters import boxes
from softlight.filters.pyramid.cells import Cells, Faces, cells_of, free, largest, parsed
from softlight.filters.pyramid.painted import Painted
from softlight.filters.pyramid.place import Place
from softlight.filters.retouch import skin_colour
from softlight.picture import Picture
from softlight.roles.parsing import CLASSES, Parsing
from softlight.runtime import Runtime
from softlight.tiles import Planes

FACE = ("skin", "nose", "ears")
"""Parts of a face that the parsing tells from its neck."""
BARE = ("skin", "nose", "neck")
"""Parts whose colour is the skin's; ears are often in the shade of hair."""
PERSON = tuple(part for part in CLASSES if part not in ("background", "cloth", "hat"))
"""Parts that may be worked on where the network of the retouch sees skin: it takes flags, collars and a pale
sky for some too. On 24 portraits it was .25 of what is no skin, and is .06 now; .99 of the skin stays."""
BELOW, RADIUS, FADE = 1.0, 3.75, 0.25
"""Interocular distances: how far below the middle of the face (towards the chin) the middle of what is near
lies, how far that reaches, and over what it fades out. Above, a bald head is inside (2.5 from the tip of the
nose); sideways, the shoulders; below, hands before the chest."""


def under_brush(painted: Painted, name: str, runtime: Runtime, *, protect: bool) -> Place:
    """Return the place of a brush; `protect` keeps eyes, brows, lips, hair and glasses out of it.

    Raises
    ------
    MaskError
        If it covers only what is to stay.
    """
    cells = painted.cells
    seen = parsed(painted.picture, painted.faces if protect else (), runtime).on(cells)
    reach = free(seen, cells)
    if not ((reach > 0) & (largest(painted.brush, cells) > 0)).any():
        raise MaskError(
            "Only eyes, brows, lips, hair or glasses are under the mask; paint over skin, "
            "or switch their protection off."
        )
    return Place(name, painted.picture, painted.origin, painted.interocular, cells, reach, painted.brush)


def of_face(
    picture: Picture, faces: Faces, number: int, name: str, *, only_face: bool, protect: bool
) -> Place | None:
    """Return where one face's skin may be; `None` where that lies outside the picture.

    Parameters
    ----------
    picture : Picture
    faces : Faces
        All faces of the picture: what is nearer to another one is left to it.
    number : int
        Of the face, from 0.
    name : str
        Of the layers.
    only_face : bool
        Nothing below the jaw.
    protect : bool
        Nothing that must stay: eyes, brows, lips, hair and glasses.
    """
    face, parsing = faces.faces[number], faces.parsings[number]
    box = _square(_middle(face), RADIUS * face.interocular).within(boxes.whole_of(picture))
    if only_face:
        box = covered(parsing.matrix, len(parsing.shares), picture.height, picture.width).within(box)
    if box.empty:
        return None
    cells = cells_of(box, face.interocular)
    seen = faces.on(cells)
    if only_face:
        reach = protection.share_in(seen.parsings[number], cells.whole, FACE)
    else:
        reach = _near(seen.faces[number], cells.whole)
        reach = reach * _possible(picture, cells, seen.parsings[number])
    reach = reach * analysis.nearest(seen.faces, number, cells.whole)
    if protect:
        reach = reach * free(seen, cells)
    return Place(name, picture, (0, 0), face.interocular, cells, reach)


def _possible(picture: Picture, cells: Cells, parsing: Parsing) -> Planes:
    """Return how much of each cell can be skin: by what was parsed, and beyond it by the skin's colour.

    `parsing` is on the cells. A birthmark in the face may have any colour.
    """
    bare, person, known = (protection.share_in(parsing, cells.whole, c) for c in (BARE, PERSON, CLASSES))
    beyond = (1 - known) * skin_colour.likeness(picture, cells, bare)
    return np.asarray((person + beyond).clip(0, 1), np.float32)


def _middle(face: AnalysedFace) -> Points:
    """Return the middle of what is near a face: below its own, towards the chin however the head is held."""
    return np.asarray(face.points.mean(axis=0) + BELOW * face.interocular * face.down)


def _square(middle: Points, radius: float) -> Box:
    left, top = np.floor(middle - radius).astype(int).tolist()
    right, bottom = np.ceil(middle + radius).astype(int).tolist()
    return Box(left, top, right + 1, bottom + 1)


def _near(face: AnalysedFace, box: Box) -> Planes:
    """Return how near to a face each pixel of a box is: 1 inside, 0 beyond `RADIUS`."""
    x, y = _middle(face)
    across = (np.arange(box.left, box.right) - x) / face.interocular
    down = (np.arange(box.top, box.bottom) - y) / face.interocular
    away = np.sqrt(down[:, None] ** 2 + across**2)
    return np.asarray(np.clip((RADIUS - away) / FADE, 0, 1), np.float32)
