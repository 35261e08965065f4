"""The role face-detection: where the faces of a photo are."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Matrix, Points, applied, chained
from softlight.roles.detectors import ADAPTERS, Detector, Found, joined
from softlight.roles.second_look import upright_points
from softlight.roles.windows import LONGEST, Window, windows
from softlight.runtime import Model, Session
from softlight.tiles import Planes

__all__ = ["ADAPTERS", "LONGEST", "Face", "find_faces"]

Boxes = NDArray[np.floating]

OVERLAP = 0.4
"""Two boxes that share more than this (intersection over union) are one face."""
NEAR = 0.5
"""A box that shares at least this with a face, in another square, says the same."""
SAME = 0.6
"""Boxes that share at least this with the best one of a face are averaged with it."""
WITHIN = 0.8
"""A box that lies in another one with more than this share is a part of that face, ..."""
ALIKE = 0.1
"""... unless its score is better by this: squares of finer pixels take eyes and mouths for faces."""
DOUBTFUL = 0.2
"""The least score that counts at the second look, where a face is known to be."""
FAINT = 0.05
"""The least score that tells something of a face that was found elsewhere."""


@dataclass(frozen=True, eq=False)
class Face:
    """One face, in px of the photo."""

    box: tuple[float, float, float, float]
    """Left, top, right, bottom; may go beyond the photo where it cuts the face."""
    score: float
    """0..1."""
    points: Points
    """x, y of the subject's right eye, left eye, tip of the nose, right and left corner of the mouth."""


def find_faces(model: Model, photo: Planes, threshold: float | None = None) -> tuple[Face, ...]:
    """Find the faces of a photo, from 32 px on in 24 megapixels, and from 20 px on in smaller photos.

    A network that knows upright faces only is shown the photo turned by 90, 180 and 270 degrees where it
    finds none (YuNet takes a face that is upside down for an upright one); ours knows every angle.

    Parameters
    ----------
    model : Model
        Of the role face-detection.
    photo : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.
    threshold : float, optional
        The least score. Default: what the network's authors use.

    Returns
    -------
    tuple of Face
        From left to right.
    """
    adapter = ADAPTERS[model.contract.name]
    session = model.session()
    least = adapter.threshold if threshold is None else threshold
    faces = _found(adapter, session, photo, least)
    if not faces and not adapter.any_angle:
        turned = [_found_turned(adapter, session, photo, least, quarters) for quarters in (1, 2, 3)]
        faces = max(turned, key=lambda several: max((face.score for face in several), default=0.0))
    if adapter.any_angle:

        def look(square: Planes) -> Found:
            return adapter.decode(adapter.run(session, square), DOUBTFUL)

        faces = [
            Face(face.box, face.score, upright_points(look, photo, face.box, face.points)) for face in faces
        ]
    return tuple(sorted(faces, key=_centre))


def _found_turned(
    adapter: Detector, session: Session, photo: Planes, least: float, quarters: int
) -> list[Face]:
    """Find faces in the photo turned counter-clockwise by some quarters of a circle."""
    back = np.eye(2, 3)
    height, width = photo.shape[:2]
    for _ in range(quarters):
        # One turn brings column x to row width - 1 - x.
        back = chained(np.array([[0.0, -1, width - 1], [1, 0, 0]]), back)
        height, width = width, height
    found = _found(adapter, session, np.ascontiguousarray(np.rot90(photo, quarters)), least)
    return [Face(_box(back, face.box), face.score, applied(back, face.points)) for face in found]


def _found(adapter: Detector, session: Session, photo: Planes, least: float) -> list[Face]:
    seen = []
    for window in windows(photo, adapter.wholes):
        found = adapter.decode(adapter.run(session, window.square), FAINT if adapter.sees else least)
        whole = window.whole(found.boxes)
        found = Found(found.boxes[whole], found.scores[whole], found.points[whole])
        seen.append((window, _in_photo(found, window.to_photo)))
    faces = []
    for face in _merged(adapter, seen, least):
        x, y = _centre(face)
        # Else it lies in the empty part of the square.
        if 0 <= x < photo.shape[1] and 0 <= y < photo.shape[0]:
            faces.append(face)
    return faces


def _merged(adapter: Detector, seen: list[tuple[Window, Found]], least: float) -> list[Face]:
    """Return the faces that all windows show together, best first."""
    everything = joined([found for _, found in seen])
    faces = []
    for index in _best(everything, least):
        face = _face(everything, index)
        if adapter.sees:
            face = _agreed(_averaged(everything, index, least), seen, adapter.sees)
        if face.score >= least and np.ptp(face.points) > 0:
            faces.append(face)
    return _distinct(sorted(faces, key=lambda face: -face.score))


def _face(found: Found, index: int) -> Face:
    left, top, right, bottom = found.boxes[index].tolist()
    return Face((left, top, right, bottom), float(found.scores[index]), found.points[index].astype(float))


def _averaged(found: Found, index: int, least: float) -> Face:
    """Return a face where all cells that found it say that it is, on average."""
    same = (_shared(found.boxes, found.boxes[index]) >= SAME) & (found.scores >= least)
    weights = found.scores[same] / found.scores[same].sum()
    left, top, right, bottom = (weights @ found.boxes[same]).tolist()
    points = np.tensordot(weights, found.points[same], axes=1).astype(float)
    return Face((left, top, right, bottom), float(found.scores[index]), points)


def _agreed(face: Face, seen: list[tuple[Window, Found]], sizes: tuple[float, float]) -> Face:
    """Return a face with the median of the scores in all windows that show it large enough and not too large.

    A shelf of books that looks like a face in one size of the photo does not in the next (0.88 and 0.30).
    """
    box = np.array(face.box)
    scores = []
    for window, found in seen:
        if window.shows(face.box, sizes):
            near = _shared(found.boxes, box) >= NEAR
            scores.append(float(found.scores[near].max(initial=0)))
    return Face(face.box, float(np.median(scores)) if scores else face.score, face.points)


def _distinct(faces: list[Face]) -> list[Face]:
    """Leave out what is the same face as a better one, and eyes and mouths that were taken for faces."""
    kept: list[Face] = []
    for face in faces:
        box, others = np.array(face.box), np.array([other.box for other in kept]).reshape(-1, 4)
        common = _common(others, box)
        if (_shared(others, box) > OVERLAP).any() or (common > WITHIN * _area(box)).any():
            continue
        parts = common > WITHIN * _area(others)
        kept = [
            other
            for other, part in zip(kept, parts.tolist(), strict=True)
            if not part or other.score >= face.score + ALIKE
        ]
        kept.append(face)
    return kept


def _centre(face: Face) -> tuple[float, float]:
    left, top, right, bottom = face.box
    return (left + right) / 2, (top + bottom) / 2


def _box(matrix: Matrix, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    (x, y), (u, v) = applied(matrix, np.reshape(box, (2, 2))).tolist()
    return min(x, u), min(y, v), max(x, u), max(y, v)


def _in_photo(found: Found, to_photo: Matrix) -> Found:
    boxes = applied(to_photo, found.boxes.reshape(-1, 2)).reshape(-1, 4)
    points = applied(to_photo, found.points.reshape(-1, 2)).reshape(-1, 5, 2)
    return Found(boxes.astype(np.float32), found.scores, points.astype(np.float32))


def _best(found: Found, least: float) -> list[int]:
    """Return the best candidate of every face, best first."""
    # OpenCV wants left, top, width, height.
    rectangles = np.concatenate([found.boxes[:, :2], found.boxes[:, 2:] - found.boxes[:, :2]], axis=1)
    kept = cv2.dnn.NMSBoxes(rectangles.tolist(), found.scores.tolist(), least, OVERLAP)
    return [int(index) for index in np.asarray(kept).ravel()]


def _shared(boxes: Boxes, box: Boxes) -> Boxes:
    """Return the intersection over union of some boxes (n, 4) with one."""
    common = _common(boxes, box)
    return np.asarray(common / np.maximum(_area(boxes) + _area(box) - common, 1e-6))


def _common(boxes: Boxes, box: Boxes) -> Boxes:
    """Return the area that some boxes (n, 4) have in common with one."""
    sides = np.minimum(boxes[:, 2:], box[2:]) - np.maximum(boxes[:, :2], box[:2])
    return np.asarray(np.prod(np.maximum(sides, 0), axis=1))


def _area(boxes: Boxes) -> Boxes:
    return np.asarray(np.prod(boxes[..., 2:] - boxes[..., :2], axis=-1))
