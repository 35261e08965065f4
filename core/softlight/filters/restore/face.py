"""One face restored in the square of its network: what changes, and how softly that ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from softlight.alignment import (
    Box,
    Matrix,
    applied,
    chained,
    covered,
    inverted,
    put_back,
    scale_of,
    scaling,
    template,
    warped,
)
from softlight.faces import analysis
from softlight.faces.analysis import AnalysedFace, Part
from softlight.filters.monochrome import is_monochrome, without_colour
from softlight.filters.restore.blur import sharpness
from softlight.filters.smoothstep import soft_rim
from softlight.picture import Picture
from softlight.roles.face_occlusion import visible_face
from softlight.roles.face_restoration import RestoredFace, restore_face
from softlight.roles.parsing import Parsing, parse_face, summed
from softlight.runtime import Model
from softlight.tiles import Planes

SHOWN = ("skin", "brows", "eyes", "glasses", "ears", "nose", "inner mouth", "lips", "neck", "hair")
"""Of `softlight.roles.parsing.CLASSES`: what is a person's own. Clothes, hats and walls are background."""
FACE = ("skin", "brows", "eyes", "nose", "inner mouth", "lips")
"""What a network of the role face-occlusion sees: hair, ears and glasses count as hiding a face there."""
MASK = 256
"""Px of the square in which the mask is made: its edge is softer than two px of 512."""
SOFT = 0.09
"""Standard deviation of the mask's edge, in interocular distances. Along it a face restored alone has .955
of the gradient beside it, as the clean photo has it; with .05 .944, with .03 .933 (median of 12)."""
HELD = 0.05
"""The same of what is held in front of a face: fingers are narrow."""
RIM = 0.08
"""Share of the square's side over which the restoration ends before its border."""


@dataclass(frozen=True)
class Networks:
    """What a face is restored with."""

    parsing: Model
    restoration: Model
    occlusion: Model | None = None
    """Sees what hides a face, where one is installed: a hand may parse as skin."""


@dataclass(frozen=True, eq=False)
class Change:
    """What is to be added to a photo around one face; planes are squares with their way from the photo."""

    pixels: Planes
    """(side, side, 3), perceptual RGB: to be added."""
    seen: Planes
    """The same square of the photo."""
    kept: float
    """How much stays of what a square larger than the face cannot hold, 0..1."""
    grey: bool
    """The face is monochrome, and stays so."""
    mask: Planes
    """(MASK, MASK, 1), 0..1: how much of it shows."""
    matrix: Matrix
    """From the photo to the pixels."""
    interocular: float
    """Of the face, in px of the photo."""
    sharpness: float
    """Of the face before, by `sharpness`."""

    def box(self, picture: Picture) -> Box:
        """Return the part of a picture that may change."""
        return covered(self.matrix, len(self.pixels), picture.height, picture.width)

    def added(self, before: Planes, box: Box) -> Planes:
        """Return a part of the photo with the change, shape (height, width, 3); before it was `before`."""
        after = before + put_back(self.pixels, self.matrix, box)
        if self.kept == 1:
            return after
        lost = before - put_back(self.seen, self.matrix, box)
        return np.asarray(after - np.float32(1 - self.kept) * (without_colour(lost) if self.grey else lost))

    def mask_in(self, box: Box) -> Planes:
        """Return how much of it shows there, float32 of shape (height, width), 0..1."""
        step = len(self.mask) / len(self.pixels)
        mask = put_back(self.mask, chained(self.matrix, scaling(step, step)), box)
        return np.asarray(np.clip(mask[..., 0], 0, 1))


def restored(
    picture: Picture, faces: Sequence[AnalysedFace], number: int, networks: Networks, fidelity: float
) -> Change:
    """Restore one face of a picture.

    Only the difference that the network makes is kept: above the scale that it knows the photo's own pixels
    stay below it, and what it leaves alone stays to the last bit.

    Parameters
    ----------
    picture : Picture
        Of any type and encoding; never changed.
    faces : sequence of AnalysedFace
        All faces of the picture: what is nearer to another one is left to it.
    number : int
        Of the face, from 0.
    networks : Networks
    fidelity : float
        0..1; see `roles.face_restoration.restore`.
    """
    face = faces[number]
    near = analysis.around(picture, face.points)
    inside = parse_face(networks.parsing, near.pixels, applied(near.matrix, face.points))
    parsing = Parsing(inside.shares, chained(near.matrix, inside.matrix))
    close = analysis.around(picture, face.points, kept=_eyes_apart(networks.restoration))
    found = restore_face(
        networks.restoration,
        close.pixels,
        applied(close.matrix, face.points),
        parsing.moved(close.matrix),
        fidelity,
    )
    change, grey = found.pixels - found.seen, is_monochrome(found.seen)
    if grey:
        change = without_colour(change)
    matrix = chained(close.matrix, found.matrix)
    step = MASK / found.side
    to_mask = chained(matrix, scaling(step, step))
    hidden = _hidden(networks.occlusion, near, face, to_mask)
    mask = (
        _shown(parsing, hidden, to_mask, face.interocular)
        * analysis.belonging(faces, number, to_mask, MASK)
        * soft_rim(MASK, RIM)
    )
    kept = _kept(found, scale_of(matrix))
    return Change(
        change, found.seen, kept, grey, mask[..., None], matrix, face.interocular, sharpness(found.seen)
    )


def _kept(found: RestoredFace, scale: float) -> float:
    """Return how much a network kept of the finest that it saw of an enlarged face: what a photo's px hold.

    Enlarging and shrinking again loses some of a photo's noise, so that the difference that a network makes
    does not take all of it away: of a face enlarged 1.5 times a third more of the fine band stayed. The rest
    goes as far as the network let go of what it did see.
    """
    if scale <= 1:
        return 1.0
    fine, after = (image - cv2.GaussianBlur(image, (0, 0), scale) for image in (found.seen, found.pixels))
    there = float(np.square(fine).sum())
    return float(np.clip((fine * after).sum() / there, 0, 1)) if there else 1.0


def _eyes_apart(model: Model) -> float:
    """Return the distance between the eyes in a network's square, in px: more of a photo need not be kept."""
    five = template(model.contract.template or "ffhq_512", model.session().side)
    return float(np.linalg.norm(five[1] - five[0]))


def _hidden(model: Model | None, near: Part, face: AnalysedFace, matrix: Matrix) -> Planes:
    """Return how much of each pixel of the mask is no face or hidden, (MASK, MASK, 1)."""
    if model is None:
        return np.zeros((MASK, MASK, 1), np.float32)
    found = visible_face(model, near.pixels, applied(near.matrix, face.points))
    between = chained(inverted(chained(near.matrix, found.matrix)), matrix)
    return np.asarray(1 - warped(found.pixels, between, MASK, MASK).clip(0, 1))


def _shown(parsing: Parsing, hidden: Planes, matrix: Matrix, interocular: float) -> Planes:
    """Return how much of each pixel of the mask is the person's own and seen, with a soft edge."""
    shares = parsing.in_square(matrix, MASK)
    unit = interocular * scale_of(matrix)
    shown = cv2.GaussianBlur(summed(shares, *SHOWN)[..., 0], (0, 0), SOFT * unit)
    lost = cv2.GaussianBlur((hidden * summed(shares, *FACE))[..., 0], (0, 0), HELD * unit)
    # A little more than was seen: the middle of a finger is wholly left alone.
    return np.asarray(np.clip(shown, 0, 1) * (1 - np.clip(1.2 * lost, 0, 1)), np.float32)
