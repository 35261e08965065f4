"""Synthetic skin defects with known truth, for the recipe and the evaluation of skin retouching.

Skin is seen through what it holds: a defect is more melanin, more blood, a slope that takes light, or
gloss. Densities of dyes add in the logarithm of light (Tsumura et al. 1999), and stored values are
nearly a power of light, so a density multiplies them too: the skin's own grain and shading stay in it.

How real they are: what `blemish_finder` finds on 24 portraits as photographed, and of what was drawn onto
the same with their own taken away (medians; L* and a* against the skin around; px; tone is the mean G):

    kind    tone        found: real  drawn   L*           a*         diameter   edge
    red     to .42             27     67    -3.0  -5.4   3.1  4.2   5.3  4.9   1.7  2.3
    red     .42 to .52        138    181    -6.4  -6.1   6.4  5.6   4.4  5.2   1.9  2.4
    red     from .52          152    465    -5.8  -6.6   5.5  5.5   5.1  5.4   2.0  2.5
    brown   to .42             14     21    -5.5  -5.2   0.8  1.8   5.3  5.0   2.0  2.2
    brown   .42 to .52         35     29    -7.4  -6.5   1.0  1.9   4.2  4.7   1.9  2.0
    brown   from .52          115     62    -7.1  -7.1   1.2  1.9   4.4  4.8   2.1  2.2
    mole    .42 to .52         23     36   -10.6 -12.0   1.3  2.8   4.2  4.5   2.0  2.4
    mole    from .52           62     65   -11.5 -13.1   1.8  3.0   3.7  4.5   2.0  2.5

Moles of the darkest skin (4 real ones found) and freckles (6) were compared by eye only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.blemish_bank import DYES, SIDE, Bank

__all__ = ["COMPONENTS", "KINDS", "Bank", "mixture", "spoil"]

Array = NDArray[np.float32]

COMPONENTS = ("blemishes", "marks", "evenness", "shine", "under_eye", "texture")
"""What can be undone apart from each other, in the order of the network's planes."""
KINDS: Mapping[str, str] = {
    "pimple": "blemishes",
    "mark": "blemishes",
    "redness": "blemishes",
    "scratch": "blemishes",
    "razor_burn": "blemishes",
    "mole": "marks",
    "freckles": "marks",
    "uneven_tone": "evenness",
    "flush": "evenness",
    "shine": "shine",
    "dark_circles": "under_eye",
    "coarse_pores": "texture",
    "fine_lines": "texture",
}
"""From a kind of defect to its component."""
_ORDER = ("texture", "marks", "under_eye", "evenness", "blemishes", "shine")
"""From the skin's own to what lies on it: whoever keeps the first two gets exactly them."""
_PATCH = 192**2
"""Px of skin, at the canonical scale, for which numbers of spots are given: a quarter of a face."""
COLOURFUL = 0.3
"""Logarithm of R / B of skin above which a photo counts as coloured: the fifth percentile of public
portraits is 0.2 to 0.34, and a grey photo has 0."""
_MELANIN = np.array([[0.66, 1.0, 1.2]], np.float32)
_BLOOD = np.array([[0.18, 1.0, 1.0], [0.4, 1.0, 1.05]], np.float32)
_SHADE = np.array([[0.63, 1.0, 1.2]], np.float32)
_BRUISE = np.array([[0.95, 1.0, 0.92]], np.float32)
"""What a unit of each dye takes from the logarithm of R, G and B, in light skin and in the darkest.

Measured: real moles take (0.66, 1, 1.2) and brown spots (0.66, 1, 1.16) in light and dark skin, red spots
(0.26, 1, 1.0) with the melanin that is in them, pores (0.63, 1, 1.2)."""
WHITE = 0.1
"""Distance from white below which a channel of the skin shows dyes less: the camera's shoulder."""


@dataclass(frozen=True, eq=False)
class _Scene:
    """What a kind of defect is drawn on."""

    skin: Array
    under_eye: Array
    green: Array
    mean: float
    """Of the picture as photographed; and its mean on the skin."""
    darkness: float
    """Of the skin: 0 for light, 1 for the darkest."""
    places: NDArray[np.int64]
    """Pixels of skin (n, 2), one in 64."""
    scale: float
    random: np.random.Generator
    bank: Bank

    @cached_property
    def light(self) -> Array:
        """Brightness of the skin against its mean, without its grain; 1 on average."""
        return np.clip(_blurred(self.green, 6 * self.scale) / self.mean, 0.05, 1.6)

    @cached_property
    def relief(self) -> Array:
        """Brightness against the light: the skin's grain and pores; 1 on average."""
        return np.clip(self.green / (self.light * self.mean), 0.6, 1.5)

    def count(self, for_a_patch: float) -> int:
        """Return how many spots the skin gets: Poisson, by its area."""
        area = 64 * len(self.places) / self.scale**2
        return int(self.random.poisson(for_a_patch * area / _PATCH))

    def place(self) -> NDArray[np.int64]:
        """Return a random pixel of skin, (row, column)."""
        return self.places[self.random.integers(len(self.places))] + self.random.integers(0, 8, 2)

    def _light_at(self, place: NDArray[np.int64]) -> float:
        row, column = np.minimum(place, np.array(self.skin.shape) - 1)
        return float(self.light[row, column])

    def field(self, fields: list[Array]) -> Array:
        """Return a random window of a random periodic field, turned, in the picture's shape."""
        height, width = self.skin.shape
        rows, columns = (int(np.ceil(n / self.scale)) for n in (height, width))
        field = _turned(fields[self.random.integers(len(fields))], self.random)
        repeats = -(-rows // SIDE), -(-columns // SIDE)
        if repeats != (1, 1):
            field = np.tile(field, repeats)
        top = self.random.integers(field.shape[0] - rows + 1)
        left = self.random.integers(field.shape[1] - columns + 1)
        return _resized(field[top : top + rows, left : left + columns], (height, width))

    def blob(self, smallest: float, largest: float, brightest_of: int = 1) -> Array:
        """Return one soft Gaussian spot on the skin, (h, w), 0..1; standard deviations in px."""
        middle = self.place()
        if brightest_of > 1:
            middle = max(middle, *(self.place() for _ in range(brightest_of - 1)), key=self._light_at)
        parts = []
        for size, centre in zip(self.skin.shape, middle):
            sigma = self.scale * self.random.uniform(smallest, largest)
            parts.append(np.exp(-(((np.arange(size) - centre) / sigma) ** 2) / 2).astype(np.float32))
        return parts[0][:, None] * parts[1]


def _turned(template: Array, random: np.random.Generator) -> Array:
    turn = int(random.integers(8))
    if turn & 1:
        template = template[..., ::-1]
    if turn & 2:
        template = template[..., ::-1, :]
    return template.swapaxes(-1, -2) if turn & 4 else template


def _resized(field: Array, shape: tuple[int, int]) -> Array:
    if field.shape == shape:
        return field
    image = Image.fromarray(np.ascontiguousarray(field))
    return np.asarray(image.resize(shape[::-1], Image.Resampling.BILINEAR))


def _blurred(field: Array, side: float) -> Array:
    """Return means over squares of about `side` px, interpolated."""
    height, width = field.shape
    small = max(1, round(width / side)), max(1, round(height / side))
    coarse = Image.fromarray(np.ascontiguousarray(field)).resize(small, Image.Resampling.BOX)
    return np.asarray(coarse.resize((width, height), Image.Resampling.BILINEAR))


def _put(planes: Array, template: Array, scene: _Scene, strength: float) -> None:
    """Add a template (c, n, m) to planes (c, h, w) in the middle of some skin; what sticks out is cut."""
    template = _turned(template, scene.random)
    if scene.scale != 1:
        n, m = (max(3, round(n * scene.scale)) for n in template.shape[1:])
        template = np.stack([_resized(plane, (n, m)) for plane in template])
    n, m = template.shape[1:]
    row, column = scene.place().tolist()
    y, x = row - n // 2, column - m // 2
    top, left = max(y, 0), max(x, 0)
    bottom, right = min(y + n, planes.shape[1]), min(x + m, planes.shape[2])
    planes[:, top:bottom, left:right] += strength * template[:, top - y : bottom - y, left - x : right - x]


def _spots(
    kind: str, for_a_patch: float, median: float, spread: float, largest: float
) -> Callable[[_Scene, Array, float], None]:
    """Return what draws stamps: how many with severity 1, and their densities (log-normal)."""

    def draw(scene: _Scene, planes: Array, severity: float) -> None:
        stamps = scene.bank.stamps[kind]
        for _ in range(max(1, scene.count(severity * for_a_patch))):
            strength = min(float(median * np.exp(scene.random.normal(0, spread))), largest)
            _put(planes, stamps[scene.random.integers(len(stamps))], scene, strength)

    return draw


def _lines(
    fields: str, for_a_patch: float, dye: int, low: float, high: float
) -> Callable[[_Scene, Array, float], None]:
    def draw(scene: _Scene, planes: Array, severity: float) -> None:
        templates = getattr(scene.bank, fields)
        for _ in range(max(1, scene.count(severity * for_a_patch))):
            template = templates[scene.random.integers(len(templates))][None]
            _put(planes[dye : dye + 1], template, scene, scene.random.uniform(low, high))

    return draw


def _razor_burn(scene: _Scene, planes: Array, severity: float) -> None:
    where = scene.blob(18, 60) * np.clip(1 + 0.7 * scene.field(scene.bank.tones), 0, 2)
    dots = scene.field(scene.bank.razor)
    planes[1] += (
        severity * where * (scene.random.uniform(0.02, 0.06) + scene.random.uniform(0.08, 0.2) * dots)
    )
    planes[0] += severity * scene.darkness * 0.1 * where * dots


def _freckles(scene: _Scene, planes: Array, severity: float) -> None:
    planes[0] += severity * scene.random.uniform(0.06, 0.25) * scene.field(scene.bank.freckles)


def _uneven_tone(scene: _Scene, planes: Array, severity: float) -> None:
    sizes = severity * scene.random.uniform([0, 0, 0], [0.04, 0.05, 0.02])
    for dye, size in enumerate(sizes):
        planes[dye] += size * scene.field(scene.bank.tones)
    planes[1] += 0.15 * sizes[1] * scene.field(scene.bank.mottle)


def _flush(scene: _Scene, planes: Array, severity: float) -> None:
    for _ in range(int(scene.random.integers(1, 3))):
        mottled = 1 + scene.random.uniform(0, 0.35) * scene.field(scene.bank.tones)
        planes[1] += severity * scene.random.uniform(0.06, 0.22) * scene.blob(18, 50) * mottled


def _shine(scene: _Scene, planes: Array, severity: float) -> None:
    """Soft lobes where the light is strongest, broken up by what the skin's own relief reflects."""
    lobes = np.zeros_like(scene.skin)
    for _ in range(max(1, scene.count(3))):
        lobes += scene.random.uniform(0.3, 1) * scene.blob(6, 26, brightest_of=6)
    uneven = 1 + 0.12 * scene.field(scene.bank.mottle) + 0.15 * scene.field(scene.bank.tones)
    gloss = lobes * uneven * scene.light * scene.relief ** scene.random.uniform(1, 4)
    planes[3] += severity * scene.random.uniform(0.15, 0.55) * (1 - np.exp(-gloss))


def _dark_circles(scene: _Scene, planes: Array, severity: float) -> None:
    uneven = np.clip(1 + 0.3 * scene.field(scene.bank.tones), 0, 2) * scene.under_eye
    brown, blue = scene.random.uniform([0, 0.02], [0.12, 0.13])
    planes[0] += severity * brown * uneven
    planes[2] += severity * blue * uneven


def _coarse_pores(scene: _Scene, planes: Array, severity: float) -> None:
    """Pores as deep as the photo shows grain: on a chest out of focus they looked like drawn dots."""
    side = 24 * scene.scale
    grain = _blurred(np.minimum(np.abs(scene.relief - 1), 0.03) * scene.skin, side)
    grain = grain / np.maximum(_blurred(scene.skin, side), 0.2)
    where = np.clip(0.6 + 0.5 * scene.field(scene.bank.blotches), 0, 1.6)
    depth = severity * scene.random.uniform(0.6, 2.2)
    planes[2] += depth * np.clip(grain, 0.004, 0.02) * where * scene.field(scene.bank.pores)


_DRAW: Mapping[str, Callable[[_Scene, Array, float], None]] = {
    "pimple": _spots("pimple", 14, 0.15, 0.45, 0.4),
    "mark": _spots("mark", 12, 0.11, 0.5, 0.4),
    "redness": _spots("redness", 2, 0.07, 0.4, 0.2),
    "scratch": _lines("scratches", 2, 1, 0.08, 0.3),
    "razor_burn": _razor_burn,
    "mole": _spots("mole", 3, 0.25, 0.45, 1.0),
    "freckles": _freckles,
    "uneven_tone": _uneven_tone,
    "flush": _flush,
    "shine": _shine,
    "dark_circles": _dark_circles,
    "coarse_pores": _coarse_pores,
    "fine_lines": _lines("lines", 3, 2, 0.015, 0.055),
}
_OFTEN: Mapping[str, float] = {
    "pimple": 0.45,
    "mark": 0.4,
    "redness": 0.2,
    "scratch": 0.06,
    "razor_burn": 0.08,
    "mole": 0.35,
    "freckles": 0.15,
    "uneven_tone": 0.5,
    "flush": 0.25,
    "shine": 0.35,
    "dark_circles": 0.7,
    "coarse_pores": 0.35,
    "fine_lines": 0.3,
}
"""How often a patch of skin that is not spotless has a kind of defect."""


def mixture(random: np.random.Generator) -> dict[str, float]:
    """Return which kinds some skin has, each with a severity of 0..1.

    A tenth has none. Of blemishes most have few and some have many, so severities are mostly small.
    """
    if random.random() < 0.1:
        return {}
    return {
        kind: float(random.beta(1, 1.8) if KINDS[kind] in ("blemishes", "marks") else random.uniform(0.2, 1))
        for kind, often in _OFTEN.items()
        if random.random() < often
    }


def _tone(image: Array, skin: Array) -> Array:
    """Return the skin's mean colour, (3,)."""
    some, weight = image[::4, ::4].reshape(-1, 3), skin[::4, ::4].reshape(-1)
    return np.asarray(np.clip(weight @ some / max(float(weight.sum()), 1e-3), 0.03, 1), np.float32)


def _colours(component: str, tone: Array) -> Array:
    """Return what a unit of each of the first three dyes takes from the logarithm of R, G and B, (3, 3).

    Where a photo has little colour or none the dyes have as little.
    """
    darkness = _darkness(tone)
    dyes = (_MELANIN, _BLOOD, _BRUISE if component == "under_eye" else _SHADE)
    colours = np.stack([(1 - darkness) * dye[0] + darkness * dye[-1] for dye in dyes])
    colourful = np.clip(np.log(tone[0] / tone[2]) / COLOURFUL, 0, 1)
    grey = colours.mean(axis=1, keepdims=True)
    colours = grey + colourful * (colours - grey)
    return np.asarray(colours * np.minimum((1.02 - tone) / WHITE, 1), np.float32)


def _darkness(tone: Array) -> float:
    """Return 0 for light skin, 1 for the darkest."""
    return float(np.clip((0.55 - tone[1]) / 0.35, 0, 1))


def _planes(scene: _Scene, drawn: Mapping[str, float]) -> Array:
    """Return how much of each of `DYES` some kinds add, each with its severity, (4, h, w)."""
    planes = np.zeros((len(DYES), *scene.skin.shape), np.float32)
    for kind, severity in drawn.items():
        _DRAW[kind](scene, planes, severity)
    planes *= scene.skin
    return planes


def _dyed(image: Array, planes: Array, colours: Array) -> Array:
    """Return a picture (3, h, w) seen through dyes, with gloss over them, clipped to 0..1."""
    density = (-colours.T @ planes[:3].reshape(3, -1)).reshape(image.shape)
    after = np.exp(density, out=density)
    after *= image
    if planes[3].any():
        after += planes[3] * (1 - after)
    return np.clip(after, 0, 1, out=after)


def spoil(
    image: Array,
    skin: Array,
    under_eye: Array,
    random: np.random.Generator,
    bank: Bank,
    kinds: Iterable[str] | None = None,
    scale: float = 1.0,
) -> tuple[Array, Array]:
    """Draw defects onto skin and say what would undo each component of them.

    Parameters
    ----------
    image : float32 array (h, w, 3)
        RGB, perceptual (sRGB's curve or one like it), 0..1.
    skin, under_eye : float32 arrays (h, w)
        0..1: where defects may be; how dark a circle may be where.
    random : Generator
    bank : Bank
    kinds : iterable of str, optional
        Of `KINDS`, each of which is drawn for certain; by default a random `mixture`, sometimes none.
    scale : float
        Interocular distance of the picture in units of 180 px; defects grow with it.

    Returns
    -------
    spoiled : float32 array (h, w, 3)
        0..1.
    changes : float32 array (6, h, w, 3)
        What to add for each of `COMPONENTS`; their sum is ``image - spoiled``, clipping included, and
        each is zero outside the skin. Without the last four the skin has its marks and texture exactly.
    """
    wanted = mixture(random) if kinds is None else {k: float(random.uniform(0.4, 1)) for k in kinds}
    height, width = skin.shape
    changes = np.zeros((len(COMPONENTS), 3, height, width), np.float32)
    spoiled = np.ascontiguousarray(np.moveaxis(image, -1, 0))
    places = np.argwhere(skin[::8, ::8] > 0.5) * 8
    if len(places):
        tone = _tone(image, skin)
        scene = _Scene(
            skin, under_eye, spoiled[1], float(tone[1]), _darkness(tone), places, scale, random, bank
        )
        for component in _ORDER:
            drawn = {kind: severity for kind, severity in wanted.items() if KINDS[kind] == component}
            if drawn:
                before = spoiled
                spoiled = _dyed(before, _planes(scene, drawn), _colours(component, tone))
                np.subtract(before, spoiled, out=changes[COMPONENTS.index(component)])
    return np.moveaxis(spoiled, 0, -1), np.moveaxis(changes, 1, -1)
