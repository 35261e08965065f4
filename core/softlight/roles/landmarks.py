"""The role landmarks: many points of one face, and how sure it is that there is one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlight.alignment import Matrix, Points, applied, cut, inverted, scale_of, similarity
from softlight.roles.face_detection import Face
from softlight.runtime import Model, Session
from softlight.tiles import Planes


@dataclass(frozen=True)
class Scheme:
    """Which of a network's points are which; right and left are the subject's own."""

    points: int
    right_eye: tuple[int, ...]
    """Its outline; the first and the fourth are its corners."""
    left_eye: tuple[int, ...]
    nose: int
    mouth: tuple[int, int]
    """Right and left corner."""
    right_lids: tuple[int, int]
    """Above and below the middle of the right eye."""
    left_lids: tuple[int, int]
    lips: tuple[int, int]
    """The middle of the upper and of the lower lip, where they meet."""


MESH_468 = Scheme(
    points=468,
    right_eye=(33, 160, 158, 133, 153, 144),
    left_eye=(362, 385, 387, 263, 373, 380),
    nose=4,
    mouth=(61, 291),
    right_lids=(159, 145),
    left_lids=(386, 374),
    lips=(13, 14),
)
"""MediaPipe's face mesh."""

MESH_478 = Scheme(**{**vars(MESH_468), "points": 478})
"""The same, and five points for either iris."""

FAN_68 = Scheme(
    points=68,
    right_eye=tuple(range(36, 42)),
    left_eye=tuple(range(42, 48)),
    nose=30,
    mouth=(48, 54),
    right_lids=(37, 41),
    left_lids=(43, 47),
    lips=(62, 66),
)
"""The 68 points of iBUG's 300-W."""


@dataclass(frozen=True, eq=False)
class Landmarks:
    """The points of one face."""

    points: Points
    """(n, 3): x, y in px of the photo; z in the same unit, towards the viewer negative, 0 where not known."""
    presence: float
    """0..1: how sure the network is that it looked at a face."""
    scheme: Scheme

    @property
    def five(self) -> Points:
        """Eyes, nose and corners of the mouth as a template has them, shape (5, 2)."""
        xy, scheme = self.points[:, :2], self.scheme
        eyes = [xy[list(eye)].mean(axis=0) for eye in (scheme.right_eye, scheme.left_eye)]
        return np.stack([*eyes, xy[scheme.nose], xy[scheme.mouth[0]], xy[scheme.mouth[1]]])

    @property
    def eyes_open(self) -> tuple[float, float]:
        """How far the right and the left eye are open: height over width."""
        scheme = self.scheme
        right, left = scheme.right_eye, scheme.left_eye
        return (
            self._distance(*scheme.right_lids) / self._distance(right[0], right[3]),
            self._distance(*scheme.left_lids) / self._distance(left[0], left[3]),
        )

    @property
    def lips_open(self) -> float:
        """How far the lips are open: height over width."""
        return self._distance(*self.scheme.lips) / self._distance(*self.scheme.mouth)

    def _distance(self, a: int, b: int) -> float:
        return max(float(np.linalg.norm(self.points[a, :2] - self.points[b, :2])), 1e-6)


def find_landmarks(model: Model, photo: Planes, face: Face) -> Landmarks:
    """Find the points of a face.

    Parameters
    ----------
    model : Model
        Of the role landmarks.
    photo : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.
    face : Face
        Turned by any angle.
    """
    return ADAPTERS[model.contract.name](model.session(), photo, face)


_MARGIN = 1.5
"""MediaPipe's square is that much larger than what its points cover."""
_FIRST = np.array([(0.373, 0.371), (0.627, 0.371), (0.5, 0.518), (0.385, 0.623), (0.615, 0.623)])
"""Where YuNet's five points lie in such a square: the mean of 50 portraits, made symmetrical."""
_PASSES = 3
"""After one the points lie .9 % of the distance between the eyes from where they settle, after two .3, after
three .15; in photos turned by 35 degrees, where YuNet's points are worse, 2.6, 1.1 and .3 (30 portraits)."""


def _mesh(session: Session, photo: Planes, face: Face, scheme: Scheme, side: int, flat: bool) -> Landmarks:
    """Ask MediaPipe's mesh, with a crop where the five points say and then around the points it gave.

    It was trained on crops around its own points of the frame before. A detector's box will not do for the
    first: that of a face turned by 45 degrees is far too large.
    """
    matrix = square_of_five(face.points, side)
    for _ in range(_PASSES):
        pixels = np.clip(cut(photo, matrix, side).pixels, 0, 1)
        answer = session.run(image=pixels[None] if flat else _tensor(pixels))
        points = _in_photo(answer["landmarks"].reshape(scheme.points, 3), matrix)
        matrix = square_around(points[:468, :2], scheme, side)
    return Landmarks(points, _probability(float(answer["presence"].ravel()[0])), scheme)


def square_of_five(points: ArrayLike, side: int) -> Matrix:
    """Return the transform from the photo to the square of a mesh, guessed from a detector's five points."""
    return similarity(points, _FIRST * side)


def square_around(points: Points, scheme: Scheme, side: int) -> Matrix:
    """Return the transform from the photo to the square that MediaPipe puts around points it has found.

    Parameters
    ----------
    points : ndarray, shape (468, 2)
        Without the irises, in px of the photo.
    scheme : Scheme
        Of the mesh.
    side : int
        Of the square, in its px.
    """
    eyes = points[scheme.right_eye[0]], points[scheme.left_eye[3]]
    level = _level(np.zeros(2), eyes, 1, 1)
    upright = applied(level, points)
    low, high = upright.min(axis=0), upright.max(axis=0)
    centre = applied(inverted(level), [(low + high) / 2])[0]
    return _level(centre, eyes, _MARGIN * float((high - low).max()), side)


def _fan(session: Session, photo: Planes, face: Face) -> Landmarks:
    box = np.array(face.box).reshape(2, 2)
    longest = max(float((box[1] - box[0]).max()), 1.0)
    matrix = _level(box.mean(axis=0), (face.points[0], face.points[1]), longest * 256 / 195, 256)
    answer = session.run(image=_tensor(np.clip(cut(photo, matrix, 256).pixels, 0, 1)))
    inside = np.zeros((68, 3))
    inside[:, :2] = answer["landmarks"][0, :, :2] * (256 / 64)
    # FaceFusion's scale: heat maps of a clear face reach .9.
    sure = float(answer["heatmaps"].max(axis=(2, 3)).mean()) / 0.9
    return Landmarks(_in_photo(inside, matrix), min(max(sure, 0.0), 1.0), FAN_68)


def _level(
    centre: NDArray[np.float64],
    eyes: tuple[NDArray[np.float64], NDArray[np.float64]],
    length: float,
    side: int,
) -> Matrix:
    """Return the transform from the photo to a square around `centre` in which the eyes are level."""
    across = eyes[1] - eyes[0]
    angle = -math.atan2(across[1], across[0])
    scale = side / max(length, 1.0)
    turn = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    middle = np.full(2, (side - 1) / 2)
    return np.concatenate([turn, (middle - turn @ centre)[:, None]], axis=1)


def _in_photo(inside: NDArray[np.floating], matrix: Matrix) -> Points:
    """Return points of a square as points of the photo; z keeps x and y's unit."""
    flat = applied(inverted(matrix), inside[:, :2])
    return np.concatenate([flat, inside[:, 2:] / scale_of(matrix)], axis=1)


def _tensor(pixels: Planes) -> Planes:
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])


def _probability(logit: float) -> float:
    return 1 / (1 + math.exp(-min(max(logit, -50.0), 50.0)))


ADAPTERS: dict[str, Callable[[Session, Planes, Face], Landmarks]] = {
    "face-mesh-478": lambda session, photo, face: _mesh(session, photo, face, MESH_478, 256, flat=False),
    "face-mesh-468": lambda session, photo, face: _mesh(session, photo, face, MESH_468, 192, flat=False),
    "face-mesh-478-tflite": lambda session, photo, face: _mesh(
        session, photo, face, MESH_478, 256, flat=True
    ),
    "face-mesh-468-tflite": lambda session, photo, face: _mesh(
        session, photo, face, MESH_468, 192, flat=True
    ),
    "fan-68": _fan,
}
