"""The soft light that GIMP, Krita and ABPN share: exact formula, inverse, and reach.

``out = (1 - 2 B) in^2 + 2 B in`` is `Gimp.LayerMode.SOFTLIGHT` and Krita's `soft_light_pegtop_delphi`
(Lei et al., "ABPN: Adaptive Blend Pyramid Network for Real-Time Local Retouching of Ultra High-Resolution
Photo", CVPR 2022, equation 1). All functions work on stored values scaled to 0..1, element by element.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

NEUTRAL = 0.5
"""The `B` that changes nothing."""

IMMOVABLE = 1e-6
"""Below this ``|in (1 - in)|`` no `B` that half float can store moves a value; the smallest step of 16 bits
is 15 times larger."""


def blend(photo: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float32]:
    """Soft light of the blend layer `b` over `photo`.

    Parameters
    ----------
    photo, b : ndarray of float, broadcastable
        0..1 nominal; values outside go through the same formula.

    Returns
    -------
    ndarray of float32
        ``in + (2 B - 1) in (1 - in)``: the formula of the module, written so that the neutral 0.5 returns
        `photo` bit for bit.
    """
    below = np.asarray(photo, np.float32)
    room = np.asarray(1 - below)
    room *= below
    factor = np.asarray(2 * np.asarray(b, np.float32))
    factor -= 1
    result = np.asarray(factor * room)
    result += below
    return result


def solve(photo: NDArray[Any], result: NDArray[Any]) -> NDArray[np.float32]:
    """The blend layer that turns `photo` into `result`: the inverse of `blend`.

    Parameters
    ----------
    photo, result : ndarray of float, broadcastable
        0..1 nominal.

    Returns
    -------
    ndarray of float32
        ``B = (out - in^2) / (2 in (1 - in))``; outside 0..1 where soft light cannot reach the result, and
        0.5 where the photo is 0 or 1, which soft light never moves. See `out_of_reach`.
    """
    below = np.asarray(photo, np.float32)
    change = np.asarray(result, np.float32) - below
    room = np.asarray(below * (1 - below))
    moves = np.abs(room) > IMMOVABLE
    if moves.all():  # almost always; numpy divides three times as fast where it need not choose
        return np.asarray(change / (2 * room) + np.float32(NEUTRAL))
    b = np.full(change.shape, NEUTRAL, np.float32)
    np.divide(change, 2 * room, out=b, where=np.broadcast_to(moves, b.shape))
    b[np.broadcast_to(moves, b.shape)] += np.float32(NEUTRAL)
    return b


def out_of_reach(
    photo: NDArray[Any], result: NDArray[Any], levels: int, tolerance: float = 0.5
) -> NDArray[np.bool_]:
    """Pixels whose result a soft-light layer of integer depth cannot hold.

    The layer's `B` is clipped to 0..1 and rounded to its depth, blended again and compared. Rounding alone
    costs at most a quarter of a level, since ``d out / d B = 2 in (1 - in)`` is at most 1/2; what fails is
    a result beyond ``[in^2, 2 in - in^2]``, which near black and near white is almost everything.

    Parameters
    ----------
    photo, result : ndarray of float, shape (height, width, channels)
        0..1.
    levels : int
        The layer's largest value: 255 or 65535.
    tolerance : float
        In levels. With 0.5 the blended pixel still rounds to the result's own level or to its neighbour.

    Returns
    -------
    ndarray of bool, shape (height, width)
        True where any channel misses its result by more than `tolerance`.
    """
    b = np.rint(np.clip(solve(photo, result), 0, 1) * levels) / np.float32(levels)
    return missed(photo, np.clip(result, 0, 1), b, tolerance / levels)


def missed(photo: NDArray[Any], result: NDArray[Any], b: NDArray[Any], tolerance: float) -> NDArray[np.bool_]:
    """Pixels that the blend layer `b` brings further from their result than `tolerance`.

    Parameters
    ----------
    photo, result, b : ndarray of float, shape (height, width, channels)
    tolerance : float
        In stored values of 0..1.

    Returns
    -------
    ndarray of bool, shape (height, width)
        True where any channel misses, or is not a number.
    """
    near = np.abs(blend(photo, b) - result) <= np.float32(tolerance)
    # Channel by channel: numpy's reductions over a last axis of three take ten times as long.
    return np.asarray(~np.logical_and.reduce([near[..., channel] for channel in range(near.shape[-1])]))
