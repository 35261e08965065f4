"""Find blemishes, moles and freckles on skin: dark or red blobs, told apart by shape and colour.

Blobs are the extrema of differences of Gaussians over scales (Lindeberg 1998) on lightness and on a*,
each measured against the skin's own roughness at that scale; a plane fitted to the ring around each
takes the shading of the face away. A mole is brown, sharp, round and dark (the clinical ABCD signs
turned round); freckles are small, brown and come in numbers. What lies in a wrinkle is part of it, and
small dark dots in numbers below the nose are bristles.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from training import masked_bands, pseudo_labels
from training.lab import to_lab

INTEROCULAR = 180.0
SIGMAS = (0.9, 1.2, 1.6, 2.2, 3.0, 4.0, 5.4, 7.2, 9.7)
"""Px at 180 px between the eyes: blobs of 1 to 17 px across, which is 0.4 to 6 mm."""
DARK, RED = 1.35, 0.85
"""Least responses in units of L* and a* on skin of L* 65: a disc of contrast c answers 0.35 c or so."""
PLACES = 2e5
"""Px of skin in a portrait: what the strongest of so many places reaches by chance is no blemish."""
LEAST, SEEN = 4.0, 6.0
"""Least strength of a blob that a retoucher mends, and of one that is counted: what is mended down to a
threshold and counted from the same one never gets to zero, as noise lifts some over it."""
CLEAR = 2.2
"""Least contrast in standard deviations of the ring around: skin between glints is dark, and no mole."""
DIM = 0.7
"""Share of L* 65 below which redness counts no more: a JPEG's noise of colour does not follow the skin."""
LONG = 2.6
"""A region longer than this times its width is a line: a fine wrinkle, a hair, or a scratch."""
TERMINATOR = 0.4
"""Step of lightness across a blob, by its strength: a red one on a step of 8 L* and more is the edge of a
shadow, where light comes through the skin."""
IN_WRINKLE = 0.3
"""Share of a blob that may lie in wrinkles."""

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Blemish:
    """One blob; lengths in px of the picture it was found in."""

    y: float
    x: float
    radius: float
    contrast: tuple[float, float, float]
    """L*, a*, b* of its middle less those of the skin around."""
    strength: float
    """Darkness plus 0.8 redness, in L* on skin of L* 65."""
    edge: float
    """Width of its edge: the contrast by the steepest slope."""
    length: float
    """Long by short axis."""
    kind: str
    """pimple, spot, scratch, mole or freckle."""


@dataclass(frozen=True, eq=False)
class Found:
    """Blobs and where each lies: `regions` (height, width) holds a blob's number plus one, int32."""

    blemishes: tuple[Blemish, ...]
    regions: NDArray[np.int32]


def find(
    image: Array, skin: Array, mesh: Array | None = None, scale: float = 1.0, least: float = SEEN
) -> list[Blemish]:  # fmt: skip
    """Return the blemishes, moles and freckles on skin, the most conspicuous first.

    Parameters
    ----------
    image : ndarray, float32, shape (height, width, 3)
        RGB 0..1, sRGB.
    skin : ndarray, float32, shape (height, width)
        0..1; eyes, brows, lips, nostrils, hair and beard are no skin (`skin_ground.calm` gives it).
    mesh : ndarray, float32, shape (478, 2), optional
        MediaPipe's points, x and y in px. Without them bristles count as spots.
    scale : float
        Px between the eyes by 180; the picture is brought to 180 px and the answers back.
    least : float
        Strength from which on a blob counts.
    """
    if scale != 1:
        size = (round(image.shape[1] / scale), round(image.shape[0] / scale))
        way = cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC
        image, skin = (np.clip(cv2.resize(part, size, interpolation=way), 0, 1) for part in (image, skin))
    found = segment(to_lab(image), skin > 0.6, None if mesh is None else mesh / scale).blemishes
    return [
        replace(b, y=b.y * scale, x=b.x * scale, radius=b.radius * scale, edge=b.edge * scale)
        for b in sorted(found, key=lambda b: -b.strength)
        if b.strength >= least
    ]


def segment(lab: Array, ground: NDArray[np.bool_], mesh: Array | None) -> Found:
    """Return the blobs on a ground and their regions; `lab` (height, width, 3) at 180 px between the eyes."""
    regions = np.zeros(ground.shape, np.int32)
    wrinkled, _ = pseudo_labels.wrinkles(lab[..., 0] / 100, ground)
    # Pigment takes a share of the light, so contrasts follow the skin's brightness.
    weight = ground.astype(np.float32)
    level = np.clip(masked_bands.low(lab[..., 0], weight, 20) / 65, 0.45, 1.2)
    score, sigma = _conspicuous(lab, weight, level)
    found: list[Blemish] = []
    for y, x in _peaks(score):
        if regions[y, x]:
            continue
        measured = _measure(lab, ground & (regions == 0), level[y, x], y, x, sigma[y, x])
        if measured is None:
            continue
        blemish, region, top, left = measured
        part = np.s_[top : top + region.shape[0], left : left + region.shape[1]]
        if (
            blemish.kind not in ("pimple", "scratch")
            and (wrinkled[part] & region).sum() > IN_WRINKLE * region.sum()
        ):
            continue
        found.append(blemish)
        regions[part][region & (regions[part] == 0)] = len(found)
    bristles = _bristles(found, mesh)
    regions = np.where(np.concatenate([[True], bristles])[regions], 0, regions)
    numbers = np.concatenate([[0], np.where(bristles, 0, np.cumsum(~bristles))]).astype(np.int32)
    return Found(_freckled([b for b, out in zip(found, bristles) if not out]), numbers[regions])


def _conspicuous(lab: Array, weight: Array, level: Array) -> tuple[Array, Array]:
    """Return the strongest response of any scale and channel in units of its threshold, and its sigma."""
    channels = np.stack([-lab[..., 0] / level, lab[..., 1] / np.maximum(level, DIM)], axis=-1)
    blurred = [masked_bands.low(channels, weight, s) for s in SIGMAS]
    best = np.zeros(level.shape, np.float32)
    sigma = np.full(level.shape, SIGMAS[0], np.float32)
    for fine, coarse, size in zip(blurred, blurred[2:], SIGMAS):
        # The maximum of N draws, in standard deviations: 4.5 at the finest scale, 3.4 at the coarsest.
        chance = float(np.sqrt(2 * np.log(PLACES / (2 * np.pi * size**2))))
        response = (fine - coarse) * weight[..., None]
        for channel, least in ((0, DARK), (1, RED)):
            answer = response[..., channel]
            on_skin = answer[weight > 0]
            usual = 1.4826 * float(np.median(np.abs(on_skin))) if on_skin.size else 1.0
            # Clipped, so that a blob does not hide itself behind its own contribution.
            power = np.minimum(answer**2, (2.5 * usual) ** 2)
            rough = np.sqrt(masked_bands.low(power, weight, 14 + 2 * size))
            units = answer / np.maximum(least, chance * rough)
            better = units > best
            best[better] = units[better]
            sigma[better] = size
    return best, sigma


def _peaks(score: Array) -> list[tuple[int, int]]:
    highest = cv2.dilate(score, np.ones((5, 5), np.uint8))
    rows, columns = np.nonzero((score >= highest) & (score > 1))
    order = np.argsort(-score[rows, columns], kind="stable")[:1500]
    return [(int(rows[i]), int(columns[i])) for i in order]


def _measure(
    lab: Array, ground: NDArray[np.bool_], level: float, y: int, x: int, sigma: float
) -> tuple[Blemish, NDArray[np.bool_], int, int] | None:
    """Return a blob, its region in a window, and the window's corner; `None` where it is none after all."""
    radius = 1.7 * sigma
    reach = int(np.ceil(2.8 * radius + 9))  # 9 px more, so that a thin line shows its length
    top, left = max(0, y - reach), max(0, x - reach)
    window = np.s_[top : y + reach + 1, left : x + reach + 1]
    part, allowed = lab[window], ground[window]
    dy, dx = np.mgrid[top - y : top - y + part.shape[0], left - x : left - x + part.shape[1]]
    far = np.hypot(dy, dx)
    ring = (far > 1.5 * radius + 1) & (far <= 2.5 * radius + 2.5)
    around = ring & allowed
    if around.sum() < 0.6 * ring.sum() or around.sum() < 12:
        return None
    plane = np.stack([np.ones_like(far), dy, dx], axis=-1).astype(np.float32)
    fit, *_ = np.linalg.lstsq(plane[around], part[around], rcond=None)
    less = part - plane @ fit
    strength = 0.8 * less[..., 1] / max(level, DIM) - less[..., 0] / level
    smooth = cv2.GaussianBlur(strength, (0, 0), max(0.6, 0.35 * sigma))
    peak = float(smooth[y - top, x - left])
    if peak < LEAST or peak < CLEAR * float(np.std(smooth[around])):
        return None
    region = (smooth > 0.4 * peak) & allowed & (far < 2.8 * radius + 8)
    _, parts = cv2.connectedComponents(region.astype(np.uint8), connectivity=4)
    region = (parts == parts[y - top, x - left]) & region
    if region.sum() < 6:
        return None
    points = np.stack([dy[region], dx[region]]).astype(np.float64)
    # A pixel has an extent of its own: 1/12 px² of variance a side.
    short, long = np.sqrt(np.linalg.eigvalsh(np.cov(points)) + 1 / 12)
    across = float(np.sqrt(region.sum() / np.pi))
    step = float(np.hypot(*fit[1:, 0])) * 2 * across / level
    if step > max(8.0, TERMINATOR * peak):
        return None
    slope = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)) / 8
    middle = region & (smooth > 0.7 * peak)
    contrast = less[middle].mean(axis=0)
    steepest = float(slope[(far < 2.2 * radius + 1) & allowed].max())
    blemish = _told(
        y + points[0].mean(), x + points[1].mean(), across, contrast, peak / max(steepest, 1e-3),
        float(long / short), float(level),
    )  # fmt: skip
    return None if blemish is None else (replace(blemish, strength=peak), region, top, left)


def _told(
    y: float, x: float, radius: float, contrast: Array, edge: float, length: float, level: float
) -> Blemish | None:
    """Name a blob by its colour and shape; `None` for lines that are not red, which are wrinkles or hair."""
    dark, red = -float(contrast[0]) / level, float(contrast[1]) / max(level, DIM)
    if length > LONG:
        if red < 2.5 or red < 0.8 * dark:
            return None
        kind = "scratch"
    elif dark > 9 and red < 0.45 * dark and length < 1.7 and edge < 0.7 * radius + 1.6:
        kind = "mole"
    elif red > 0.45 * dark:
        kind = "pimple"
    else:
        kind = "spot"
    values = (float(contrast[0]), float(contrast[1]), float(contrast[2]))
    return Blemish(float(y), float(x), radius, values, 0.0, edge, length, kind)


def _neighbours(found: list[Blemish], counted: NDArray[np.bool_], reach: float) -> NDArray[np.int64]:
    """How many of the counted lie within a reach of each, itself included."""
    places = np.array([(b.y, b.x) for b in found]).reshape(-1, 2)
    apart = np.hypot(*np.moveaxis(places[:, None] - places[None], -1, 0))
    return np.asarray(((apart < reach) & counted[None]).sum(axis=1))


def _bristles(found: list[Blemish], mesh: Array | None) -> NDArray[np.bool_]:
    """Small dark dots below the nose that have three more of their kind within 30 px (10 mm)."""
    if mesh is None or not found:
        return np.zeros(len(found), bool)
    nose = float(mesh[2, 1])
    dots = np.array([b.y > nose and b.radius < 3 and b.kind not in ("pimple", "scratch") for b in found])
    return np.asarray(dots & (_neighbours(found, dots, 30) > 3))


def _freckled(found: list[Blemish]) -> tuple[Blemish, ...]:
    """Call small brown spots freckles where five more of them lie within 0.4 of the eyes' distance."""
    if not found:
        return ()
    small = np.array(
        [b.kind in ("spot", "mole") and b.radius < 4.2 and b.contrast[2] > 0.1 * b.contrast[0] for b in found]
    )
    many = small & (_neighbours(found, small, 0.4 * INTEROCULAR) > 5)
    return tuple(replace(b, kind="freckle") if m else b for b, m in zip(found, many))
