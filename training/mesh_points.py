"""Which of MediaPipe's 478 points lie where: outlines as lists of numbers in the canonical topology."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RIGHT_EYE = [33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7]
LEFT_EYE = [263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249]
RIGHT_BROW = [70, 63, 105, 66, 107, 55, 65, 52, 53, 46]
LEFT_BROW = [300, 293, 334, 296, 336, 285, 295, 282, 283, 276]
LIPS = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146]
INNER_LIPS = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95]
NOSE = [168, 122, 174, 217, 126, 209, 129, 98, 97, 2, 326, 327, 358, 429, 355, 437, 399, 351]
NOSTRILS = [98, 97, 2, 326, 327, 278, 4, 48]
OVAL = [10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
        148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109]  # fmt: skip
JAW = [127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323,
       454, 356]  # fmt: skip


def eyes(mesh: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the middles of the subject's right and left eye, (2, 2), from points (478, 2 or 3)."""
    return np.stack([mesh[RIGHT_EYE, :2].mean(axis=0), mesh[LEFT_EYE, :2].mean(axis=0)])
