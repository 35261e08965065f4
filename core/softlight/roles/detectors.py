"""How the networks of each contract of the role face-detection are asked, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softlight.runtime import Session
from softlight.tiles import Planes
from softlight_models.contracts.faces import STRIDES

SIDE = 640
"""Px of the square in which all networks look for faces: what they were trained and published for."""

Array = NDArray[np.float32]
Outputs = dict[str, Array]


@dataclass(frozen=True, eq=False)
class Found:
    """Candidates, in px of what was looked at."""

    boxes: Array
    """(n, 4): left, top, right, bottom."""
    scores: Array
    """(n,), 0..1."""
    points: Array
    """(n, 5, 2): x, y."""


@dataclass(frozen=True)
class Detector:
    """How the networks of one contract are asked and understood."""

    run: Callable[[Session, Planes], Outputs]
    """Takes a square of RGB, 0..255."""
    decode: Callable[[Outputs, float], Found]
    """Takes what `run` gave and the least score."""
    threshold: float
    """The least score that is a face, as the network's authors use it."""
    any_angle: bool = False
    """It finds faces however they are turned, not only more or less upright ones."""
    sees: tuple[float, float] | None = None
    """Px of the faces that it surely sees. Where given, a face is the mean of all cells that found it (as in
    BlazeFace: Bazarevsky et al., 2019), and its score that of all squares that show it in such a size."""
    wholes: tuple[int, ...] = (SIDE,)
    """Px of the squares in which it is shown the whole photo. In a smaller one, a face that fills the photo
    has a size that it knows, and one that is blurred is sharp: by 4 % of its width, it scores .0 to .7 in
    640 px, .5 to .98 in 320, and .85 to .99 in 160."""


def joined(parts: Sequence[Found]) -> Found:
    """Return all candidates of several lists."""
    return Found(*(np.concatenate([getattr(part, name) for part in parts])
                   for name in ("boxes", "scores", "points")))  # fmt: skip


def _tensor(square: Planes) -> Planes:
    return np.ascontiguousarray(square.transpose(2, 0, 1)[None])


def _cells(stride: int, anchors: int = 1) -> Array:
    """Return x, y of the upper left corners of a grid's cells, in px, each `anchors` times."""
    count = SIDE // stride
    rows, columns = np.mgrid[:count, :count]
    corners = np.stack([columns, rows], axis=-1).reshape(-1, 2) * stride
    return np.repeat(corners, anchors, axis=0).astype(np.float32)


def _yunet(outputs: Outputs, least: float) -> Found:
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
        parts.append(Found(np.concatenate([centre - half, centre + half], axis=1), scores[at], points))
    return joined(parts)


def _scrfd(outputs: Outputs, least: float) -> Found:
    parts = []
    for stride in STRIDES:
        scores = outputs[f"score_{stride}"].ravel()
        at = np.flatnonzero(scores >= least)
        cells = _cells(stride, anchors=2)[at]
        reach = outputs[f"box_{stride}"][at] * stride
        points = cells[:, None] + outputs[f"points_{stride}"][at].reshape(-1, 5, 2) * stride
        boxes = np.concatenate([cells - reach[:, :2], cells + reach[:, 2:]], axis=1)
        parts.append(Found(boxes, scores[at], points))
    return joined(parts)


def _centerface(outputs: Outputs, least: float) -> Found:
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
    return Found(*(part.astype(np.float32) for part in (boxes, heat[rows, columns], points)))


def _yolo(outputs: Outputs, least: float) -> Found:
    rows = outputs["faces"][0].T
    rows = rows[rows[:, 4] >= least]
    half = rows[:, 2:4] / 2
    boxes = np.concatenate([rows[:, :2] - half, rows[:, :2] + half], axis=1)
    return Found(boxes, rows[:, 4], rows[:, 5:].reshape(-1, 5, 3)[..., :2])


def _softlight(outputs: Outputs, least: float) -> Found:
    parts = []
    for stride in STRIDES:
        scores = outputs[f"score_{stride}"][0, 0]
        rows, columns = np.nonzero(scores >= least)
        # Whole numbers are centres of pixels: the middle of the first cell of 8 px lies at 3.5.
        middle = (np.stack([columns, rows], axis=1) + 0.5) * stride - 0.5
        reach = outputs[f"box_{stride}"][0][:, rows, columns].T * stride
        points = (
            middle[:, None] + outputs[f"points_{stride}"][0][:, rows, columns].T.reshape(-1, 5, 2) * stride
        )
        boxes = np.concatenate([middle - reach[:, :2], middle + reach[:, 2:]], axis=1)
        parts.append(Found(*(part.astype(np.float32) for part in (boxes, scores[rows, columns], points))))
    return joined(parts)


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
    "softlight-faces": Detector(
        lambda session, square: session.run(image=_tensor(square / np.float32(255))),
        _softlight,
        threshold=0.75,
        any_angle=True,
        sees=(12, 200),
        wholes=(SIDE, SIDE // 2, SIDE // 4),
    ),
}
"""By the name of the contract."""
