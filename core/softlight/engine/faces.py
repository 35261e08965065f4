"""Answering a host's question for faces."""

from __future__ import annotations

import math

from softlight.engine.pixels import to_array, to_raster
from softlight.errors import PictureError
from softlight.faces import analysis
from softlight.faces.analysis import AnalysedFace
from softlight.faces.thumbnails import thumbnail
from softlight.picture import ColourEncoding, Picture, Transfer
from softlight.progress import Progress
from softlight.runtime import Runtime
from softlight_bridge.checking import LARGEST_RASTER
from softlight_bridge.faces import MOST_FACES, FaceList, FacesRequest, FoundFace
from softlight_bridge.messages import Box, Raster

NO_FACE = "No face was found in this photo; paint over the place instead."


def whole(picture_size: tuple[int, int]) -> Box:
    """Return the box of a whole photo.

    Raises
    ------
    PictureError
        When it is more than is taken at once.
    """
    width, height = picture_size
    if width * height > LARGEST_RASTER:
        raise PictureError(
            f"The photo has more than {LARGEST_RASTER // 1_000_000} megapixels, which is more than Softlight "
            "looks through at once; paint over a part of it, or crop it."
        )
    return Box(0, 0, width, height)


def answer(request: FacesRequest, pixels: Raster, runtime: Runtime, progress: Progress) -> FaceList:
    """Return the faces of a photo as a host shows them.

    Parameters
    ----------
    request : FacesRequest
    pixels : Raster
        The whole photo.
    runtime : Runtime
    progress : Progress

    Raises
    ------
    SoftlightError
        From the models.
    """
    picture = Picture(to_array(pixels), ColourEncoding(Transfer(request.transfer), request.icc))
    faces = list(enumerate(analysis.find(picture, runtime, progress), 1))
    notes = list(runtime.notes)
    if not faces:
        notes.append(NO_FACE)
    if len(faces) > MOST_FACES:
        faces = sorted(
            sorted(faces, key=lambda one: -one[1].interocular)[:MOST_FACES], key=lambda one: one[0]
        )
        notes.append(
            f"Only the {MOST_FACES} largest faces of this photo are shown; crop it to see the others."
        )
    found = tuple(_found(number, face, picture, request.thumbnail) for number, face in faces)
    return FaceList(found, tuple(notes))


def _found(number: int, face: AnalysedFace, picture: Picture, side: int) -> FoundFace:
    return FoundFace(
        number,
        _clipped(face.face.box, picture),
        min(max(float(face.face.score), 0.0), 1.0),
        tuple((float(x), float(y)) for x, y in face.points),
        to_raster(thumbnail(picture, face.face, side), "RGB"),
    )


def _clipped(box: tuple[float, float, float, float], picture: Picture) -> Box:
    """The whole pixels that a box touches; one of them at least."""
    left, top = (
        min(max(0, math.floor(value)), most - 1)
        for value, most in zip(box[:2], (picture.width, picture.height), strict=True)
    )
    right, bottom = (
        min(max(1, math.ceil(value)), most)
        for value, most in zip(box[2:], (picture.width, picture.height), strict=True)
    )
    return Box(left, top, max(1, right - left), max(1, bottom - top))
