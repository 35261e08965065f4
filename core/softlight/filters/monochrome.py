"""Grey stays grey, and sepia sepia: pictures that have no colours of their own get none."""

from __future__ import annotations

import numpy as np

from softlight.encoding import LUMINANCE, to_working
from softlight.picture import Picture
from softlight.tiles import Planes

TONES = 3
"""Terms of the polynomial that a toned picture's colours are of its luminance."""
ALIKE = 0.012
"""Root mean square of what that leaves of the colours, up to which a picture counts as monochrome: 445
portraits made sepia and saved as JPEG of quality 60 and 95 leave .002 to .011, the palest of them in colour
.014."""


def is_monochrome(image: Planes) -> bool:
    """Return whether all colours of a picture follow from its luminance: grey, or toned.

    Parameters
    ----------
    image : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.
    """
    pixels = image.reshape(-1, 3)[:: max(1, image.size // 3 // 20_000)].astype(np.float64)
    luminance = pixels @ LUMINANCE
    colours = pixels - luminance[:, None]
    terms = np.vander(luminance, TONES)
    # By the normal equations: three unknowns, and the small term lets a picture of one colour pass.
    told = terms @ np.linalg.solve(terms.T @ terms + 1e-6 * np.eye(TONES), terms.T @ colours)
    return bool(np.sqrt(np.square(colours - told).mean()) < ALIKE)


def is_grey(picture: Picture) -> bool:
    """Return whether a whole photo is monochrome, by a few thousand of its pixels."""
    step = max(1, round(np.sqrt(picture.height * picture.width / 40_000)))
    return is_monochrome(to_working(picture.pixels[::step, ::step], picture.encoding.transfer))


def without_colour(change: Planes) -> Planes:
    """Return a change (height, width, 3) that is the same in all channels: that of the luminance."""
    return np.repeat((change @ LUMINANCE)[..., None], 3, axis=2)
