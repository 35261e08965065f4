"""How one face is changed by a prototype: its move, and what is added to its tone and texture."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import (
    Box,
    Matrix,
    Planes,
    Points,
    applied,
    chained,
    inverted,
    put_back,
    scale_of,
)
from softlight.faces.analysis import Part
from softlight.faces.mesh import bent, mean_mesh
from softlight.faces.prototypes import CORNER, EXTENT, Prototype
from softlight.filters.edit.change import Subject
from softlight.filters.edit.reshaping import (
    LANCZOS,
    SIDE,
    STIFF,
    Move,
    displaced,
    enlarged,
    move_of,
    resampled,
    square_around,
)
from softlight.filters.monochrome import is_monochrome, without_colour
from softlight.picture import Picture
from softlight.roles.parsing import summed

BLACK = 0.03
"""Added to light before its logarithm, as in `training/prototypes.py`."""
BANDS = (0.008, 0.016, 0.032, 0.064)
"""Distances between the eyes: standard deviations between which the bands of texture lie."""
MOST = 1.5
"""Of the logarithm of a band's contrast that may be added or taken away."""
FREE = ("skin", "brows", "eyes", "nose", "inner mouth", "lips")
"""What may move. What hides a face, hair, glasses and clothes stay, and skin beside them moves little."""
TONED, SKIN = ("skin", "nose", "brows"), ("skin", "nose")
"""What changes its tone, and its texture."""
LIPS = 0.5
"""How much of their prototype's tone lips take: all of it is lipstick, or none where there was some."""
FADE = 0.1
"""Distances between the eyes within which a move fades before what stays."""


@dataclass(frozen=True, eq=False)
class Likeness:
    """What makes a face another in one attribute."""

    move: Move
    tone: Planes
    """(SIDE, SIDE, 3), to be added to the logarithm of light."""
    fine: Planes
    """(rows, columns, 1 or 3), to be added to the face before it moves, at the scale it is looked at."""
    matrix: Matrix
    """From the photo to `fine`."""

    @property
    def mesh(self) -> Points:
        """As `Change.mesh`."""
        return self.move.mesh

    @property
    def margin(self) -> float:
        """As `Change.margin`."""
        return self.move.reach + LANCZOS

    def box(self, picture: Picture) -> Box:
        """As `Change.box`."""
        return self.move.box(picture.height, picture.width)

    def made(self, before: Planes, block: Box, around: Box) -> tuple[Planes, NDArray[Any]]:
        """As `Change.made`."""
        source = self.move.source(block)
        after, there = displaced(before, source, block, around)
        added, gain = resampled(self.texture(around), source, block, around), self.gain(block)
        after += added
        after += (after + BLACK) * gain
        done = (there[..., None] > 0) | (added != 0) | (gain != 0).any(axis=-1, keepdims=True)
        return after, done[..., 0]

    def gain(self, box: Box) -> Planes:
        """Return the share of light that a part of the photo is to get beside its own, (height, width, 3)."""
        return np.asarray(np.expm1(enlarged(self.tone, self.move.matrix, box)), np.float32)

    def texture(self, box: Box) -> Planes:
        """Return what texture is to be added to a part of the photo before it moves."""
        return put_back(self.fine, self.matrix, box)


def likeness(
    subject: Subject,
    prototype: Prototype,
    amount: float,
    own: Planes | None = None,
    plain: Planes | None = None,
) -> Likeness:
    """Return how a face changes towards a prototype, by a signed amount of it.

    Parameters
    ----------
    subject : Subject
    prototype : Prototype
    amount : float
    own : ndarray of float32, shape (height, width, 1 or 3) of the subject's part, or None
        What is added to the face's own pixels before, in perceptual RGB.
    plain : ndarray of float32, shape (height, width, 1), or None
        Of its brightness, what takes no part in its texture and keeps its contrast.
    """
    part, mesh = subject.part, subject.mesh
    matrix = square_around(mesh)
    shares = subject.parsing.in_square(matrix, SIDE)
    free = inside(summed(shares, *FREE))
    toned = _soft(summed(shares, *TONED, "lips")) * (1 - (1 - LIPS) * summed(shares, "lips"))
    move = move_of(mesh, amount * prototype.shape, free, matrix)
    tone = amount * _on_face(prototype.tone, move.mesh, matrix) * toned
    if is_monochrome(part.pixels):
        tone = without_colour(tone)
    # Texture is found before the face moves, and goes with it.
    contrast = amount * _on_face(prototype.texture, mesh, matrix) * _soft(summed(shares, *SKIN))
    return Likeness(move, tone, _texture(part, matrix, contrast, own, plain), part.matrix)


def inside(share: Planes) -> Planes:
    """Return where a share is nearly whole, soft, and 0 beyond: (rows, columns, 1)."""
    fade = FADE * SIDE / EXTENT
    whole = cv2.erode(share[..., 0], np.ones((3, 3), np.uint8), iterations=max(1, round(fade / 2)))
    soft = np.clip(cv2.GaussianBlur(whole, (0, 0), fade / 2), 0, 1)[..., None]
    return np.asarray(soft * (share > 0), np.float32)


def _soft(share: Planes) -> Planes:
    """Return a share with its edge moved inwards and softened."""
    wide = cv2.GaussianBlur(share[..., 0], (0, 0), 1.5)[..., None]
    return np.asarray(np.clip(2 * wide - 1, 0, 1) * share, np.float32)


def _on_face(planes: Planes, mesh: Points, matrix: Matrix) -> Planes:
    """Return planes of the mean mesh's square (side, side, channels) in that of a face, `SIDE` px."""
    if not planes.any():
        return np.zeros((SIDE, SIDE, planes.shape[-1]), np.float32)
    knots = np.arange(0, SIDE + 3, 4, dtype=np.float64)
    at = np.stack(np.meshgrid(knots, knots), axis=-1).reshape(-1, 2)
    here = applied(matrix, mesh)
    mean = bent(at / SIDE, here / SIDE, mean_mesh(), STIFF).reshape(len(knots), len(knots), 2)
    side = len(planes)
    where = ((mean - CORNER) / EXTENT * side - 0.5).astype(np.float32)
    # One knot each four px, from the first px on: the last px lies before the last knot.
    along = np.arange(SIDE, dtype=np.float32) / 4
    x, y = np.meshgrid(along, along)
    fine = cv2.remap(where, x, y, cv2.INTER_LINEAR)
    result = cv2.remap(planes, fine[..., 0], fine[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(result, np.float32).reshape(SIDE, SIDE, -1)


def _texture(
    part: Part, matrix: Matrix, contrast: Planes, own: Planes | None, plain: Planes | None
) -> Planes:
    """Return what gives the bands of a face another contrast, in the part's px: (rows, columns, 1 or 3).

    With what is added to its own pixels before: of folds that are gone there is nothing left to flatten.
    """
    rows, columns = part.pixels.shape[:2]
    between = chained(inverted(part.matrix), matrix)
    apart = SIDE / EXTENT / scale_of(between)
    pixels = part.pixels if own is None else part.pixels + own
    grey = pixels.mean(axis=-1)
    if plain is not None:
        grey = grey - plain[..., 0]
    levels = [cv2.GaussianBlur(grey, (0, 0), max(share * apart, 0.1)) for share in BANDS]
    strength = np.expm1(np.clip(enlarged(contrast, between, Box(0, 0, columns, rows)), -MOST, MOST))
    added = sum(
        strength[..., i] * (fine - coarse) for i, (fine, coarse) in enumerate(itertools.pairwise(levels))
    )
    fine = np.asarray(added, np.float32)[..., None]
    return fine if own is None else fine + own
