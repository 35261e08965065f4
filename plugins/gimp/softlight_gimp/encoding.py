"""How pixels travel between a GIMP image and the engine: on GIMP's blend curve, as deep as the image.

GIMP blends on the sRGB curve over the image's own primaries, whatever its precision and profile: babl's
"R~G~B~", or "R'G'B'" where the space itself has that curve. A babl name without a space means sRGB primaries
and would clip a wider gamut, so that every name here carries the image's own space.
"""

from __future__ import annotations

from typing import NamedTuple

from gi.repository import Babl, Gimp

from softlight_bridge.messages import PixelFormat

BABL_DEPTHS = {"u8": "u8", "u16": "u16", "f32": "float"}


class Encoding(NamedTuple):
    """What an image's pixels are on the wire."""

    grey: bool
    depth: str
    """Of pixels: "u8", "u16" or "f32"."""
    mask_depth: str
    """Of layer masks, which GIMP stores without a curve."""
    native: Babl.Object
    """Any format of the image; it knows the space."""

    def wire(self, alpha: bool) -> PixelFormat:
        """Return the format as the engine knows it."""
        return PixelFormat(("Y" if self.grey else "RGB") + ("A" if alpha else ""), self.depth)

    def babl_name(self, alpha: bool) -> str:
        """Return the same format's name for a buffer's `get` and `set`."""
        # Where the space's own curve is the blend curve both names mean the same, but babl copies only what
        # has the native name: 9.5 MP in 16 bits are read in 0.1 s instead of 0.9 s.
        curve = "'" if has_blend_curve(Babl.format_get_space(self.native)) else "~"
        model = (f"Y{curve}" if self.grey else f"R{curve}G{curve}B{curve}") + ("A" if alpha else "")
        spaceless = f"{model} {BABL_DEPTHS[self.depth]}"
        return Babl.get_name(Babl.format_with_space(spaceless, self.native))

    @property
    def mask_babl_name(self) -> str:
        """Name of the format of layer masks: "Y", since "Y'" would apply a curve (77 reads as 149)."""
        return f"Y {BABL_DEPTHS[self.mask_depth]}"

    def icc(self) -> bytes | None:
        """Return the profile of the pixels on the wire; None for sRGB and for grey."""
        blend_space = on_blend_curve(Babl.format_get_space(self.native))
        if self.grey or Babl.get_name(blend_space) == "sRGB":
            return None
        profile = Babl.space_get_icc(blend_space)
        return bytes(profile) if profile else None


def encoding_of(image: Gimp.Image) -> Encoding:
    """Choose how the pixels of `image` travel; it has at least one layer, and is not indexed.

    The depth holds every level of the image on the blend curve: 8-bit images need 16 bits there when they
    are stored on another curve. 32-bit integers travel as 16 bits and not as floats, because an integer
    layer cannot hold the values outside 0..1 that float soft-light layers may have.
    """
    native = image.get_layers()[0].get_format()
    kind, _, curve = image.get_precision().value_nick.partition("-")
    space = Babl.format_get_space(native)
    on_curve = curve == "perceptual" or (curve == "non-linear" and has_blend_curve(space))
    if kind == "u8":
        depth, mask_depth = ("u8" if on_curve else "u16"), "u8"
    elif kind in ("u16", "u32"):
        depth = mask_depth = "u16"
    else:
        depth = mask_depth = "f32"
    grey = image.get_base_type() == Gimp.ImageBaseType.GRAY
    return Encoding(grey, depth, mask_depth, native)


def on_blend_curve(space: Babl.Object) -> Babl.Object:
    """Return the space with the same primaries and the sRGB curve."""
    return Babl.space_with_trc(space, Babl.trc("sRGB"))


def has_blend_curve(space: Babl.Object) -> bool:
    """Whether the space's own curve is the one that GIMP blends on."""
    return bool(Babl.get_name(on_blend_curve(space)) == Babl.get_name(space))
