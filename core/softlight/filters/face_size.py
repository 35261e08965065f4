"""How large faces are, by a brush: where one is looked for, and the scale where none is found."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.filters import brush

STROKE = 0.7
"""Interocular distance in units of a stroke's width: the back of a hand is 1.3 of them wide, a neck 1.8."""
SMALLEST_SHARE, LARGEST_SHARE = 0.12, 0.35
"""Of the picture's shorter side, between the eyes: a portrait from head to waist has the first, and no face
in the frame more than the second. A dab on a pimple says nothing about the face around it."""


def guessed(mask: NDArray[Any], size: tuple[int, int], what: str) -> float:
    """Guess the interocular distance in px from what was painted and the whole picture's width and height.

    It says how far around the brush a face is looked for, and the scale where none is found.

    Raises
    ------
    MaskError
        When nothing is painted; `what` would have been.
    """
    widest = brush.widest_stroke(mask, brush.painted_box(mask, what))
    shorter = min(size)
    found = np.clip(STROKE * widest, SMALLEST_SHARE * shorter, LARGEST_SHARE * shorter)
    # As people read it, so that running again with what was stored gives the same pixels.
    return max(16.0, round(float(found), 1))
