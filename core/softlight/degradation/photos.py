"""Pictures after what happened to them, the same for a seed.

Pictures are float32, shape (height, width, 3), perceptual RGB, 0..1. What happens in a camera, blur and
photon noise, happens in light; what happens to a file happens to its stored values.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.degradation.steps import (
    Blur,
    FilmDamage,
    Grain,
    Jpeg,
    Kernel,
    Noise,
    Random,
    Shrink,
    Step,
    kernel_of,
)
from softlight.encoding import linear_to_perceptual, perceptual_to_linear

Array = NDArray[np.float32]


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
        spread = cv2.filter2D(light, -1, kernel_of(blur), borderType=cv2.BORDER_REFLECT_101)
    return linear_to_perceptual(np.asarray(spread, np.float32).clip(0, 1))


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
