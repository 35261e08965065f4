"""Synthetic wrinkles: curves that bend, branch and taper, with a dark valley and a lit ridge.

A bank of them is drawn once and reused under flips and turns: drawing costs 10 ms a stroke, a
training step has 3 ms a patch.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDE = 160
"""Side of a bank entry in px; patches are 128."""
EDGE = 2.2
"""Half-width of a wrinkle in sigmas: its valley has 9 % of its depth there."""

Array = NDArray[np.float32]


def add_argument(parser: argparse.ArgumentParser) -> None:
    """Let the user of a recipe say how large the bank is."""
    parser.add_argument(
        "--strokes", type=int, default=3000, help="drawings of wrinkles; 25 ms each at the start"
    )


@dataclass(frozen=True)
class Curve:
    """Points (n, 2) one px apart, with the standard deviation and the depth at each."""

    points: Array
    sigma: Array
    depth: Array


def random_curve(
    random: np.random.Generator, start: Array, angle: float, length: float, sigma: float, depth: float
) -> Curve:
    """A smooth walk whose direction drifts; both ends taper in width and depth."""
    count = max(8, int(length))
    drift = np.cumsum(random.normal(0, 1, count)) * random.uniform(0.0, 0.02)
    bend = np.linspace(0, random.normal(0, 0.6), count)
    heading = angle + drift + bend
    steps = np.stack([np.cos(heading), np.sin(heading)], 1)
    points = (start + np.cumsum(steps, 0)).astype(np.float32)
    t = np.linspace(0, 1, count)
    taper = np.clip(np.minimum(t, 1 - t) / random.uniform(0.1, 0.4), 0, 1) ** 0.7
    wobble = 1 + 0.25 * np.sin(np.linspace(0, random.uniform(2, 12), count) + random.uniform(0, 6))
    return Curve(points, (sigma * (0.5 + 0.5 * taper) * wobble).astype(np.float32),
                 (depth * taper * wobble).astype(np.float32))  # fmt: skip


def profile(curve: Curve, light: float, ridge: float) -> tuple[Array, Array]:
    """The relief of one curve, valley negative, and its footprint (1 inside EDGE sigmas)."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    points = curve.points[::2]
    away = (x[..., None] - points[:, 0]) ** 2 + (y[..., None] - points[:, 1]) ** 2
    nearest = away.argmin(-1)
    px, py = points[nearest, 0], points[nearest, 1]
    tangent = np.gradient(points, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-6
    tx, ty = tangent[nearest, 0], tangent[nearest, 1]
    signed = tx * (y - py) - ty * (x - px)
    along = tx * (x - px) + ty * (y - py)
    # Points are 2 px apart: the perpendicular inside the curve, or thin lines would look like beads.
    distance = np.where(np.abs(along) < 1.5, np.abs(signed), np.sqrt(away.min(-1)))
    sigma, depth = curve.sigma[::2][nearest], curve.depth[::2][nearest]
    valley = np.exp(-(distance**2) / (2 * sigma**2))
    facing = -ty * np.cos(light) + tx * np.sin(light)
    lit = np.exp(-((signed - 1.9 * sigma) ** 2) / (2 * (1.1 * sigma) ** 2)) * np.clip(facing, 0, 1)
    lit += np.exp(-((signed + 1.9 * sigma) ** 2) / (2 * (1.1 * sigma) ** 2)) * np.clip(-facing, 0, 1)
    lit *= distance < 5 * sigma
    relief = depth * (ridge * lit - valley)
    foot = (distance < EDGE * sigma) & (depth > 0.12)
    return relief.astype(np.float32), foot.astype(np.float32)


def draw(random: np.random.Generator) -> tuple[Array, Array]:
    """One bank entry: relief with a largest depth near 1, and footprint; both (SIDE, SIDE)."""
    relief, foot = np.zeros((SIDE, SIDE), np.float32), np.zeros((SIDE, SIDE), np.float32)
    light, ridge = random.uniform(0, 2 * np.pi), random.uniform(0, 0.45)
    angle = random.uniform(0, 2 * np.pi)
    family = int(random.integers(1, 6))
    sigma = float(np.exp(random.uniform(np.log(0.6), np.log(3.0))))
    if random.random() < 0.12:
        sigma, family = random.uniform(3, 6.5), 1
    for _ in range(family):
        start = random.uniform(0.05, 0.95, 2).astype(np.float32) * SIDE
        heading = angle + random.normal(0, 0.25)
        length = random.uniform(25, 170)
        start -= np.array([np.cos(heading), np.sin(heading)], np.float32) * length * random.uniform(0.2, 0.6)
        curve = random_curve(random, start, heading, length, sigma * random.uniform(0.7, 1.3),
                             random.uniform(0.5, 1))  # fmt: skip
        curves = [curve]
        if random.random() < 0.3:
            fork = curve.points[int(random.integers(len(curve.points)))]
            turn = random.choice([-1, 1]) * random.uniform(0.3, 0.8)
            curves.append(random_curve(random, fork, heading + turn,
                                       length * random.uniform(0.2, 0.6), sigma * 0.7, 0.6))  # fmt: skip
        for part in curves:
            one, footprint = profile(part, light, ridge)
            relief = np.where(np.abs(one) > np.abs(relief), one, relief)
            foot = np.maximum(foot, footprint)
    return relief, foot


def bank(count: int, seed: int) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
    """`count` entries: relief (count, SIDE, SIDE) float16 and footprint uint8."""
    random = np.random.default_rng(seed)
    entries = [draw(random) for _ in range(count)]
    return (np.stack([r for r, _ in entries]).astype(np.float16),
            np.stack([f for _, f in entries]).astype(np.uint8))  # fmt: skip
