"""An eye that looks elsewhere: its iris moves between the lids, over a white that is completed.

Three layers: the white without the iris, the iris with what lids and catchlights hide of it, and the
catchlights. All lengths are radii of the iris, and (0, 0) is its middle before it moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Box, Planes, Points, applied, inverted, scale_of
from softlight.faces.irises import Eye
from softlight.faces.lids import WIDTH
from softlight.filters.smoothstep import smoothstep

SOFT = 0.07
"""Over which the edge of the opening fades in, inside of it."""
LIMBUS = (1.0, 1.12)
"""From where to where the iris with its dim rim goes over into the white."""
REMOVED = (1.1, 1.25)
"""Within which the white is completed, and from where on it is the photo's."""
SQUEEZED = 0.2
"""How fast one goes at most through the white beside the iris on the way through that which completes it."""
HIGH = 0.5
"""Of the opening's height, that it has where white is taken from: corners are dark and pink."""
KNOWN = 0.1
"""Share of white around a place from which its colour is known there."""
COARSE = 40
"""Px of an iris's radius at which the smooth colour is made: a larger one is shrunk."""
FINE, GRAIN = 0.05, 0.04
"""Standard deviation that grain is finer than, and how strong it is at most: vessels are more."""
NARROW = 0.3
"""Width of white that has no grain to give."""
SMOOTH = (0.8, 0.3, 0.12)
"""Standard deviations of the white's smooth colour: the widest where there is little of it."""
VEIL = 1.6
"""How much brighter or darker the white beside the iris may be where it goes: more is a catchlight."""
GLINT = (0.1, 0.25)
"""Of brightness: what exceeds the iris's own by the first is no catchlight, by the second one altogether."""
FOLLOWS = 0.5
"""How far a catchlight goes with the iris. The cornea is a mirror whose middle of curvature lies about half
as far from the point around which the eye turns as the iris does: turning by 12 to 15 degrees moves
catchlights by 1 mm against the pupil (Hirschberg's ratio), and the pupil itself by 2.3 mm."""
CLEAR = 0.12
"""Beside the lids: over which what is seen of the iris fades into what completes it."""
SHADE = 0.3
"""Over which the shadow of the upper lid fades, on the iris."""
RINGS = 24
"""Of the iris, in each of which its median colour is taken."""


@dataclass(frozen=True, eq=False)
class Seen:
    """The pixels of an eye, and where each of them lies in it."""

    eye: Eye
    pixels: Planes
    """(height, width, 3)."""
    box: Box
    lowered: float = 0.0
    """How far the upper lid comes down in the middle of the eye."""

    @cached_property
    def place(self) -> Planes:
        """(height, width, 2): x and y of each pixel, in radii."""
        left, top, right, bottom = self.box.edges
        at = np.stack(np.meshgrid(np.arange(left, right), np.arange(top, bottom)), axis=-1)
        found = places(self.eye, at.reshape(-1, 2).astype(np.float64))
        return np.asarray(found.reshape(at.shape), np.float32)

    def lids(self, x: Planes) -> tuple[Planes, Planes]:
        """Return how high the upper and the lower lid of the photo are at x."""
        column = np.asarray(x, np.float64) * self.eye.radius + self.eye.centre[0]
        rows = (np.interp(column, np.arange(WIDTH), lid) for lid in self.eye.lids)
        upper, lower = (np.asarray((row - self.eye.centre[1]) / self.eye.radius, np.float32) for row in rows)
        return upper, lower

    def lids_after(self, x: Planes) -> tuple[Planes, Planes]:
        """Return how high both lids come to be."""
        upper, lower = self.lids(x)
        return np.asarray(upper + self.lowered * bow(self.eye, x), np.float32), lower

    def depth(self, place: Planes, after: bool = False) -> tuple[Planes, Planes]:
        """Return how far places lie below the upper lid and above the lower one."""
        upper, lower = (self.lids_after if after else self.lids)(place[..., 0])
        return place[..., 1] - upper, lower - place[..., 1]

    def before(self, place: Planes, x: Planes) -> Planes:
        """Return what lies as high between the lids of the photo at x as places do between those after."""
        (upper, lower), (upper_then, lower_then) = self.lids_after(place[..., 0]), self.lids(x)
        high = np.clip((place[..., 1] - upper) / np.maximum(lower - upper, 1e-3), 0, 1)
        return np.stack([x, upper_then + high * (lower_then - upper_then)], axis=-1).astype(np.float32)

    def at(self, place: Planes, planes: NDArray[Any] | None = None, smooth: bool = False) -> Planes:
        """Return the pixels, or other planes over them, at places."""
        turn = inverted(self.eye.matrix)
        back = turn[:, :2] * self.eye.radius
        middle = turn[:, :2] @ self.eye.centre + turn[:, 2] - (self.box.left, self.box.top)
        at = (place @ back.T + middle).astype(np.float32)
        how = cv2.INTER_LINEAR if smooth else cv2.INTER_LANCZOS4
        what = self.pixels if planes is None else planes
        found = cv2.remap(what, at[..., 0], at[..., 1], how, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(found, np.float32).reshape(*place.shape[:2], -1)

    @property
    def ends(self) -> tuple[float, float]:
        """Where the white ends at the left and at the right, short of the corners."""
        high = self.eye.lids[1] - self.eye.lids[0]
        enough = np.flatnonzero(high >= HIGH * high.max())
        first, last = (enough[[0, -1]] - self.eye.centre[0]) / self.eye.radius
        return float(first), float(last)

    @property
    def pixel(self) -> float:
        """How large a pixel is, in radii."""
        return scale_of(self.eye.matrix) / self.eye.radius


def places(eye: Eye, points: Points) -> Points:
    """Return where points (n, 2) of the photo lie in an eye."""
    return np.asarray((applied(eye.matrix, points) - eye.centre) / eye.radius)


def bow(eye: Eye, x: NDArray[Any]) -> NDArray[Any]:
    """Return how far an upper lid goes at x of what it goes in the middle."""
    open_ = np.flatnonzero(eye.lids[1] > eye.lids[0])
    first, last = (open_[[0, -1]] - eye.centre[0]) / eye.radius
    return np.asarray(1 - np.clip((x - first) / (last - first) * 2 - 1, -1, 1) ** 2)


def opening(seen: Seen) -> Planes:
    """Return how much of what lies between the lids shows in each pixel, (height, width, 1)."""
    above, below = seen.depth(seen.place, after=True)
    edge = SOFT + seen.pixel
    # The lower lid has no shadow and few lashes: what is left of the iris there would be seen.
    beyond = 0.5 * np.clip((above + below) / edge, 0, 1)
    shows = np.clip(above / edge, 0, 1) * np.clip(below / edge + beyond, 0, 1)
    return np.asarray(shows, np.float32)[..., None]


def turned(seen: Seen, shift: tuple[float, float]) -> Planes:
    """Return an eye whose iris has moved by a shift (x, y), as if it had no lids: (height, width, 3)."""
    place = seen.place
    plain, iris = white(seen), Iris.of(seen)
    moved = _shifted(place, shift)
    far = np.hypot(moved[..., 0], moved[..., 1])[..., None]
    disc = iris.at(moved, place)
    # The rim is a veil over a white that may be darker than where it came from, and never brighter than it.
    gain = np.clip(plain / np.maximum(seen.at(moved, plain, smooth=True), 0.05), 1 / VEIL, VEIL)
    disc += smoothstep(far, 0.85, 1.05) * (np.minimum(gain * disc, plain) - disc)
    rim = smoothstep(far, LIMBUS[1], LIMBUS[0])
    glints = _shifted(place, (FOLLOWS * shift[0], FOLLOWS * shift[1]))
    return iris.glinting(plain + rim * (disc - plain), glints, rim)


def _shifted(place: Planes, shift: tuple[float, float]) -> Planes:
    """Return where what comes to lie at places has been."""
    return np.asarray(place - np.array(shift, np.float32), np.float32)


def white(seen: Seen) -> Planes:
    """Return an eye's white, completed where the iris lies, (height, width, 3)."""
    x, y = seen.place[..., 0], seen.place[..., 1]
    far = np.hypot(x, y)
    gone = smoothstep(far, REMOVED[1], REMOVED[0])[..., None]
    smooth, fine = _white_alone(seen, far)
    half = np.sqrt(np.maximum(REMOVED[1] ** 2 - y**2, 0))
    share = smoothstep(x, -0.6, 0.6)[..., None]
    fill, total = np.zeros_like(seen.pixels), np.zeros_like(share)
    for side, end, weight in ((-1, seen.ends[0], 1 - share), (1, seen.ends[1], share)):
        beside, deep = np.maximum(side * end - half, 0), half - side * x
        slowly = np.minimum(beside / np.maximum(2 * half, 1e-3), SQUEEZED) * deep
        # To and fro in the white: grain that is drawn out would be streaks.
        width = np.maximum(beside, NARROW)
        to_and_fro = width - np.abs(deep % (2 * width) - width)
        weight = (weight + 0.01) * (beside + NARROW / 2)[..., None]
        enough = np.clip(beside / NARROW - 1, 0, 1)[..., None]
        for planes, away, amount in ((smooth, slowly, weight), (fine, to_and_fro, weight * enough)):
            # As high between the lids: their shadow stays where it is.
            fill += amount * seen.at(seen.before(seen.place, side * (half + away)), planes, smooth=True)
        total += weight
    photo = seen.at(seen.before(seen.place, x)) if seen.lowered else seen.pixels
    return np.asarray(photo + gone * (fill / total - photo), np.float32)


def _white_alone(seen: Seen, far: Planes) -> tuple[Planes, Planes]:
    """Return the white's smooth colour, also where there is none beside it, and what is finer."""
    above, below = seen.depth(seen.place)
    # Where there is no white beside an iris, what there is: white would end at an edge.
    first, last = min(seen.ends[0], -REMOVED[1] - NARROW), max(seen.ends[1], REMOVED[1] + NARROW)
    there = np.clip(above / SOFT, 0, 1) * np.clip(below / SOFT, 0, 1) * smoothstep(far, LIMBUS[1], REMOVED[1])
    there *= (seen.place[..., 0] > first) & (seen.place[..., 0] < last)
    # Corners and lids are pinker than white: their least channel is darker.
    least = seen.pixels.min(axis=-1)
    whiter = np.clip(least / max(float(least[there > 0].max(initial=0)), 0.05), 0, 1) ** 2
    weight = (there * whiter + 1e-6)[..., None]
    smooth = np.broadcast_to((seen.pixels * weight).sum(axis=(0, 1)) / weight.sum(), seen.pixels.shape)
    # At a size at which it is smooth enough.
    step = max(1, int(1 / (COARSE * seen.pixel)))
    small = (max(1, round(far.shape[1] / step)), max(1, round(far.shape[0] / step)))
    weighed, weight, known = (
        _resized(one, small) for one in (seen.pixels * weight, weight, there[..., None])
    )
    coarse = _resized(smooth, small)
    for size in SMOOTH:
        wide = size / seen.pixel / step
        near = _blurred(weighed, wide) / _blurred(weight, wide)
        coarse = coarse + np.clip(_blurred(known, wide) / KNOWN, 0, 1) * (near - coarse)
    smooth = _resized(coarse, (far.shape[1], far.shape[0]))
    grain = seen.pixels - _blurred(seen.pixels, FINE / seen.pixel)
    return smooth, np.asarray(np.clip(grain, -GRAIN, GRAIN) * there[..., None], np.float32)


def _resized(planes: Planes, size: tuple[int, int]) -> Planes:
    how = cv2.INTER_AREA if size[0] < planes.shape[1] else cv2.INTER_LINEAR
    found = cv2.resize(np.ascontiguousarray(planes, np.float32), size, interpolation=how)
    return np.asarray(found, np.float32).reshape(size[1], size[0], -1)


def _blurred(planes: Planes, deviation: float) -> Planes:
    return np.asarray(cv2.GaussianBlur(planes, (0, 0), deviation), np.float32).reshape(planes.shape)


@dataclass(frozen=True, eq=False)
class Iris:
    """What an iris looks like where neither lids nor catchlights hide it."""

    seen: Seen
    rings: NDArray[np.float64]
    """(n, 4): radius and colour of rings around the middle."""
    shade: float
    """Of its light that the upper lid takes from it at its edge."""
    glints: Planes
    """(height, width, 2): how much of each pixel is catchlight, and the same with what blurs around it."""

    @classmethod
    def of(cls, seen: Seen) -> Iris:
        """Look at an iris."""
        far = np.hypot(seen.place[..., 0], seen.place[..., 1])
        above, below = seen.depth(seen.place)
        rings = _rings(seen.pixels, far, (above > SHADE) & (below > SOFT))
        plain = _colour(rings, far)
        near = (far < 0.9) & (above > SOFT) & (above < 2 * SHADE) & (below > SOFT)
        shadow = np.exp(-above[near] / SHADE)
        light, full = (planes[near].mean(axis=-1) for planes in (seen.pixels, plain))
        lost = 1 - np.minimum(light / np.maximum(full, 0.02), 1.2)
        shade = float(np.clip((lost * shadow).sum() / max(np.square(shadow).sum(), 1e-6), 0, 0.7))
        excess = (seen.pixels - plain).min(axis=-1)
        tight = smoothstep(excess, *GLINT) * smoothstep(far, 1.0, 0.85) * (above > 0) * (below > 0)
        width = 2 * max(1, round(0.06 / seen.pixel)) + 1
        wide = cv2.dilate(tight, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width)))
        wide = cv2.GaussianBlur(wide, (0, 0), width / 4)
        return cls(seen, rings, shade, np.stack([tight, np.maximum(tight, wide)], axis=-1))

    def at(self, place: Planes, now: Planes) -> Planes:
        """Return the iris at places in it that come to lie elsewhere, (height, width, 3)."""
        flat = self._lit(_colour(self.rings, np.hypot(place[..., 0], place[..., 1])), now)
        x, y = place[..., 0], place[..., 1]
        # Its sides are seen of nearly every iris; better is its mirror image, and best what is there.
        for copy in (np.stack([y, -x], axis=-1), np.stack([x, -y], axis=-1), place):
            colour, there = self._copy(np.asarray(copy, np.float32), now)
            flat = flat + there * (colour - flat)
        return flat

    def glinting(self, eye: Planes, place: Planes, where: Planes) -> Planes:
        """Return an eye with the catchlights from the places given, where there is a cornea."""
        amount = where * self.seen.at(place, self.glints, smooth=True)[..., :1]
        return np.asarray(eye + amount * np.maximum(self.seen.at(place) - eye, 0), np.float32)

    def _copy(self, place: Planes, now: Planes) -> tuple[Planes, Planes]:
        """Return the pixels at places as they are lit at others, and how far they show the iris."""
        above, below = self.seen.depth(place)
        there = np.clip((above - SOFT) / CLEAR, 0, 1) * np.clip((below - SOFT) / CLEAR, 0, 1)
        there = there[..., None] * (1 - self.seen.at(place, self.glints, smooth=True)[..., 1:])
        return self._lit(self.seen.at(place) / self._light(above), now), there

    def _lit(self, colour: Planes, now: Planes) -> Planes:
        above, _ = self.seen.depth(now, after=True)
        return np.asarray(colour * self._light(above), np.float32)

    def _light(self, above: Planes) -> Planes:
        """Return the light that the shadow of the upper lid leaves, (height, width, 1)."""
        return np.asarray(1 - self.shade * np.exp(-np.maximum(above, 0) / SHADE), np.float32)[..., None]


def _rings(pixels: Planes, far: Planes, clear: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return radius and median colour of rings around the middle of an iris, (n, 4), where any are clear."""
    edges = np.linspace(0, LIMBUS[1], RINGS + 1)
    found = []
    for inner, outer in zip(edges[:-1], edges[1:], strict=True):
        some = clear & (far >= inner) & (far < outer)
        if some.any():
            found.append([(inner + outer) / 2, *np.median(pixels[some], axis=0)])
    return np.array(found or [[0.0, 0.0, 0.0, 0.0]], np.float64)


def _colour(rings: NDArray[np.float64], far: Planes) -> Planes:
    planes = [np.interp(far, rings[:, 0], rings[:, channel]) for channel in (1, 2, 3)]
    return np.stack(planes, axis=-1).astype(np.float32)
