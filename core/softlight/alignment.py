"""Where a face lies: similarity transforms between a photo and the square that a network takes.

Coordinates are (x, y) in pixels, and a whole number is the centre of a pixel, as in OpenCV and in all
published templates. A matrix is 2 x 3, float64, and acts on columns (x, y, 1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

CANONICAL = 180.0
"""Interocular distance in px at which the networks of wrinkles and of skin were trained."""

Matrix = NDArray[np.float64]
Points = NDArray[np.float64]
Planes = NDArray[np.float32]

_FFHQ = (
    (0.37691676, 0.46864664),
    (0.62285697, 0.46912813),
    (0.50123859, 0.61331904),
    (0.39308822, 0.72541100),
    (0.61150205, 0.72490465),
)
_STYLEGANEX = (
    (0.42353745, 0.52289879),
    (0.57725008, 0.52319972),
    (0.50123859, 0.61331904),
    (0.43364461, 0.68337652),
    (0.57015325, 0.68306005),
)


def _about_the_nose(
    points: tuple[tuple[float, float], ...], factor: float
) -> tuple[tuple[float, float], ...]:
    """Return a template whose face is `factor` times as large, with the nose where it was."""
    x, y = points[2]
    return tuple((x + factor * (px - x), y + factor * (py - y)) for px, py in points)


TEMPLATES = {
    "ffhq_512": _FFHQ,
    "arcface_128": (
        (0.36167656, 0.40387734),
        (0.63696719, 0.40235469),
        (0.50019687, 0.56044219),
        (0.38710391, 0.72160547),
        (0.61507734, 0.72034453),
    ),
    "dfl_whole_face": (
        (0.35342266, 0.39285716),
        (0.62797622, 0.39285716),
        (0.48660713, 0.54017860),
        (0.38839287, 0.68750011),
        (0.59821427, 0.68750011),
    ),
    # Of Softlight's parsing: hair and neck are inside. Nose and mouth: the mean of MediaPipe's points on 408
    # portraits, made symmetrical.
    "softlight_portrait": (
        (0.38888889, 0.42000000),
        (0.61111111, 0.42000000),
        (0.50000000, 0.54251331),
        (0.38856948, 0.64337649),
        (0.61143052, 0.64337649),
    ),
    # FaceFusion spreads a face's points about its nose by .875 (by 1.5 for LivePortrait) before it fits them;
    # fitting to a template divided by it turns and scales the same, and lies within two px of it.
    "styleganex_384": _about_the_nose(_STYLEGANEX, 1 / 0.875),
    "live_portrait_512": _about_the_nose(_FFHQ, 1 / 1.5),
}
"""Where the five points of a face lie in the square that a network takes, as fractions of its side: the eye
on the left of the picture, the other eye, the tip of the nose, the left and the right corner of the mouth."""


def template(name: str, side: int) -> Points:
    """Return the five points of a published template in a square of `side` px, shape (5, 2)."""
    return np.array(TEMPLATES[name], np.float64) * side


def similarity(source: ArrayLike, target: ArrayLike) -> Matrix:
    """Return the rotation, uniform scale and shift that bring points nearest to others, by least squares.

    Parameters
    ----------
    source, target : array_like, shape (n, 2)
        At least two points that differ.

    Returns
    -------
    ndarray of float64, shape (2, 3)
        Never a mirror image, even where that would fit better.

    Raises
    ------
    ValueError
        If all points of `source` or of `target` are the same, or one is not finite.

    References
    ----------
    S. Umeyama, "Least-squares estimation of transformation parameters between two point patterns", IEEE
    PAMI 13(4), 1991. In the plane its singular value decomposition is one division. Not by complex numbers:
    wine, in which the Windows engine is tested, lacks what numpy calls for them.
    """
    source, target = np.asarray(source, np.float64), np.asarray(target, np.float64)
    a_mean, b_mean = source.mean(axis=0), target.mean(axis=0)
    a, b = source - a_mean, target - b_mean
    spread = float((a * a).sum())
    # Cosine and sine of the angle, times the scale and the spread.
    along = float((a * b).sum())
    across = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum())
    length = math.hypot(along, across)
    if not (spread > 0 and length > 0 and math.isfinite(spread) and math.isfinite(length)):
        raise ValueError("The points do not determine a transform.")
    along, across = along / spread, across / spread
    turn = np.array([[along, -across], [across, along]])
    return np.column_stack([turn, b_mean - turn @ a_mean])


def scaling(x: float, y: float) -> Matrix:
    """Return what resizing a picture by these factors does to its coordinates."""
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2]])


def shifting(x: float, y: float) -> Matrix:
    """Return the transform that adds (x, y)."""
    return np.array([[1, 0, x], [0, 1, y]], np.float64)


def chained(*matrices: Matrix) -> Matrix:
    """Return the transform that applies `matrices` from the first to the last."""
    whole = np.eye(3)
    for matrix in matrices:
        whole = np.vstack([matrix, (0, 0, 1)]) @ whole
    return whole[:2]


def inverted(matrix: Matrix) -> Matrix:
    """Return the inverse transform."""
    return np.linalg.inv(np.vstack([matrix, (0, 0, 1)]))[:2]


def applied(matrix: Matrix, points: ArrayLike) -> Points:
    """Return points (n, 2) after the transform."""
    return np.asarray(points, np.float64) @ matrix[:, :2].T + matrix[:, 2]


def scale_of(matrix: Matrix) -> float:
    """Return how much longer the transform makes lengths."""
    return math.sqrt(abs(float(np.linalg.det(matrix[:, :2]))))


@dataclass(frozen=True)
class Box:
    """Whole pixels of a photo: left and top are inside, right and bottom outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def empty(self) -> bool:
        return self.right <= self.left or self.bottom <= self.top

    @property
    def edges(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom."""
        return self.left, self.top, self.right, self.bottom

    @property
    def slices(self) -> tuple[slice, slice]:
        """To index rows and columns of an array."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def slices_in(self, outer: Box) -> tuple[slice, slice]:
        """Return the rows and columns of an array that holds the pixels of another box."""
        return (
            slice(self.top - outer.top, self.bottom - outer.top),
            slice(self.left - outer.left, self.right - outer.left),
        )

    def within(self, outer: Box) -> Box:
        """Return what of the box lies inside another; it may be empty."""
        return Box(
            max(self.left, outer.left),
            max(self.top, outer.top),
            min(self.right, outer.right),
            min(self.bottom, outer.bottom),
        )


def covered(matrix: Matrix, side: int, height: int, width: int) -> Box:
    """Return the part of a photo that a square can change.

    Parameters
    ----------
    matrix : ndarray
        From the photo to the square.
    side : int
        Of the square, in its px.
    height, width : int
        Of the photo.
    """
    reach = (-0.5, side - 0.5)
    corners = applied(inverted(matrix), [(x, y) for x in reach for y in reach])
    left, top = np.floor(corners.min(axis=0) + 0.5).astype(int)
    right, bottom = np.ceil(corners.max(axis=0) + 0.5).astype(int)
    return Box(max(int(left), 0), max(int(top), 0), min(int(right), width), min(int(bottom), height))


def warped(image: Planes, matrix: Matrix, width: int, height: int) -> Planes:
    """Return a picture after a transform.

    Where it becomes smaller it is shrunk by area first (OpenCV ignores that filter in `warpAffine`, and a
    24-megapixel face would alias); the rest is one bicubic step. Beyond its border the picture goes on with
    the border's colour, as the networks saw it in training.

    Parameters
    ----------
    image : ndarray of float32, shape (rows, columns, channels)
    matrix : ndarray
        A similarity, from the picture to the result.
    width, height : int
        Of the result.

    Returns
    -------
    ndarray of float32, shape (height, width, channels)
    """
    rows, columns = image.shape[:2]
    back = inverted(matrix)
    reach = applied(back, [(x, y) for x in (-0.5, width - 0.5) for y in (-0.5, height - 0.5)])
    # Three pixels of the result around it: bicubic interpolation looks at two.
    margin = 3 * max(1.0, scale_of(back))
    left, top = (_inside(reach[:, axis].min() - margin, size) for axis, size in ((0, columns), (1, rows)))
    right, bottom = (_inside(reach[:, axis].max() + margin, size) for axis, size in ((0, columns), (1, rows)))
    part = image[top : bottom + 1, left : right + 1]  # a view: OpenCV takes rows that lie apart
    to_part = shifting(-left, -top)
    scale = scale_of(matrix)
    if scale < 1:
        part_height, part_width = part.shape[:2]
        size = (max(1, round(part_width * scale)), max(1, round(part_height * scale)))
        part = _by_fours(part, size, lambda some: cv2.resize(some, size, interpolation=cv2.INTER_AREA))
        to_part = chained(to_part, scaling(size[0] / part_width, size[1] / part_height))
    rest = chained(inverted(to_part), matrix)
    size = (width, height)
    return _by_fours(
        part,
        size,
        lambda some: cv2.warpAffine(some, rest, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE),
    )


def _by_fours(image: Planes, size: tuple[int, int], resample: Callable[[Planes], ArrayLike]) -> Planes:
    """Resample a picture to `size` (width, height), four channels at a time: OpenCV takes no more."""
    width, height = size
    result = np.empty((height, width, image.shape[2]), np.float32)
    for first in range(0, image.shape[2], 4):
        some = image[..., first : first + 4]
        result[..., first : first + 4] = np.asarray(resample(some)).reshape(height, width, -1)
    return result


def _inside(position: float, size: int) -> int:
    """Return the pixel nearest to a position along an axis of `size` px."""
    return int(min(max(position, 0), size - 1))


@dataclass(frozen=True, eq=False)
class Crop:
    """A square cut out of a photo for a network."""

    pixels: Planes
    """float32, shape (side, side, channels)."""
    matrix: Matrix
    """From the photo to the square."""

    @property
    def side(self) -> int:
        return int(self.pixels.shape[0])


def cut(image: Planes, matrix: Matrix, side: int) -> Crop:
    """Cut a square of `side` px out of a photo through a transform from the photo to the square."""
    return Crop(warped(image, matrix, side, side), matrix)


def cut_face(image: Planes, points: ArrayLike, name: str, side: int) -> Crop:
    """Cut a face out of a photo as a template says.

    Parameters
    ----------
    image : ndarray of float32, shape (height, width, channels)
    points : array_like, shape (5, 2)
        Of the face: eyes, nose, corners of the mouth, in the order of `TEMPLATES`.
    name : str
        Of the template.
    side : int
        Of the square, in px.
    """
    return cut(image, similarity(points, template(name, side)), side)


def put_back(values: Planes, matrix: Matrix, box: Box) -> Planes:
    """Return what a network made of a square, in the photo's pixels.

    Parameters
    ----------
    values : ndarray of float32, shape (side, side, channels)
    matrix : ndarray
        From the photo to the square, as in its `Crop`.
    box : Box
        The part of the photo that is wanted, usually `covered`.

    Returns
    -------
    ndarray of float32, shape of the box and the channels
        Beyond the square its border's values go on: put a mask back in the same way.
    """
    if box.empty:
        size = (max(box.bottom - box.top, 0), max(box.right - box.left, 0))
        return np.zeros((*size, values.shape[2]), np.float32)
    there = chained(inverted(matrix), shifting(-box.left, -box.top))
    return warped(values, there, box.right - box.left, box.bottom - box.top)
