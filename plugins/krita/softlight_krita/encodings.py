"""How Krita stores pixels, in the words of the bridge."""

from __future__ import annotations

from typing import NamedTuple

from krita import Document

from softlight_bridge.messages import DEPTHS, PixelFormat, Raster

MODELS = {"RGBA": 4, "GRAYA": 2, "CMYKA": 5, "LABA": 4, "XYZA": 4, "YCbCrA": 4}
"""Krita's colour models with their channels; alpha is the last one in memory in all of them."""
FULL = {"u8": b"\xff", "u16": b"\xff\xff", "f16": b"\x00\x3c", "f32": b"\x00\x00\x80\x3f"}
"""A full alpha as it lies in memory; Krita runs on little-endian machines only."""
PERCEPTUAL = "sRGB-elle-V2-srgbtrc.icc"
LINEAR = "sRGB-elle-V2-g10.icc"
"""Profiles that every Krita brings along."""


class Encoding(NamedTuple):
    """What Krita calls a colour space."""

    model: str
    """One of `MODELS`."""
    depth: str
    """"U8", "U16", "F16" or "F32"."""
    profile: str
    """Name of the profile."""

    @property
    def sample(self) -> str:
        """Depth in the bridge's words."""
        return self.depth.lower()

    @property
    def pixel_bytes(self) -> int:
        return MODELS[self.model] * DEPTHS[self.sample]

    @property
    def understood(self) -> bool:
        """Whether the engine takes these pixels as they are, and the soft-light formula holds for them."""
        return self.model in ("RGBA", "GRAYA")

    @property
    def format(self) -> PixelFormat:
        """How an understood encoding lies in memory: integers as blue, green, red."""
        if self.model == "GRAYA":
            return PixelFormat("YA", self.sample)
        return PixelFormat("BGRA" if self.depth.startswith("U") else "RGBA", self.sample)

    @property
    def stand_in(self) -> Encoding:
        """The RGB encoding that pixels of another model are converted to for the engine.

        Floats go to linear light, which holds colours outside of sRGB; integers to 16 bits on sRGB's curve.
        """
        if self.understood:
            return self
        if self.depth.startswith("F"):
            return Encoding("RGBA", "F32", LINEAR)
        return Encoding("RGBA", "U16", PERCEPTUAL)


def encoding_of(document: Document) -> Encoding:
    """Return the colour space that the document blends in."""
    return Encoding(document.colorModel(), document.colorDepth(), document.colorProfile())


def alpha_of(pixels: bytes, width: int, height: int, encoding: Encoding) -> Raster:
    """Return the alpha of Krita's pixels as a raster of its own."""
    step, size = encoding.pixel_bytes, DEPTHS[encoding.sample]
    plane = bytearray(width * height * size)
    for byte in range(size):
        plane[byte::size] = pixels[step - size + byte :: step]
    return Raster(width, height, PixelFormat("Y", encoding.sample), plane)


def shown(alpha: Raster) -> bytes:
    """Return 255 for every pixel whose alpha is above 0, and 0 for the others."""
    size = DEPTHS[alpha.format.depth]
    data = bytes(alpha.data)
    flags = 0
    for byte in range(size):
        # As one huge number: the union of all bytes of a sample at the speed of C, without numpy.
        flags |= int.from_bytes(data[byte::size], "little")
    return flags.to_bytes(alpha.width * alpha.height, "little").translate(_ANY)


def with_alpha(pixels: bytes, where: bytes, encoding: Encoding) -> bytes:
    """Return Krita's pixels with full alpha where `where` is 255, and none where it is 0."""
    step, size = encoding.pixel_bytes, DEPTHS[encoding.sample]
    result = bytearray(pixels)
    for byte, value in enumerate(FULL[encoding.sample]):
        table = bytes(255) + bytes([value])
        result[step - size + byte :: step] = where.translate(table)
    return bytes(result)


_ANY = b"\x00" + b"\xff" * 255
