"""What of a face must stay as it is: eyes, brows, lips, inner mouth, hair and glasses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from softlight.alignment import Box, Planes, Points, applied, chained, covered, cut, put_back, scale_of
from softlight.faces.analysis import AnalysedFace, around, nearest
from softlight.faces.beard import beard
from softlight.faces.mesh import BROWS, EYES, LIPS, mesh_of
from softlight.picture import Picture
from softlight.roles.parsing import CLASSES, Parsing, parse_face
from softlight.runtime import Runtime

KEPT = ("eyes", "brows", "lips", "inner mouth", "hair", "glasses")
"""Of `softlight.roles.parsing.CLASSES`."""


@dataclass(frozen=True)
class Border:
    """What borders on skin with an edge that looks like a crease."""

    classes: tuple[str, ...]
    """Of `softlight.roles.parsing.CLASSES`."""
    margin: float
    """Interocular distances around it: its edge throws a shadow of about that width."""
    sure: float
    """Share of a pixel from which all of it counts."""


BORDERS = (
    Border(("hair",), margin=0.03, sure=1.0),
    Border(("hat", "glasses", "background"), margin=0.03, sure=0.25),
    Border(("cloth",), margin=0.06, sure=0.25),
)
"""With shares as they are and .03 for all, the neck reached 8 px of 180 between the eyes into white collars,
and what filled the collar's shadow took on its colour; at .05 one of six showed it, from .06 on none."""
LASHES, HAIRS, RIM = 0.04, 0.04, 0.015
"""Interocular distances by which eyes, brows and lips reach beyond their outlines in the mesh."""
FADE = 0.02
"""Share of the square's side over which what it knows fades out. At .05 long necks ended slowly, and up to
4.7 % of all other ridge energy went there."""


def parse(picture: Picture, face: AnalysedFace, runtime: Runtime) -> Parsing:
    """Say which part of a face each pixel shows; a beard is hair.

    The way to the square is that from the whole picture.

    Raises
    ------
    ModelError
        If there is no model for the role parsing.
    """
    near = around(picture, face.points)
    inside = parse_face(runtime.model("parsing"), near.pixels, applied(near.matrix, face.points))
    matrix = chained(near.matrix, inside.matrix)
    seen = cut(near.pixels, inside.matrix, len(inside.shares)).pixels
    beards = beard(seen, applied(matrix, mesh_of(face.landmarks)), face.interocular * scale_of(matrix))
    shares = inside.shares.copy()
    moved = shares[..., CLASSES.index("skin")] * beards
    shares[..., CLASSES.index("skin")] -= moved
    shares[..., CLASSES.index("hair")] += moved
    return Parsing(shares, matrix)


def remembered(picture: Picture, face: AnalysedFace, runtime: Runtime) -> Parsing:
    """Return what `parse` says of a face that `analysis.find` returned; it is asked once."""
    return runtime.memory.beside(face, "protection", lambda: parse(picture, face, runtime))


def share_in(parsing: Parsing, box: Box, classes: Sequence[str]) -> Planes:
    """Return how much of each pixel of a photo is one of some parts of a face; beyond what was parsed, 0.

    Returns
    -------
    ndarray of float32, shape (height, width) of the box
        0..1.
    """
    return _put_back(parsing.share(*classes)[..., 0], parsing, box)


def kept_in(face: AnalysedFace, parsing: Parsing, box: Box) -> Planes:
    """Return how much of each pixel of a photo must stay, 0..1, shape (height, width) of the box.

    Eyes, brows and lips are taken from the landmarks as well: a parsing network may miss small ones.
    """
    share = np.maximum(parsing.share(*KEPT)[..., 0], _features(face, parsing))
    return _put_back(share, parsing, box)


def free_in(faces: Sequence[AnalysedFace], parsings: Sequence[Parsing], box: Box) -> Planes:
    """Return how much of each pixel of a photo may change: 1 less what the nearest face keeps of it.

    Of the same shape as `kept_in`; the parsings are those of the faces.
    """
    free = np.ones((box.bottom - box.top, box.right - box.left), np.float32)
    for number, (face, parsing) in enumerate(zip(faces, parsings, strict=True)):
        seen = covered(parsing.matrix, len(parsing.shares), box.bottom, box.right).within(box)
        if seen.empty:
            continue
        mine = nearest(faces, number, seen)
        free[seen.slices_in(box)][mine] = 1 - kept_in(face, parsing, seen)[mine]
    return free


def around_skin_in(face: AnalysedFace, parsing: Parsing, box: Box) -> Planes:
    """Return how much of each pixel lies in what borders on skin (`BORDERS`), or within its margin.

    Of the same shape as `kept_in`. A cap throws a shadow on the forehead that no brush would have marked.
    """
    found = np.zeros(parsing.shares.shape[:2], np.float32)
    for border in BORDERS:
        radius = border.margin * face.interocular * scale_of(parsing.matrix)
        size = 2 * round(radius) + 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
        share = np.minimum(parsing.share(*border.classes)[..., 0] / np.float32(border.sure), 1)
        np.maximum(found, cv2.dilate(share, disc), out=found)
    return _put_back(found, parsing, box)


def _put_back(share: Planes, parsing: Parsing, box: Box) -> Planes:
    """Return a plane of the parsing's square in the photo's pixels; it fades to 0 at the square's border.

    `put_back` goes on with the border's values: without an end, hair there would reach over the next face.
    """
    side = len(share)
    to_border = np.minimum(np.arange(side), np.arange(side)[::-1])
    ramp = np.clip(to_border / (FADE * side), 0, 1).astype(np.float32)
    inside = share * np.minimum(ramp[:, None], ramp)
    return np.clip(put_back(inside[..., None], parsing.matrix, box)[..., 0], 0, 1)


def _features(face: AnalysedFace, parsing: Parsing) -> Planes:
    """Eyes, brows and lips as the landmarks outline them, drawn in the square of the parsing."""
    side = parsing.shares.shape[0]
    interocular = face.interocular * scale_of(parsing.matrix)
    mesh = applied(parsing.matrix, mesh_of(face.landmarks))
    drawn = np.zeros((side, side), np.uint8)
    for loops, beyond in ((EYES, LASHES), (BROWS, HAIRS), ((LIPS,), RIM)):
        for loop in loops:
            corners: Points = np.rint(np.clip(mesh[list(loop)], -side, 2 * side) * 16)
            outline = corners.astype(np.int32)
            cv2.fillPoly(drawn, [outline], 255, cv2.LINE_AA, shift=4)
            thickness = max(1, round(2 * beyond * interocular))
            cv2.polylines(drawn, [outline], True, 255, thickness, cv2.LINE_AA, shift=4)
    return np.asarray(drawn / 255, np.float32)
