"""The role garment-retouch: what takes creases out of cloth."""

from __future__ import annotations

from softlight.roles.local_retouching import Retouched, retouched
from softlight.runtime import Model
from softlight.tiles import Planes


def retouch(model: Model, image: Planes, weight: float = 1.0) -> Retouched:
    """Find the change that takes creases out of cloth, and where cloth is.

    Parameters
    ----------
    model : Model
        Of the role garment-retouch.
    image : ndarray of float32, shape (3, height, width)
        Perceptual RGB, 0..1 nominal; people with about 180 px between the eyes.
    weight : float
        How strongly creases go, 0..1.
    """
    return retouched(model.session(), "cloth", image, [weight])
