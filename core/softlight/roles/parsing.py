"""The role parsing: which part of a face each pixel shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike

from softlight.alignment import Box, Matrix, chained, inverted, put_back, warped
from softlight.roles.aligned import aligned
from softlight.runtime import Model, Session
from softlight.tiles import Planes

CLASSES = (
    "background",
    "skin",
    "brows",
    "eyes",
    "glasses",
    "ears",
    "nose",
    "inner mouth",
    "lips",
    "neck",
    "cloth",
    "hair",
    "hat",
)
"""What a pixel may show. Jewellery counts as cloth."""

_CELEBAMASK = (
    "background",
    "skin",
    "brows",
    "brows",
    "eyes",
    "eyes",
    "glasses",
    "ears",
    "ears",
    "cloth",  # earring
    "nose",
    "inner mouth",
    "lips",
    "lips",
    "neck",
    "cloth",  # necklace
    "cloth",
    "hair",
    "hat",
)
"""The 19 outputs of networks trained on CelebAMask-HQ, in zllrunning's order."""

_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
_SOFT = 1.5
"""Standard deviation in px of CelebAMask's square: an edge of 5 px, as wide as the labels are uncertain."""


@dataclass(frozen=True, eq=False)
class Parsing:
    """How much of each pixel is which part."""

    shares: Planes
    """(side, side, len(CLASSES)), 0..1; the sum over the classes is 1."""
    matrix: Matrix
    """From the photo to the square."""

    def share(self, *classes: str) -> Planes:
        """Return how much of each pixel is one of these parts, shape (side, side, 1)."""
        return summed(self.shares, *classes)

    def only(self, own: Planes) -> Parsing:
        """Return the same of what is somebody's `own` alone, (side, side), 0..1; the rest is background."""
        shares = self.shares * own[..., None]
        shares[..., CLASSES.index("background")] += 1 - own
        return Parsing(shares, self.matrix)

    def moved(self, matrix: Matrix) -> Parsing:
        """Return the same for a part of the photo or a smaller copy, to which `matrix` leads from it."""
        return Parsing(self.shares, chained(inverted(matrix), self.matrix))

    def in_square(self, matrix: Matrix, side: int) -> Planes:
        """Return the shares in another square of the photo, shape (side, side, len(CLASSES)), 0..1.

        Parameters
        ----------
        matrix : ndarray
            From the photo to that square.
        side : int
            Of it, in its px.
        """
        between = chained(inverted(self.matrix), matrix)
        return np.asarray(warped(self.shares, between, side, side).clip(0, 1))

    def mask(self, box: Box, *classes: str) -> Planes:
        """Return the same in the photo's pixels: 0..1, shape (height, width, 1) of the box.

        Beyond the square its border goes on; see `alignment.put_back`.
        """
        return np.clip(put_back(self.share(*classes), self.matrix, box), 0, 1)


def summed(shares: Planes, *classes: str) -> Planes:
    """Return how much of each pixel is one of some parts, (rows, columns, 1), by shares of `CLASSES`."""
    indices = [CLASSES.index(name) for name in classes]
    return np.asarray(shares[..., indices].sum(axis=-1, keepdims=True))


def parse_face(model: Model, photo: Planes, points: ArrayLike) -> Parsing:
    """Say which part of a face each pixel of it and around it shows.

    Parameters
    ----------
    model : Model
        Of the role parsing.
    photo : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.
    points : array_like, shape (5, 2)
        Of the face; see `alignment.cut_face`.
    """
    side, shares_of = ADAPTERS[model.contract.name]
    crop = aligned(model, photo, points, side)
    return Parsing(shares_of(model.session(), np.clip(crop.pixels, 0, 1)), crop.matrix)


def _celebamask(session: Session, pixels: Planes) -> Planes:
    logits = session.run(input=_tensor((pixels - _MEAN) / _DEVIATION))["output"][0]
    likely = np.exp(logits - logits.max(axis=0))
    likely /= likely.sum(axis=0)
    shares = np.zeros((*pixels.shape[:2], len(CLASSES)), np.float32)
    for plane, name in zip(likely, _CELEBAMASK, strict=True):
        shares[..., CLASSES.index(name)] += plane
    for index in range(len(CLASSES)):  # one by one: OpenCV filters four channels at most
        shares[..., index] = cv2.GaussianBlur(np.ascontiguousarray(shares[..., index]), (0, 0), _SOFT)
    return shares


def _softlight(session: Session, pixels: Planes) -> Planes:
    """Take our network's shares as they are: learnt from borders anywhere in a pixel, they are soft."""
    return np.ascontiguousarray(session.run(image=_tensor(pixels))["shares"][0].transpose(1, 2, 0))


def _tensor(pixels: Planes) -> Planes:
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], np.float32)


ADAPTERS: dict[str, tuple[int, Callable[[Session, Planes], Planes]]] = {
    "celebamask-19": (512, _celebamask),
    "softlight-parsing": (288, _softlight),
}
"""Of each contract the side of the square, and what asks the network about one."""
