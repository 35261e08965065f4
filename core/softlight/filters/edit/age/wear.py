"""What years have left on a face's skin: what De-wrinkle and Skin retouch would take away of it.

Younger takes some of it away, older adds as much again: the person's own folds, and nobody else's.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Box, Planes
from softlight.faces import analysis, protection, regions
from softlight.faces.analysis import AnalysedFace, Part
from softlight.faces.mesh import mesh_of
from softlight.filters import boxes
from softlight.filters.dewrinkle.retouch import retouch
from softlight.filters.dewrinkle.scale import octaves
from softlight.filters.dewrinkle.settings import Target
from softlight.filters.dewrinkle.sight import load_networks
from softlight.filters.monochrome import is_monochrome, without_colour
from softlight.picture import Picture
from softlight.roles import skin_retouch
from softlight.runtime import Runtime

FOLDED = tuple(name for name in regions.REGIONS if name not in ("mouth", "neck"))
"""Regions in which folds are looked for. Around the mouth a thin moustache and stubble went as well, for half
a year; the neck ends where the square does that a face moves in."""
STUBBLE = ("chin", "cheeks")
"""Those of them where stubble and its shadow are taken for folds: they become no deeper."""
BESIDE, DARKEST = ("nasolabial",), 0.1
"""Where folds tell an age, and the least brightness that their share is taken of."""
SHADE = 0.008
"""Distances between the eyes: standard deviation of the grain that is no part of a fold's shade."""
SPOTTED = {"blemishes": 1.0, "evenness": 1.0, "under_eye": 1.0, "shine": 0.0, "marks": 0.0, "texture": 0.0}
"""Of `skin_retouch.COMPONENTS`: moles and freckles are one's own, and shine is the lamp's."""
CONTEXT = 0.5
"""Distances between the eyes around the face that the networks see."""
SKIN = ("skin", "nose")


@dataclass(frozen=True, eq=False)
class Wear:
    """What years have left on skin; planes (height, width, 3) of the part, in perceptual RGB."""

    all: Planes
    """To be subtracted for skin without it: folds, spots, circles under the eyes."""
    shade: Planes
    """(height, width, 1): the light that folds take and give, to be added for deeper ones."""
    spots: Planes
    """(height, width, 1): of what is taken away, the light that pimples and blotches take and give."""
    depth: float
    """Of the folds beside the mouth: root mean square of the share of light that they take and give."""


def worn(picture: Picture, face: AnalysedFace, part: Part, runtime: Runtime) -> Wear:
    """Return what the networks would take away of a face's skin, found once for a face.

    Parameters
    ----------
    picture : Picture
    face : AnalysedFace
        Of the picture.
    part : Part
        Its surroundings, always the same: what was found in them is remembered with the face. About 200 px
        between the eyes are what the networks know.
    runtime : Runtime
        Gives the models of the roles `wrinkle-map`, `skin-inpainting`, `skin-retouch` and `parsing`.

    Returns
    -------
    Wear
        Exactly 0 where there is none.
    """
    box = _seen(analysis.face_moved(face, part.matrix), part)

    def find() -> tuple[NDArray[np.float16], float]:
        planes, depth = _found(picture, face, part, box, runtime)
        return planes.astype(np.float16), depth

    planes = np.zeros((*part.pixels.shape[:2], 5), np.float32)
    planes[box.slices], depth = runtime.memory.beside(face, "wear", find)
    return Wear(planes[..., :3], planes[..., 3:4], planes[..., 4:], depth)


def _seen(here: AnalysedFace, part: Part) -> Box:
    """Return the part's px that the networks see."""
    mesh = mesh_of(here.landmarks)
    left, top = np.floor(mesh.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(mesh.max(axis=0)).astype(int).tolist()
    height, width = part.pixels.shape[:2]
    return boxes.grown(Box(left, top, right, bottom), CONTEXT * here.interocular).within(
        Box(0, 0, width, height)
    )


def _found(
    picture: Picture, face: AnalysedFace, part: Part, box: Box, runtime: Runtime
) -> tuple[Planes, float]:
    """Return the planes of `Wear` in the box of the part, (height, width, 5), and the depth."""
    here = analysis.face_moved(face, part.matrix)
    parsing = protection.remembered(picture, face, runtime).moved(part.matrix)
    seen = np.clip(part.pixels[box.slices], 0, 1)
    free = 1 - protection.around_skin_in(here, parsing, box)
    skin = free * (1 - protection.kept_in(here, parsing, box))
    folds = _drawn(here, FOLDED, box) * skin
    whole = (0, 0, box.right - box.left, box.bottom - box.top)
    _, taken = retouch(
        seen, folds, free, whole, octaves(here.interocular), Target.WRINKLES, 1.0, load_networks(runtime)
    )
    taken *= folds[..., None]
    beside = _drawn(here, BESIDE, box)
    share = taken.mean(axis=-1) / np.maximum(seen.mean(axis=-1), DARKEST)
    depth = float(np.sqrt((beside * np.square(share)).sum() / max(float(beside.sum()), 1.0)))
    bare = folds * (1 - _drawn(here, STUBBLE, box))
    shade = cv2.GaussianBlur(-taken.mean(axis=-1), (0, 0), SHADE * here.interocular) * bare
    planes = np.ascontiguousarray((seen + taken).transpose(2, 0, 1))
    spots = skin_retouch.retouch(runtime.model("skin-retouch"), planes, SPOTTED)
    where = skin * protection.share_in(parsing, box, SKIN)
    evened = spots.change.transpose(1, 2, 0) * (where * spots.area)[..., None]
    taken += evened
    if is_monochrome(seen):
        taken = without_colour(taken)
    return np.dstack([-taken, shade, -evened.mean(axis=-1)]).astype(np.float32), depth


def _drawn(here: AnalysedFace, names: tuple[str, ...], box: Box) -> Planes:
    """Return where regions are, (height, width) of the box, 0..1."""
    return regions.drawn(here.landmarks, here.interocular, dict.fromkeys(names, 1.0)).in_box(box)
