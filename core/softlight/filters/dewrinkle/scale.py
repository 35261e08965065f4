"""Face size and octaves: at which scales a stroke is worked on."""

from __future__ import annotations

import numpy as np

from softlight.alignment import CANONICAL

STROKE = 2.5
"""Interocular distance in units of a stroke's width. A painted forehead is 0.45 to 0.55 interocular
distances high, an eye corner 0.25 to 0.35: the estimate is within a factor of 1.6 either way, and the
octaves forgive a factor of 2."""
LARGEST_SHARE = 0.35
"""Of the picture's shorter side: no face in the frame has its eyes further apart."""
LARGEST_ENLARGEMENT = 4.0
"""A face smaller than 45 px between the eyes is worked on as if it were that large."""


def face_size(widest: float, size: tuple[int, int]) -> float:
    """Estimate the interocular distance in px from the widest stroke and the whole picture's size."""
    return float(np.clip(STROKE * widest, 24.0, max(24.0, LARGEST_SHARE * min(size))))


def octaves(interocular: float) -> tuple[float, ...]:
    """Scales at which the picture is worked on, the coarsest first, relative to its own pixels.

    From the canonical scale up to the picture's own in steps of about 2, so that a thin crease of a
    large face meets the networks at the width they know. Faces of 0.75 to 1.4 times the canonical scale
    are worked on in their own pixels; small ones are enlarged once.
    """
    ratio = interocular / CANONICAL
    if ratio < 0.75:
        return (min(1.0 / ratio, LARGEST_ENLARGEMENT),)
    steps = round(float(np.log2(ratio)))
    return (*tuple(ratio ** (-(1 - i / steps)) for i in range(steps)), 1.0) if steps else (1.0,)
