"""What a host asks about faces: where they are in a photo, and what they look like in a chooser.

A request flows as a job does: the engine asks for the whole photo, tells how far it is, and answers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from softlight_bridge import checking
from softlight_bridge.messages import Box, PixelFormat, Raster
from softlight_bridge.packing import Described, Packed, inside, pack_raster, pack_size, unpack_profile
from softlight_bridge.wire import Line

SMALLEST_THUMBNAIL, LARGEST_THUMBNAIL = 16, 256
"""Px of a thumbnail's side."""
MOST_FACES = 500
"""Faces of one answer: with thumbnails of 96 px 14 MB, of 256 px 98 MB."""
FARTHEST = 4.0 * checking.LARGEST_SIDE
"""Px: points of a face that the frame cuts lie outside of the photo, but not at the end of the world."""


class FacesRequest(NamedTuple):
    """Which photo's faces are looked for; its values mean what those of a `Job` do."""

    picture_size: tuple[int, int]
    """Width and height of the canvas."""
    format: PixelFormat
    """Of what `read_pixels` returns. With the same one in a job, the engine analyses the photo only once."""
    transfer: str
    """"perceptual" or "linear"."""
    icc: bytes | None
    """The profile of those values; None means sRGB, or plain grey."""
    thumbnail: int
    """Px of a thumbnail's side, 16..256."""


class FoundFace(NamedTuple):
    """One face."""

    number: int
    """From left to right, from 1: what a filter's parameter of the kind "faces" calls it."""
    box: Box
    """Around the face, cut to the picture."""
    score: float
    """0..1."""
    points: tuple[tuple[float, float], ...]
    """x, y in the picture of the subject's right eye, left eye, tip of the nose, right and left corner of
    the mouth; may lie outside of the picture."""
    thumbnail: Raster
    """The face with something around it, as it looks in sRGB: "RGB" "u8", square, of the side asked for."""


class FaceList(NamedTuple):
    """All faces of a photo."""

    faces: tuple[FoundFace, ...]
    """From left to right; none in a photo that shows none."""
    notes: tuple[str, ...]
    """Sentences for the user, such as a model that could not be used, or that no face was found."""


def pack_request(request: FacesRequest) -> Packed:
    """A request as header and blobs.

    Raises
    ------
    ValueError
        When the thumbnail is of another size than there are.
    """
    if not SMALLEST_THUMBNAIL <= request.thumbnail <= LARGEST_THUMBNAIL:
        raise ValueError(f"a thumbnail has {SMALLEST_THUMBNAIL} to {LARGEST_THUMBNAIL} px")
    header = {
        "type": "faces",
        "picture_size": pack_size(*request.picture_size),
        "format": request.format._asdict(),
        "transfer": request.transfer,
        "profile": 0 if request.icc is None else len(request.icc),
        "thumbnail": request.thumbnail,
    }
    return header, [b"" if request.icc is None else request.icc]


def unpack_request(line: Line, header: dict[str, Any]) -> FacesRequest:
    """The inverse of `pack_request`.

    Raises
    ------
    WireError
        When it is not what this protocol sends.
    """
    picture_size = checking.sides(header, "picture_size")
    form = checking.pixel_format(header, "format")
    transfer = checking.one_of(header, "transfer", ("perceptual", "linear"))
    thumbnail = checking.whole(header, "thumbnail", SMALLEST_THUMBNAIL, LARGEST_THUMBNAIL)
    return FacesRequest(picture_size, form, transfer, unpack_profile(line, header), thumbnail)


def pack_faces(found: FaceList) -> Packed:
    """All faces as header and blobs."""
    faces = [
        {
            "number": face.number,
            "box": face.box._asdict(),
            "score": face.score,
            "points": [list(point) for point in face.points],
            "thumbnail": pack_raster(face.thumbnail),
        }
        for face in found.faces
    ]
    header = {"type": "faces", "faces": faces, "notes": list(found.notes)}
    return header, [face.thumbnail.data for face in found.faces]


def unpack_faces(line: Line, header: dict[str, Any], request: FacesRequest) -> FaceList:
    """The inverse of `pack_faces`; what it names lies in the picture and is of the size asked for.

    Raises
    ------
    WireError
        When it is not what this protocol sends.
    """
    described = [_DescribedFace(one, request) for one in checking.items(header, "faces", MOST_FACES)]
    numbers = [one.number for one in described]
    if numbers != sorted(set(numbers)):
        raise checking.garbled("faces")
    notes = checking.sentences(header, "notes", 100)
    return FaceList(tuple(one.receive(line) for one in described), notes)


class _DescribedFace:
    """A face whose header was checked and whose thumbnail has not come yet."""

    def __init__(self, header: Any, request: FacesRequest) -> None:
        if not isinstance(header, dict):
            raise checking.garbled("faces")
        self.number = checking.whole(header, "number", 1, 1000000)
        self.box = inside(checking.box(header, "box"), request.picture_size)
        self.score = checking.number(header, "score", 0, 1)
        self.points = tuple(_point(one) for one in checking.items(header, "points", 5))
        self.thumbnail = Described(header, "thumbnail")
        side = request.thumbnail
        if self.thumbnail.format != PixelFormat("RGB", "u8") or self.thumbnail.size != (side, side):
            raise checking.garbled("thumbnail")

    def receive(self, line: Line) -> FoundFace:
        return FoundFace(self.number, self.box, self.score, self.points, self.thumbnail.receive(line))


def _point(value: Any) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise checking.garbled("points")
    x, y = (checking.number({"at": one}, "at", -FARTHEST, FARTHEST) for one in value)
    return x, y
