"""Every face as MediaPipe's mesh of 468 points, whichever network found its landmarks."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Points
from softlight.roles.landmarks import FAN_68, MESH_468, Landmarks

# fmt: off
IN_MESH = (
    127, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 356,
    71, 63, 105, 66, 107, 336, 296, 334, 293, 301,
    168, 197, 5, 4, 75, 97, 2, 326, 305,
    33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,
    61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181,
    78, 82, 13, 312, 308, 317, 14, 87,
)
"""Which of the mesh's points lies where each of iBUG's 68 does."""

EYES = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
    (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249),
)
BROWS = (
    (70, 63, 105, 66, 107, 55, 65, 52, 53, 46),
    (300, 293, 334, 296, 336, 285, 295, 282, 283, 276),
)
LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
INNER_LIPS = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
# fmt: on


def mesh_of(landmarks: Landmarks) -> Points:
    """Return the points of MediaPipe's mesh in px of the photo, shape (468, 2).

    A mean mesh is bent to the 68 points where a network gives no more: they pin down eyes, brows, nose, lips
    and jaw; forehead and cheeks follow.
    """
    flat = landmarks.points[:, :2]
    if landmarks.scheme.points >= MESH_468.points:
        return flat[: MESH_468.points]
    assert landmarks.scheme.points == FAN_68.points
    mean = mean_mesh()
    return bent(mean, mean[list(IN_MESH)], flat)


@cache
def mean_mesh() -> Points:
    """Return the median mesh of 189 public-domain portraits seen from the front, shape (468, 2).

    In distances between the eyes; (0, 0) is between them.
    """
    with (files("softlight.faces") / "mean_mesh.npy").open("rb") as file:
        return np.asarray(np.load(file, allow_pickle=False), np.float64)


def bent(points: Points, source: Points, target: Points, stiffness: float = 0.0) -> Points:
    """Move points by the thin-plate spline that brings `source` to `target`.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
    source, target : ndarray, shape (m, 2) and (m, k)
        The spline may lead from the plane to values of any kind.
    stiffness : float
        0 meets all targets; more bends less between knots that lie close together.

    Returns
    -------
    ndarray of float64, shape (n, k)

    References
    ----------
    F. L. Bookstein, "Principal warps: thin-plate splines and the decomposition of deformations", IEEE PAMI
    11(6), 1989.
    """
    count = len(source)
    system = np.zeros((count + 3, count + 3))
    system[:count, :count] = _bending(source, source) + stiffness * np.eye(count)
    system[:count, count:] = _affine(source)
    system[count:, :count] = _affine(source).T
    goal = np.concatenate([target, np.zeros((3, target.shape[1]))])
    weights = np.linalg.solve(system, goal)
    moved: Points = _bending(points, source) @ weights[:count] + _affine(points) @ weights[count:]
    return moved


def _affine(points: Points) -> Points:
    return np.concatenate([np.ones((len(points), 1)), points], axis=1)


def _bending(points: Points, knots: Points) -> NDArray[np.float64]:
    # Axis by axis: numpy's sum over a last axis of two takes half of the time of a spline.
    square = np.square(points[:, :1] - knots[:, 0]) + np.square(points[:, 1:] - knots[:, 1])
    return np.asarray(square * np.log(np.maximum(square, 1e-12)))
