"""The regions of a face in which wrinkles lie: where they are, and how softly they end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from softlight.alignment import Box, Matrix, Planes, Points, applied, chained, put_back, scaling, shifting
from softlight.faces.mesh import mesh_of
from softlight.roles.landmarks import Landmarks

# fmt: off
_LOOPS = {
    "forehead": ((
        (151, 10, 2.0), (108, 109, 2.0), (69, 67, 2.0), (104, 103, 1.7), (68, 54, 1.4), (71, 21, 1.0),
        71, 70, 63, 105, 66, 107, (107, 108, 0.35), (9, 151, 0.35), (336, 337, 0.35),
        336, 296, 334, 293, 300, 301,
        (301, 251, 1.0), (298, 284, 1.4), (333, 332, 1.7), (299, 297, 2.0), (337, 338, 2.0),
    ),),
    "glabella": ((
        (9, 151, 0.35), (107, 108, 0.35), 107, 55, 193, 122, 6, 351, 417, 285, 336, (336, 337, 0.35),
    ),),
    "crows_feet": (
        (130, 113, 124, 156, 139, 34, 116, 117, 31, 25),
        (359, 342, 353, 383, 368, 264, 345, 346, 261, 255),
    ),
    "under_eye": (
        (25, 110, 24, 23, 22, 26, 112, 243, 128, 47,
         (120, 100, 0.35), (119, 101, 0.35), (118, 101, 0.3), 117, 31),
        (255, 339, 254, 253, 252, 256, 341, 463, 357, 277,
         (349, 329, 0.35), (348, 330, 0.35), (347, 330, 0.3), 346, 261),
    ),
    "nasolabial": (
        (49, 142, 36, 205, 207, 214, 212, 57, 186, 92, 165, 98, 64, 129),
        (279, 371, 266, 425, 427, 434, 432, 287, 410, 322, 391, 327, 294, 358),
    ),
    "mouth": (
        (2, 97, 98, 165, 92, 186, 57, 212, 210, 204, (182, 194, 0.4), (83, 201, 0.3), (18, 200, 0.3),
         (17, 18, 0.7), (84, 83, 0.7), (181, 182, 0.6), (91, 106, 0.5),
         (146, 43, 0.3), 61, 185, 40, 39, 37, 0, 164),
        (2, 326, 327, 391, 322, 410, 287, 432, 430, 424, (406, 418, 0.4), (313, 421, 0.3), (18, 200, 0.3),
         (17, 18, 0.7), (314, 313, 0.7), (405, 406, 0.6), (321, 335, 0.5),
         (375, 273, 0.3), 291, 409, 270, 269, 267, 0, 164),
    ),
    "chin": ((
        (18, 200, 0.3), (83, 201, 0.3), (182, 194, 0.4), 204, 210, (210, 211, 0.3),
        169, 150, 149, 176, 148, 152, 377, 400, 378, 379, 394,
        (430, 431, 0.3), 430, 424, (406, 418, 0.4), (313, 421, 0.3),
    ),),
    "cheeks": (
        (116, 117, (118, 101, 0.3), (119, 101, 0.35), (120, 100, 0.35), 47, 126, 142, 36, 205, 207, 214, 212,
         210, (210, 211, 0.3), 169, 136, 172, 58, 132, 93, 234),
        (345, 346, (347, 330, 0.3), (348, 330, 0.35), (349, 329, 0.35), 277, 355, 371, 266, 425, 427, 434,
         432, 430, (430, 431, 0.3), 394, 365, 397, 288, 361, 323, 454),
    ),
}
"""The corners of each part in order. (a, b, t) lies between the mesh's points a and b, for t from 0 to 1, or
beyond b: the mesh ends half way up the forehead. What lies right below the lower lip is left out: the lip's
shadow looks like the widest of wrinkles."""
_JAW = (58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288)
# fmt: on
_NECK = 0.8
"""How far below the jaw the neck reaches, in heights of a face from its eyes to its chin."""

REGIONS = (*_LOOPS, "neck")
"""From the top to the bottom."""

SOFT = 0.015
"""Standard deviation of a region's edge, in interocular distances. At .03 the deep folds beside a region lost
up to 8 % of all other ridge energy of the face."""
_GRID = 240.0
"""Px between the eyes in which regions are drawn: OpenCV's polygons are half a px too large."""
_FRACTION = 4
"""Bits behind the point of the corners' coordinates."""


def outlines(landmarks: Landmarks) -> dict[str, tuple[Points, ...]]:
    """Return the outline of each region of `REGIONS`, in px of the photo.

    Returns
    -------
    dict of str to tuple of ndarray of float64, shape (n, 2)
        The part on the subject's right and the one on the left; a region in the middle has one part. No two
        regions overlap.
    """
    mesh = mesh_of(landmarks)
    found = {
        name: tuple(np.stack([_corner(mesh, entry) for entry in part]) for part in parts)
        for name, parts in _LOOPS.items()
    }
    jaw = mesh[list(_JAW)]
    down = _NECK * (mesh[152] - landmarks.five[:2].mean(axis=0))
    return {**found, "neck": (np.concatenate([jaw, (jaw + down)[::-1]]),)}


def _corner(mesh: Points, entry: int | tuple[int, int, float]) -> Points:
    if isinstance(entry, int):
        return np.asarray(mesh[entry])
    first, second, share = entry
    return np.asarray(mesh[first] + share * (mesh[second] - mesh[first]))


def _deviation(feather: float) -> float:
    """Return the standard deviation of an edge, the feather's included, in interocular distances."""
    return float(np.hypot(SOFT, feather / 2.5))


def reach(landmarks: Landmarks, interocular: float, height: int, width: int, feather: float = 0.0) -> Box:
    """Return the part of a photo of that height and width in which the regions of a face lie."""
    corners = np.concatenate([part for parts in outlines(landmarks).values() for part in parts])
    margin = 4 * _deviation(feather) * interocular
    left, top = np.floor(corners.min(axis=0) - margin).astype(int).tolist()
    right, bottom = np.ceil(corners.max(axis=0) + margin).astype(int).tolist()
    return Box(max(left, 0), max(top, 0), min(right + 1, width), min(bottom + 1, height))


@dataclass(frozen=True, eq=False)
class Drawing:
    """Regions as they were drawn, in a size that is the same for all faces."""

    plane: Planes
    """(rows, columns, 1): how strongly each pixel is meant, 0..1; 0 at the border."""
    matrix: Matrix
    """From the photo to the plane."""

    def in_box(self, box: Box) -> Planes:
        """Return the same in the photo's pixels, float32 of shape (height, width) of the box."""
        return np.clip(put_back(self.plane, self.matrix, box)[..., 0], 0, 1)


def drawn(
    landmarks: Landmarks, interocular: float, strengths: Mapping[str, float], feather: float = 0.0
) -> Drawing:
    """Draw how strongly each pixel of a face is meant.

    Parameters
    ----------
    landmarks : Landmarks
    interocular : float
        Of the face, in px of the photo.
    strengths : mapping of str to float
        By name of the region, 0..1; what is left out is 0. Where two regions meet the strength goes from the
        one's to the other's.
    feather : float
        Interocular distances within which the strength fades, beside a region's own softness.
    """
    parts = outlines(landmarks)
    corners = np.concatenate([part for name in strengths for part in parts[name]] or [np.zeros((1, 2))])
    deviation = _deviation(feather)
    margin = 4 * deviation * interocular
    left, top = corners.min(axis=0) - margin
    scale = _GRID / interocular
    columns, rows = np.ceil((np.ptp(corners, axis=0) + 2 * margin) * scale).astype(int).tolist()
    matrix = chained(shifting(-left, -top), scaling(scale, scale))
    plane, coverage = np.zeros((2, rows, columns), np.float32)
    for name, strength in strengths.items():
        filled = np.zeros(plane.shape, np.uint8)
        for part in parts[name]:
            inside = np.rint(applied(matrix, part) * 2**_FRACTION).astype(np.int32)
            cv2.fillPoly(filled, [inside], 255, cv2.LINE_AA, shift=_FRACTION)
        share = filled / np.float32(255)
        plane += np.float32(strength) * share
        coverage += share
    # Where two regions meet, the mean: one painted over the other left a seam of .75 between equal ones.
    plane /= np.maximum(coverage, 1)
    soft = np.asarray(cv2.GaussianBlur(plane, (0, 0), deviation * _GRID), np.float32)
    soft[[0, -1]] = 0
    soft[:, [0, -1]] = 0
    return Drawing(soft[..., None], matrix)
