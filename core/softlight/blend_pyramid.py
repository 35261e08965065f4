"""The adaptive blend pyramid: a retouch found at low resolution becomes one of the photo's own pixels.

After ABPN (Lei et al., CVPR 2022). The photo is halved until a face is as large as the network of local
retouching knows it. What that would change becomes a soft-light layer (the blend module's inverse), and only
this layer is brought up again, level by level, by a small network that sees the photo at each of them: so the
photo keeps its own pores. What soft light cannot move, near white and black, is brought up beside it.

Pictures are planes here, as networks take them: (channels, height, width).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight import soft_light
from softlight.alignment import CANONICAL, Box
from softlight.encoding import finite, from_working, linear_to_perceptual, to_unit
from softlight.picture import Picture, Transfer
from softlight.roles import blend_refinement
from softlight.roles.local_retouching import Retouched
from softlight.tiles import Planes, Tiling, exact_tiles

MOST_DOUBLINGS = 2
"""A face smaller than 45 px between the eyes is worked on as if it were that large."""
CONTEXT = 64
"""Px at the lowest level that the networks see around what is to be retouched."""
FLOOR = np.float32(0.06)
"""Smallest ``in (1 - in)`` that the blend layer is solved with, as in the training: nearer to black and
white, below 16 and above 239 of 255, soft light hardly moves a value."""
GREY = 1.5 / 255
"""Difference of a pixel's channels up to which a picture is black and white, a level of rounding included;
its retouch has no colour either."""
STEP = 64
"""Px of the lowest level in which its size grows where the photo goes on: GPUs see fewer sizes."""
ROWS = 64
"""Rows of the photo that are worked on in one go: what is computed of them stays in the processor's cache."""


@dataclass(frozen=True)
class Networks:
    """The networks of a retouch, as functions."""

    retouch: Callable[[Planes], Retouched]
    """From planes (3, height, width) of the lowest level, perceptual RGB, to what is to be changed there."""
    tiling: Tiling
    """In which tiles of the lowest level."""
    refine: Callable[[Planes, Planes], Planes]
    """From a level (3, 2h, 2w) and the blend layer of the level below it (3, h, w) to the level's own."""


@dataclass(frozen=True, eq=False)
class Correction:
    """A retouch at the lowest level of the pyramid."""

    seen: Box
    """The part of the photo that the lowest level shows; all grids begin at its left upper corner."""
    halvings: int
    """Levels below the photo's own."""
    layer: Planes
    """Shape (3, height, width): the blend layer `B`; 0.5 changes nothing."""
    rest: Planes
    """Same shape: what is to be added under the layer. Where the lowest level is the photo's own, all of the
    change; else what soft light cannot hold of it."""
    area: Planes
    """Shape (height, width), 0..1: probability of skin (or cloth); 0 where no tile ran."""
    grey: bool
    """The photo is black and white."""


def halvings(interocular: float) -> int:
    """Return how often a photo is halved for a face of this size (px); negative: doubled."""
    doublings = round(float(np.log2(CANONICAL / interocular)))
    return -min(doublings, MOST_DOUBLINGS)


def seen(box: Box, interocular: float) -> Box:
    """Return the part of the photo that `look` needs for a box of it; it may reach beyond the photo."""
    before = CONTEXT << max(0, halvings(interocular))
    after = (CONTEXT + STEP) << max(0, halvings(interocular))
    return Box(box.left - before, box.top - before, box.right + after, box.bottom + after)


def look(
    picture: Picture,
    box: Box,
    interocular: float,
    networks: Networks,
    needed: NDArray[np.bool_] | None = None,
) -> Correction:
    """Find the retouch of a part of the photo, at the scale that the network knows.

    Parameters
    ----------
    picture : Picture
        The photo, or any part of it that holds `seen` as far as the photo does.
    box : Box
        What shall be retouched, inside the picture. All grids hang on it.
    interocular : float
        Px between the eyes of the faces in the box.
    networks : Networks
    needed : ndarray of bool, optional
        Over the box, at any resolution: where the retouch is of use. Tiles without it are left out.
    """
    times = halvings(interocular)
    lower, larger = max(0, times), 1 << max(0, -times)
    around = _seen(box, lower, picture)
    shape = (-(-(around.bottom - around.top) >> lower), -(-(around.right - around.left) >> lower))
    grey = _is_grey(picture, around)
    layer = np.full((3, *shape), soft_light.NEUTRAL, np.float32) if lower else _neutral(shape)
    rest, area = np.zeros((3, *shape), np.float32), np.zeros(shape, np.float32)
    for tile in exact_tiles(_wanted(shape, box, around, lower, needed), networks.tiling.shrunk(larger)):
        image = _level(picture, around, lower, tile.seen)
        answer = networks.retouch(_resized(image, larger))
        where, inner = (slice(None), *tile.kept), (slice(None), *tile.inner)
        change = _resized(answer.change, 1 / larger)[inner]
        if grey:
            change = change.mean(axis=0, keepdims=True)
        area[tile.kept] = _resized(answer.area[None], 1 / larger)[inner][0]
        if lower:
            _solve(image[inner], change, layer[where], rest[where])
        else:
            rest[where] = change
    return Correction(around, lower, layer, rest, area, grey)


def area_in(correction: Correction, block: Box) -> Planes:
    """Return the probability of skin (or cloth) in a part of the photo, 0..1, shape (height, width)."""
    (area,) = _enlarged(correction.area[None], correction, block)
    return np.asarray(area)


def bring_up(correction: Correction, picture: Picture, block: Box, networks: Networks) -> Planes:
    """Apply a retouch to a part of the photo, in its own pixels.

    Parameters
    ----------
    correction : Correction
    picture : Picture
        The one that was looked at.
    block : Box
        Inside the box that was looked at. However that is cut into blocks, the result is the same to 1e-5.
    networks : Networks

    Returns
    -------
    ndarray of float32, shape (height, width, 1 or 3)
        Unit values of the photo's own encoding, at full strength; what is not finite stays as it is.
    """
    times, size = correction.halvings, correction.area.shape
    needed = [_moved(block, correction.seen)]
    for level in range(times):
        needed.append(_below(needed[-1], *(side << (times - level - 1) for side in size)))
    lowest = needed[times]
    photo = _level(picture, correction.seen, 0, _times(lowest, 1 << times).slices)
    views = [photo]
    for _ in range(times - 1):
        views.append(_halved(views[-1], 1))
    layer = correction.layer[:, *lowest.slices]
    for level in reversed(range(times)):
        view = _times(needed[level + 1], 2)
        image = views[level][:, *view.slices_in(_times(lowest, 1 << (times - level)))]
        layer = networks.refine(image, layer)[:, *needed[level].slices_in(view)]
    if correction.grey:
        layer = layer.mean(axis=0, keepdims=True)
    photo = photo[:, *needed[0].slices_in(_times(lowest, 1 << times))]
    rest = None
    if correction.rest[:, *lowest.slices].any():
        rest = _enlarged(correction.rest, correction, block)
    finished = np.empty((*photo.shape[1:], 3), np.float32)
    for start in range(0, len(finished), ROWS):
        rows = slice(start, start + ROWS)
        result = soft_light.blend(photo[:, rows], layer[:, rows])
        if rest is not None:
            result += rest[:, rows]
        # OpenCV interleaves planes five times as fast as numpy transposes them.
        cv2.merge(list(result), finished[rows])
    finished = from_working(finished, picture.encoding.transfer, picture.colour_channels)
    own = picture.pixels[block.slices][..., : picture.colour_channels]
    good = finite(own)
    if good is not None:
        finished[~good] = to_unit(own[~good])
    return finished


def _neutral(shape: tuple[int, int]) -> Planes:
    return np.broadcast_to(np.float32(soft_light.NEUTRAL), (3, *shape))


def _seen(box: Box, halvings: int, picture: Picture) -> Box:
    """Return what the lowest level shows: the box and its context, in steps from its upper left corner on."""
    context, step = CONTEXT << halvings, STEP << halvings
    left, top = max(0, box.left - context), max(0, box.top - context)
    right = left - (left - box.right - context) // step * step
    bottom = top - (top - box.bottom - context) // step * step
    return Box(left, top, min(right, picture.width), min(bottom, picture.height))


def _wanted(
    shape: tuple[int, int], box: Box, around: Box, halvings: int, needed: NDArray[np.bool_] | None
) -> NDArray[np.bool_]:
    """Return where the lowest level's answer is of use."""
    there = _moved(box, around)
    right, bottom = -(-there.right >> halvings), -(-there.bottom >> halvings)
    area = Box(there.left >> halvings, there.top >> halvings, right, bottom)
    wanted = np.zeros(shape, bool)
    if needed is None:
        wanted[area.slices] = True
    else:
        size = (area.right - area.left, area.bottom - area.top)
        shares = cv2.resize(needed.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        wanted[area.slices] = shares > 0
    return wanted


def _solve(image: Planes, change: Planes, layer: Planes, rest: Planes) -> None:
    """Add to a neutral layer what makes a change of a picture, and set what the layer cannot hold of it."""
    for start in range(0, image.shape[1], ROWS):
        rows = np.s_[:, start : start + ROWS]
        room = 1 - image[rows]
        room *= image[rows]
        room *= 2
        deviation = np.maximum(room, 2 * FLOOR)
        np.divide(change[rows], deviation, out=deviation)
        layer[rows] += deviation
        deviation *= room
        np.subtract(change[rows], deviation, out=deviation)
        # Exactly nothing where the layer holds all of it: `bring_up` then need not look at it.
        np.multiply(deviation, room < 2 * FLOOR, out=rest[rows])


def _is_grey(picture: Picture, box: Box) -> bool:
    if picture.colour_channels == 1:
        return True
    for top in range(box.top, box.bottom, ROWS):
        rows = slice(top, min(top + ROWS, box.bottom))
        values = to_unit(picture.pixels[rows, box.left : box.right, :3])
        # NaN is no colour.
        if any((np.abs(values[..., i] - values[..., 1]) >= GREY).any() for i in (0, 2)):
            return False
    return True


def _level(picture: Picture, around: Box, halvings: int, part: tuple[slice, slice]) -> Planes:
    """Return a part of a level, perceptual RGB, shape (3, height, width).

    Rows and columns of `part` count from the corner of `around`; beyond it its border goes on.
    """
    rows, columns = part
    height, width = rows.stop - rows.start, columns.stop - columns.start
    image = np.empty((3, height, width), np.float32)
    left = around.left + (columns.start << halvings)
    right = min(around.left + (columns.stop << halvings), around.right)
    step = max(1, ROWS >> halvings)
    for start in range(0, height, step):
        end = min(start + step, height)
        top = around.top + (rows.start + start << halvings)
        bottom = min(around.top + (rows.start + end << halvings), around.bottom)
        pixels = picture.pixels[top:bottom, left:right]
        good = finite(pixels[..., : picture.colour_channels])
        below, beyond = (end - start << halvings) - (bottom - top), (width << halvings) - (right - left)
        for channel in range(picture.colour_channels):
            seen = _perceptual(pixels, channel, picture.encoding.transfer)
            if good is not None:
                # Not the mean of what is finite, which would depend on how a photo is cut.
                seen[~good] = soft_light.NEUTRAL
            if below or beyond:
                padded = cv2.copyMakeBorder(seen, 0, below, 0, beyond, cv2.BORDER_REPLICATE)
                seen = np.asarray(padded, np.float32)
            if halvings:
                smaller = cv2.resize(seen, (width, end - start), interpolation=cv2.INTER_AREA)
                seen = np.asarray(smaller, np.float32)
            image[channel, start:end] = seen
    image[picture.colour_channels :] = image[0]
    return image


def _perceptual(pixels: NDArray[Any], channel: int, transfer: Transfer) -> Planes:
    """Return a channel of stored pixels on the display's curve, 0..1 nominal."""
    if pixels.dtype == np.uint8:
        return np.asarray(cv2.LUT(cv2.extractChannel(pixels, channel), _levels(transfer)), np.float32)
    return _on_curve(to_unit(pixels[..., channel]), transfer)


@functools.cache
def _levels(transfer: Transfer) -> Planes:
    """Return what each of 256 stored levels shows."""
    return _on_curve(to_unit(np.arange(256, dtype=np.uint8)), transfer)


def _on_curve(values: Planes, transfer: Transfer) -> Planes:
    return linear_to_perceptual(values) if transfer is Transfer.LINEAR else values


def _resized(planes: Planes, factor: float) -> Planes:
    """Enlarge by a cubic filter, shrink by area."""
    if factor == 1:
        return planes
    size = (round(planes.shape[2] * factor), round(planes.shape[1] * factor))
    method = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    return np.stack([cv2.resize(plane, size, interpolation=method) for plane in planes])


def _enlarged(planes: Planes, correction: Correction, block: Box) -> Planes:
    """Bring planes of the lowest level to the photo's own pixels of a block, bilinearly."""
    times, (height, width) = correction.halvings, correction.area.shape
    there = _moved(block, correction.seen)
    if not times:
        return planes[:, *there.slices]
    # A pixel more on each side: at a part's own border, enlarging has nothing to mix with.
    left, top = max(0, (there.left >> times) - 1), max(0, (there.top >> times) - 1)
    right, bottom = min(width, -(-there.right >> times) + 1), min(height, -(-there.bottom >> times) + 1)
    part = Box(left, top, right, bottom)
    size = ((right - left) << times, (bottom - top) << times)
    inner = there.slices_in(_times(part, 1 << times))
    return np.stack(
        [cv2.resize(plane[part.slices], size, interpolation=cv2.INTER_LINEAR)[inner] for plane in planes]
    )


def _halved(planes: Planes, times: int) -> Planes:
    return _resized(planes, 0.5**times)


def _moved(box: Box, origin: Box) -> Box:
    """Return where a box lies in another one's pixels."""
    return Box(box.left - origin.left, box.top - origin.top, box.right - origin.left, box.bottom - origin.top)


def _times(box: Box, factor: int) -> Box:
    return Box(box.left * factor, box.top * factor, box.right * factor, box.bottom * factor)


def _below(box: Box, height: int, width: int) -> Box:
    """Return what of the level below (height, width) refinement needs for a box of a level."""
    reach = blend_refinement.REACH
    return Box(
        max(0, (box.left - reach) // 2),
        max(0, (box.top - reach) // 2),
        min(width, -(-(box.right + reach) // 2)),
        min(height, -(-(box.bottom + reach) // 2)),
    )
