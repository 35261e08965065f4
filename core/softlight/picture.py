"""What a picture is: pixels at their own depth, and how their values are to be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.errors import PictureError

PIXEL_TYPES = (np.uint8, np.uint16, np.float16, np.float32)


class Transfer(Enum):
    """How stored values relate to light."""

    PERCEPTUAL = "perceptual"
    """Stored values follow a display curve (sRGB, gamma 1.8 to 2.4)."""
    LINEAR = "linear"
    """Stored values are proportional to light."""


@dataclass(frozen=True)
class ColourEncoding:
    """How the stored values of a picture are to be read."""

    transfer: Transfer = Transfer.PERCEPTUAL
    icc: bytes | None = field(default=None, repr=False)
    """The ICC profile as found in the file; `None` means sRGB (or plain grey)."""


@dataclass(frozen=True)
class Metadata:
    """What a file says beside its pixels; handed through unchanged."""

    exif: bytes | None = field(default=None, repr=False)
    """TIFF-structured EXIF block without the ``Exif\\0\\0`` prefix; its orientation is 1."""
    xmp: bytes | None = field(default=None, repr=False)
    dpi: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Picture:
    """Pixels and how to read them.

    Parameters
    ----------
    pixels : ndarray, shape (height, width, channels)
        1 = grey, 2 = grey and alpha, 3 = RGB, 4 = RGB and alpha; alpha is straight (unassociated).
        uint8 or uint16 over their full range, float16 or float32 with 0..1 nominal. Upright: any
        EXIF orientation has been applied.
    encoding : ColourEncoding
    metadata : Metadata

    Raises
    ------
    PictureError
        For another shape or pixel type.
    """

    pixels: NDArray[Any]
    encoding: ColourEncoding = ColourEncoding()
    metadata: Metadata = Metadata()

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or not 1 <= self.pixels.shape[2] <= 4 or 0 in self.pixels.shape:
            raise PictureError(
                f"A picture needs height, width and 1 to 4 channels, not the shape {self.pixels.shape}."
            )
        if self.pixels.dtype.type not in PIXEL_TYPES:
            raise PictureError(
                f"Pixels of type {self.pixels.dtype} are not supported; "
                "save the picture with 8 or 16 bits, or as float."
            )

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def colour_channels(self) -> int:
        """1 for grey, 3 for RGB."""
        return 1 if self.pixels.shape[2] < 3 else 3

    @property
    def has_alpha(self) -> bool:
        return self.pixels.shape[2] in (2, 4)
