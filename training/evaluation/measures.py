"""The measures behind every figure of the model cards.

Pictures are float32 RGB in 0..1, stored (display-referred) values, at the canonical scale of 180 px
interocular distance unless a function says otherwise; masks are boolean, (height, width).
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from training import pseudo_labels

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

PORE_SIGMA = 1.5
"""Gaussian in px that parts tone (below) from pores (above) at the canonical scale."""
RIDGE_SIGMAS = (1.2, 1.8, 2.7, 4.0)
"""Scales of the valley filter in px: fine lines to folds. At 6 px the shading of a cheek answers."""
FLOOR_PERCENTILE = 95
SSIM_SIGMA = 1.5
SSIM_TONE, SSIM_DETAIL = 0.01**2, 0.03**2
"""The constants of the paper, for a peak of 1."""
TONES = {"light": 41.0, "intermediate": 28.0, "tan": 10.0, "dark": -90.0}
"""Skin tone groups and the smallest ITA of each, in degrees (Chardon et al. 1991; Del Bino et al. 2006).
"light" joins their very light (> 55) and light; "dark" their brown (> -30) and dark."""


def unit(image: NDArray[np.uint8]) -> Array:
    """8-bit values as float32 in 0..1."""
    return image.astype(np.float32) / 255


def luminance(image: Array) -> Array:
    """Rec. 601 luma of stored values, (height, width)."""
    return image @ np.array([0.299, 0.587, 0.114], np.float32)


def low_pass(image: Array, sigma: float = PORE_SIGMA) -> Array:
    """Gaussian low-pass; `sigma` in px."""
    return cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)


def pore_band(luma: Array) -> Array:
    """What the low-pass of 1.5 px takes away: ``x - G(x)``."""
    return luma - low_pass(luma)


def typology_angle(image: Array, skin: Mask) -> float:
    """Individual typology angle of skin in degrees: ``atan((L* - 50) / b*)`` of the median L* and b*.

    The picture is taken as sRGB with D65. On portraits, light and exposure shift it: it sorts
    pictures, it does not measure people.
    """
    lab = cv2.cvtColor(np.ascontiguousarray(image[skin])[None], cv2.COLOR_RGB2Lab)[0]
    lightness, yellow = float(np.median(lab[:, 0])), float(np.median(lab[:, 2]))
    return float(np.degrees(np.arctan2(lightness - 50, max(yellow, 1e-3))))


def tone_group(angle: float) -> str:
    """The skin tone group of an individual typology angle."""
    return next(name for name, least in TONES.items() if angle > least or name == "dark")


def psnr(image: Array, truth: Array, where: Mask, sigma: float = PORE_SIGMA) -> float:
    """PSNR in dB (peak 1) over the pixels and channels of `where`, both pictures low-passed first.

    With ``sigma=0`` nothing is low-passed. The low-pass runs over the whole picture, so that the
    border of `where` counts as a viewer sees it.
    """
    if sigma:
        image, truth = low_pass(image, sigma), low_pass(truth, sigma)
    error = np.mean((image[where].astype(np.float64) - truth[where]) ** 2)
    return float(-10 * np.log10(max(error, 1e-12)))


def squared_error(image: Array, truth: Array, where: Mask, sigma: float = PORE_SIGMA) -> tuple[float, int]:
    """Sum of squared errors after the low-pass, and how many values it is of: to be pooled."""
    difference = low_pass(image - truth, sigma)[where].astype(np.float64)
    return float((difference**2).sum()), difference.size


def structural_similarity(image: Array, truth: Array) -> Array:
    """SSIM of every pixel, in -1..1 (Wang et al. 2004): luma, Gaussian window of 1.5 px, peak 1.

    Shape (height, width). Its windows reach over the border of any mask, as a viewer's eye does.
    """
    a, b = luminance(image), luminance(truth)
    mean = [low_pass(x, SSIM_SIGMA) for x in (a, b)]
    spread = [low_pass(x * x, SSIM_SIGMA) - m * m for x, m in zip((a, b), mean, strict=True)]
    together = low_pass(a * b, SSIM_SIGMA) - mean[0] * mean[1]
    tone = (2 * mean[0] * mean[1] + SSIM_TONE) / (mean[0] ** 2 + mean[1] ** 2 + SSIM_TONE)
    return np.asarray(tone * (2 * together + SSIM_DETAIL) / (spread[0] + spread[1] + SSIM_DETAIL))


def pore_energy(image: Array, where: Mask) -> float:
    """RMS of the pore band of the luma over `where`, 0..1."""
    return float(np.sqrt(np.mean(pore_band(luminance(image))[where].astype(np.float64) ** 2)))


def tone_error(image: Array, truth: Array, where: Mask, sigma: float = 2.0) -> tuple[float, float]:
    """Mean CIE76 colour difference, and mean difference of a* and b* alone (hue and chroma), low-passed."""
    lab = [cv2.cvtColor(low_pass(x, sigma).clip(0, 1), cv2.COLOR_RGB2Lab)[where] for x in (image, truth)]
    difference = lab[0] - lab[1]
    return (float(np.linalg.norm(difference, axis=1).mean()),
            float(np.linalg.norm(difference[:, 1:], axis=1).mean()))  # fmt: skip


def noise_floor(luma: Array, clean: Mask) -> dict[float, float]:
    """What pores and grain alone answer: per scale, the 95th percentile of the response on clean skin."""
    return {
        sigma: float(np.percentile(pseudo_labels.valley_response(luma, sigma)[clean], FLOOR_PERCENTILE))
        for sigma in RIDGE_SIGMAS
    }


def above_floor(luma: Array, floor: Mapping[float, float] | None = None) -> Array:
    """The multi-scale valley response: the largest over the scales, each less its floor, not below 0."""
    response = np.zeros_like(luma)
    for sigma in RIDGE_SIGMAS:
        answer = pseudo_labels.valley_response(luma, sigma) - (floor[sigma] if floor else 0.0)
        response = np.maximum(response, answer)
    return response


def ridge_energy(luma: Array, where: Mask, floor: Mapping[float, float] | None = None) -> float:
    """Ridge-filter energy: the sum over `where` of the squared multi-scale valley response.

    The response is that of the pseudo-labels (scale-normalised, larger Hessian eigenvalue less the
    size of the smaller), its largest over the scales 1.2 to 4 px.

    Plain (without `floor`) it also counts pores, so that smearing them looks like removing wrinkles,
    and on pored skin no removal of wrinkles alone can bring it to zero. With the `floor` of the
    *unretouched* portrait's own clean skin (`noise_floor`), taken off each scale's response before
    squaring, pores and grain count nothing before or after, and only valleys above them do: this is
    the figure to go by. The plain one is printed beside it.
    """
    return float((above_floor(luma, floor)[where].astype(np.float64) ** 2).sum())


def valley_amplitude(section: NDArray[np.float64], offsets: NDArray[np.float64], sigma: float) -> float:
    """Depth of the Gaussian valley in a cross-section, on a quadratic ground, by least squares.

    Parameters
    ----------
    section : ndarray, shape (n,)
        Mean values across the crease.
    offsets : ndarray, shape (n,)
        Signed distances from its centre, in px.
    sigma : float
        Standard deviation of the valley, in px.

    Returns
    -------
    float
        Positive for a dark valley, in units of `section`.
    """
    t = offsets / np.abs(offsets).max()
    basis = np.stack([-np.exp(-(offsets**2) / (2 * sigma**2)), np.ones_like(t), t, t**2], 1)
    return float(np.linalg.lstsq(basis, section, rcond=None)[0][0])


def widths_between(hole: Mask, narrowest: float, widest: float) -> Mask:
    """The connected parts of a hole whose largest width lies between both, in px."""
    _, parts = cv2.connectedComponents(hole.astype(np.uint8), connectivity=8)
    width = np.zeros(parts.max() + 1, np.float32)
    # A strip of w px has the distance (w + 1) / 2 to the outside at its middle.
    np.maximum.at(width, parts, 2 * cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 5) - 1)
    keep = (width >= narrowest - 0.5) & (width <= widest + 0.5)
    keep[0] = False
    return np.asarray(keep[parts])
