"""Where the five points of a face lie that may be turned by any angle: it is looked at once more, upright.

Our detector finds faces at every angle, but where their points are it knows of upright ones only: of others
it puts all five near the nose (errors of 0.6 to 1.0 of the distance between the eyes, 0.2 for upright ones).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from softlight.alignment import Matrix, Points, applied, chained, inverted, shifting, warped
from softlight.roles.detectors import Found
from softlight.tiles import Planes

SIDE = 320
"""Px of the square that shows a face four times."""
SIZE = 76.0
"""Px of the face there (root of its box's area)."""
SPREAD = 0.22
"""Eyes that lie nearer to each other than this share of the face's size are those of a face that is not
upright. Upright ones have 0.25 and more, others 0.1."""

Look = Callable[[Planes], Found]
"""Asks the network about a square, 0..255."""


def upright_points(
    look: Look, photo: Planes, box: tuple[float, float, float, float], points: Points
) -> Points:
    """Return the five points of a face, asked for anew if they cannot be those of an upright one.

    Parameters
    ----------
    look : callable
    photo : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.
    box : tuple of float
        Left, top, right, bottom of the face, in px of the photo.
    points : ndarray, shape (5, 2)
        What was found first.
    """
    size = math.sqrt(max((box[2] - box[0]) * (box[3] - box[1]), 1.0))
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    if (points[1] - points[0])[0] >= SPREAD * size:
        return points

    def most_upright(angles: list[float]) -> tuple[float, float, Points]:
        fours = [_asked(look, photo, middle, size, angles[i : i + 4]) for i in range(0, len(angles), 4)]
        return max((answer for four in fours for answer in four), key=lambda answer: answer[0])

    # Eight directions, then beside the best one.
    width, angle, found = most_upright([math.radians(45 * k) for k in range(8)])
    finer_width, _, finer = most_upright([angle + math.radians(20 * (k - 1.5)) for k in range(4)])
    if finer_width > 0:
        return finer
    return found if width > 0 else points


def _turned(middle: tuple[float, float], size: float, angle: float) -> Matrix:
    """Return the way into a quarter of the square, with a face upright that is turned by `angle`."""
    c, s = SIZE / size * math.cos(angle), SIZE / size * math.sin(angle)
    turn = np.array([[c, s, 0.0], [-s, c, 0.0]])
    half = (SIDE / 2 - 1) / 2
    return chained(shifting(-middle[0], -middle[1]), turn, shifting(half, half))


def _uprightness(points: Points) -> float:
    """Return the width of eyes and mouth and the way down from these to that, in px, summed."""
    (right, left), (corner, other) = points[:2], points[3:]
    down = (corner + other - right - left)[1] / 2
    return float((left - right)[0] + (other - corner)[0] + down)


def _asked(
    look: Look, photo: Planes, middle: tuple[float, float], size: float, angles: list[float]
) -> list[tuple[float, float, Points]]:
    """Show a face turned back by four angles; return how upright it looks, the angle and the points."""
    half = SIDE // 2
    square = np.zeros((SIDE, SIDE, 3), np.float32)
    corners = [(0, 0), (half, 0), (0, half), (half, half)]
    ways = [_turned(middle, size, angle) for angle in angles]
    for (left, top), way in zip(corners, ways, strict=True):
        part = warped(photo, way, half, half)
        square[top : top + half, left : left + half] = np.clip(part, 0, 1) * np.float32(255)
    found = look(square)
    centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
    answers = []
    for (left, top), way, angle in zip(corners, ways, angles, strict=True):
        near = np.abs(centres - (left + half / 2, top + half / 2)).max(axis=1, initial=0) < SIZE / 3
        if near.any():
            weights = found.scores[near] / found.scores[near].sum()
            points = np.tensordot(weights, found.points[near], axes=1) - (left, top)
            answers.append((_uprightness(points), angle, applied(inverted(way), points)))
    return answers or [(0.0, angles[0], np.zeros((5, 2)))]
