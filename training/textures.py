"""Surfaces, light and grain of composed scenes."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

GRAIN = 1024
"""Px of the sheet of noise of which every scene gets a part: drawing it anew took 4 ms a scene."""


def cloth(random: np.random.Generator, side: int) -> Image.Image:
    """Return a sheet of coarse to fine noise in a few colours, RGB."""
    half = side // 2  # a quarter of the time
    sheet = np.zeros((half, half, 3), np.float32)
    weight = 1.0
    for cells in (2, 5, 14, 50):
        spots = random.random((cells, cells, 3 if random.random() < 0.3 else 1)) * np.ones(3)
        layer = Image.fromarray((spots * 255).astype(np.uint8)).resize((half, half), Image.Resampling.BICUBIC)
        sheet += weight * (np.asarray(layer, np.float32) - 128)
        weight *= random.uniform(0.2, 0.8)
    tone = (
        random.uniform(20, 235, 3)
        if random.random() < 0.7
        else random.uniform([120, 80, 60], [240, 200, 170])
    )
    if random.random() < 0.5:  # most rooms are greyish
        tone = tone.mean() + 0.3 * (tone - tone.mean())
    pixels = (tone + random.uniform(0.1, 0.9) * sheet).clip(0, 255).astype(np.uint8)
    return Image.fromarray(pixels).resize((side, side), Image.Resampling.BILINEAR)


def drawn(random: np.random.Generator, side: int) -> Image.Image:
    """Return a background without faces: cloth, shapes, stripes, balls, dots and lines that are no face."""
    image = cloth(random, side)
    draw = ImageDraw.Draw(image)
    for _ in range(int(random.integers(0, 25))):
        fill = tuple(random.integers(0, 256, 3).tolist())
        x, y = random.uniform(-0.1 * side, side, 2)
        w, h = side * np.exp(random.uniform(-4.5, -0.7, 2))
        kind = random.random()
        if kind < 0.35:
            draw.ellipse((x, y, x + w, y + h), fill=fill)
        elif kind < 0.6:
            draw.rectangle((x, y, x + w, y + h), fill=fill)
        elif kind < 0.85:
            ends = (x, y, x + random.normal(0, side / 2), y + random.normal(0, side / 2))
            draw.line(ends, fill=fill, width=int(random.integers(1, 9)))
        else:
            draw.arc(
                (x, y, x + w, y + h), random.uniform(0, 180), random.uniform(180, 360), fill=fill, width=3
            )
    if random.random() < 0.3:
        image = image.filter(ImageFilter.GaussianBlur(random.uniform(0.5, 6)))
    return image


def _curve(random: np.random.Generator, gamma: float, gain: float, lift: float) -> list[int]:
    values = gain * (np.arange(256) / 255) ** gamma + lift
    table: list[int] = (255 * values).clip(0, 255).astype(int).tolist()
    return table


def toned(person: Image.Image, random: np.random.Generator) -> Image.Image:
    """Return a person, RGBA, in other light: the portraits show mostly light skin, and in good light.

    Gammas up to 2.2 bring their tones down to the darkest.
    """
    gamma = float(np.exp(random.uniform(-0.35, 0.8)))
    gain = random.uniform(0.75, 1.15)
    table: list[int] = []
    for _ in range(3):
        table += _curve(random, gamma, gain * random.uniform(0.92, 1.08), random.uniform(-0.03, 0.06))
    return person.point(table + list(range(256)))


def lit(image: Image.Image, random: np.random.Generator) -> Image.Image:
    """Return a scene under another light: tinted, dark, flat or hard."""
    dark = random.random() < 0.18
    gamma = float(np.exp(random.normal(0, 0.15)))
    gain = random.uniform(0.15, 0.5) if dark else random.uniform(0.75, 1.2)
    lift = 0.0 if random.random() < 0.6 else random.uniform(-0.05 * gain, 0.2)
    table: list[int] = []
    for _ in range(3):
        table += _curve(random, gamma, gain * (1 + random.normal(0, 0.07)), lift)
    return image.point(table)


def shaken(image: Image.Image, random: np.random.Generator) -> Image.Image:
    """Return a scene blurred by motion."""
    x, y = random.normal(0, 4, 2)
    shots = [
        np.asarray(
            image.transform(image.size, Image.Transform.AFFINE, (1, 0, x * t, 0, 1, y * t)), np.float32
        )
        for t in (-1, -0.5, 0, 0.5, 1)
    ]
    return Image.fromarray(np.mean(shots, axis=0).astype(np.uint8))


@cache
def _sheet() -> NDArray[np.float32]:
    return np.random.default_rng(7).standard_normal((GRAIN, GRAIN, 3)).astype(np.float32)


def grain(random: np.random.Generator, side: int) -> NDArray[np.float32]:
    """Return noise of unit strength, (side, side, 3)."""
    top, left = random.integers(0, GRAIN - side, 2)
    noise = _sheet()[top : top + side, left : left + side]
    return noise if random.random() < 0.6 else noise[..., :1]
