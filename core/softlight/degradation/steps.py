"""What may happen to a photo, described: by level, or drawn at random.

Lengths are in px of the picture. Nothing here needs more than numpy: a recipe does the same on a GPU.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Random = np.random.Generator

FACE = 120.0
"""Px between the eyes for which the lengths of `LEVELS` are: those of a face aligned to 512 px."""


class Kernel(Enum):
    """What a point becomes."""

    GAUSSIAN = "gaussian"
    DEFOCUS = "defocus"
    """A disc: a lens that is focused elsewhere."""
    MOTION = "motion"
    """A line: a camera, or a head, that moved."""


class Grain(Enum):
    """Where noise comes from."""

    GAUSSIAN = "gaussian"
    """Of the sensor's electronics: as strong in the shadows as in the lights."""
    SHOT = "shot"
    """Of the photons: light is counted, and a count differs by its square root."""
    IMPULSE = "impulse"
    """Dead pixels and lost data: black or white."""
    FILM = "film"
    """Of film: the same in all channels, and larger than a pixel."""


@dataclass(frozen=True)
class Blur:
    """A lens or a movement."""

    kernel: Kernel
    size: float
    """Px: standard deviation, radius of the disc, or half the length of the line."""
    angle: float = 0.0
    """Radians, of a line."""


@dataclass(frozen=True)
class Shrink:
    """A picture that was smaller once: shrunk by area, and enlarged again."""

    factor: float
    """How much smaller; 1 or more."""
    pixelated: bool = False
    """Enlarged without interpolation, as a mosaic."""


@dataclass(frozen=True)
class Noise:
    """Grain of any kind."""

    grain: Grain
    strength: float
    """Standard deviation in stored values, or in light at white (shot); of impulses their share of pixels."""
    size: float = 1.0
    """Px across one grain of film."""


@dataclass(frozen=True)
class Jpeg:
    """A file that was made smaller."""

    quality: int
    """1 to 100."""


@dataclass(frozen=True)
class FilmDamage:
    """What years did to a print or a negative."""

    scratches: int
    dust: int
    fading: float
    """0..1: how much of contrast and colour went."""


Step = Blur | Shrink | Noise | Jpeg | FilmDamage

LEVELS: dict[int, tuple[Step, ...]] = {
    0: (),
    1: (Blur(Kernel.GAUSSIAN, 1.2), Noise(Grain.GAUSSIAN, 0.015), Jpeg(80)),
    2: (Blur(Kernel.DEFOCUS, 2.0), Shrink(2.5), Noise(Grain.SHOT, 0.06), Jpeg(60)),
    3: (Blur(Kernel.MOTION, 4.0, 0.6), Shrink(5.0), Noise(Grain.GAUSSIAN, 0.04), Jpeg(45)),
    4: (Blur(Kernel.DEFOCUS, 4.0), Shrink(9.0), Noise(Grain.SHOT, 0.15), Jpeg(30)),
}
"""Four steps from a slightly soft file to a face of 13 px between its eyes; 0 is the photo as it is."""


def level(number: int, interocular: float = FACE) -> tuple[Step, ...]:
    """Return the steps of one of `LEVELS` for faces of another size.

    Parameters
    ----------
    number : int
        0 to 4.
    interocular : float
        Px between the eyes. Blur grows with it, and so does what shrinking loses: the face that is left has
        the same size. Noise and JPEG are those of the file.

    Raises
    ------
    KeyError
        For another number.
    """
    return tuple(_sized(step, interocular / FACE) for step in LEVELS[number])


def drawn(random: Random) -> tuple[Step, ...]:
    """Return two to five steps of random kinds, order and strength, as a recipe wants them."""
    kinds: list[Callable[[], Step]] = [
        lambda: Blur(Kernel.GAUSSIAN, _between(random, 0.5, 6)),
        lambda: Blur(Kernel.DEFOCUS, _between(random, 1, 7)),
        lambda: Blur(Kernel.MOTION, _between(random, 1.5, 10), random.uniform(0, np.pi)),
        lambda: Shrink(_between(random, 1.2, 10), bool(random.random() < 0.1)),
        lambda: Noise(Grain.GAUSSIAN, _between(random, 0.005, 0.08)),
        lambda: Noise(Grain.SHOT, _between(random, 0.01, 0.2)),
        lambda: Noise(Grain.IMPULSE, _between(random, 0.0005, 0.01)),
        lambda: Noise(Grain.FILM, _between(random, 0.01, 0.08), _between(random, 1, 4)),
        lambda: FilmDamage(int(random.integers(0, 6)), int(random.integers(0, 30)), random.uniform(0, 0.6)),
    ]
    chosen = random.permutation(len(kinds))[: random.integers(1, 5)]
    # A file is written at the end, and sometimes on the way.
    steps = [kinds[number]() for number in chosen]
    if random.random() < 0.3:
        steps.insert(int(random.integers(len(steps))), Jpeg(int(random.integers(30, 96))))
    return (*steps, Jpeg(int(random.integers(25, 96))))


def _between(random: Random, low: float, high: float) -> float:
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def _sized(step: Step, factor: float) -> Step:
    if isinstance(step, Blur):
        return replace(step, size=step.size * factor)
    if isinstance(step, Shrink):
        return replace(step, factor=max(1.0, step.factor * factor))
    return step


def kernel_of(blur: Blur) -> Array:
    """Return a disc or a line, drawn four times as large so that its edge is smooth; its sum is 1."""
    # A quarter of a px is a point: of anything smaller no sample would be inside.
    size = max(blur.size, 0.25)
    half, finer = int(np.ceil(size)) + 1, 4
    side = finer * (2 * half + 1)
    y, x = (np.mgrid[:side, :side].astype(np.float32) + 0.5) / finer - half - 0.5
    if blur.kernel is Kernel.DEFOCUS:
        inside = np.hypot(x, y) <= size
    else:
        along = x * np.cos(blur.angle) + y * np.sin(blur.angle)
        across = y * np.cos(blur.angle) - x * np.sin(blur.angle)
        inside = (np.abs(along) <= size) & (np.abs(across) <= 0.5)
    shape = (2 * half + 1, finer, 2 * half + 1, finer)
    drawn_ = inside.reshape(shape).mean(axis=(1, 3), dtype=np.float32)
    return np.asarray(drawn_ / drawn_.sum(), np.float32)
