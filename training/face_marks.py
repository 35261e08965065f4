"""What of a face's mesh the detector learns: its box, five points, and where it is seen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from training import mesh_points
from training.mesh_points import OVAL

Array = NDArray[np.float64]

FOREHEAD = 0.12
"""YuNet's boxes end this share of the oval's height above MediaPipe's oval (median of 102 portraits; its
other three sides agree within 1.5 %)."""
_TOP = [10, 338, 297, 332, 284, 109, 67, 103, 54]
"""Points of the oval along the forehead."""


@dataclass(frozen=True, eq=False)
class Marks:
    """Places in a face, in px."""

    outline: Array
    """(n, 2): the oval up to the hair; its bounds are the box."""
    points: Array
    """(5, 2): the subject's right eye, left eye, tip of the nose, right and left corner of the mouth."""
    skin: Array
    """(n, 2), all over the face."""

    @property
    def box(self) -> Array:
        """Left, top, right, bottom."""
        return np.concatenate([self.outline.min(axis=0), self.outline.max(axis=0)])

    @property
    def middle(self) -> Array:
        """Of the box."""
        return (self.outline.min(axis=0) + self.outline.max(axis=0)) / 2

    @property
    def height(self) -> float:
        """Of the box."""
        return float(np.ptp(self.outline[:, 1]))

    def touches(self, box: tuple[float, float, float, float]) -> bool:
        """Return whether a box has a part of the face in it."""
        left, top, right, bottom = self.box
        return box[0] < right and box[2] > left and box[1] < bottom and box[3] > top

    def scaled(self, factor: float) -> Marks:
        """Return the marks in a picture that was resized."""
        return Marks(self.outline * factor, self.points * factor, self.skin * factor)

    def moved(self, affine: Array, mirrored: bool) -> Marks:
        """Return the marks after a transform (2, 3); a mirrored face has its right eye where the left was."""
        moved = Marks(*(p @ affine[:, :2].T + affine[:, 2] for p in (self.outline, self.points, self.skin)))
        return replace(moved, points=moved.points[[1, 0, 2, 4, 3]]) if mirrored else moved


def marks_of(mesh: NDArray[np.floating]) -> Marks:
    """Return the marks of a face from MediaPipe's 478 points (x, y), in the same px."""
    mesh = np.asarray(mesh[:, :2], float)
    chin_to_top = mesh[10] - mesh[152]
    top = mesh[_TOP] + FOREHEAD * chin_to_top
    points = np.stack(
        [
            *mesh_points.eyes(mesh),
            mesh[[1, 4]].mean(axis=0),
            mesh[61],
            mesh[291],
        ]
    )
    return Marks(np.concatenate([mesh[OVAL], top]), points, mesh[:468:9])
