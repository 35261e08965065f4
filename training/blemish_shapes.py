"""Shapes that skin defects are made of: irregular spots, clouds and scatters of dots.

All fields are periodic, so that a window of any size can be cut from them anywhere.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


def ramp(x: Array, width: float) -> Array:
    """Return 0..1 over an edge: the logistic function of ``x``; 10 to 90 % take 4.4 `width`."""
    return (1 / (1 + np.exp(-np.clip(x / width, -30, 30)))).astype(np.float32)


def grid(radius: float) -> tuple[Array, Array]:
    """Return row and column of each pixel from the middle of a square that holds a spot of `radius` px."""
    half = int(np.ceil(radius))
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32)
    return y, x


def spot(random: np.random.Generator, y: Array, x: Array, radius: float, edge: float, wobble: float) -> Array:
    """Return an irregular, slightly oblong spot, (n, n), 1 inside and 0 outside.

    Parameters
    ----------
    random : Generator
    y, x : float32 arrays (n, n)
        Of `grid`.
    radius, edge : float
        Mean radius; scale of the logistic edge, both px.
    wobble : float
        Standard deviation of the outline's harmonics from the second on, as a share of the radius.
    """
    y = y - random.uniform(-0.5, 0.5)
    x = x - random.uniform(-0.5, 0.5)
    angle = np.arctan2(y, x)
    outline = np.ones_like(x)
    for turns in range(2, 6):
        height = random.normal(0, wobble) / (turns - 1)
        outline += height * np.cos(turns * angle + random.uniform(0, 2 * np.pi))
    return ramp(radius * outline - np.hypot(x, y), edge)


def dome(spot: Array, light: float) -> Array:
    """Return the shading of a bump under light from an angle: one side lit, the other dark, about -1..1."""
    down, right = np.gradient(spot)
    slope = down * np.sin(light) + right * np.cos(light)
    return (slope / (np.abs(slope).max() + 1e-6)).astype(np.float32)


def frequencies(side: int) -> Array:
    """Return the frequency of each of rfft2's bins, cycles per px, (side, side // 2 + 1)."""
    return np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None]).astype(np.float32)


def clouds(random: np.random.Generator, side: int, shortest: float, longest: float) -> Array:
    """Return noise between two wavelengths in px, (side, side), of mean 0 and standard deviation 1.

    Its amplitude grows with the wavelength, as that of unevenness of skin does.
    """
    f = np.maximum(frequencies(side), 1e-6)
    band = np.exp(-((f * shortest) ** 4)) * (1 - np.exp(-((f * longest) ** 4))) / f
    field = np.fft.irfft2(np.fft.rfft2(random.standard_normal((side, side), np.float32)) * band, (side, side))
    return ((field - field.mean()) / field.std()).astype(np.float32)


def scatter(places: Array, heights: Array, side: int, radius: float, flat: float) -> Array:
    """Return round dots of one size at many places, (side, side).

    Parameters
    ----------
    places : float32 array (n, 2)
        Row and column, px, between pixels too.
    heights : float32 array (n,)
    side : int
    radius : float
        Where a dot has fallen to 37 %, px.
    flat : float
        Exponent of its profile: 2 is a Gaussian, 4 has a plateau and an edge.
    """
    points = np.zeros((side, side), np.float32)
    whole = np.floor(places).astype(int)
    part = places - whole
    for down in (0, 1):
        for right in (0, 1):
            share = np.abs(1 - down - part[:, 0]) * np.abs(1 - right - part[:, 1])
            np.add.at(points, ((whole[:, 0] + down) % side, (whole[:, 1] + right) % side), share * heights)
    y = np.minimum(np.arange(side), side - np.arange(side)).astype(np.float32)
    kernel = np.exp(-((np.hypot(y[:, None], y[None]) / radius) ** flat))
    return np.fft.irfft2(np.fft.rfft2(points) * np.fft.rfft2(kernel), (side, side)).astype(np.float32)


def jittered(random: np.random.Generator, side: int, spacing: float) -> Array:
    """Return places (n, 2) that keep some distance from each other, as pores and hairs do."""
    count = round(side / spacing)
    y, x = np.mgrid[:count, :count].astype(np.float32).reshape(2, -1)
    places = np.stack([y, x], 1) + random.uniform(-0.45, 0.45, (count * count, 2))
    places[:, 1] += 0.5 * (y % 2)
    return (places * (side / count) % side).astype(np.float32)


def stroke(y: Array, x: Array, angle: float, length: float, sigma: float, bend: float, ridge: float) -> Array:
    """Return a thin, bent line with tapering ends, about 1 deep; its rim on one side may be lit.

    Parameters
    ----------
    y, x : float32 arrays (n, n)
        Px from the line's middle.
    angle, length, sigma : float
        Direction in radians; px; standard deviation of its profile, px.
    bend : float
        How far its ends lie off the straight line, as a share of the length.
    ridge : float
        Height of the lit rim.
    """
    along = (x * np.cos(angle) + y * np.sin(angle)) * (2 / length)
    across = y * np.cos(angle) - x * np.sin(angle) - bend * length * along**2
    taper = np.clip(1.5 * (1 - along**2), 0, 1)
    valley = np.exp(-((across / sigma) ** 2) / 2)
    rim = ridge * np.exp(-((across / sigma - 2) ** 2) / 2)
    return ((valley - rim) * taper).astype(np.float32)
