"""CIELAB of sRGB pictures and back, float32."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


def to_lab(image: Array) -> Array:
    """Return L* 0..100, a* and b* of RGB 0..1, (height, width, 3)."""
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(image, np.float32), cv2.COLOR_RGB2Lab), np.float32)


def from_lab(lab: Array) -> Array:
    """Return RGB, clipped to 0..1, of CIELAB, (height, width, 3)."""
    rgb = cv2.cvtColor(np.ascontiguousarray(lab, np.float32), cv2.COLOR_Lab2RGB)
    return np.asarray(np.clip(rgb, 0, 1), np.float32)
