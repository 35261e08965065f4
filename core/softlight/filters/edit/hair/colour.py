"""Hair in another colour: what is dark among it stays dark, what shines still shines, and no strand is lost.

Hair is not painted over. Its lightness is measured at the scale of locks and follows a curve that leads from
the hair's own to the target's, and leaves black and white what they are; what is finer than a lock is added
again, with little more contrast than it had. The colour follows from the new lightness: in shadows light that
went through more of the hair is left, in highlights white is added.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Box, Matrix, put_back, scale_of
from softlight.encoding import linear_to_perceptual, perceptual_to_linear
from softlight.filters.edit.hair.mask import SURE, HairMask
from softlight.filters.monochrome import is_monochrome, without_colour
from softlight.filters.smoothstep import smoothstep
from softlight.tiles import Planes

Swatch = tuple[float, float, float]
"""A colour, sRGB, 0..1."""

LOCK = 0.07
"""Standard deviation of what is finer than a lock of hair, in interocular distances."""
GAIN = (0.5, 1.6)
"""Least and most of their contrast that strands keep: noise and JPEG's blocks in black hair get the same."""
DEEP = 0.5
"""Share of a lighter target's lightness that the darkest hair (5 %) gets at least."""
PALER = (0.85, 0.6)
"""Shares of a* and b* that white has lost: what shines is paler, and more golden than red."""
GLOSS = 0.2
"""Share of a straight line from the median up to white in the curve of darker targets: dark hair shines."""
LEAST_HAIR = 0.4
"""Squared interocular distances of sure hair that can be measured: of 37 portraits a bald head had .26 and
white hair that the parsing missed .06, all others .9 and more."""
ENDS = (0.04, 0.96)
"""Lightness that hair is taken to have at least and at most, 0..1: the curve would be vertical."""
ABSORBED = 0.5
"""How much more the colours of shadows are saturated: powers of the target's own absorption for each power
of e of darkness."""
NEUTRAL = 10.0
"""L* below which colours fade to black."""
OWN = 0.6
"""Share of the hair's own variation of colour that stays where the target is as colourful as the hair."""
MIXED = (0.3, 1.0)
"""Share of hair up to which a pixel's own colour tells nothing about the hair in it, and from which it is the
hair's."""
RIM = np.float32(0.05)
"""What hair at its border counts, of that further inside, where lightness is measured."""
SETTLED = 0.25
"""Amount from which on all of the change is made."""
UNUSUAL = 8.0
"""Most of a* and b* by which it varies: what varies more is no hair, or behind it."""
COLOURLESS = 8.0
"""Chroma up to which hair counts as grey or black: its variation of colour is noise."""


class HairTarget(Enum):
    """Natural colours: what the middle of such hair has on a portrait, sRGB, 0..255."""

    BLACK = (27, 25, 24)
    DARK_BROWN = (57, 43, 36)
    BROWN = (89, 66, 51)
    AUBURN = (102, 56, 45)
    COPPER = (145, 83, 54)
    DARK_BLOND = (132, 104, 78)
    BLOND = (170, 139, 104)
    PLATINUM = (201, 185, 164)
    GREY = (137, 131, 123)
    WHITE = (210, 203, 195)

    @property
    def swatch(self) -> Swatch:
        red, green, blue = self.value
        return red / 255, green / 255, blue / 255


@dataclass(frozen=True, eq=False)
class Hair:
    """What was measured of a face's hair, once; colours are CIELAB for D65."""

    lightness: float
    """Median L* of what is sure to be hair."""
    low: float
    """L* that 5 % of it is darker than."""
    high: float
    """L* that 5 % of it is lighter than: its highlights."""
    colour: tuple[float, float]
    """Median a* and b*."""
    slopes: tuple[float, float]
    """By how much a* and b* grow with each L*."""
    locks: Planes
    """(height, width, 1): L* without what is finer than a lock, around the face."""
    matrix: Matrix
    """From the photo to these."""
    monochrome: bool
    """The photo is grey or toned around the face, and stays so."""

    @property
    def chroma(self) -> float:
        return float(np.hypot(*self.colour))


@dataclass(frozen=True, eq=False)
class Dye:
    """A way from a face's hair to a colour: made once, used block by block."""

    hair: Hair
    bend: float
    """Of the curve of lightness; 1 is none."""
    lift: float
    """What the curve adds to lightness (0..1) first, so that shadows of light hair are not black."""
    path: NDArray[np.float64]
    """(101, 2): a* and b* that go with each L*."""
    weight: float = 1.0
    """How much of the change is made, 0..1: near no amount at all it begins from what is there."""

    @property
    def gain(self) -> float:
        """How much of their contrast strands keep."""
        near = np.array([self.hair.lightness - 1, self.hair.lightness + 1], np.float32)
        below, above = self.curve(near).tolist()
        return float(np.clip((above - below) / 2, *GAIN))

    @property
    def chroma(self) -> float:
        """Of the target."""
        lightness = float(self.curve(np.array([self.hair.lightness], np.float32))[0])
        a, b = (float(np.interp(lightness, np.arange(101), self.path[:, i])) for i in (0, 1))
        return float(np.hypot(a, b))

    @classmethod
    def to(cls, hair: Hair, target: HairTarget | Swatch, amount: float = 1.0) -> Dye:
        """Return the way to a natural colour, or to any, or a part of that way.

        Parameters
        ----------
        hair : Hair
        target : HairTarget or tuple of float
            A colour is sRGB, 0..1: that of the middle of the hair, in the light of the photo.
        amount : float
            0..1. Half of the way leads to the colour half way between in CIELAB: from black to white to grey
            hair, where a mixture of both pictures were fog.

        Notes
        -----
        Any target is reached. By eye, of 24 portraits in ten colours, it is believed at full strength from
        dark to blond and copper, and from light to brown. Black hair in platinum or white shows each fault of
        the mask, most where it lies on dark cloth; thin grey or blond hair in black ends at the brow like a
        wig.
        """
        swatch = target.swatch if isinstance(target, HairTarget) else target
        if amount < 1:
            own = np.array((hair.lightness, *hair.colour))
            swatch = swatch_of(own + amount * (np.array(lab_of(swatch)) - own))
        start, end = (float(np.clip(value / 100, *ENDS)) for value in (hair.lightness, lab_of(swatch)[0]))
        lift = 0.0
        if end > start:
            lift = _lift(start, end, min(hair.low / 100, start), DEEP * end)
        weight = float(np.clip(amount / SETTLED, 0, 1))
        return cls(hair, _bend((start + lift) / (1 + lift), end), lift, _path(swatch), weight)

    def curve(self, lightness: Planes) -> Planes:
        """Return the new L* of L*: monotone, and 100 stays."""
        share = (lightness.clip(0, 100) / np.float32(100) + np.float32(self.lift)) / np.float32(1 + self.lift)
        bent = 100 * self.bend * share / (1 + (self.bend - 1) * share)
        if self.bend >= 1 or self.lift > 0:
            return np.asarray(bent, np.float32)
        start = self.hair.lightness / 100
        end = self.bend * start / (1 + (self.bend - 1) * start)
        line = 100 * (end + (share - start) * (1 - end) / max(1 - start, 1e-3))
        return np.asarray(bent + GLOSS * (line - bent).clip(0, None) * (share > start), np.float32)


def measured(mask: HairMask) -> Hair | None:
    """Measure a face's hair; `None` where there is too little to be measured."""
    seen = mask.part.pixels.clip(0, 1)
    colours = cv2.cvtColor(seen, cv2.COLOR_RGB2Lab)
    share = mask.shares[..., 0]
    sure = colours[share > SURE].astype(np.float64)
    if len(sure) < max(1.0, LEAST_HAIR * (mask.interocular * scale_of(mask.part.matrix)) ** 2):
        return None
    low, lightness, high = np.percentile(sure[:, 0], (5, 50, 95)).tolist()
    a, b = np.median(sure[:, 1:], axis=0).tolist()
    around = sure - (lightness, a, b)
    slopes = (around[:, :1] * around[:, 1:]).sum(axis=0) / (np.square(around[:, 0]).sum() + 25.0 * len(sure))
    # What is only half hair is half background, and at the hairline skin shines through.
    weight = smoothstep(share, *MIXED) * (RIM + (1 - RIM) * mask.bounds[..., 0])
    sigma = max(0.5, LOCK * mask.interocular * scale_of(mask.part.matrix))
    least = np.float32(1e-3)
    total = cv2.GaussianBlur(weight, (0, 0), sigma) + least
    locks = (cv2.GaussianBlur(weight * colours[..., 0], (0, 0), sigma) + least * lightness) / total
    return Hair(
        lightness,
        low,
        high,
        (a, b),
        (float(slopes[0]), float(slopes[1])),
        np.asarray(locks[..., None], np.float32),
        mask.part.matrix,
        is_monochrome(seen),
    )


def recoloured(before: Planes, mask: Planes, box: Box, dye: Dye) -> Planes:
    """Return a block of a photo as if all of it were hair in another colour.

    Where a pixel is half hair and half background it changes as the hair next to it does, not as hair of that
    mixed colour would: black hair before a bright wall would get a white rim.

    Parameters
    ----------
    before : ndarray of float32, shape (height, width, 3)
        Working values: perceptual RGB, 0..1 nominal. What lies outside stays as far outside.
    mask : ndarray of float32, shape (height, width)
        How much of each pixel is hair, 0..1: `HairMask.mask_in`.
    box : Box
        Where in the photo that is.
    dye : Dye
        Of no amount, the same values are returned to the last bit.

    Returns
    -------
    ndarray of float32, of the same shape
        To be mixed in by the mask.
    """
    there = mask > 0
    if dye.weight == 0 or not there.any():
        return before
    hair, share = dye.hair, mask[there]
    lightness, a, b = _lab(before[there]).T
    locks = put_back(hair.locks, hair.matrix, box)[..., 0][there].clip(0, 100)
    alone = smoothstep(share, *MIXED)
    fine = alone * (lightness - locks)
    start = dye.curve(locks)
    room = np.maximum(np.where(fine > 0, 100 - start, start), 1.0)
    steps = dye.gain * fine
    old, new = [locks + fine], [start + steps / np.sqrt(1 + np.square(steps / room))]
    own = OWN * min(1.0, dye.chroma / max(hair.chroma, COLOURLESS))
    within = old[0].clip(hair.low, hair.high) - hair.lightness
    for index, plane in enumerate((a, b)):
        usual = hair.colour[index] + hair.slopes[index] * within
        rest = alone * (plane - usual)
        old.append(usual + rest)
        wanted = np.interp(new[0], np.arange(101), dye.path[:, index])
        new.append(wanted + own * rest.clip(-UNUSUAL, UNUSUAL))
    change = _rgb(new) - _rgb(old)
    if hair.monochrome:
        change = without_colour(change[None])[0]
    after = before.copy()
    after[there] += np.float32(dye.weight) * change
    return after


def _lab(pixels: Planes) -> Planes:
    """Return L*, a* and b* of perceptual RGB, both of shape (count, 3)."""
    return np.asarray(cv2.cvtColor(pixels.clip(0, 1)[None], cv2.COLOR_RGB2Lab)[0], np.float32)


def _rgb(planes: list[Planes]) -> Planes:
    """Return perceptual RGB (count, 3), 0..1, of L*, a* and b*."""
    merged = np.stack(planes, axis=1).astype(np.float32)
    return np.asarray(cv2.cvtColor(merged[None], cv2.COLOR_Lab2RGB)[0], np.float32)


def lab_of(swatch: Swatch) -> tuple[float, float, float]:
    """Return L*, a*, b* of an sRGB colour (0..1)."""
    lightness, a, b = cv2.cvtColor(np.array([[swatch]], np.float32), cv2.COLOR_RGB2Lab)[0, 0].tolist()
    return lightness, a, b


def _bend(start: float, end: float) -> float:
    """Return the bend of the curve through (0, 0), (start, end) and (1, 1)."""
    return float(end * (1 - start) / (start * (1 - end)))


def _lift(start: float, end: float, low: float, least: float) -> float:
    """Return the least lift with which the curve through (start, end) is `least` at `low` or more."""

    def at_low(lift: float) -> float:
        bend, share = _bend((start + lift) / (1 + lift), end), (low + lift) / (1 + lift)
        return float(bend * share / (1 + (bend - 1) * share))

    lifts: list[float] = np.linspace(0, 0.6, 121).tolist()
    return next((lift for lift in lifts if at_low(lift) >= least), lifts[-1])


def swatch_of(colour: NDArray[np.float64]) -> Swatch:
    """Return the sRGB colour (0..1) of L*, a* and b*, or the nearest that there is."""
    red, green, blue = cv2.cvtColor(colour.astype(np.float32)[None, None], cv2.COLOR_Lab2RGB)[0, 0].tolist()
    return red, green, blue


def _path(swatch: Swatch) -> NDArray[np.float64]:
    """Return a* and b* that hair of a colour has at each L* from 0 to 100, shape (101, 2)."""
    light = perceptual_to_linear(np.clip(np.array(swatch, np.float32), 0.01, 0.99))
    deep = np.linspace(8, 0, 200, dtype=np.float32)[:, None]
    passed = light * np.exp(-deep) * (light / light.max()) ** (ABSORBED * np.minimum(deep, 1.5))
    ramp = linear_to_perceptual(passed.astype(np.float32))
    lightness, a, b = cv2.cvtColor(ramp[None], cv2.COLOR_RGB2Lab)[0].astype(np.float64).T
    levels = np.arange(101)
    fading = np.clip(levels / NEUTRAL, 0, 1)
    fading = fading * (2 - fading)
    if lab_of(swatch)[0] < NEUTRAL:
        fading[:] = 1
    shine = np.clip((levels - lightness[-1]) / (100 - lightness[-1]), 0, 1)
    kept = (fading * (1 - paler * shine**1.5) for paler in PALER)
    planes = (np.interp(levels, lightness, plane) for plane in (a, b))
    return np.stack([plane * share for plane, share in zip(planes, kept, strict=True)], axis=1)
