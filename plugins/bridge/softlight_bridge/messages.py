"""What a host and the engine tell each other: a job, the pixels it needs, and the layers that come back.

Pixels are plain bytes at the host's own depth and channel order, rows top down and without padding.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Union

PROTOCOL = 3
"""Rises with every change that an older plug-in or engine would misunderstand."""

CHANNELS = {"Y": 1, "YA": 2, "RGB": 3, "RGBA": 4, "BGR": 3, "BGRA": 4}
"""Channel orders, with how many channels each has; A is straight (unassociated) alpha."""

DEPTHS = {"u8": 1, "u16": 2, "f16": 2, "f32": 4}
"""Sample types in the machine's own byte order, with the bytes of a sample: unsigned integers over their full
range, and floats with 0..1 nominal."""

Bytes = Union[bytes, bytearray, memoryview]


class PixelFormat(NamedTuple):
    """How a pixel lies in memory."""

    channels: str
    """One of `CHANNELS`, in memory order: Krita's integer RGB is "BGRA"."""
    depth: str
    """One of `DEPTHS`."""

    @property
    def pixel_bytes(self) -> int:
        """Bytes of one pixel."""
        return CHANNELS[self.channels] * DEPTHS[self.depth]


class Box(NamedTuple):
    """A rectangle in the picture's pixels."""

    left: int
    top: int
    width: int
    height: int


class Raster(NamedTuple):
    """A rectangle of pixels."""

    width: int
    height: int
    format: PixelFormat
    data: Bytes
    """``width * height * format.pixel_bytes`` bytes, rows top down, no padding."""


class Job(NamedTuple):
    """What a filter shall do, all but the photo's pixels: those the engine asks for once it knows which."""

    filter: str
    """Name in the filter specification: "dewrinkle"."""
    settings: dict[str, Any]
    """Plain values by parameter name; missing ones take their default, unknown ones are an error."""
    picture_size: tuple[int, int]
    """Width and height of the canvas."""
    format: PixelFormat
    """Of what `read_pixels` returns: stored values in the encoding in which the host blends."""
    transfer: str
    """How those values relate to light: "perceptual" (on a display curve) or "linear"."""
    icc: bytes | None
    """The profile of those values; None means sRGB, or plain grey."""
    mask: Raster | None
    """The brush mask or selection, cropped to what is painted: format "Y" of any depth. None: no brush, for
    filters whose specification says `brush` "optional", such as De-wrinkle on whole faces."""
    mask_origin: tuple[int, int]
    """x and y of the mask's left upper pixel in the picture; the mask lies inside the picture. (0, 0) without
    a mask."""
    layer_format: PixelFormat
    """What returned layers look like, ready to be set: with alpha ("YA", "RGBA", "BGRA")."""
    mask_depth: str | None
    """Depth of separate layer masks, such as "u8". None: the host has none, and alpha is the mask."""
    blends: tuple[str, ...]
    """Modes that are exact in this document: ("normal", "soft-light"), or ("normal",), for which the engine
    bakes soft light into normal layers."""


class ResultLayer(NamedTuple):
    """A layer to be put above the photo."""

    name: str
    blend: str
    """"normal" or "soft-light"."""
    opacity: float
    """0..1."""
    box: Box
    """Where it lies in the picture; always inside it."""
    pixels: Raster
    """In the job's `layer_format`. Alpha is full where the mask is above 0 and 0 elsewhere, or it is the mask
    itself when the job has no `mask_depth`."""
    mask: Raster | None
    """Format "Y" at the job's `mask_depth`; None when alpha holds the mask."""


class Result(NamedTuple):
    """The layers of a finished job."""

    group: str
    """Name of the group that holds them."""
    layers: tuple[ResultLayer, ...]
    """The lowest first; none when there was nothing to change, and a note then says so."""
    settings: dict[str, Any]
    """JSON-compatible, with "filter": to be stored with the group, for running it again."""
    notes: tuple[str, ...]
    """Sentences for the user."""
    source_type: str | None = None
    """What a picture with these layers must say in its metadata: the URI of a term of IPTC's Digital Source
    Type, which a host puts into the XMP property `Iptc4xmpExt:DigitalSourceType` where it can."""


class Preview(NamedTuple):
    """Before and after at the size of a dialog, for display: "RGB" "u8" in sRGB, all of the same size."""

    before: Raster
    after: Raster
    view: Raster | None
    """What the filter saw, over the photo, such as the wrinkle map; None when it has no view."""
    view_label: str
    """What the view is called: "Wrinkle map"; empty without one."""
    box: Box
    """Which part of the picture it shows."""
