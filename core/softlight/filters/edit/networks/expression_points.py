"""From sliders to LivePortrait's key points: which of the 21 move, where to, and how far.

The points have no names. Which of them do what, and how far they may go, others have found by trying; the
figures are those of FaceFusion's face editor, and ComfyUI-AdvancedLivePortrait's are close to them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from softlight.roles.expression import (
    Points3,
    Portrait,
    eyes_moved,
    lips_moved,
    stitched,
    with_expression,
)
from softlight.roles.landmarks import Landmarks
from softlight.runtime import Model

SHUT, WIDE = 0.0, 0.6
"""Height over width of eyes at either end of their slider."""
CLOSED, OPEN = 0.0, 1.0
"""The same of lips."""

X, Y, Z = 0, 1, 2
Offsets = tuple[tuple[int, int, float], ...]
"""Key point, axis, and how far it moves with the slider at its end, in the unit of `Motion.expression`."""

SMILING: Offsets = (
    (14, Y, -0.025), (20, Y, -0.015), (17, Y, 0.010), (17, Z, 0.004), (3, Y, -0.0045), (7, Y, -0.0045),
)  # fmt: skip
SAD: Offsets = (
    (14, Y, 0.020), (17, Y, -0.003), (19, Y, -0.020), (19, Z, 0.005), (20, Z, -0.010),
    (3, Y, -0.0045), (7, Y, -0.0045),
)  # fmt: skip
BROWS_UP: Offsets = ((1, Y, 0.015), (2, Y, -0.020))
BROWS_DOWN: Offsets = ((1, X, 0.015), (2, X, -0.020), (1, Y, -0.005), (2, Y, 0.005))


@dataclass(frozen=True)
class Expression:
    """How far a face is to be moved, each -1..1; 0 is as it was photographed."""

    smile: float = 0.0
    brows: float = 0.0
    eyes: float = 0.0
    """Down to closed, up to wide."""
    mouth: float = 0.0
    """Down to closed, up to wide open."""

    def __bool__(self) -> bool:
        return any((self.smile, self.brows, self.eyes, self.mouth))


def moved_points(
    model: Model, portrait: Portrait, now: Landmarks, wanted: Expression, tick: Callable[[], None]
) -> Points3:
    """Return where the key points of a face go, shape (21, 3).

    Parameters
    ----------
    model : Model
        Of the role expression.
    portrait : Portrait
    now : Landmarks
        Of the same face: how far its eyes and lips are open.
    wanted : Expression
    tick : callable
        Called before each run of a network.
    """
    expression = portrait.motion.expression + _offsets(wanted)
    points = with_expression(portrait.motion, expression).points
    if wanted.eyes:
        tick()
        end = WIDE if wanted.eyes > 0 else SHUT
        points = points + abs(wanted.eyes) * eyes_moved(model, portrait, now.eyes_open, end)
    if wanted.mouth:
        tick()
        end = OPEN if wanted.mouth > 0 else CLOSED
        points = points + abs(wanted.mouth) * lips_moved(model, portrait, now.lips_open, end)
    tick()
    return stitched(model, portrait, np.asarray(points, np.float32))


def _offsets(wanted: Expression) -> Points3:
    """Return what is added to the expression, shape (21, 3)."""
    parts = (
        (wanted.smile, SMILING if wanted.smile > 0 else SAD),
        (wanted.brows, BROWS_UP if wanted.brows > 0 else BROWS_DOWN),
    )
    found = np.zeros((21, 3), np.float32)
    for amount, offsets in parts:
        for point, axis, length in offsets:
            found[point, axis] += abs(amount) * length
    return found
