"""Folds and creases drawn onto cloth: soft drapes, fans, pressed lines, crumples.

What is drawn is the cloth's height, and light makes the picture of it: Lambert's law on the slopes, less
light in the valleys, a little sheen. So a fold has a lit and a shaded side that belong together, and keeps
the cloth's own hue, weave and pattern. Heights are drawn once as a bank and reused under windows, flips,
turns and lights: drawing one takes 40 ms, a training step has 5 ms a patch.

Measured realism: the curvature of log tone, times sigma squared, where `training.label_cloth.folds` finds
soft folds, on 45 portraits (quartiles and 90th percentile):

| sigma | worn | drawn |
| --- | --- | --- |
| 4 px | .010 .021 .039 .057 | .016 .030 .049 .064 |
| 7 px | .018 .033 .056 .086 | .023 .035 .054 .082 |
| 12 px | .035 .058 .099 .158 | .028 .049 .093 .176 |

All sizes are in px at 180 px between the eyes, 2.86 px a millimetre.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training import strokes

SIDE = 320
"""Of a bank's entry; patches are at most as large."""
COARSE = 4
"""Px a cell of the grid on which distances to a curve are found; they are smooth, and 16 times fewer."""
GAMMA = 1 / 2.2
"""Light is multiplied by a shading, stored values by its power: a display's curve, to 0.02 of a value."""
MOST = 0.25
"""Most that a value is changed: what soft light can give back (`training.abpn.QUARTER`)."""

Array = NDArray[np.float32]


def _enlarged(plane: Array) -> Array:
    return np.asarray(Image.fromarray(plane).resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def _across(curve: strokes.Curve) -> tuple[Array, Array, Array]:
    """Signed distance from a curve at each pixel, and the curve's half-width and height there."""
    y, x = (np.mgrid[: SIDE // COARSE, : SIDE // COARSE].astype(np.float32) + 0.5) * COARSE - 0.5
    points = curve.points[::COARSE]
    nearest = ((x[..., None] - points[:, 0]) ** 2 + (y[..., None] - points[:, 1]) ** 2).argmin(-1)
    tangent = np.gradient(points, axis=0)
    step = np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-6
    # Between two points of the curve everything is interpolated: steps would be seen in the slopes.
    along = ((np.stack([x, y], -1) - points[nearest]) * (tangent / step**2)[nearest]).sum(-1)
    place = nearest + np.clip(along, -0.5, 0.5)

    def at(values: Array) -> Array:
        return np.interp(place, np.arange(len(points)), values).astype(np.float32)

    px, py, tx, ty = (at(values) for values in (*points.T, *(tangent / step).T))
    distance = np.hypot(x - px, y - py)
    signed = _enlarged(np.where(tx * (y - py) < ty * (x - px), -distance, distance))
    # The sign also changes far away, on the ends' extension: enlarged, that looks like a distance of 0.
    signed = np.copysign(np.maximum(np.abs(signed), _enlarged(distance) - COARSE), signed)
    depth = curve.depth[::COARSE].copy()
    depth[[0, -1]] = 0
    return signed, _enlarged(at(curve.sigma[::COARSE])), _enlarged(at(depth))


def _ridge(curve: strokes.Curve, lean: float) -> Array:
    """The height of a rounded fold; `lean` in 0..1 makes one of its sides that much steeper."""
    signed, width, height = _across(curve)
    side = np.where(signed > 0, width * (1 - 0.7 * lean), width)
    return np.asarray(height * width * np.exp(-0.5 * (signed / side) ** 2), np.float32)


def _pressed(curve: strokes.Curve, _lean: float) -> Array:
    """The height of a crease: cloth bent along a line, as by folding it for a drawer."""
    signed, width, height = _across(curve)
    return np.asarray(height * width * np.exp(-np.sqrt(signed**2 + 0.5) / width), np.float32)


def _curve(
    random: np.random.Generator, middle: Array, angle: float, length: float, width: float
) -> strokes.Curve:
    """A curve around a point; its depth is the steepness of the fold's sides, of either sign."""
    start = middle - 0.5 * length * np.array([np.cos(angle), np.sin(angle)], np.float32)
    curve = strokes.random_curve(random, start, angle, length, width, random.uniform(0.4, 1))
    return curve if random.random() < 0.6 else strokes.Curve(curve.points, curve.sigma, -curve.depth)


def drape(random: np.random.Generator) -> Array:
    """Return the height of soft folds that run side by side, as on a sleeve or under a chest."""
    angle, width = random.uniform(0, 2 * np.pi), float(np.exp(random.uniform(np.log(3), np.log(22))))
    zigzag = random.uniform(0.2, 0.7) if random.random() < 0.3 else 0.0  # as at an elbow
    across = np.array([-np.sin(angle), np.cos(angle)], np.float32)
    middle = random.uniform(0.25, 0.75, 2).astype(np.float32) * SIDE
    count = int(random.integers(2, 9))
    total = np.zeros((SIDE, SIDE), np.float32)
    for number in range(count):
        place = middle + across * (number - count / 2) * width * random.uniform(2.5, 5)
        heading = angle + random.normal(0, 0.15) + zigzag * (-1) ** number
        curve = _curve(random, place, heading, random.uniform(90, 400), width * random.uniform(0.6, 1.4))
        total += _ridge(curve, random.uniform(0, 1))
    return total


def fan(random: np.random.Generator) -> Array:
    """Return the height of folds that spread from a point, as from an armpit or a button under strain."""
    apex = random.uniform(0.1, 0.9, 2).astype(np.float32) * SIDE
    angle, spread = random.uniform(0, 2 * np.pi), random.uniform(0.3, 1.4)
    count = int(random.integers(3, 8))
    total = np.zeros((SIDE, SIDE), np.float32)
    for number in range(count):
        heading = angle + spread * (number / (count - 1) - 0.5) + random.normal(0, 0.07)
        length, width = random.uniform(50, 220), float(np.exp(random.uniform(np.log(2), np.log(10))))
        middle = apex + (8 + 0.5 * length) * np.array([np.cos(heading), np.sin(heading)], np.float32)
        curve = _curve(random, middle, heading, length, width)
        widening = np.linspace(0.5, 1.4, len(curve.points), dtype=np.float32)
        total += _ridge(
            strokes.Curve(curve.points, curve.sigma * widening, curve.depth), random.uniform(0, 1)
        )
    return total


def pressed(random: np.random.Generator) -> Array:
    """Return the height of creases from a drawer, a suitcase or a seat: nearly straight, some crossing."""
    angle = random.uniform(0, 2 * np.pi)
    total = np.zeros((SIDE, SIDE), np.float32)
    for _ in range(int(random.integers(1, 5))):
        heading = angle + random.choice([0, 0, np.pi / 2]) + random.normal(0, 0.06)
        place = random.uniform(0.1, 0.9, 2).astype(np.float32) * SIDE
        width = float(np.exp(random.uniform(np.log(2.5), np.log(18))))
        total += _pressed(_curve(random, place, heading, random.uniform(80, 420), width), 0)
    return total


def crumple(random: np.random.Generator) -> Array:
    """Return the height of many short creases in all directions, as in linen that was sat on."""
    middle, reach = random.uniform(0.2, 0.8, 2) * SIDE, random.uniform(30, 120)
    total = np.zeros((SIDE, SIDE), np.float32)
    for _ in range(int(random.integers(6, 16))):
        place = (middle + random.normal(0, reach, 2)).astype(np.float32)
        width = float(np.exp(random.uniform(np.log(1.5), np.log(9))))
        draw = _pressed if random.random() < 0.6 else _ridge
        curve = _curve(random, place, random.uniform(0, 2 * np.pi), random.uniform(20, 110), width)
        total += draw(curve, random.uniform(0, 1))
    return total


def cockle(random: np.random.Generator) -> Array:
    """Return the height of cloth that puckers all over, longer one way than the other."""
    length, width = np.exp(random.uniform(np.log([25, 5]), np.log([90, 16])))
    cells = (max(2, round(1.5 * SIDE / length)), max(2, round(1.5 * SIDE / width)))
    noise = Image.fromarray(random.standard_normal(cells[::-1]).astype(np.float32))
    large = noise.resize((round(1.5 * SIDE),) * 2, Image.Resampling.BICUBIC)
    turned = large.rotate(random.uniform(0, 180), Image.Resampling.BICUBIC)
    left = round(0.25 * SIDE)
    window = np.asarray(turned.crop((left, left, left + SIDE, left + SIDE)))
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    middle, reach = random.uniform(0.2, 0.8, 2) * SIDE, random.uniform(50, 200)
    place = np.exp(-((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / (2 * reach**2))
    return np.asarray(window * place * width * 0.3, np.float32)


KINDS: dict[str, Callable[[np.random.Generator], Array]] = {
    "drape": drape,
    "fan": fan,
    "pressed": pressed,
    "crumple": crumple,
    "cockle": cockle,
}
"""What is drawn, by the names that evaluations list."""
SHARES = (0.35, 0.2, 0.2, 0.15, 0.1)
"""How often each kind is, in the order of `KINDS`."""


@dataclass(frozen=True, eq=False)
class Bank:
    """Heights of folds; a slope of 1 is the steepest that cloth has without overlapping."""

    heights: NDArray[np.float16]
    """(entries, SIDE, SIDE), px."""
    kinds: tuple[str, ...]


def bank(count: int, seed: int) -> Bank:
    """Draw `count` entries from a seed; each kind at least once, if there are as many."""
    random = np.random.default_rng(seed)
    kinds = (*KINDS, *random.choice(list(KINDS), count, p=SHARES).tolist())[:count]
    return Bank(np.stack([KINDS[kind](random) for kind in kinds]).astype(np.float16), kinds)


def _window(bank: Bank, shape: tuple[int, int], random: np.random.Generator, kind: str | None) -> Array:
    """A turned part of an entry."""
    entries = [i for i, k in enumerate(bank.kinds) if kind in (None, k)]
    height = bank.heights[random.choice(entries)].astype(np.float32)
    turn = int(random.integers(8))
    height = np.rot90(height[:, ::-1] if turn & 4 else height, turn & 3)
    top, left = (int(random.integers(0, SIDE - side + 1)) for side in shape)
    return np.ascontiguousarray(height[top : top + shape[0], left : left + shape[1]])


def shaded(height: Array, random: np.random.Generator) -> tuple[Array, Array]:
    """Return what light makes of a height: a factor on the cloth's light, 1 where it is flat, and a sheen.

    Parameters
    ----------
    height : ndarray of float32, shape (height, width)
        Px.
    random : numpy.random.Generator
        Draws the light: from any side, 25 to 65 degrees from above, 20 to 60 % of it from everywhere.
    """
    down, across = np.gradient(height)
    angle, slant = random.uniform(0, 2 * np.pi), np.tan(np.radians(random.uniform(25, 65)))
    towards = across * np.cos(angle) + down * np.sin(angle)
    upright = 1 / np.sqrt(1 + across**2 + down**2)
    ambient = random.uniform(0.2, 0.6)
    light = ambient + (1 - ambient) * np.maximum(0, (1 - slant * towards) * upright)
    bent = np.gradient(down, axis=0) + np.gradient(across, axis=1)  # positive in valleys
    occluded = np.exp(-random.uniform(0, 1.5) * np.clip(bent, 0, 0.3))
    sheen = np.maximum(0, -towards) * upright
    return (light * occluded).astype(np.float32), sheen.astype(np.float32)


def spoil(
    image: Array, cloth: Array, random: np.random.Generator, bank: Bank, kind: str | None = None
) -> tuple[Array, Array]:
    """Draw folds and creases onto cloth.

    Parameters
    ----------
    image : ndarray of float32, shape (height, width, 3), 0..1
        RGB, perceptual, at 180 px between the eyes; at most `SIDE` px high and wide.
    cloth : ndarray of float32, shape (height, width), 0..1
    random : numpy.random.Generator
    bank : Bank
    kind : str, optional
        Of `KINDS`; else one to four entries of any kind.

    Returns
    -------
    spoiled : ndarray of float32, shape (height, width, 3), 0..1
    changes : ndarray of float32, shape (height, width, 3)
        What undoes them: ``image - spoiled`` exactly; 0 where `cloth` is.
    """
    shape = (image.shape[0], image.shape[1])
    height = np.zeros(shape, np.float32)
    for _ in range(1 if kind else int(random.integers(1, 5))):
        height += _window(bank, shape, random, kind) * np.float32(
            np.exp(random.uniform(np.log(0.3), np.log(1.5)))
        )
    light, sheen = shaded(height, random)
    light = (1 + (light - 1) * cloth) ** np.float32(GAMMA)
    # Folds of black wool are seen by their sheen alone; satin has more.
    gloss = random.uniform(0.02, 0.2) if random.random() < 0.8 else random.uniform(0.2, 0.5)
    spoiled = image * light[..., None] + (np.float32(gloss) * sheen * cloth)[..., None]
    spoiled = np.clip(np.clip(spoiled, image - MOST, image + MOST), 0, 1).astype(np.float32)
    spoiled[cloth == 0] = image[cloth == 0]
    return spoiled, image - spoiled
