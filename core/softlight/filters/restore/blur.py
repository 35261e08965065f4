"""How blurred a face is: beyond a limit, what a network shows of it would be somebody else's."""

from __future__ import annotations

import cv2
import numpy as np

from softlight.encoding import LUMINANCE
from softlight.tiles import Planes

SIZES = 5.0, 10.0, 20.0
"""Standard deviations in px of a square of 512, between which lie two neighbouring bands of a face: its
features, and its form. Noise and JPEG have their energy below."""
MIDDLE = (0.3, 0.75, 0.28, 0.72)
"""Top, bottom, left, right of eyes, nose and mouth in the square, as shares of its side."""


def sharpness(square: Planes) -> float:
    """Return how much of a face's contrast is in its features, beside its form.

    Parameters
    ----------
    square : ndarray of float32, shape (side, side, 3)
        An aligned face (ffhq_512), perceptual RGB.

    Returns
    -------
    float
        Root mean square of the band of the features over that of the form. Of 18 people it was .61 to 1.04 in
        clean photos and .55 to .86 at level 4; out of focus by a disc of 20 px .40 to .50, of 28 px .35 to
        .41, where dlib's descriptors are .53 and .61 away from the clean photo: other people are .6 away.
    """
    scale = len(square) / 512
    luminance = np.ascontiguousarray(square @ LUMINANCE)
    fine, middle, coarse = (cv2.GaussianBlur(luminance, (0, 0), size * scale) for size in SIZES)
    top, bottom, left, right = (round(share * len(square)) for share in MIDDLE)
    features, form = (
        float(np.sqrt(np.square(band[top:bottom, left:right]).mean()))
        for band in (fine - middle, middle - coarse)
    )
    return features / max(form, 1e-4)
