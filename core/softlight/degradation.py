"""What lenses, small files, networks and years do to photos of faces, drawn from a seed.

For tests and evaluations of Face restore, and for its recipe. Pictures are float32, shape (height, width, 3),
perceptual RGB, 0..1. Lengths are in px of the picture. What happens in a camera, blur and photon noise,
happens in light; what happens to a file happens to its stored values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.encoding import linear_to_perceptual, perceptual_to_linear

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


def degrade(image: Array, steps: Sequence[Step], random: Random) -> Array:
    """Return a picture after all that happened to it, one step after the other.

    Parameters
    ----------
    image : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1; never changed. A grey picture stays grey.
    steps : sequence of Step
    random : numpy.random.Generator
        The same seed gives the same picture.

    Returns
    -------
    ndarray of float32, shape (height, width, 3), 0..1
    """
    grey = bool((image == image[..., :1]).all())
    for step in steps:
        changed = _changed(image, step, random).clip(0, 1)
        image = np.repeat(changed.mean(axis=2, keepdims=True), 3, axis=2) if grey else changed
    return np.asarray(image, np.float32)


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


def _changed(image: Array, step: Step, random: Random) -> Array:
    match step:
        case Blur():
            return _blurred(image, step)
        case Shrink():
            return _shrunk(image, step)
        case Noise():
            return _noisy(image, step, random)
        case Jpeg():
            return _compressed(image, step)
        case FilmDamage():
            return _aged(image, step, random)


def _blurred(image: Array, blur: Blur) -> Array:
    light = perceptual_to_linear(image)
    if blur.kernel is Kernel.GAUSSIAN:
        spread = cv2.GaussianBlur(light, (0, 0), blur.size, borderType=cv2.BORDER_REFLECT_101)
    else:
        spread = cv2.filter2D(light, -1, _kernel(blur), borderType=cv2.BORDER_REFLECT_101)
    return linear_to_perceptual(np.asarray(spread, np.float32).clip(0, 1))


def _kernel(blur: Blur) -> Array:
    """Return a disc or a line, drawn four times as large so that its edge is smooth; its sum is 1."""
    half, finer = int(np.ceil(blur.size)) + 1, 4
    side = finer * (2 * half + 1)
    y, x = (np.mgrid[:side, :side].astype(np.float32) + 0.5) / finer - half - 0.5
    if blur.kernel is Kernel.DEFOCUS:
        inside = np.hypot(x, y) <= blur.size
    else:
        along = x * np.cos(blur.angle) + y * np.sin(blur.angle)
        across = y * np.cos(blur.angle) - x * np.sin(blur.angle)
        inside = (np.abs(along) <= blur.size) & (np.abs(across) <= 0.5)
    shape = (2 * half + 1, finer, 2 * half + 1, finer)
    drawn_ = inside.reshape(shape).mean(axis=(1, 3), dtype=np.float32)
    return np.asarray(drawn_ / drawn_.sum(), np.float32)


def _shrunk(image: Array, shrink: Shrink) -> Array:
    height, width = image.shape[:2]
    size = (max(1, round(width / shrink.factor)), max(1, round(height / shrink.factor)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    method = cv2.INTER_NEAREST if shrink.pixelated else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(small, (width, height), interpolation=method), np.float32)


def _noisy(image: Array, noise: Noise, random: Random) -> Array:
    shape = image.shape
    if noise.grain is Grain.SHOT:
        # White is that many photons whose standard deviation is the strength.
        photons = 1 / max(noise.strength, 1e-4) ** 2
        counted = random.poisson(perceptual_to_linear(image).clip(0, 1) * photons) / photons
        return linear_to_perceptual(counted.astype(np.float32).clip(0, 1))
    if noise.grain is Grain.IMPULSE:
        hit = random.random(shape[:2]) < noise.strength
        lost = (random.random(shape[:2]) < 0.5).astype(np.float32)
        return np.where(hit[..., None], lost[..., None], image)
    if noise.grain is Grain.FILM:
        grain = random.standard_normal(shape[:2]).astype(np.float32)
        grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), max(noise.size / 2.355, 0.3)), np.float32)
        return image + noise.strength * (grain / max(float(grain.std()), 1e-6))[..., None]
    return image + noise.strength * random.standard_normal(shape).astype(np.float32)


def _compressed(image: Array, jpeg: Jpeg) -> Array:
    stored = np.rint(image[..., ::-1] * 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", stored, [cv2.IMWRITE_JPEG_QUALITY, jpeg.quality])
    found = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert found is not None
    return np.asarray(found[..., ::-1], np.float32) / np.float32(255)


def _aged(image: Array, damage: FilmDamage, random: Random) -> Array:
    faded = image.mean(axis=2, keepdims=True)
    # Dyes go, blacks become brown, whites yellow.
    yellowed = faded * np.array([0.78, 0.72, 0.6], np.float32) + np.array([0.16, 0.14, 0.11], np.float32)
    aged = image + np.float32(damage.fading) * (yellowed - image)
    height, width = image.shape[:2]
    cover = np.zeros((height, width), np.float32)
    for _ in range(damage.scratches):
        x, lean = random.uniform(0, width), random.normal(0, 0.05) * width
        ends = ((x, 0.0), (x + lean, float(height)))
        _line(cover, ends, random.uniform(0.4, 1))
    for _ in range(damage.dust):
        middle = random.uniform((0, 0), (width, height))
        reach = random.normal(0, 0.006 * (height + width) / 2, 2)
        _line(cover, (tuple(middle), tuple(middle + reach)), random.uniform(0.5, 1))
    tone = np.float32(random.uniform(0.8, 1) if random.random() < 0.7 else random.uniform(0, 0.15))
    return np.asarray(aged + cover[..., None] * (tone - aged), np.float32)


def _line(cover: Array, ends: tuple[tuple[float, ...], tuple[float, ...]], weight: float) -> None:
    """Draw a smooth line, a px wide, into what is covered; in place."""
    drawing = np.zeros(cover.shape, np.uint8)
    first, last = (tuple(round(16 * place) for place in end) for end in ends)
    cv2.line(drawing, first, last, 255, 1, cv2.LINE_AA, 4)
    np.maximum(cover, np.float32(weight / 255) * drawing, out=cover)
