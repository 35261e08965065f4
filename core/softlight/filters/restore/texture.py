"""Which grain a restored face gets: that of its surroundings, the photo's own, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from softlight.alignment import Box, applied, inverted
from softlight.filters import boxes
from softlight.filters.composite import Composite
from softlight.filters.restore import grain
from softlight.filters.restore.face import Change
from softlight.filters.restore.settings import Grain
from softlight.picture import Picture
from softlight.tiles import Planes

Add = Callable[[Box, Planes, Planes], Planes]
"""Takes a part of the photo, its working values before and after; returns them with their grain."""
AWAY, SMALLEST, LARGEST = 2.0, 64, 256
"""Interocular distances from the middle of a face to where its surroundings are looked at, and the least and
most px of a side that are looked at there."""
STRONGEST = 0.08
"""Standard deviation of grain: what is stronger is the screen of a print, or cloth. An engraving's lines
were laid as noise over the face in it."""
SAMPLE = 384
"""Px of a side of the middle of the face whose grain is measured."""


def texture(change: Change, picture: Picture, below: Composite, kind: Grain) -> Add:
    """Return what gives a restored face its grain.

    Parameters
    ----------
    change : Change
    picture : Picture
    below : Composite
        What the face will lie in.
    kind : Grain
    """
    if kind is Grain.NONE:
        return lambda _box, _before, after: after
    middle = _middle(change, picture)
    everywhere = np.ones((middle.bottom - middle.top, middle.right - middle.left), np.float32)
    before = Composite(picture, ()).seen(middle)
    if kind is Grain.KEPT:
        strength = grain.measured(before, everywhere).strength
        return lambda _box, before, after: after + grain.own(before - after, strength)
    there = grain.measured(change.added(before, middle), everywhere)
    wanted = [grain.measured(below.seen(box), 1 - change.mask_in(box)) for box in _windows(change, picture)]
    seen = [one for one in wanted if one.strength]
    if not seen:
        return lambda _box, _before, after: after
    strength = float(np.median([one.strength for one in seen]))
    missing = np.sqrt(max(0.0, strength**2 - there.strength**2))
    if not missing:
        return lambda _box, _before, after: after
    tile = grain.laid(grain.Grain(missing, float(np.median([one.size for one in seen]))))
    if tile.std() > STRONGEST:
        return lambda _box, _before, after: after
    origin = change.box(picture)

    def add(box: Box, _before: Planes, after: Planes) -> Planes:
        rows = (np.arange(box.top, box.bottom) - origin.top) % grain.SIDE
        columns = (np.arange(box.left, box.right) - origin.left) % grain.SIDE
        return np.asarray(after + tile[np.ix_(rows, columns)][..., None])

    return add


def _middle(change: Change, picture: Picture) -> Box:
    """Return the middle of a face."""
    side = len(change.pixels)
    x, y = applied(inverted(change.matrix), [(side / 2, 0.55 * side)])[0]
    return _window(x, y, min(SAMPLE, 2 * change.interocular), picture)


def _windows(change: Change, picture: Picture) -> Iterator[Box]:
    """Yield places around a face: beside it, above, and below."""
    side = len(change.pixels)
    x, y = applied(inverted(change.matrix), [(side / 2, 0.55 * side)])[0]
    size = float(np.clip(change.interocular, SMALLEST, LARGEST))
    away = AWAY * change.interocular
    for right, down in ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1)):
        box = _window(x + right * away, y + down * away, size, picture)
        if not box.empty:
            yield box


def _window(x: float, y: float, size: float, picture: Picture) -> Box:
    left, top = round(x - size / 2), round(y - size / 2)
    return Box(left, top, left + round(size), top + round(size)).within(boxes.whole_of(picture))
