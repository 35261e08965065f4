"""The role expression: LivePortrait's key points, which move a face, and the picture that follows them.

A face is analysed once. What a slider does is arithmetic on 21 key points; only `painted` runs a large
network again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlight.alignment import Crop, chained, scaling
from softlight.roles.aligned import aligned
from softlight.runtime import Model
from softlight.tiles import Planes

_SEEN, _PAINTED = 256, 512
"""Px of the square that the networks look at, and of the one that they paint."""

Points3 = NDArray[np.float32]
"""(21, 3): x to the right and y down over -1..1 of the square, z."""


@dataclass(frozen=True, eq=False)
class Motion:
    """How a head is turned and what its face does."""

    pitch: float
    """Degrees, as yaw and roll."""
    yaw: float
    roll: float
    scale: float
    translation: NDArray[np.float32]
    """(3,)."""
    expression: Points3
    """What the expression adds to the points of the face at rest."""
    rest: Points3
    """The points of the face at rest, seen from the front."""

    @property
    def points(self) -> Points3:
        """Where the key points are in the square."""
        turned = self.rest @ rotation(self.pitch, self.yaw, self.roll).T
        return np.asarray(self.scale * (turned + self.expression) + self.translation, np.float32)


@dataclass(frozen=True, eq=False)
class Portrait:
    """A face that was analysed, ready to be moved."""

    crop: Crop
    """What the networks saw, 256 px."""
    features: NDArray[np.float32]
    """What it looks like."""
    motion: Motion


def rotation(pitch: float, yaw: float, roll: float) -> NDArray[np.float64]:
    """Return the rotation about x, then y, then z by these degrees, shape (3, 3)."""
    (cx, sx), (cy, sy), (cz, sz) = ((np.cos(a), np.sin(a)) for a in np.radians([pitch, yaw, roll]))
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)


def analysed(model: Model, photo: Planes, points: ArrayLike) -> Portrait:
    """Look at a face.

    Parameters
    ----------
    model : Model
        Of the role expression.
    photo : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.
    points : array_like, shape (5, 2)
        Of the face; see `alignment.cut_face`.
    """
    crop = aligned(model, photo, points, _SEEN)
    return ADAPTERS[model.contract.name].analyse(model, crop)


def stitched(model: Model, portrait: Portrait, points: Points3) -> Points3:
    """Return moved points so that the neck and the shoulders stay where they are."""
    return ADAPTERS[model.contract.name].stitch(model, portrait.motion.points, points)


def eyes_moved(model: Model, portrait: Portrait, now: tuple[float, float], wanted: float) -> Points3:
    """Return what to add to the points for eyes that are open as wanted.

    Parameters
    ----------
    model : Model
    portrait : Portrait
    now : tuple of float
        How far the right and the left eye are open; see `Landmarks.eyes_open`.
    wanted : float
        0 is closed; .35 is usual, .6 wide.
    """
    return _retargeted(model, "eye-retargeter", portrait, (*now, wanted))


def lips_moved(model: Model, portrait: Portrait, now: float, wanted: float) -> Points3:
    """Return what to add to the points for lips that are open as wanted, 0..1; see `Landmarks.lips_open`."""
    return _retargeted(model, "lip-retargeter", portrait, (now, wanted))


def painted(model: Model, portrait: Portrait, points: Points3) -> Crop:
    """Paint the face with its key points elsewhere.

    Parameters
    ----------
    model : Model
    portrait : Portrait
    points : ndarray of float32, shape (21, 3)
        ``portrait.motion.points`` or another motion's, moved as wished, usually `stitched`.

    Returns
    -------
    Crop
        512 px, perceptual RGB, 0..1, to be brought back with `alignment.put_back`. With the points unmoved
        it is what the network makes of the face, which is not the face itself.
    """
    answer = ADAPTERS[model.contract.name].paint(model, portrait, _batch(points))
    pixels = np.clip(np.ascontiguousarray(answer[0].transpose(1, 2, 0)), 0, 1)
    factor = _PAINTED / _SEEN
    return Crop(pixels, chained(portrait.crop.matrix, scaling(factor, factor)))


def with_expression(motion: Motion, expression: Points3) -> Motion:
    """Return the same head with another expression, which may come from another photo of the same person."""
    return replace(motion, expression=np.asarray(expression, np.float32))


def _retargeted(model: Model, network: str, portrait: Portrait, ratios: tuple[float, ...]) -> Points3:
    values = np.concatenate([portrait.motion.points.ravel(), np.array(ratios, np.float32)])[None]
    return model.session(network).run(input=values)["output"].reshape(21, 3)


def _batch(points: Points3) -> NDArray[np.float32]:
    return np.ascontiguousarray(points, np.float32).reshape(1, 21, 3)


def _tensor(crop: Crop) -> Planes:
    return np.ascontiguousarray(np.clip(crop.pixels, 0, 1).transpose(2, 0, 1)[None])


def _number(output: NDArray[np.float32]) -> float:
    return float(output.ravel()[0])


@dataclass(frozen=True)
class _Adapter:
    """How the networks of one contract are asked."""

    analyse: Callable[[Model, Crop], Portrait]
    stitch: Callable[[Model, Points3, Points3], Points3]
    """Takes where the points are and where they shall be."""
    paint: Callable[[Model, Portrait, NDArray[np.float32]], Planes]


# --- FaceFusion's export ---


def _analyse(model: Model, crop: Crop) -> Portrait:
    seen = _tensor(crop)
    features = model.session("feature-extractor").run(input=seen)["feature_volume"]
    found = model.session("motion-extractor").run(input=seen)
    motion = Motion(
        _number(found["pitch"]),
        _number(found["yaw"]),
        _number(found["roll"]),
        _number(found["scale"]),
        found["translation"].reshape(3),
        found["expression"].reshape(21, 3),
        found["motion_points"].reshape(21, 3),
    )
    return Portrait(crop, features, motion)


def _stitch(model: Model, here: Points3, there: Points3) -> Points3:
    answer = model.session("stitcher").run(source=_batch(there), target=_batch(here))
    return answer["output"].reshape(21, 3)


def _paint(model: Model, portrait: Portrait, there: NDArray[np.float32]) -> Planes:
    return model.session("generator").run(
        feature_volume=portrait.features, source=there, target=_batch(portrait.motion.points)
    )["output"]


# --- VisoMaster's export, the networks as LivePortrait's own program has them ---


def _analyse_bins(model: Model, crop: Crop) -> Portrait:
    seen = _tensor(crop)
    features = model.session("feature-extractor").run(img=seen)["output"]
    found = model.session("motion-extractor").run(img=seen)
    shift = found["t"].reshape(3) * np.array([1, 1, 0], np.float32)  # the program leaves depth out
    motion = Motion(
        _degrees(found["pitch"]),
        _degrees(found["yaw"]),
        _degrees(found["roll"]),
        _number(found["scale"]),
        shift,
        found["exp"].reshape(21, 3),
        found["kp"].reshape(21, 3),
    )
    return Portrait(crop, features, motion)


def _degrees(scores: NDArray[np.float32]) -> float:
    """Return the mean of 66 angles, three degrees apart, weighed by their scores."""
    values = scores.ravel().astype(np.float64)
    weights = np.exp(values - values.max())
    return float((weights / weights.sum()) @ np.arange(66)) * 3 - 97.5


def _stitch_bins(model: Model, here: Points3, there: Points3) -> Points3:
    def change(points: Points3) -> Points3:
        values = np.concatenate([here.ravel(), points.ravel()])[None].astype(np.float32)
        answer = model.session("stitcher").run(input=values)["output"].ravel()
        moved = answer[:63].reshape(21, 3).copy()
        moved[:, :2] += answer[63:]
        return moved

    # Less what it would do to points that were not moved: no edit, no change.
    return there + change(there) - change(here)


def _paint_bins(model: Model, portrait: Portrait, there: NDArray[np.float32]) -> Planes:
    return model.session("generator").run(
        feature_3d=portrait.features, kp_driving=there, kp_source=_batch(portrait.motion.points)
    )["out"]


ADAPTERS = {
    "live-portrait": _Adapter(_analyse, _stitch, _paint),
    "live-portrait-bins": _Adapter(_analyse_bins, _stitch_bins, _paint_bins),
}
