"""The installer's pictures: an icon, and the two strips that NSIS shows beside and above its pages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

NIGHT, DAWN = (38, 42, 66), (247, 196, 160)
SIDE, TOP = (164, 314), (150, 57)
"""Sizes in pixels that NSIS wants."""
ICON = 256


def glow(size: tuple[int, int], centre: tuple[float, float], radius: float) -> Image.Image:
    """Return a soft light on dusk.

    Parameters
    ----------
    size : tuple of int
        Width and height in pixels.
    centre : tuple of float
        Of the light, as shares of width and height.
    radius : float
        Where it has faded to a third, as a share of the shorter side.
    """
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    far = np.hypot(x - centre[0] * width, y - centre[1] * height) / (radius * min(size))
    light = np.exp(-(far**2))[..., None]
    return Image.fromarray(np.round(np.array(NIGHT) * (1 - light) + np.array(DAWN) * light).astype(np.uint8))


def draw(folder: Path) -> None:
    """Write ``softlight.ico``, ``side.bmp`` and ``top.bmp`` into `folder`."""
    icon = glow((ICON, ICON), (0.5, 0.42), 0.42)
    y, x = np.mgrid[0:ICON, 0:ICON] - (ICON - 1) / 2
    # A disc with a soft edge one pixel wide.
    alpha = np.clip(ICON / 2 - np.hypot(x, y), 0, 1) * 255
    icon.putalpha(Image.fromarray(alpha.astype(np.uint8)))
    icon.save(folder / "softlight.ico", sizes=[(size, size) for size in (16, 24, 32, 48, 64, 128, 256)])
    glow(SIDE, (0.5, 0.3), 0.5).save(folder / "side.bmp")
    top = Image.new("RGB", TOP, "white")
    small = icon.resize((45, 45), Image.Resampling.LANCZOS)
    top.paste(small, (TOP[0] - 51, 6), small)
    top.save(folder / "top.bmp")
