"""The colour of a face's skin, by which its shoulders and hands are told from walls, trees and shirts.

The parsing sees a face and what is next to it. Beyond, the network of the retouch is alone, and what is as
smooth as skin looks like it to a network that knows grey photos too.
"""

from __future__ import annotations

import cv2
import numpy as np

from softlight.encoding import to_working
from softlight.filters.pyramid.cells import Cells
from softlight.picture import Picture
from softlight.tiles import Planes

COARSE = 4
"""Cells, of about 180 between the eyes, that a colour is the mean of: grain and pores are none."""
SURE = 0.9
"""Share of a cell from which it shows the face's skin."""
ENOUGH = 30
"""Coarse cells of skin that tell its colour; fewer tell nothing, and all colours are as good."""
DARK = 0.02
"""Is added to each channel: what is nearly black has any chromaticity."""
NOISE = 0.003
"""Standard deviation of chromaticity that even a face of one colour has."""
LIKE, UNLIKE = 2.5, 3.5
"""Standard deviations of the face's own skin up to which a colour is as good, and from which it is another.
Beyond the parsing of 24 portraits .95 of the skin stays in reach (.96 without) and .08 of what is no skin but
is taken for some (.19); with 2 and 3, .93 and .06."""


def likeness(picture: Picture, cells: Cells, skin: Planes) -> Planes:
    """Return how much each cell has the colour of a face's skin.

    Parameters
    ----------
    picture : Picture
    cells : Cells
        Of that picture.
    skin : ndarray of float32
        How much of each cell is known to be the face's skin, 0..1, shape of the cells.

    Returns
    -------
    ndarray of float32
        0..1, of the same shape; 1 everywhere in black and white photos.
    """
    height, width = skin.shape
    size = (-(-width // COARSE), -(-height // COARSE))
    colours = _chromaticity(picture, cells, size)
    known = colours[cv2.resize(skin, size, interpolation=cv2.INTER_AREA) > SURE]
    if len(known) < ENOUGH:
        return np.ones_like(skin)
    spread = np.cov(known.T) + NOISE**2 * np.eye(2)
    away = (colours - np.median(known, axis=0)) @ np.linalg.inv(np.linalg.cholesky(spread)).T
    alike = np.clip((UNLIKE - np.linalg.norm(away, axis=-1)) / (UNLIKE - LIKE), 0, 1)
    enlarged = cv2.resize(alike.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(enlarged, np.float32)


def _chromaticity(picture: Picture, cells: Cells, size: tuple[int, int]) -> Planes:
    """Return red and blue less green as shares of all light, (height, width, 2), in coarse cells."""
    box, side = cells.box, cells.side
    # One pixel stands for its cell: sixteen of them are averaged, and a photo has millions.
    pixels = picture.pixels[box.top : box.bottom : side, box.left : box.right : side]
    values = to_working(pixels, picture.encoding.transfer).clip(0, 1)
    red, green, blue = cv2.split(cv2.resize(values, size, interpolation=cv2.INTER_AREA) + np.float32(DARK))
    light = red + green + blue
    return np.stack([(red - green) / light, (blue - green) / light], axis=-1)
