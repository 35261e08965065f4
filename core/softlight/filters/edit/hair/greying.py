"""Hair with the years: it greys, at the temples first, and what is grey gets its colour back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from softlight.alignment import Box, Points, applied, put_back, scale_of
from softlight.faces.analysis import AnalysedFace
from softlight.faces.mesh import BROWS, mesh_of
from softlight.filters.edit.hair.colour import Dye, Hair, HairTarget, lab_of, swatch_of
from softlight.filters.edit.hair.mask import HairMask
from softlight.tiles import Planes

Lab = tuple[float, float, float]

GREYED = 0.6
"""Of the way to grey, within 20 years, at the temples."""
RETURNED = 0.8
"""Of the way back to its colour that grey hair goes, within 20 years."""
PIGMENT = ((10.0, 25.0, 45.0, 70.0), (3.0, 8.0, 14.0, 18.0))
"""L* of hair, and the chroma that hair of that lightness has where none is grey."""
DARK = (22.0, 36.0)
"""L* up to which no hair counts as grey, and from which on it does if it has no colour."""
HAT = 0.15
"""Squared interocular distances of hat from which on nothing greys: dark brims are taken for hair. Of 26
portraits one in a cap has .7, one in a woollen hat 1.8; of the others 21 have less, and three
keep their colour in vain (.2, .2, 1.5; two are old prints)."""
FOLDED = (0.02, 0.05)
"""`Wear.depth` up to which hair without colour is ash blond, and from which on it is grey: of 15 people of 19
to 41 years 11 have less than the first, of 68 of 40 to 80 years 66 more than the second."""
TEMPLES, NEAR, ELSEWHERE = (127, 356), 0.6, 0.6
"""Points of the mesh, the standard deviation in distances between the eyes of what is near them, and the
share of their grey that the rest of the head has."""
STRAND, SINGLE = 5.0, 0.6
"""L* by which a strand is lighter than its lock that greys first, and how much sooner: what lies deep between
the strands stays dark. With all alike, black curls lay in fog."""
UNLIKE = (5.0, 11.0)
"""a* and b* away from the hair's own from which on a pixel greys less, and not at all: skin at the hairline
became a white rim."""
BEARD, SOFT = 1.0, 0.05
"""Distances between the eyes below the jaw down to which hair counts as beard, and the standard deviation of
its edge: stubble is half skin, and what was dyed of it lay in spots."""


@dataclass(frozen=True, eq=False)
class Greying:
    """How one head of hair changes with years."""

    dye: Dye
    temples: Points
    """(2, 2), in px of the photo."""
    near: float
    """Px."""
    elsewhere: float
    """Share of the change away from the temples."""
    head: Planes
    """(height, width, 1): 1 where hair is no beard, in the px of the hair's mask."""

    def weight(self, before: Planes, mask: Planes, block: Box) -> Planes:
        """Return how much of the change a block of the photo gets.

        Parameters
        ----------
        before : ndarray of float32, shape (height, width, 3)
            The photo's working values there.
        mask : ndarray of float32, shape (height, width)
            How much of each pixel is hair, 0..1.
        block : Box

        Returns
        -------
        ndarray of float32, shape (height, width)
            0..1; no more than the mask.
        """
        hair = self.dye.hair
        share = mask * put_back(self.head, hair.matrix, block)[..., 0].clip(0, 1)
        if self.elsewhere < 1:
            x, y = np.arange(block.left, block.right), np.arange(block.top, block.bottom)[:, None]
            close = [np.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * self.near**2)) for a, b in self.temples]
            share = share * (self.elsewhere + (1 - self.elsewhere) * np.maximum(*close))
            lightness, *colours = cv2.split(cv2.cvtColor(before.clip(0, 1), cv2.COLOR_RGB2Lab))
            above = lightness - put_back(hair.locks, hair.matrix, block)[..., 0]
            within = lightness.clip(hair.low, hair.high) - hair.lightness
            usual = [colour + slope * within for colour, slope in zip(hair.colour, hair.slopes, strict=True)]
            away = np.hypot(*(plane - own for plane, own in zip(colours, usual, strict=True)))
            alike = np.clip((UNLIKE[1] - away) / (UNLIKE[1] - UNLIKE[0]), 0, 1)
            share = share * mask * alike * (1 + SINGLE * np.tanh(above / STRAND))
        return np.asarray(np.minimum(share, mask).clip(0, 1), np.float32)


def greying(mask: HairMask, hair: Hair, face: AnalysedFace, years: float, depth: float) -> Greying | None:
    """Return how hair changes with years; None if not at all.

    Parameters
    ----------
    mask : HairMask
    hair : Hair
        What was measured of it.
    face : AnalysedFace
    years : float
        Added, or taken away, of 20.
    depth : float
        Of the folds of this face: `Wear.depth`.
    """
    if mask.hat > HAT:
        return None
    grey = greyness(hair) * float(np.clip((depth - FOLDED[0]) / (FOLDED[1] - FOLDED[0]), 0, 1))
    own = (hair.lightness, *hair.colour)
    if years > 0:
        target = np.array(lab_of(HairTarget.GREY.swatch))
        # Fair hair gets paler, not darker; and what is grey gets white.
        target[0] = max(target[0], own[0] + 6)
        amount, elsewhere = GREYED * years, ELSEWHERE + (1 - ELSEWHERE) * grey
    else:
        target = np.array(_pigmented(mask, hair, face))
        amount, elsewhere = -RETURNED * years * grey, 1.0
    if amount <= 0 or (years < 0 and hair.monochrome):
        return None
    dye = Dye.to(hair, swatch_of(np.asarray(target)), amount)
    temples = mesh_of(face.landmarks)[list(TEMPLES)]
    return Greying(dye, temples, NEAR * face.interocular, elsewhere, _without_beard(mask, face))


def _without_beard(mask: HairMask, face: AnalysedFace) -> Planes:
    """Return 1 where the hair of a face is not its beard, (height, width, 1) of the mask's part."""
    part = mask.part
    apart = face.interocular * scale_of(part.matrix)
    mesh = applied(part.matrix, mesh_of(face.landmarks))
    oval = cv2.convexHull(mesh.astype(np.float32))[:, 0]
    middle = mesh[list(TEMPLES)].mean(axis=0)
    down = (mesh[152] - middle) / np.linalg.norm(mesh[152] - middle)
    lower = oval[(oval - middle) @ down > 0]
    beard = cv2.convexHull(np.concatenate([lower, lower + BEARD * apart * down]).astype(np.float32))
    drawn = np.ones(part.pixels.shape[:2], np.float32)
    cv2.fillConvexPoly(drawn, np.rint(beard).astype(np.int32), 0.0)
    return np.asarray(cv2.GaussianBlur(drawn, (0, 0), max(0.5, SOFT * apart))[..., None], np.float32)


def greyness(hair: Hair) -> float:
    """Return how grey hair is, 0..1: by what it lacks of the colour that hair of its lightness has."""
    light = float(np.clip((hair.lightness - DARK[0]) / (DARK[1] - DARK[0]), 0, 1))
    chroma = max(0.0, hair.colour[1])  # cold light makes grey hair blue
    return light * float(np.clip(2.5 - 2.5 * chroma / np.interp(hair.lightness, *PIGMENT), 0, 1))


def _pigmented(mask: HairMask, hair: Hair, face: AnalysedFace) -> Lab:
    """Return the colour that grey hair had, L*, a* and b*: as dark as brows are, and brown."""
    part = mask.part
    mesh = applied(part.matrix, mesh_of(face.landmarks))
    drawn = np.zeros(part.pixels.shape[:2], np.uint8)
    for brow in BROWS:
        cv2.fillPoly(drawn, [np.rint(mesh[list(brow)]).astype(np.int32)], 255)
    seen = cv2.cvtColor(part.pixels.clip(0, 1), cv2.COLOR_RGB2Lab)
    brows = seen[drawn > 0]
    lightness = float(np.clip(np.percentile(brows[:, 0], 25) if len(brows) else 30.0, 16, 42))
    lightness = min(lightness, hair.lightness)
    swatches = (HairTarget.BLACK, HairTarget.DARK_BROWN, HairTarget.BROWN, HairTarget.DARK_BLOND)
    known = np.array([lab_of(one.swatch) for one in swatches])
    a, b = (float(np.interp(lightness, known[:, 0], known[:, i])) for i in (1, 2))
    return lightness, a, b
