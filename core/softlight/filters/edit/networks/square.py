"""What a network changed in its square: only the difference, only where it may, at the photo's own scale."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from softlight.alignment import Box, Matrix, Planes, chained, covered, scale_of, scaling
from softlight.filters.edit.reshaping import enlarged
from softlight.filters.smoothstep import soft_rim
from softlight.picture import Picture
from softlight.roles.parsing import Parsing, summed

SIDE = 256
"""Px of the square in which it is found where something may change: parsing knows no finer."""
SOFT = 0.08
"""Distances between the eyes: standard deviation of where something may change; its edge lies within."""
RIM = 0.08
"""Share of the square's side over which a change ends before the border: a network knows nothing beyond."""


@dataclass(frozen=True, eq=False)
class Added:
    """What is to be added around a face."""

    planes: Planes
    """(side, side, channels), perceptual RGB; 0 where nothing may change."""
    matrix: Matrix
    """From the photo to the planes, of its scale or smaller."""

    def box(self, picture: Picture) -> Box:
        """Return the part of a photo that may change."""
        return covered(self.matrix, len(self.planes), picture.height, picture.width)

    def within(self, box: Box) -> Planes:
        """Return what a part of the photo gets, (height, width, channels); where nothing, exactly 0."""
        return enlarged(self.planes, self.matrix, box)


def added(planes: Planes, allowed: Planes, matrix: Matrix) -> Added:
    """Return a difference in a network's square as what is to be added to the photo.

    Parameters
    ----------
    planes : ndarray of float32, shape (side, side, channels)
    allowed : ndarray of float32, shape (SIDE, SIDE, 1)
        How much of it shows, 0..1.
    matrix : ndarray
        From the photo to the planes.
    """
    side = len(planes)
    planes = np.asarray(planes * resized(allowed, side), np.float32)
    if scale_of(matrix) > 1:
        # The face is smaller in the photo: shrunk by area, fine lines do not turn jagged.
        smaller = max(1, round(side / scale_of(matrix)))
        planes = np.asarray(cv2.resize(planes, (smaller, smaller), interpolation=cv2.INTER_AREA), np.float32)
        matrix = chained(matrix, scaling(smaller / side, smaller / side))
    return Added(planes, matrix)


def resized(plane: Planes, side: int) -> Planes:
    """Return a plane (rows, columns, 1) in a square of `side` px."""
    found = cv2.resize(plane, (side, side), interpolation=cv2.INTER_LINEAR)
    return np.asarray(found, np.float32).reshape(side, side, 1)


def smoothed(planes: Planes, known: Planes, sigma: float) -> Planes:
    """Return planes (side, side, 3) blurred by what lies well within `known` (side, side, 1), 0..1, alone."""
    known = np.clip(5 * known - 4, 0, 1)
    weight = cv2.GaussianBlur(known, (0, 0), sigma)[..., None]
    return np.asarray(cv2.GaussianBlur(planes * known, (0, 0), sigma) / np.maximum(weight, 1e-3), np.float32)


def allowed(parsing: Parsing, matrix: Matrix, side: int, apart: float, *classes: str) -> Planes:
    """Return where a network's square may change: in these parts of a face, softly, and not at its border.

    Parameters
    ----------
    parsing : Parsing
    matrix : ndarray
        From the photo to the square.
    side : int
        Of the square, in px.
    apart : float
        Between the eyes, in px of it.
    *classes : str
        Of `softlight.roles.parsing.CLASSES`.

    Returns
    -------
    ndarray of float32, shape (SIDE, SIDE, 1), 0..1
        Exactly 0 elsewhere.
    """
    step = SIDE / side
    share = summed(parsing.in_square(chained(matrix, scaling(step, step)), SIDE), *classes)[..., 0]
    wide = cv2.GaussianBlur(share, (0, 0), SOFT * apart * step)
    return np.asarray((np.clip(2 * wide - 1, 0, 1) * share * soft_rim(SIDE, RIM))[..., None], np.float32)
