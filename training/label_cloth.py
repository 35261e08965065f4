"""Label the clothes of licence-clean portraits for the garment recipe.

Each portrait is brought to the canonical scale (180 px interocular distance) and cut above the mouth. Saved
are its ``image``, ``cloth`` (PAN, MIT, within U2NetP's person, Apache-2.0) and ``folded``: where the cloth
has soft folds of its own. Nobody knows what is beneath those, so they must neither be taught as smooth cloth
nor as something to keep.

    python -m training.label_cloth PORTRAITS MODELS OUT
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from PIL import Image

from training import labelling, teachers
from training.label_portraits import INTEROCULAR

MARGIN = (9.0, -0.8, 9.0, 9.0)
"""Left, top, right, bottom of the crop around the midpoint of the eyes, in interocular distances: all of the
portrait from just above the mouth, so that chins and hands are seen as what is no cloth."""
LEAST_NATIVE = 100.0
"""Px between the eyes below which a portrait's weave is no more than a blur when it is enlarged."""
FOLD_SIGMAS = (4.0, 7.0, 12.0)
"""Px; a fold's half-width at 180 px between the eyes, 1.4 to 4.2 mm."""
FOLD_CONTRAST = 0.05
"""Curvature of log tone, times sigma squared, from which a soft valley or ridge is a fold: below, cloth that
looks smooth to the eye is counted as folded."""
DARK = 0.12
"""Added to tones before their logarithm: the noise of a black suit is no fold."""
EDGE_CONTRAST = 0.08
"""Step in log tone at 1.2 px from which a valley is a seam, lapel, button or pattern and stays."""

Array = NDArray[np.float32]


def log_tone(image: NDArray[np.uint8]) -> Array:
    """Return the logarithm of a picture's mean channel: folds of dark and of light cloth look alike in it."""
    return np.asarray(np.log(image.astype(np.float32).mean(2) / 255 + DARK))


def curvature(tone: Array, sigma: float) -> Array:
    """Return the larger principal curvature of a picture at a scale, as contrast: times sigma squared."""
    smooth = cv2.GaussianBlur(tone, (0, 0), sigma)
    across = cv2.Sobel(smooth, cv2.CV_32F, 2, 0, ksize=3) / 4
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 2, ksize=3) / 4
    both = cv2.Sobel(smooth, cv2.CV_32F, 1, 1, ksize=3) / 4
    mean, root = (across + down) / 2, np.sqrt(((across - down) / 2) ** 2 + both**2)
    return np.asarray(np.maximum(np.abs(mean + root), np.abs(mean - root)) * sigma**2)


def steps(tone: Array) -> Array:
    """Return the gradient of a picture at 1.2 px: seams, lapels, buttons and patterns."""
    fine = cv2.GaussianBlur(tone, (0, 0), 1.2)
    across, down = (cv2.Sobel(fine, cv2.CV_32F, *axes, scale=1 / 8) for axes in ((1, 0), (0, 1)))
    return np.asarray(np.hypot(across, down))


def folds(image: NDArray[np.uint8], cloth: Array) -> Array:
    """Return where cloth has soft folds of its own: valleys and ridges of tone without a sharp edge.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
        RGB at 180 px between the eyes.
    cloth : ndarray of float32, shape (height, width), 0..1

    Returns
    -------
    ndarray of float32, shape (height, width), 0..1
    """
    tone = log_tone(image)
    step = steps(tone)
    folded = np.zeros_like(tone)
    for sigma in FOLD_SIGMAS:
        # An edge curves the tone as far as the blur carries it.
        reach = 2 * round(2.5 * sigma) + 1
        sharp = cv2.dilate(step, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
        soft = (curvature(tone, sigma) > FOLD_CONTRAST) & (sharp < EDGE_CONTRAST)
        spread = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(sigma) + 1,) * 2)
        folded = np.maximum(folded, cv2.dilate(soft.astype(np.float32), spread))
    return np.asarray(cv2.GaussianBlur(folded, (0, 0), 2.0) * cloth)


def label(path: Path, sessions: dict[str, ort.InferenceSession]) -> dict[str, NDArray[np.generic]] | None:
    """Return image and maps of one portrait's clothes; `None` where no face or too small a face is found."""
    found = teachers.portrait(path, sessions)
    if found is None:
        return None
    image, mesh = found
    box, scale = labelling.around_eyes(mesh, image.size, MARGIN, INTEROCULAR)
    size = (round((box[2] - box[0]) * scale), round((box[3] - box[1]) * scale))
    if INTEROCULAR / scale < LEAST_NATIVE or min(size) < 256:
        return None
    skin, clothes, hair = teachers.parse(sessions["pan"], image)
    person = teachers.person(sessions["person"], image)
    chin = (np.arange(image.height) > mesh[152, 1])[:, None]
    # PAN leaves gaps in dark jackets: below the chin, what is person and neither skin nor hair is cloth.
    rest = np.clip(1 - np.maximum(skin, hair) / 0.3, 0, 1) * (person > 0.6)
    cloth = np.where(chin, np.maximum(clothes, rest), clothes) * np.clip(person / 0.4, 0, 1)

    def cut(plane: Array) -> Array:
        byte = Image.fromarray(np.rint(plane * 255).astype(np.uint8))
        return np.asarray(byte.resize(size, Image.Resampling.BILINEAR, box=box), np.float32) / 255

    pixels = np.asarray(image.resize(size, Image.Resampling.LANCZOS, box=box))
    cloth = cut(cloth.astype(np.float32))
    return {
        "image": pixels,
        "cloth": labelling.as_bytes(cloth),
        "folded": labelling.as_bytes(folds(pixels, cloth)),
        "native": np.float32(INTEROCULAR / scale),
    }


def main() -> None:
    options = labelling.arguments(__doc__.splitlines()[0])
    sessions = teachers.opened(options.models, "detector", "mesh", "pan", "person")
    labelling.label_all(
        options.portraits,
        options.out,
        ("pd", "cc0", "london"),
        lambda name: label(options.portraits / name, sessions),
    )


if __name__ == "__main__":
    main()
