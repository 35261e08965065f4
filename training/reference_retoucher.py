"""A slow, careful retoucher of portraits, in classical steps: the skin retouch learns from it on real faces.

It works as retouchers do: blemishes are healed with the surroundings' tone and the pores of skin
nearby (frequency separation), blotches of colour are evened with the shading kept, highlights are
compressed and get skin's colour back, the circles below the eyes are brought towards the cheek's tone.
Shading scales L* + 16, a* and b* alike (the cube root of CIELAB), so a* and b* divided by L* + 16 are
pigment and blood and not light; evenness works on these.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from training import blemish_finder, healing, masked_bands, pseudo_labels, skin_ground
from training.blemishes import COMPONENTS
from training.lab import from_lab, to_lab

FINE, BROAD = 6.0, 30.0
"""Sigmas in px between which blotches lie: 0.1 to 0.5 interocular distances across; with 38 the blush of
cheeks went too, and hands before a face became as red as it."""
EVENED = 0.6
"""Share of a blotch of colour that goes: with 0.8 cheeks looked flat, and a face of one colour is a mask."""
DARKENED = 0.7
"""How much darker redder skin is: -d ln(L* + 16) by d(a* / (L* + 16)) on clean skin of 63 portraits, between
2 and 6 px, where there is little shading; the quartiles are 0.62 and 0.90."""
MOTTLING = 2.0
"""L* of mottling that may go with evenness; what is stronger is the face's shape."""
SHINE_KNEE, SHINE_LEFT = 2.0, 0.35
"""L* above the diffuse tone at which a highlight begins to be compressed, and the share left beyond."""
DIFFUSE = 42.0
"""Sigma in px of the tone that a highlight is compared with: foreheads shine 80 px wide, and a whole side of
a face in the light is no highlight."""
MOST = 11.0
"""L* that a highlight loses at most: what was white stays light."""
SUNLIT = np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (45, 45)), np.uint8)
LIGHTENED, DEBLUED = 0.5, 0.65
"""Shares of the difference between circle and cheek that go."""
CALMED = 0.5
"""Share of the pores' amplitude that stays where they are no coarser than usual."""

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]
Step = Callable[[Array], Array]

under_eye_map = skin_ground.under_eye_map


def changes(image: Array, skin: Array, features: Array, mesh: Array, hair: Array) -> Array:
    """Return what a retoucher would add to a portrait.

    Parameters
    ----------
    image : ndarray, float32, shape (height, width, 3)
        RGB 0..1, sRGB, 180 px between the eyes.
    skin, features, hair : ndarray, float32, shape (height, width)
        0..1; `features` are eyes, brows, lips and nostrils.
    mesh : ndarray, float32, shape (478, 2)
        MediaPipe's points, x and y in px.

    Returns
    -------
    ndarray, float32, shape (6, height, width, 3)
        In the order of `COMPONENTS`; 0 outside the skin, and the picture plus all of them is in 0..1.
    """
    weight = skin_ground.skin_weight(image, skin, features, mesh, hair)
    parts = np.zeros((len(COMPONENTS), *image.shape), np.float32)
    if not weight.any():
        return parts
    # What is no skin is a half of a portrait: it is left out, to half the time.
    left, top, across, down = cv2.boundingRect((weight > 0).astype(np.uint8))
    box = np.s_[top : top + down, left : left + across]
    parts[:, *box] = _steps(image[box], weight[box], (mesh - (left, top)).astype(np.float32))
    return parts


def _steps(image: Array, weight: Array, mesh: Array) -> Array:
    """Do one thing after another and return what each added, (6, height, width, 3)."""
    luma = image @ np.array([0.299, 0.587, 0.114], np.float32)
    calm = skin_ground.calm(weight, mesh, luma)
    beard = skin_ground.beard(luma, weight, mesh)
    shaven = weight * (1 - cv2.GaussianBlur(beard.astype(np.float32), (0, 0), 5))
    blemishes, marks = _found(image, calm, mesh)
    broad, matt = skin_ground.tapered(weight), skin_ground.tapered(shaven)
    circles = skin_ground.under_eye_map(image.shape, mesh)
    steps: tuple[Step, ...] = (
        lambda before: _mended(before, blemishes, marks, weight > 0.6, calm, mesh),
        lambda before: healing.healed(before, marks, np.zeros_like(marks), weight > 0.6),
        lambda before: _evened(before, weight, broad, matt),
        lambda before: _dulled(before, weight, matt),
        lambda before: _rested(before, weight, circles, mesh),
        lambda before: _calmed(before, shaven * calm),
    )
    parts = np.zeros((len(steps), *image.shape), np.float32)
    state = image
    for part, step in zip(parts, steps):
        part += (np.clip(step(state), 0, 1) - state) * weight[..., None]
        state = state + part
    return parts


def _found(image: Array, calm: Mask, mesh: Array) -> tuple[Mask, Mask]:
    """Where blemishes are, and where moles and freckles are."""
    found = blemish_finder.segment(to_lab(image), calm, mesh)
    is_mark = np.array([False, *(b.kind in ("mole", "freckle") for b in found.blemishes)])
    marks = is_mark[found.regions]
    return (found.regions > 0) & ~marks, marks


def _mended(image: Array, blemishes: Mask, marks: Mask, skin: Mask, calm: Mask, mesh: Array) -> Array:
    """Heal blemishes, and once more what only shows when they are gone."""
    first = healing.healed(image, blemishes, marks, skin)
    near = cv2.dilate(marks.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    left, _ = _found(first, calm & ~near, mesh)
    return healing.healed(first, left, marks, skin)


def _evened(image: Array, weight: Array, taper: Array, shaven: Array) -> Array:
    """Flatten blotches of pigment and blood, and faint mottling of lightness; the shading stays."""
    lab = to_lab(image)
    light = lab[..., :1] + 16
    pigment = lab[..., 1:] / light
    bands = masked_bands.low(pigment, weight, FINE) - masked_bands.low(pigment, weight, BROAD)
    # Beyond 0.08 (7 of a* on light skin) it is make-up, hard coloured light or a wrong mask.
    moved = -EVENED * 0.08 * np.tanh(bands / 0.08) * taper[..., None]
    mottled = masked_bands.low(lab[..., 0], weight, 3.0) - masked_bands.low(lab[..., 0], weight, 11.0)
    lightness = -EVENED * mottled * np.exp(-((mottled / MOTTLING) ** 2)) * shaven
    lightness -= DARKENED * moved[..., 0] * light[..., 0]
    out = np.concatenate([lab[..., :1] + lightness[..., None], (pigment + moved) * light], axis=-1)
    return from_lab(out.astype(np.float32))


def _dulled(image: Array, weight: Array, taper: Array) -> Array:
    """Compress highlights over the diffuse tone around, where they are paler than the skin; pores stay."""
    lab = to_lab(image)
    light = lab[..., 0] + 16
    smooth = masked_bands.low(lab, weight, 2.5)
    diffuse = masked_bands.low(lab, weight, DIFFUSE)
    excess = smooth[..., 0] - diffuse[..., 0]
    vivid = np.hypot(smooth[..., 1], smooth[..., 2]) / (smooth[..., 0] + 16)
    usual = np.hypot(diffuse[..., 1], diffuse[..., 2]) / (diffuse[..., 0] + 16)
    paler = np.clip(((usual - vivid) / np.maximum(usual, 0.05) - 0.04) / 0.2, 0, 1)
    # Skin near white is a highlight even where its colour is that of the lamp.
    glare = np.maximum(paler, np.clip((smooth[..., 0] - 86) / 8, 0, 1))
    # What is much brighter, and near white, over more than a quarter of the eyes' distance stands in the sun.
    sunlit = ((excess > 9) & (smooth[..., 0] > 84)).astype(np.uint8)
    sunlit = cv2.morphologyEx(sunlit, cv2.MORPH_OPEN, SUNLIT)
    glare *= 1 - cv2.GaussianBlur(cv2.dilate(sunlit, SUNLIT[:25, :25]).astype(np.float32), (0, 0), 6)
    over = MOST * np.tanh((1 - SHINE_LEFT) * np.clip(excess - SHINE_KNEE, 0, None) / MOST)
    cut = masked_bands.low(over * glare, weight, 2.0) * taper
    colour = np.clip(masked_bands.low(cut / 6, weight, 2.0), 0, 0.8)[..., None]
    pigment, normal, present = (part[..., 1:] / (part[..., :1] + 16) for part in (lab, diffuse, smooth))
    pigment = pigment + colour * (normal - present)
    new = (light - cut)[..., None]
    return from_lab(np.concatenate([new - 16, pigment * new], axis=-1))


def _rested(image: Array, weight: Array, circles: Array, mesh: Array) -> Array:
    """Bring the circles below the eyes towards the cheek's tone: lighter and less blue, never past it."""
    lab = to_lab(image)
    smooth = masked_bands.low(lab, weight, 4.0)
    out = lab.copy()
    columns = np.arange(image.shape[1])[None, :]
    middle = float(mesh[168, 0])
    for orbit in skin_ground.ORBIT:
        rim = mesh[orbit]
        cheek = np.zeros(weight.shape, np.uint8)
        below = np.array([0, 16], np.float32)
        cv2.polylines(cheek, [np.rint(rim + below).astype(np.int32)], False, 1, 17)
        ground = (cheek > 0) & (weight > 0.75)
        if ground.sum() < 100:
            continue
        tone = np.median(smooth[ground], axis=0)
        side = circles * ((columns < middle) == (rim[:, 0].mean() < middle))
        deficit = np.clip(tone[0] - smooth[..., 0], 0, 22)
        out[..., 0] += LIGHTENED * deficit * side
        light = out[..., 0] + 16
        pigment = out[..., 1:] / light[..., None]
        lack = tone[1:] / (tone[0] + 16) - smooth[..., 1:] / (smooth[..., :1] + 16)
        lack[..., 1] = np.clip(lack[..., 1], 0, None)  # bluer goes, yellower may stay
        pigment += DEBLUED * np.clip(lack, -0.08, 0.08) * side[..., None]
        changed = side > 0
        out[..., 1:][changed] = (pigment * light[..., None])[changed]
    return from_lab(out)


def _calmed(image: Array, weight: Array) -> Array:
    """Make pores finer where they are coarse, and fine lines fainter; edges and wrinkles stay."""
    lab = to_lab(image)
    luma = lab[..., 0]
    coarse = masked_bands.low(luma, weight, 0.9) - masked_bands.low(luma, weight, 3.2)
    energy = np.sqrt(masked_bands.low(coarse**2, weight, 9.0))
    on_skin = energy[weight > 0.75]
    usual = float(np.median(on_skin)) if on_skin.size else 1.0
    gain = CALMED * np.clip(usual / np.maximum(energy, 1e-3), 0.5, 1)
    lines = np.max([pseudo_labels.valley_response(luma / 100, s) for s in (1.0, 1.5)], axis=0)
    # A response of 0.012 is a line 9 levels deep, of 0.03 a wrinkle: De-wrinkle's work.
    wrinkle = cv2.GaussianBlur(np.clip((lines - 0.02) / 0.02, 0, 1), (0, 0), 2)
    share = (1 - gain) * weight * (1 - np.clip(2 * wrinkle, 0, 1))
    lab[..., 0] = luma - share * coarse
    return from_lab(lab)
