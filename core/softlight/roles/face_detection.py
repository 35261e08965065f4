"""The role face-detection: where the faces of a photo are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Points, applied, inverted, scaling
from softlight.runtime import Model, Session
from softlight.tiles import Planes
from softlight_models.contracts.faces import STRIDES

SIDE = 640
"""Px of the square in which all networks look for faces: what they were trained and published for."""
OVERLAP = 0.4
"""Two boxes that share more than this (intersection over union) are one face."""

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Face:
    """One face, in px of the photo."""

    box: tuple[float, float, float, float]
    """Left, top, right, bottom; may go beyond the photo where it cuts the face."""
    score: float
    """0..1."""
    points: Points
    """x, y of the subject's right eye, left eye, tip of the nose, right and left corner of the mouth."""


@dataclass(frozen=True, eq=False)
class _Found:
    """Candidates of one network, in px of its square."""

    boxes: Array
    """(n, 4): left, top, right, bottom."""
    scores: Array
    points: Array
    """(n, 5, 2)."""


def find_faces(model: Model, photo: Planes, threshold: float | None = None) -> tuple[Face, ...]:
    """Find the faces of a photo.

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
    least = adapter.threshold if threshold is None else threshold
    height, width = photo.shape[:2]
    square, factors = _in_square(photo)
    found = adapter.decode(adapter.run(model.session(), square), least)
    # OpenCV wants left, top, width, height.
    rectangles = np.concatenate([found.boxes[:, :2], found.boxes[:, 2:] - found.boxes[:, :2]], axis=1)
    kept = cv2.dnn.NMSBoxes(rectangles.tolist(), found.scores.tolist(), least, OVERLAP)
    to_photo = inverted(scaling(*factors))
    faces = []
    for index in np.asarray(kept, int).ravel():
        (left, top), (right, bottom) = applied(to_photo, found.boxes[index].reshape(2, 2)).tolist()
        points = applied(to_photo, found.points[index])
        face = Face((left, top, right, bottom), float(found.scores[index]), points)
        x, y = _centre(face)
        inside = 0 <= x < width and 0 <= y < height  # else it lies in the empty part of the square
        if inside and np.ptp(points) > 0:
            faces.append(face)
    return tuple(sorted(faces, key=_centre))


def _centre(face: Face) -> tuple[float, float]:
    left, top, right, bottom = face.box
    return (left + right) / 2, (top + bottom) / 2


def _in_square(photo: Planes) -> tuple[Planes, tuple[float, float]]:
    """Return the photo in the upper left of a black square, 0..255, and how much it was shrunk in x and y.

    A small photo is not enlarged: a face that fills 600 of 640 px is larger than these networks know.
    """
    height, width = photo.shape[:2]
    factor = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    square = np.zeros((SIDE, SIDE, 3), np.float32)
    square[: size[1], : size[0]] = np.clip(small, 0, 1) * np.float32(255)
    return square, (size[0] / width, size[1] / height)


def _tensor(square: Planes) -> Planes:
    return np.ascontiguousarray(square.transpose(2, 0, 1)[None])


def _cells(stride: int, anchors: int = 1) -> Array:
    """Return x, y of the upper left corners of a grid's cells, in px, each `anchors` times."""
    count = SIDE // stride
    rows, columns = np.mgrid[:count, :count]
    corners = np.stack([columns, rows], axis=-1).reshape(-1, 2) * stride
    return np.repeat(corners, anchors, axis=0).astype(np.float32)


def _joined(parts: list[_Found]) -> _Found:
    return _Found(*(np.concatenate([getattr(part, name) for part in parts])
                    for name in ("boxes", "scores", "points")))  # fmt: skip


Outputs = dict[str, NDArray[np.float32]]


def _yunet(outputs: Outputs, least: float) -> _Found:
    parts = []
    for stride in STRIDES:
        # OpenCV's score; others take the product, for which the usual threshold of .6 would be .36.
        scores = np.sqrt(outputs[f"cls_{stride}"] * outputs[f"obj_{stride}"]).ravel()
        at = np.flatnonzero(scores >= least)
        cells = _cells(stride)[at]
        box = outputs[f"bbox_{stride}"][0, at]
        centre = cells + box[:, :2] * stride
        half = np.exp(box[:, 2:]) * stride / 2
        points = cells[:, None] + outputs[f"kps_{stride}"][0, at].reshape(-1, 5, 2) * stride
        parts.append(_Found(np.concatenate([centre - half, centre + half], axis=1), scores[at], points))
    return _joined(parts)


def _scrfd(outputs: Outputs, least: float) -> _Found:
    parts = []
    for stride in STRIDES:
        scores = outputs[f"score_{stride}"].ravel()
        at = np.flatnonzero(scores >= least)
        cells = _cells(stride, anchors=2)[at]
        reach = outputs[f"box_{stride}"][at] * stride
        points = cells[:, None] + outputs[f"points_{stride}"][at].reshape(-1, 5, 2) * stride
        boxes = np.concatenate([cells - reach[:, :2], cells + reach[:, 2:]], axis=1)
        parts.append(_Found(boxes, scores[at], points))
    return _joined(parts)


def _centerface(outputs: Outputs, least: float) -> _Found:
    stride = 4
    heat = outputs["heatmap"][0, 0]
    rows, columns = np.nonzero(heat >= least)
    size = np.exp(outputs["scale"][0][::-1, rows, columns].T) * stride  # width, height
    offset = outputs["offset"][0][::-1, rows, columns].T
    centre = (np.stack([columns, rows], axis=1) + offset + 0.5) * stride
    corner = centre - size / 2
    # Each point is y, x as shares of the box.
    shares = outputs["points"][0][:, rows, columns].T.reshape(-1, 5, 2)[..., ::-1]
    points = corner[:, None] + shares * size[:, None]
    boxes = np.concatenate([corner, corner + size], axis=1)
    return _Found(*(part.astype(np.float32) for part in (boxes, heat[rows, columns], points)))


def _yolo(outputs: Outputs, least: float) -> _Found:
    rows = outputs["faces"][0].T
    rows = rows[rows[:, 4] >= least]
    half = rows[:, 2:4] / 2
    boxes = np.concatenate([rows[:, :2] - half, rows[:, :2] + half], axis=1)
    return _Found(boxes, rows[:, 4], rows[:, 5:].reshape(-1, 5, 3)[..., :2])


@dataclass(frozen=True)
class Detector:
    """How the networks of one contract are asked and understood."""

    run: Callable[[Session, Planes], Outputs]
    """Takes RGB, 0..255."""
    decode: Callable[[Outputs, float], _Found]
    threshold: float


ADAPTERS = {
    "yunet-640": Detector(
        lambda session, square: session.run(input=_tensor(square[..., ::-1])), _yunet, threshold=0.6
    ),
    "scrfd": Detector(
        lambda session, square: session.run(image=_tensor((square - np.float32(127.5)) / np.float32(128))),
        _scrfd,
        threshold=0.5,
    ),
    "centerface": Detector(
        lambda session, square: session.run(image=_tensor(square)), _centerface, threshold=0.5
    ),
    "yolo-face-640": Detector(
        lambda session, square: session.run(image=_tensor(square / np.float32(255))), _yolo, threshold=0.5
    ),
}
