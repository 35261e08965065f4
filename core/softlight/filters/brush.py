"""What was painted: where it lies, how wide its strokes are, and how softly it ends."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Box
from softlight.encoding import to_unit
from softlight.errors import MaskError
from softlight.picture import Picture
from softlight.tiles import Planes

STRIP = 512
"""Rows of the mask looked at in one go."""


def check_size(mask: NDArray[Any], picture: Picture) -> None:
    """Make sure that a mask has the photo's size.

    Raises
    ------
    MaskError
        When it has another.
    """
    if mask.shape != (picture.height, picture.width):
        raise MaskError(
            f"The mask is {mask.shape[-1]} x {mask.shape[0]} pixels and the photo {picture.width} x "
            f"{picture.height}; paint the mask on a layer of the photo's own size."
        )


def painted_box(mask: NDArray[Any], what: str) -> Box:
    """Return the box of the pixels above 0; NaN counts as unpainted.

    Parameters
    ----------
    mask : ndarray, shape (height, width)
    what : str
        What is to be painted, for the sentence to the user: "the wrinkles".

    Raises
    ------
    MaskError
        When there are none.
    """
    found = None
    # In strips: a comparison of a whole 96 MP mask would take 96 MB.
    for start in range(0, mask.shape[0], STRIP):
        painted = mask[start : start + STRIP] > 0
        rows = np.flatnonzero(painted.any(axis=1))
        if not len(rows):
            continue
        columns = np.flatnonzero(painted.any(axis=0))
        box = int(columns[0]), start + int(rows[0]), int(columns[-1]) + 1, start + int(rows[-1]) + 1
        found = box if found is None else (min(found[0], box[0]), found[1], max(found[2], box[2]), box[3])
    if found is None:
        raise MaskError(f"The mask is empty; paint over {what} first.")
    return Box(*found)


def widest_stroke(mask: NDArray[Any], box: Box) -> float:
    """Measure the widest stroke of what was painted: the diameter of the largest inscribed circle, in px.

    Parameters
    ----------
    mask : ndarray, shape (height, width)
        Any numeric type, 0 where nothing was painted.
    box : Box
        The painted part.
    """
    step = max(1, max(box.right - box.left, box.bottom - box.top) // 1024)
    painted = (mask[box.top : box.bottom : step, box.left : box.right : step] > 0).astype(np.uint8)
    # A border of zeros: the distance counts to the edge of the stroke, also where it meets the box.
    painted = np.pad(painted, 1)
    return 2 * step * float(cv2.distanceTransform(painted, cv2.DIST_L2, 5).max())


def shares(mask: NDArray[Any]) -> Planes:
    """Return how much of the brush lies on each pixel of a mask, 0..1; NaN counts as unpainted."""
    brush = np.nan_to_num(to_unit(mask), nan=0.0, posinf=1.0, neginf=0.0)
    return np.asarray(np.clip(brush, 0, 1), np.float32)


def feathered(brush: Planes, feather: float) -> Planes:
    """Soften the brush's edge to both sides; 0 from `feather` px outside of it on."""
    if feather < 0.5:
        return brush
    reach = 2 * int(np.ceil(feather)) - 1
    soft = cv2.GaussianBlur(brush, (reach, reach), feather / 2.5) if reach > 1 else brush
    return np.asarray(soft, np.float32)
