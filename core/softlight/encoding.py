"""Stored pixels of every type to float32 working values, and back.

*Unit* values are stored values as float32 with the type's full range on 0..1; layers are mixed on them,
as the hosts do. *Working* values are what the networks see: RGB, float32, perceptual (on a display
curve). They differ from unit values for linear-light and for grey pictures only.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from softlight.picture import Transfer

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""ITU-R BT.709 weights of red, green and blue."""


def to_unit(stored: NDArray[Any]) -> NDArray[np.float32]:
    """Stored values scaled to 0..1 as float32; floats keep values outside.

    Parameters
    ----------
    stored : ndarray of uint8, uint16, float16 or float32
    """
    values = stored.astype(np.float32)
    if stored.dtype.kind == "u":
        values /= np.float32(np.iinfo(stored.dtype).max)
    return values


def from_unit(values: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
    """The inverse of `to_unit`: clipped and rounded to nearest for integers.

    Parameters
    ----------
    values : ndarray of float32
        0..1 nominal. What lies outside is clipped for integers and kept for floats, up to the largest
        number that the type holds.
    dtype : uint8, uint16, float16 or float32
    """
    kind = np.dtype(dtype)
    if kind.kind == "u":
        top = np.float32(np.iinfo(kind).max)
        # In place: each copy of a large block costs as much as the work on it.
        scaled = np.asarray(values * top)
        np.rint(scaled, out=scaled)
        np.clip(scaled, 0, top, out=scaled)
        return scaled.astype(kind)
    if kind == np.float16:
        # Beyond 65504 a half becomes infinite, which would poison every later filter.
        largest = np.finfo(np.float16).max
        return np.asarray(np.where(np.isfinite(values), np.clip(values, -largest, largest), values), kind)
    return np.asarray(values, kind)


def linear_to_perceptual(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sRGB curve (IEC 61966-2-1), odd-symmetric for negative light and continued above 1."""
    size = np.abs(light)
    curve = 1.055 * np.power(np.maximum(size, 0.0031308), 1 / 2.4, dtype=np.float32) - 0.055
    return np.copysign(np.where(size <= 0.0031308, 12.92 * size, curve), light).astype(np.float32)


def perceptual_to_linear(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The inverse of `linear_to_perceptual`."""
    size = np.abs(values)
    curve = np.power((np.maximum(size, 0.04045) + 0.055) / 1.055, 2.4, dtype=np.float32)
    return np.copysign(np.where(size <= 0.04045, size / 12.92, curve), values).astype(np.float32)


def finite(pixels: NDArray[Any]) -> NDArray[np.bool_] | None:
    """Which pixels can be worked on.

    Parameters
    ----------
    pixels : ndarray, shape (height, width, channels)

    Returns
    -------
    ndarray of bool, shape (height, width), or None
        False where any channel is NaN or infinite; `None` when the whole crop is finite, as integers
        always are. Pixels that are not finite are handed through untouched.
    """
    if pixels.dtype.kind != "f":
        return None
    good = np.isfinite(pixels).all(axis=-1)
    return None if good.all() else np.asarray(good)


def to_working(pixels: NDArray[Any], transfer: Transfer) -> NDArray[np.float32]:
    """What a network sees of a crop of a picture.

    Parameters
    ----------
    pixels : ndarray, shape (height, width, 1 to 4)
        Stored values of a supported type; alpha is left aside.
    transfer : Transfer

    Returns
    -------
    ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1 nominal, always finite: pixels for which `finite` is False hold the mean of
        the others, so that no filter carries them into their neighbours.
    """
    channels = 1 if pixels.shape[2] < 3 else 3
    good = finite(pixels[..., :channels])
    values = to_unit(pixels[..., :channels])
    if good is not None:
        values[~good] = values[good].mean(axis=0, dtype=np.float64) if good.any() else 0.5
    if transfer is Transfer.LINEAR:
        values = linear_to_perceptual(values)
    return np.repeat(values, 3, axis=2) if channels == 1 else values


def from_working(
    working: NDArray[np.float32], transfer: Transfer, colour_channels: int
) -> NDArray[np.float32]:
    """Working values as unit values of a picture's own encoding; `from_unit` then rounds them.

    Parameters
    ----------
    working : ndarray of float32, shape (height, width, 3)
    transfer : Transfer
    colour_channels : int
        1 gives the luminance, 3 keeps RGB.

    Returns
    -------
    ndarray of float32, shape (height, width, colour_channels)
    """
    values = working
    if colour_channels == 1:
        # Weights on the differences to green return a grey pixel bit for bit; a plain dot product would not.
        green = working[..., 1:2]
        values = np.asarray(green + ((working - green) @ LUMINANCE)[..., None], np.float32)
    return perceptual_to_linear(values) if transfer is Transfer.LINEAR else values


def transfer_of(icc: bytes | None) -> Transfer:
    """Whether stored values are proportional to light, according to the ICC profile.

    Parameters
    ----------
    icc : bytes or None
        `None` is perceptual, for float files too: no standard says what an untagged float TIFF holds. What
        writes linear floats (GIMP, Krita, darktable, RawTherapee) embeds the profile that says so; what
        arrives without one is mostly an array that a script divided by 255.

    Returns
    -------
    Transfer
        `LINEAR` when every tone curve of the profile is the identity. A profile of look-up tables or one
        that cannot be parsed is perceptual.
    """
    if icc is None:
        return Transfer.PERCEPTUAL
    try:
        curves = _tone_curves(icc)
        linear = bool(curves) and all(_is_identity(curve) for curve in curves)
    except struct.error:
        return Transfer.PERCEPTUAL
    return Transfer.LINEAR if linear else Transfer.PERCEPTUAL


def _tone_curves(icc: bytes) -> list[bytes]:
    """The rTRC, gTRC, bTRC and kTRC tags (ICC.1:2022, 7.3: a table of signature, offset, size at 128)."""
    (count,) = struct.unpack_from(">I", icc, 128)
    curves = []
    for index in range(min(count, 200)):
        signature, offset, size = struct.unpack_from(">4sII", icc, 132 + 12 * index)
        if signature in (b"rTRC", b"gTRC", b"bTRC", b"kTRC"):
            curves.append(icc[offset : offset + size])
    return curves


def _is_identity(curve: bytes) -> bool:
    if curve[:4] == b"curv":  # 10.6: no entry is the identity, one is a gamma of 8.8 bits, more are a table
        (count,) = struct.unpack_from(">I", curve, 8)
        if count == 0:
            return True
        if count == 1:
            return bool(struct.unpack_from(">H", curve, 12)[0] == 0x100)
        table = np.frombuffer(curve, ">u2", min(count, (len(curve) - 12) // 2), 12)
        ramp = np.linspace(0, 65535, len(table))
        return bool(len(table) == count and np.abs(table - ramp).max() <= 64)
    if curve[:4] == b"para":  # 10.18: function type, then g, a, b, c, d, e, f as 15.16 bits
        (kind,) = struct.unpack_from(">H", curve, 8)
        if kind > 4:
            return False
        numbers = struct.unpack_from(f">{(1, 3, 4, 5, 7)[kind]}i", curve, 12)
        g, a, b, c, d, e, f = [n / 65536 for n in numbers] + [0.0] * (7 - len(numbers))
        if kind == 0:
            return bool(g == 1)
        upper = g == 1 and a == 1 and b == 0 and (c if kind == 2 else e) == 0
        # Types 3 and 4 have a straight piece below d; it is part of the identity when it has its slope.
        return bool(upper and (kind < 3 or d <= 0 or (c == 1 and f == 0)))
    return False
