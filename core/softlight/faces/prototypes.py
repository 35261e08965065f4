"""How faces differ on average: with a smile, with raised brows, with age; of shape, tone and texture.

A prototype is what a large group of faces has in common, and what leads from one to another can be added to a
single face, which stays itself. All are given on the mean mesh, whose eyes are 1 apart, around (0, 0).

References
----------
D. A. Rowland and D. I. Perrett, "Manipulating facial appearance through shape and color", IEEE Computer
Graphics and Applications 15(5), 1995. B. Tiddeman, M. Burt and D. Perrett, "Prototyping and transforming
facial textures for perception research", IEEE Computer Graphics and Applications 21(5), 2001.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import cv2
import numpy as np

from softlight.alignment import Planes, Points
from softlight.faces.mesh import bent, mean_mesh

# fmt: off
STABLE = (33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 127, 356, 10, 151, 9, 234, 454)
"""Points that neither an expression nor age moves: corners of the eyes, nose, brow and temples."""
# fmt: on
CORNER, EXTENT = (-1.8, -1.4), 3.6
"""Left upper corner and side of the square around the mean mesh in which tone and texture are kept."""
SIDE = 360
"""Px of that square in training: 100 from eye to eye."""
_KNOTS = 65
"""Along each side, where the spline is evaluated. Between them it is straight: OpenCV's cubic bends ramps."""


@dataclass(frozen=True, eq=False)
class Prototype:
    """What changes on the mean face at full strength."""

    shape: Points
    """(468, 2): to be added to the mesh, in distances between the eyes."""
    tone: Planes
    """(side, side, 3) over the square: to be added to the logarithm of light, by channel."""
    texture: Planes
    """(side, side, bands) over the square: to be added to the logarithm of the contrast of each band."""


def grid(side: int) -> Points:
    """Return the positions on the mean mesh of the px of a square, shape (side, side, 2)."""
    along = (np.arange(side) + 0.5) / side * EXTENT
    x, y = np.meshgrid(CORNER[0] + along, CORNER[1] + along)
    return np.stack([x, y], axis=-1)


def onto_face(mesh: Points, side: int) -> Planes:
    """Return where each px of the square around the mean mesh lies on a face, shape (side, side, 2).

    Parameters
    ----------
    mesh : ndarray, shape (468, 2)
        Of the face, in px of its photo.
    side : int
        Of the square, in its px.
    """
    knots = bent(grid(_KNOTS).reshape(-1, 2), mean_mesh(), mesh).reshape(_KNOTS, _KNOTS, 2)
    return np.asarray(cv2.resize(knots, (side, side), interpolation=cv2.INTER_LINEAR), np.float32)


@cache
def prototypes() -> Mapping[str, Prototype]:
    """Return all prototypes that come along, by name; `training/prototypes.py` made them."""
    with (files("softlight.faces") / "prototypes.npz").open("rb") as file, np.load(file) as found:
        names = [str(name) for name in found["names"]]
        shape, tone, texture = (found[key].astype(np.float32) for key in ("shape", "tone", "texture"))
    return {name: Prototype(shape[i], tone[i], texture[i]) for i, name in enumerate(names)}
