"""The sample portraits, and where their faces are, marked by eye."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

import softlight

SAMPLES = Path(softlight.__file__).parent / "samples"

POINTS = {
    "astronaut.png": ((202, 102), (246, 103), (222, 125), (203, 143), (241, 144)),
    "hopper.jpg": ((226, 197), (306, 193), (266, 238), (233, 274), (301, 272)),
}
"""Eyes, nose and corners of the mouth, within some px."""


def portrait(name: str) -> np.ndarray:
    """A sample as float32 RGB, 0..1."""
    stored = cv2.imread(str(SAMPLES / name))
    assert stored is not None
    return np.ascontiguousarray(stored[..., ::-1]).astype(np.float32) / np.float32(255)


def eyes_apart(name: str) -> float:
    """Px between the eyes of a sample."""
    right, left = np.array(POINTS[name][:2], float)
    return float(np.linalg.norm(left - right))
