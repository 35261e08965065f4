"""A face in another shape: where each of its pixels comes from.

The move is found at one scale, on a square around the face, and used once at the photo's own resolution.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import (
    Box,
    Matrix,
    Planes,
    Points,
    applied,
    chained,
    covered,
    inverted,
    scale_of,
    scaling,
    shifting,
    similarity,
)
from softlight.faces.mesh import bent, mean_mesh
from softlight.faces.prototypes import CORNER, EXTENT, STABLE

SIDE = 180
"""Px of the square in which a move is kept, 50 from eye to eye: moves are smoother than .1 of that."""
NEAR = 0.3
"""Distances between the eyes within which a face's own proportions are measured against the mean face's."""
STIFF = 1e-5
"""Of the spline: inner lips that touch give it two knots in one place."""
BORDER = 14
"""Knots along each side of the square that stay where they are."""
LANCZOS = 4
"""Px beyond a position that its interpolation looks at."""
LEAST = 0.35
"""Of its area that a part of a face may shrink to: beyond it skin would fold over itself."""
SEEN = 0.02
"""Px of the photo below which a move is none, and over twelve times which it fades in."""


@dataclass(frozen=True, eq=False)
class Move:
    """Where each pixel around a face comes from."""

    back: Planes
    """(SIDE, SIDE, 2): what is added to a position of the square to find what comes there, in its px."""
    matrix: Matrix
    """From the photo to the square."""
    mesh: Points
    """(468, 2): where the points of the face come to lie, in px of the photo."""

    @property
    def reach(self) -> float:
        """The farthest that anything moves, in px of the photo."""
        return float(np.linalg.norm(self.back, axis=-1).max()) / scale_of(self.matrix)

    def box(self, height: int, width: int) -> Box:
        """Return the part of a photo that may move."""
        return covered(self.matrix, SIDE, height, width)

    def source(self, box: Box) -> Planes:
        """Return where the pixels of a part of the photo come from, relative to themselves, in its px."""
        turn = inverted(self.matrix)[:, :2]
        back: Planes = enlarged(self.back, self.matrix, box) @ turn.T.astype(np.float32)
        return back


def enlarged(planes: Planes, matrix: Matrix, box: Box) -> Planes:
    """Return planes of a square in the photo's pixels, and exactly 0 where they are.

    Like `alignment.put_back`, but bilinear and with 0 beyond the square: a cubic would swing below and above
    0 in what must not change, and bend what is even.
    """
    size = (box.right - box.left, box.bottom - box.top)
    there = chained(inverted(matrix), shifting(-box.left, -box.top))
    found = cv2.warpAffine(planes, there, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(found, np.float32).reshape(size[1], size[0], -1)


def square_around(mesh: Points) -> Matrix:
    """Return the transform from a photo to the square of `SIDE` px around a face, shape (2, 3)."""
    upright = similarity(mesh[list(STABLE)], mean_mesh()[list(STABLE)])
    step = SIDE / EXTENT
    # A position of the mean mesh lies half a px before the centre of the px that it is in.
    return chained(
        upright, shifting(-CORNER[0], -CORNER[1]), scaling(step, step), shifting(-step / 2, -step / 2)
    )


def move_of(mesh: Points, shape: NDArray[np.floating], free: Planes, matrix: Matrix) -> Move:
    """Return how a face changes its shape.

    Parameters
    ----------
    mesh : ndarray, shape (468, 2)
        Of the face, in px of the photo.
    shape : ndarray, shape (468, 2)
        To be added to the mean mesh, in distances between its eyes.
    free : ndarray of float32, shape (SIDE, SIDE, 1)
        How freely each pixel of the square may move, 0..1.
    matrix : ndarray
        `square_around` this face.
    """
    return move_by(mesh, transferred(applied(matrix, mesh), shape), free, matrix)


def move_by(
    mesh: Points,
    by: NDArray[np.floating],
    free: Planes,
    matrix: Matrix,
    hidden: NDArray[np.bool_] | None = None,
) -> Move:
    """Return how a face changes its shape whose points are to move so far.

    Parameters
    ----------
    mesh, free, matrix
        As of `move_of`.
    by : ndarray, shape (468, 2)
        To be added to the mesh, in px of the square.
    hidden : ndarray of bool, shape (SIDE, SIDE), optional
        What nobody sees after the move, so that it may fold: the inside of a mouth that opens, which comes
        out of a line.
    """
    here = applied(matrix, mesh)
    moved = here + by
    knots = np.concatenate([moved, border_knots(SIDE, BORDER)])
    values = np.concatenate([here - moved, np.zeros((4 * BORDER, 2))])
    x, y = np.meshgrid(np.arange(SIDE, dtype=np.float64), np.arange(SIDE, dtype=np.float64))
    half = np.stack([x, y], axis=-1)[::2, ::2] + 0.5
    spline = bent(half.reshape(-1, 2) / SIDE, knots / SIDE, values, STIFF).reshape(*half.shape)
    back = cv2.resize(spline.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR) * free
    back *= _without_folds(back, np.zeros(back.shape[:2], bool) if hidden is None else hidden)
    there = moved - here
    at = here.astype(np.float32)
    loose = cv2.remap(free[..., 0], at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR)[0]
    return Move(back, matrix, applied(inverted(matrix), here + there * loose[:, None]))


def transferred(here: Points, shape: NDArray[np.floating]) -> Points:
    """Return what a change of the mean mesh is on a face: smaller where it is, or where it is turned away.

    Parameters
    ----------
    here : ndarray, shape (468, 2)
        The mesh of the face, in any unit.
    shape : ndarray, shape (468, 2)
        What is added to the mean mesh.

    Returns
    -------
    ndarray, shape (468, 2)
        To be added to `here`: by the affine map that brings a point's neighbours nearest to where they are.
    """
    mean = mean_mesh()
    apart = ((mean[:, None] - mean) ** 2).sum(axis=-1)
    weights = np.exp(-apart / (2 * NEAR**2))
    weights /= weights.sum(axis=1, keepdims=True)
    from_mean = mean - (weights @ mean)[:, None]
    from_here = here - (weights @ here)[:, None]
    spread = np.einsum("pn,pni,pnj->pij", weights, from_mean, from_mean)
    across = np.einsum("pn,pni,pnj->pij", weights, from_here, from_mean)
    local = across @ np.linalg.inv(spread)
    return np.asarray(np.einsum("pij,pj->pi", local, shape))


def resampled(pixels: Planes, source: Planes, box: Box, around: Box) -> Planes:
    """Return the pixels of a part of the photo after a move.

    Parameters
    ----------
    pixels : ndarray of float32, shape (height, width, channels) of `around`
    source : ndarray of float32, shape (height, width, 2) of `box`
        `Move.source` of the part.
    box, around : Box
        The part, and that part of the photo from which its pixels come.
    """
    columns = np.arange(box.left - around.left, box.right - around.left, dtype=np.float32)
    rows = np.arange(box.top - around.top, box.bottom - around.top, dtype=np.float32)
    x, y = source[..., 0] + columns, source[..., 1] + rows[:, None]
    # Of noise as fine as the pixels Lanczos leaves .91 of the strength (mean of all shifts), bicubic .86.
    found = cv2.remap(pixels, x, y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32).reshape(*source.shape[:2], -1)


def displaced(pixels: Planes, source: Planes, box: Box, around: Box) -> tuple[Planes, Planes]:
    """Return a part of the photo after a move, and how much of each pixel moved, (height, width), 0..1.

    What did not move is the photo's, bit for bit. The parameters are those of `resampled`.
    """
    before, there = pixels[box.slices_in(around)], shown(source)
    moved = resampled(pixels, source, box, around)
    return np.asarray(before + there[..., None] * (moved - before), np.float32), there


def shown(source: Planes) -> Planes:
    """Return how much of a moved pixel shows, (height, width), 0..1: nothing of one that did not move."""
    length = np.linalg.norm(source, axis=-1)
    return np.asarray(np.clip((length / SEEN - 1) / 12, 0, 1), np.float32)


def border_knots(side: int, count: int) -> Points:
    """Return `count` points along each side of a square, (4 * count, 2), that hold a spline where it is."""
    along = np.linspace(0, side - 1, count)
    ends = np.zeros(count), np.full(count, side - 1.0)
    return np.concatenate([np.stack(pair, axis=1) for end in ends for pair in ((along, end), (end, along))])


def area_of(back: Planes) -> Planes:
    """Return the area that comes into each px of a field, in px: below 0 where it turns over.

    The field leads back, as `Move.back` does, in px of its own: where the area is large, the face shrinks.
    """
    down_x, across_x = np.gradient(back[..., 0])
    down_y, across_y = np.gradient(back[..., 1])
    return np.asarray((1 + across_x) * (1 + down_y) - down_x * across_y, np.float32)


def folded(back: Planes) -> NDArray[np.bool_]:
    """Return where a field shrinks something below `LEAST` of its area, or turns it over."""
    area = area_of(back)
    return (area < 0.1) | (area > 1 / LEAST)


def _without_folds(back: Planes, hidden: NDArray[np.bool_]) -> float:
    """Return by how much a field must be made weaker so that nothing shrinks below `LEAST` of its area.

    What is `hidden` may.
    """
    for share in (1.0, 0.85, 0.7, 0.55, 0.4, 0.25):
        if (hidden | ~folded(share * back)).all():
            return share
    return 0.0
