"""The role age: the same face, older or younger."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from softlight.alignment import Crop, chained, cut_face, scaling
from softlight.runtime import Model, Session
from softlight.tiles import Planes

_WHOLE_RANGE = 100
"""Years that stand for StyleGANEX's end of the scale; FaceFusion's slider means the same."""


def change_age(model: Model, photo: Planes, points: ArrayLike, age: float, years: float) -> Crop:
    """Cut a face out of a photo as the network wants it, and make it older or younger.

    Parameters
    ----------
    model : Model
        Of the role age.
    photo : ndarray of float32, shape (height, width, 3)
        Perceptual RGB, 0..1.
    points : array_like, shape (5, 2)
        Of the face; see `alignment.cut_face`.
    age : float
        That the face shows, in years. Only some networks listen to it.
    years : float
        To add, -100..100.

    Returns
    -------
    Crop
        The changed face, perceptual RGB, 0..1, to be brought back with `alignment.put_back`. With no years
        to add it is what the network makes of the face, which is not the face itself.
    """
    return ADAPTERS[model.contract.name](model.session(), photo, points, age, years)


def _fran(session: Session, photo: Planes, points: ArrayLike, age: float, years: float) -> Crop:
    crop = cut_face(photo, points, "ffhq_512", 1024)
    ages = np.clip(np.array([age, age + years]) / 100, 0, 1).astype(np.float32)
    answer = session.run(target=_tensor(np.clip(crop.pixels, 0, 1)), direction=ages)["output"]
    return Crop(np.clip(_pixels(answer), 0, 1), crop.matrix)


def _styleganex(session: Session, photo: Planes, points: ArrayLike, age: float, years: float) -> Crop:
    face = cut_face(photo, points, "ffhq_512", 256)
    wide = cut_face(photo, points, "styleganex_384", 384)
    direction = -2.5 * np.clip(years / _WHOLE_RANGE, -1, 1)
    answer = session.run(
        target=_tensor(2 * np.clip(face.pixels, 0, 1) - 1),
        target_with_background=_tensor(2 * np.clip(wide.pixels, 0, 1) - 1),
        direction=np.array(direction, np.float32),
    )["output"]
    pixels = np.asarray((np.clip(_pixels(answer), -1, 1) + 1) / 2, np.float32)
    factor = pixels.shape[0] / wide.side  # it paints the same square larger
    return Crop(pixels, chained(wide.matrix, scaling(factor, factor)))


def _tensor(pixels: Planes) -> Planes:
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])


def _pixels(tensor: Planes) -> Planes:
    return np.ascontiguousarray(tensor[0].transpose(1, 2, 0))


ADAPTERS: dict[str, Callable[[Session, Planes, ArrayLike, float, float], Crop]] = {
    "fran-1024": _fran,
    "styleganex-age": _styleganex,
}
