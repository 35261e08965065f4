"""The faces of a picture: where they are and where their points lie."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Box, Matrix, Points, applied, chained, inverted, scale_of, scaling, shifting
from softlight.encoding import to_working
from softlight.picture import Picture
from softlight.progress import Progress, silent
from softlight.roles.face_detection import LONGEST, Face, find_faces
from softlight.roles.landmarks import Landmarks, find_landmarks
from softlight.runtime import Model, Runtime
from softlight.tiles import Planes

AROUND = 3.5
"""Interocular distances around the middle of the face that are cut out for it: MediaPipe's square reaches 2.7
(two thirds of it diagonally), and the squares for parsing 3.2."""
INTEROCULAR = 140.0
"""Px between the eyes that are kept in the cut-out: no network that reads a face sees more than 126."""
UPRIGHT = 0.85
"""Of the way from the eyes down to the mouth: that much the eyes are apart at least. Seen from the front,
the way is 1.04 times as long as they are apart (FFHQ's template); seen from the side, only it is left."""
IN_BOX = np.array([(-0.22, -0.12), (0.22, -0.12), (0.0, 0.1), (-0.19, 0.28), (0.19, 0.28)])
"""Where the five points lie from the middle of a box, in shares of its size (root of its area): YuNet's."""
OFFERED = 0.5
"""The score from which the landmarks look at what a detector found: it is they who say whether it is a face.
Ours finds 97 % of the faces of blurred portraits from .5 on, as of sharp ones, and 92 % from its own .75."""
SAME = 1.5
"""Distances between the eyes (of the smaller) by which the middles of two faces differ at least: a face is
2.1 wide. A second one in the hair of a blurred portrait was 1.4 away."""
FEWEST = 2.0
"""Px between the eyes below which nothing can be told about a face."""
SURE = 0.9
"""Presence from which the points are taken to be a face's. Coins with heads on them, coats of dogs and
painted people have .9 and less, Hopper's buttons .55; photographed faces .99 and more."""
CERTAIN = 0.99
"""Presence from which nobody looks again. MediaPipe's mesh gives 1 - 1e-7 to an upright face and .88 to the
same one turned, in which YuNet sees the mouth where the eyes are."""
BLUR, SHARPENING = 0.08, 3.0
"""Of the unsharp mask: its standard deviation in distances between the eyes, and how often the difference is
added. Eight faces blurred by 4 % of their width had presences of .01 to .9, with it .98 and more; coins,
cups and dogs have less with it than without."""
BETWEEN = 0.3
"""Interocular distances over which one face's surroundings give way to those of its neighbour."""
ROWS = 512
"""Rows of a picture that are read at once where OpenCV does not know its type."""


@dataclass(frozen=True, eq=False)
class AnalysedFace:
    """A face of a picture; all lengths in the picture's px."""

    face: Face
    landmarks: Landmarks

    @property
    def points(self) -> Points:
        """Eyes, nose and corners of the mouth by the landmarks, shape (5, 2)."""
        return self.landmarks.five

    @property
    def interocular(self) -> float:
        """The distance between the eyes; that of a face seen from the front, also where it is turned away."""
        return interocular(self.points)

    @property
    def down(self) -> Points:
        """Direction from the eyes to the mouth, however the head is held: a vector of length 1, (x, y)."""
        eyes, mouth = self.points[:2].mean(axis=0), self.points[3:].mean(axis=0)
        return np.asarray((mouth - eyes) / max(float(np.linalg.norm(mouth - eyes)), 1e-6))


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a picture, shrunk and converted for networks."""

    pixels: Planes
    """Perceptual RGB, 0..1 nominal, shape (height, width, 3)."""
    matrix: Matrix
    """From the picture to the part."""


def find(picture: Picture, runtime: Runtime, progress: Progress = silent) -> tuple[AnalysedFace, ...]:
    """Find the faces of a picture and their points; what was found last is remembered by `runtime`.

    Parameters
    ----------
    picture : Picture
        Of any type and encoding; no float copy of all of it is made.
    runtime : Runtime
        Gives the models of the roles `face-detection` and `landmarks`.
    progress : Progress

    Returns
    -------
    tuple of AnalysedFace
        From left to right; without those of which the landmarks say that they are none.

    Raises
    ------
    ModelError
        If there is no model for one of the roles.
    Cancelled
        From `progress`.
    """
    progress(0.0, "Looking for faces")
    key = _digest(picture, runtime.fingerprint())
    found = runtime.memory.recall(key, lambda: _find(picture, runtime, progress))
    progress(1.0, "Done")
    return found


def _find(picture: Picture, runtime: Runtime, progress: Progress) -> tuple[AnalysedFace, ...]:
    detection, landmarks = runtime.model("face-detection"), runtime.model("landmarks")
    whole = part_of(picture, Box(0, 0, picture.width, picture.height), LONGEST)
    offered = find_faces(detection, whole.pixels, threshold=OFFERED)
    found: list[AnalysedFace] = []
    for number, face in enumerate(offered):
        progress((number + 1) / (len(offered) + 1), "Measuring faces")
        measured = _measured(picture, landmarks, moved(face, inverted(whole.matrix)))
        if measured is not None:
            found.append(measured)
    return tuple(_each_once(found))


def _each_once(found: list[AnalysedFace]) -> list[AnalysedFace]:
    """Leave out faces to which the landmarks came from a worse box as well: one around the brow, say."""
    kept: list[AnalysedFace] = []
    for one in sorted(found, key=lambda one: -one.face.score):
        if not any(_is_same(one, other) for other in kept):
            kept.append(one)
    return [one for one in found if one in kept]


def _is_same(one: AnalysedFace, other: AnalysedFace) -> bool:
    away = float(np.linalg.norm((one.points - other.points).mean(axis=0)))
    return away < SAME * min(one.interocular, other.interocular)


def _measured(picture: Picture, model: Model, face: Face) -> AnalysedFace | None:
    """Return a face with its points; None if there is none."""
    best: Landmarks | None = None
    for points, near in _looks(picture, face):
        inside = find_landmarks(model, near.pixels, moved(replace(face, points=points), near.matrix))
        if best is None or inside.presence > best.presence:
            best = _landmarks_moved(inside, inverted(near.matrix))
        if best.presence >= CERTAIN:
            break
    return None if best is None or best.presence < SURE else AnalysedFace(face, best)


def _looks(picture: Picture, face: Face) -> Iterator[tuple[Points, Part]]:
    """Yield where the five points may lie, and the surroundings in which to look for a face there.

    First where the detector says; then where those of a face are that fills the box, upright, the same with a
    blur taken away, and on its head.
    """
    if interocular(face.points) >= FEWEST:
        yield face.points, around(picture, face.points)
    left, top, right, bottom = face.box
    size = math.sqrt(max((right - left) * (bottom - top), 0.0))
    middle = np.array([(left + right) / 2, (top + bottom) / 2])
    upright = middle + size * IN_BOX
    if interocular(upright) < FEWEST:
        return
    near = around(picture, upright)
    yield upright, near
    yield upright, _sharpened(near, interocular(upright) * scale_of(near.matrix))
    yield middle - size * IN_BOX, near


def _sharpened(part: Part, apart: float) -> Part:
    """Return a part after an unsharp mask that suits the distance between the eyes (px)."""
    blurred = cv2.GaussianBlur(part.pixels, (0, 0), BLUR * apart)
    return replace(part, pixels=np.clip(part.pixels + SHARPENING * (part.pixels - blurred), 0, 1))


def around(picture: Picture, points: Points, kept: float = INTEROCULAR) -> Part:
    """Return the surroundings of a face at a size that suits the networks that look at one face.

    Parameters
    ----------
    picture : Picture
    points : ndarray of float64, shape (5, 2)
        Eyes, nose and corners of the mouth, in the picture's px.
    kept : float
        Px between the eyes that are kept of a larger face.
    """
    apart = max(interocular(points), FEWEST)
    x, y = points.mean(axis=0)
    reach = AROUND * apart
    left, top = (int(min(max(at - reach, 0), size - 1)) for at, size in _sides(picture, x, y))
    right, bottom = (int(min(max(at + reach, 1), size - 1)) + 1 for at, size in _sides(picture, x, y))
    box = Box(left, top, max(right, left + 1), max(bottom, top + 1))
    longest = max(box.right - box.left, box.bottom - box.top)
    return part_of(picture, box, max(1, round(longest * min(1.0, kept / apart))))


def _sides(picture: Picture, x: float, y: float) -> tuple[tuple[float, int], tuple[float, int]]:
    return (x, picture.width), (y, picture.height)


def part_of(picture: Picture, box: Box, longest: int) -> Part:
    """Return a part of a picture with a long side of at most `longest` px.

    It is shrunk as it is stored, by area, and only then converted: a float copy of 24 megapixels would take
    288 MB.
    """
    stored = picture.pixels[box.slices]
    height, width = stored.shape[:2]
    scale = min(1.0, longest / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    to_part = chained(shifting(-box.left, -box.top), scaling(size[0] / width, size[1] / height))
    return Part(to_working(_shrunk(stored, size), picture.encoding.transfer), to_part)


def _shrunk(stored: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Return stored values averaged down to a size (width, height), in their own type."""
    height, width, channels = stored.shape
    if size == (width, height):
        return stored
    if stored.dtype != np.float16:
        return np.asarray(cv2.resize(stored, size, interpolation=cv2.INTER_AREA)).reshape(
            size[1], size[0], channels
        )
    # OpenCV knows no half floats: first each strip's columns, then the rows of all of them.
    narrow = np.empty((height, size[0], channels), np.float32)
    for start in range(0, height, ROWS):
        strip = stored[start : start + ROWS].astype(np.float32)
        narrow[start : start + ROWS] = cv2.resize(
            strip, (size[0], len(strip)), interpolation=cv2.INTER_AREA
        ).reshape(len(strip), size[0], channels)
    return np.asarray(cv2.resize(narrow, size, interpolation=cv2.INTER_AREA)).reshape(
        size[1], size[0], channels
    )


def moved(face: Face, matrix: Matrix) -> Face:
    """Return a face after a transform without rotation."""
    (left, top), (right, bottom) = applied(matrix, np.reshape(face.box, (2, 2))).tolist()
    return Face((left, top, right, bottom), face.score, applied(matrix, face.points))


def face_moved(face: AnalysedFace, matrix: Matrix) -> AnalysedFace:
    """Return an analysed face after a transform without rotation: as it lies in a part, or a smaller copy."""
    return AnalysedFace(moved(face.face, matrix), _landmarks_moved(face.landmarks, matrix))


def _landmarks_moved(landmarks: Landmarks, matrix: Matrix) -> Landmarks:
    flat = applied(matrix, landmarks.points[:, :2])
    depth = landmarks.points[:, 2:] * scale_of(matrix)
    return replace(landmarks, points=np.concatenate([flat, depth], axis=1))


def interocular(points: Points) -> float:
    """Return the distance between the eyes of a face, turned away or not.

    Parameters
    ----------
    points : ndarray of float64, shape (5, 2)
        Eyes, nose and corners of the mouth.
    """
    across = np.linalg.norm(points[1] - points[0])
    down = np.linalg.norm(points[:2].mean(axis=0) - points[3:].mean(axis=0))
    return float(max(across, UPRIGHT * down))


def nearest(faces: Sequence[AnalysedFace], number: int, box: Box) -> NDArray[np.bool_]:
    """Return which pixels of a photo are nearer to one face than to all others, in their own measures.

    Parameters
    ----------
    faces : sequence of AnalysedFace
    number : int
        Of the face, from 0.
    box : Box
        The part of the photo that is wanted.

    Returns
    -------
    ndarray of bool, shape (height, width) of the box
        Of all faces together, exactly one has each pixel.
    """
    mine = np.ones((box.bottom - box.top, box.right - box.left), bool)
    if len(faces) == 1:
        return mine
    own = _distance(faces[number], box)
    for other, face in enumerate(faces):
        if other < number:
            mine &= own < _distance(face, box)
        elif other > number:
            mine &= own <= _distance(face, box)
    return mine


def belonging(faces: Sequence[AnalysedFace], number: int, matrix: Matrix, side: int) -> Planes:
    """Return how much nearer the pixels of a square are to one face than to all others, softly.

    Parameters
    ----------
    faces : sequence of AnalysedFace
    number : int
        Of the face, from 0.
    matrix : ndarray
        From the photo to the square.
    side : int
        Of the square, in px.

    Returns
    -------
    ndarray of float32, shape (side, side), 0..1
        1 where there is no other face.
    """
    down, across = np.mgrid[:side, :side].astype(np.float32)

    def away(face: AnalysedFace) -> Planes:
        x, y = applied(matrix, face.points.mean(axis=0)[None])[0]
        return np.asarray(np.hypot(across - x, down - y) / (face.interocular * scale_of(matrix)), np.float32)

    others = [away(face) for other, face in enumerate(faces) if other != number]
    if not others:
        return np.ones((side, side), np.float32)
    ahead = np.min(others, axis=0) - away(faces[number])
    return np.asarray(np.clip(ahead / BETWEEN + 0.5, 0, 1), np.float32)


def _distance(face: AnalysedFace, box: Box) -> Planes:
    """Squared distance to the middle of a face, in its interocular distances."""
    x, y = face.points.mean(axis=0)
    across = (np.arange(box.left, box.right) - x) / face.interocular
    down = (np.arange(box.top, box.bottom) - y) / face.interocular
    return np.asarray(down[:, None] ** 2 + across**2, np.float32)


def _digest(picture: Picture, models: str) -> bytes:
    pixels = picture.pixels
    told = ("faces", pixels.shape, pixels.dtype.str, picture.encoding.transfer, models)
    digest = hashlib.blake2b(repr(told).encode("utf-8"), digest_size=32)
    for start in range(0, picture.height, ROWS):
        digest.update(np.ascontiguousarray(pixels[start : start + ROWS]).data)
    return digest.digest()
