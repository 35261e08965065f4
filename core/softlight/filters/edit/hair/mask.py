"""Where a person's hair is, softly, at the photo's own resolution.

The parsing sees hair in a square of 288 px that may end below the crown, and ends at the shoulders.
Two more looks, at the face made smaller, go on from there. What they say is brought to the photo's pixels by
the photo itself: near each edge its colours tell hair from what is behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from softlight.alignment import Box, Matrix, applied, inverted, put_back, scale_of
from softlight.faces.analysis import AnalysedFace, Part, part_of
from softlight.filters.smoothstep import smoothstep
from softlight.picture import Picture
from softlight.roles.parsing import Parsing, parse_face
from softlight.runtime import Model
from softlight.tiles import Planes

WIDER = (1.0, 1.6, 2.2)
"""How much smaller each look sees the face: the squares are 4.5, 7.2 and 9.9 interocular distances wide. On
37 portraits, by eye, the second found what long hair the first had not in sight; the third missed white hair
and saw some in flags, so that it is asked only beyond the second."""
REACH, FINEST = 5.0, 100.0
"""Interocular distances around the face that are looked at, and px between the eyes that are kept there."""
ENDS = 0.3
"""Interocular distances over which a look gives way to the next, and the last to nothing."""
NEARBY = 0.07
"""Standard deviation of the window in which hair, and what is not, have one colour; interocular distances."""
DOUBT, LEAST_CONTRAST = 1.0, 0.05
"""How much a variance within the two colours counts against their distance, and the distance that tells
nothing."""
APART = 0.15
"""Interocular distances from the hair of the head within which a piece of hair is taken for some of it: dark
collars are further away."""
UNLIKE = ((2.0, 3.5), (1.0, 2.0))
"""Standard deviations of the sure hair's colours up to which what only the second look knows is hair, and
from which it is not; and the same of the third, which took a black dress for some."""
NOISE = (20.0, 5.0, 5.0)
"""Standard deviations of L*, a* and b* that even hair of one colour has: it lies in light and in shade."""
ENOUGH = 60
"""Pixels of sure hair at the size of the analysis that tell its colour."""
DECIDED = (0.1, 0.6)
"""Shares of the parsing that are taken for none and for all: it is in doubt where hair lies on dark cloth."""
INSIDE = (0.03, 0.17)
"""Interocular distances from the border of what parsed as hair from which on its colours are asked less, and
not at all: skin shines through the first, and hair itself shines."""
NEAR, FAINT = 0.1, 0.08
"""Interocular distances around what parsed as hair in which there may be some; the share that counts as none.
Beyond, a photo stays to the last bit."""
FEATURES = ("brows", "eyes", "glasses", "nose", "inner mouth", "lips", "hat")
"""Of `softlight.roles.parsing.CLASSES`: what is kept out of the hair, though it may have its colour."""
FEATURE = (0.3, 0.7)
"""Share of these from which less of a pixel is hair, and from which none is."""
FACE, BELOW = ("skin", "ears", *FEATURES), ("neck", "cloth")
"""What lies beside hair."""
PLAIN = ("skin", "ears", *BELOW)
"""What single hairs may lie on."""
SURELY = (0.8, 0.99)
"""The same of these."""
HAIRLINE = 0.04
"""Standard deviation, in interocular distances, over which hair thins out towards them."""
SURE = 0.9
"""Share from which a pixel is nothing but hair."""


@dataclass(frozen=True, eq=False)
class HairMask:
    """How much of each pixel near a face is its hair: found once, then asked block by block."""

    part: Part
    """The face's surroundings at the size of the analysis."""
    shares: Planes
    """(height, width, 1) of the part, 0..1: how much is hair, as seen there."""
    slopes: Planes
    """(height, width, 4): what red, green, blue and 1 count for; their sum is the share."""
    bounds: Planes
    """(height, width, 2), 0..1: how much of it is hair at least, and factor of the most that may be."""
    interocular: float
    """Of the face, in px of the photo."""
    beside: Planes
    """(height, width, 2), 0..1: how much is the face with its ears or a hat on it, and neck or cloth."""
    hat: float
    """Squared interocular distances of hats, by the first two looks: the third sees other people's."""

    def box(self, picture: Picture) -> Box:
        """Return the part of the picture in which there is hair; an empty box where there is none."""
        rows, columns = (np.flatnonzero((self.bounds[..., 1] > 0).any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            return Box(0, 0, 0, 0)
        corners = [(columns[0] - 1.5, rows[0] - 1.5), (columns[-1] + 1.5, rows[-1] + 1.5)]
        (left, top), (right, bottom) = applied(inverted(self.part.matrix), corners)
        whole = Box(0, 0, picture.width, picture.height)
        return Box(int(left), int(top), int(np.ceil(right)) + 1, int(np.ceil(bottom)) + 1).within(whole)

    def mask_in(self, before: Planes, box: Box) -> Planes:
        """Return how much of each pixel of a block is hair.

        Parameters
        ----------
        before : ndarray of float32, shape (height, width, 3)
            The photo's working values there; see `softlight.encoding.to_working`.
        box : Box
            Where in the photo that is.

        Returns
        -------
        ndarray of float32, shape (height, width)
            0..1; exactly 0 where the photo is to stay.
        """
        slopes = put_back(self.slopes, self.part.matrix, box)
        bounds = put_back(self.bounds, self.part.matrix, box)
        return _bounded(_told(slopes, before), bounds)


def find_hair(picture: Picture, face: AnalysedFace, model: Model) -> HairMask:
    """Find the hair of one face.

    Parameters
    ----------
    picture : Picture
        Of any type and encoding; never changed.
    face : AnalysedFace
    model : Model
        Of the role parsing; it is asked three times.
    """
    near = _around(picture, face)
    points = applied(near.matrix, face.points)
    looks = [parse_face(model, near.pixels, points[2] + wider * (points - points[2])) for wider in WIDER]
    return _from_looks(picture, near, looks, face.interocular)


def _around(picture: Picture, face: AnalysedFace) -> Part:
    """Return the surroundings of a face in which its hair may be."""
    middle, reach = face.points.mean(axis=0), REACH * face.interocular
    left, top = np.floor(middle - reach).astype(int).tolist()
    right, bottom = np.ceil(middle + reach).astype(int).tolist()
    box = Box(left, top, right, bottom).within(Box(0, 0, picture.width, picture.height))
    longest = max(box.right - box.left, box.bottom - box.top)
    return part_of(picture, box, max(1, round(longest * min(1.0, FINEST / face.interocular))))


def _from_looks(picture: Picture, near: Part, looks: Sequence[Parsing], interocular: float) -> HairMask:
    """Return the mask by looks at a part of a picture, the closest first."""
    height, width = near.pixels.shape[:2]
    box, apart = Box(0, 0, width, height), interocular * scale_of(near.matrix)
    in_sight = [_ending(look.matrix, len(look.shares), box, apart) for look in looks]
    known, seen = in_sight[0], in_sight[-1] * fading(picture, near, apart)

    def joined(*names: str) -> Planes:
        shares = [look.mask(box, *names)[..., 0] for look in looks]
        found = shares[-1]
        for share, there in zip(shares[-2::-1], in_sight[-2::-1], strict=True):
            found = found + there * (share - found)
        return np.asarray(found, np.float32)

    hair = smoothstep(joined("hair"), *DECIDED)
    away = _away(near.pixels, hair * known)
    for there, unlike in zip(in_sight, UNLIKE, strict=False):
        hair = hair * (1 - (1 - there) * smoothstep(away, *unlike))
    hair = hair * seen
    hair = hair * _of_one_head(hair, known, apart)
    pixels = near.pixels.clip(0, 1)
    slopes = _told_apart(pixels, hair, apart)
    there = _grown(hair, NEAR * apart)
    slopes = _told_apart(pixels, np.minimum(there, _told(slopes, pixels).clip(0, 1)), apart)
    most = smoothstep(there, 0.2, 0.7) * smoothstep(seen, 0, 0.5)
    plain = cv2.GaussianBlur(joined(*PLAIN), (0, 0), max(0.5, HAIRLINE * apart))
    most = most * (1 - smoothstep(joined(*FEATURES), *FEATURE)) * (1 - smoothstep(np.asarray(plain), *SURELY))
    depth = cv2.distanceTransform((hair > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    least = smoothstep(np.asarray(depth, np.float32) / np.float32(apart), *INSIDE)
    bounds = np.dstack([least * hair.clip(0, 1), most])
    shares = _bounded(_told(slopes, pixels), bounds)[..., None]
    beside = np.dstack([joined(*FACE), joined(*BELOW)]).clip(0, 1)
    hat = max(float(look.share("hat").sum()) / (apart * scale_of(look.matrix)) ** 2 for look in looks[:2])
    return HairMask(near, shares, slopes, bounds, interocular, beside, hat)


def _grown(shares: Planes, by: float) -> Planes:
    """Return shares (height, width) grown by some px, softly."""
    side = 2 * max(1, round(by)) + 1
    there = cv2.dilate(shares, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    return np.asarray(cv2.GaussianBlur(there, (0, 0), side / 6), np.float32)


def _away(pixels: Planes, hair: Planes) -> Planes:
    """Return how many standard deviations each pixel is from the colour of what is sure to be hair."""
    colours = cv2.cvtColor(cv2.blur(pixels, (3, 3)).clip(0, 1), cv2.COLOR_RGB2Lab)
    known = colours[hair > SURE]
    if len(known) < ENOUGH:
        return np.zeros(hair.shape, np.float32)
    spread = np.cov(known.T) + np.diag(np.square(NOISE))
    away = (colours - np.median(known, axis=0)) @ np.linalg.inv(np.linalg.cholesky(spread)).T
    return np.asarray(np.linalg.norm(away, axis=-1), np.float32)


def _of_one_head(hair: Planes, known: Planes, apart: float) -> Planes:
    """Return 1 on the hair of the head and what is next to it, 0 on pieces elsewhere, (height, width)."""
    count, found = cv2.connectedComponents((hair > 0.05).astype(np.uint8), connectivity=8)
    pieces = np.asarray(found, np.intp)
    if count < 3:
        return np.ones(hair.shape, np.float32)
    weights = np.bincount(pieces.ravel(), (hair * known).ravel().astype(np.float64), minlength=count)
    head = (pieces == 1 + int(np.argmax(weights[1:]))).astype(np.uint8)
    away = cv2.distanceTransform(1 - head, cv2.DIST_L2, 5)
    near = np.zeros(count, bool)
    near[pieces[away <= APART * apart]] = True
    far = ~near[pieces] & (pieces > 0)
    if not far.any():
        return np.ones(hair.shape, np.float32)
    # With the soft edge of each piece, up to half way to the head.
    around_far = cv2.distanceTransform((~far).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(around_far > away.clip(0, APART * apart / 2), np.float32)


def fading(picture: Picture, near: Part, apart: float) -> Planes:
    """Return a plane that ends softly where a part does, but not at the picture's own border: 0..1.

    `apart` is the interocular distance in px of the part; the plane is (height, width) of it.
    """
    height, width = near.pixels.shape[:2]
    (left, top), (right, bottom) = applied(inverted(near.matrix), [(-0.5, -0.5), (width - 0.5, height - 0.5)])
    across, down = np.full(width, np.inf), np.full(height, np.inf)
    for line, start, end, size in ((across, left, right, picture.width), (down, top, bottom, picture.height)):
        at = np.arange(len(line))
        if start > 0:
            line[:] = np.minimum(line, at)
        if end < size - 1:
            line[:] = np.minimum(line, at[::-1])
    return smoothstep(np.minimum(down[:, None], across).astype(np.float32), 0, ENDS * apart)


def _ending(matrix: Matrix, side: int, box: Box, apart: float) -> Planes:
    """Return a plane that ends softly where a square does: 0 from its border on, (height, width)."""
    middle = (side - 1) / 2
    x, y = np.meshgrid(np.arange(box.left, box.right), np.arange(box.top, box.bottom))
    there = applied(matrix, np.stack([x.ravel(), y.ravel()], axis=1)).reshape(*x.shape, 2)
    to_border = (side / 2 - np.abs(there - middle).max(axis=-1)) / scale_of(matrix)
    return smoothstep(to_border.astype(np.float32), 0, ENDS * apart)


def _told_apart(pixels: Planes, hair: Planes, apart: float) -> Planes:
    """Return what says, by the colours of the hair and of the rest nearby, how much of a pixel is which.

    A pixel lies somewhere between both colours. Where these are alike, or each is many, what was parsed
    counts more.

    Parameters
    ----------
    pixels : ndarray of float32, shape (height, width, 3)
        0..1.
    hair : ndarray of float32, shape (height, width)
        What was parsed, 0..1.
    apart : float
        Interocular distance, in px.

    Returns
    -------
    ndarray of float32, shape (height, width, 4)
        See `HairMask.slopes`.
    """
    some = np.dstack([pixels, np.square(pixels).sum(axis=-1)]).astype(np.float32)
    (front, front_varies), (behind, behind_varies) = (
        _nearby(some, ((share - 0.7) / 0.3).clip(0, 1), apart) for share in (hair, 1 - hair)
    )
    way = front - behind
    length = np.square(way).sum(axis=-1)
    doubt = DOUBT * (front_varies + behind_varies) + LEAST_CONTRAST**2
    slopes = way / (length + doubt)[..., None]
    rest = (doubt * hair) / (length + doubt) - (behind * slopes).sum(axis=-1)
    return np.dstack([slopes, rest]).astype(np.float32)


def _nearby(some: Planes, weight: Planes, apart: float) -> tuple[Planes, Planes]:
    """Return mean (height, width, 3) and variance (height, width) of colours nearby, by weight.

    The fourth channel of `some` is the sum of the squares of the others.
    """
    step = max(1, round(NEARBY * apart / 4))
    size = (max(1, some.shape[1] // step), max(1, some.shape[0] // step))
    small = [cv2.resize(some[..., i] * weight, size, interpolation=cv2.INTER_AREA) for i in range(4)]
    small.append(cv2.resize(weight, size, interpolation=cv2.INTER_AREA))
    found = [np.full((size[1], size[0]), 1e-6 * share, np.float32) for share in (0, 0, 0, 0, 1)]
    # What is nearest counts most, and what is far only where there is nothing else.
    for share, reach in ((1.0, NEARBY), (1e-2, 3 * NEARBY), (1e-4, 9 * NEARBY)):
        for plane, values in zip(found, small, strict=True):
            wide = blurred(np.asarray(values, np.float32), max(0.7, reach * apart / step))
            np.add(plane, np.float32(share) * wide, out=plane)
    back = (some.shape[1], some.shape[0])
    means = [cv2.resize(plane / found[4], back, interpolation=cv2.INTER_LINEAR) for plane in found[:4]]
    mean = np.dstack(means[:3]).astype(np.float32)
    return mean, np.asarray((means[3] - np.square(mean).sum(axis=-1)).clip(0, None), np.float32)


def blurred(plane: Planes, sigma: float) -> Planes:
    """Return planes (height, width) or with channels after a Gaussian, wide ones by a smaller copy."""
    step = max(1, round(sigma / 4))
    rows, columns = plane.shape[:2]
    small = cv2.resize(plane, (max(1, columns // step), max(1, rows // step)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / step)
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR), np.float32)


def _told(slopes: Planes, pixels: Planes) -> Planes:
    """Return the shares (height, width) that follow from colours."""
    seen = pixels.clip(0, 1)
    return np.asarray((slopes[..., :3] * seen).sum(axis=-1) + slopes[..., 3], np.float32)


def _bounded(shares: Planes, bounds: Planes) -> Planes:
    """Return shares (height, width) of which bounds (height, width, 2) say the least and the most."""
    least, most = bounds[..., 0].clip(0, 1), bounds[..., 1].clip(0, 1)
    told = ((shares - FAINT) / (SURE - FAINT)).clip(0, 1)
    return np.asarray((least + (1 - least) * told) * most, np.float32)
