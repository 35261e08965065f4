"""Thin creases on large faces: how much of a drawn valley the filter takes away.

    python -m training.evaluation.creases PORTRAITS LABELS [--faces 3] [--out FOLDER]

Held-out faces are enlarged 1, 2, 4 and 8 times (Lanczos) and given back what enlarging cannot: skin
grain octave by octave down to the native pixel, each octave 0.7 times as strong as the coarser one,
starting from the strength that the portrait's own pore band has on clean skin, and camera noise of 1.2
levels of 255. Creases are Gaussian valleys of 1.5 to 6 native px, 15 % of the tone deep, gently bent,
on the cleanest skin of forehead and cheeks, brushed over with a stroke 0.13 interocular distances wide.
The amplitude is that of the Gaussian fitted to the mean cross-section; what the clean skin fits there
is taken off both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from softlight.compositor import composite
from softlight.filters.dewrinkle import DewrinkleSettings, Target
from softlight.filters.dewrinkle.filter import dewrinkle
from softlight.picture import Picture
from training.evaluation import faces, measures, sheets
from training.evaluation.faces import Array, Bytes, Face
from training.label_portraits import INTEROCULAR

SCALES = (1, 2, 4, 8)
SIGMAS = (1.5, 2.0, 3.0, 4.0, 6.0)
DEPTH = 0.15
STROKE = 0.13
"""Width of the brush in interocular distances: a crow's foot is painted with about that."""
LENGTH = 0.35
"""Of a crease, in interocular distances; its ends taper and are left out of the fit."""
WINDOW = 1.0
"""Side of the enlarged part in interocular distances."""
SEED = 20263


@dataclass(frozen=True, eq=False)
class Crease:
    """Points along a crease and the normals there, native px, (n, 2) as x and y."""

    points: Array
    normals: Array


def enlarged(face: Face, centre: Array, scale: int, random: np.random.Generator) -> Array:
    """A square of the face at `scale` times the canonical scale, with grain down to the last pixel."""
    side = round(WINDOW * INTEROCULAR)
    height, width = face.image.shape[:2]
    left = int(np.clip(centre[0] - side // 2, 0, width - side))
    top = int(np.clip(centre[1] - side // 2, 0, height - side))
    part = measures.unit(face.image[top : top + side, left : left + side])
    big = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_LANCZOS4)
    strength = measures.pore_energy(measures.unit(face.image), face.clean > 0)
    pitch = scale / 2
    while pitch >= 1:
        strength *= 0.7
        cells = round(side * scale / pitch)
        grain = random.normal(0, 1, (cells, cells)).astype(np.float32)
        grain -= measures.low_pass(grain)
        grain = cv2.resize(grain, (side * scale, side * scale), interpolation=cv2.INTER_CUBIC)
        big += (grain * strength / grain.std())[..., None]
        pitch /= 2
    if scale > 1:
        big += random.normal(0, 1.2 / 255, big.shape).astype(np.float32)
    return np.asarray(big.clip(0, 1), np.float32)


def crease_at(centre: Array, scale: int, random: np.random.Generator) -> Crease:
    """A gently bent line, mostly across the face as on foreheads."""
    length = LENGTH * INTEROCULAR * scale
    t = np.linspace(-0.5, 0.5, round(length))
    heading = random.uniform(-0.35, 0.35) + random.uniform(-0.4, 0.4) * t
    steps = np.stack([np.cos(heading), np.sin(heading)], 1)
    points = np.cumsum(steps, 0)
    points += centre - points[len(points) // 2]
    return Crease(points.astype(np.float32), np.stack([-steps[:, 1], steps[:, 0]], 1).astype(np.float32))


def drawn(image: Array, crease: Crease, sigma: float) -> Array:
    """The picture with the crease as a valley, tapering over its outer quarters."""
    y, x = np.mgrid[: image.shape[0], : image.shape[1]].astype(np.float32)
    valley = np.zeros(image.shape[:2], np.float32)
    share = np.linspace(0, 1, len(crease.points))
    depth = DEPTH * np.clip(np.minimum(share, 1 - share) / 0.25, 0, 1)
    reach = int(5 * sigma) + 2
    for (px, py), (nx, ny), d in zip(crease.points, crease.normals, depth, strict=True):
        rows = slice(max(0, int(py) - reach), int(py) + reach + 1)
        columns = slice(max(0, int(px) - reach), int(px) + reach + 1)
        across = (x[rows, columns] - px) * nx + (y[rows, columns] - py) * ny
        along = (x[rows, columns] - px) * ny - (y[rows, columns] - py) * nx
        one = d * np.exp(-(across**2) / (2 * sigma**2)) * (np.abs(along) <= 1)
        valley[rows, columns] = np.maximum(valley[rows, columns], one)
    return np.asarray(image * (1 - valley)[..., None])


def amplitude(image: Array, crease: Crease, sigma: float) -> float:
    """Depth of the valley in the mean luma across the full-depth half of the crease."""
    half = slice(len(crease.points) // 4, -(len(crease.points) // 4))
    offsets = np.arange(-max(4 * sigma, 6), max(4 * sigma, 6) + 0.25, 0.5)
    at = crease.points[half, None] + offsets[None, :, None] * crease.normals[half, None]
    at = at.astype(np.float32)
    luma = measures.luminance(image)
    values = cv2.remap(luma, at[..., 0], at[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return measures.valley_amplitude(values.mean(0).astype(np.float64), offsets, sigma)


def stroke(shape: tuple[int, int], crease: Crease, scale: int) -> Bytes:
    mask = np.zeros(shape, np.uint8)
    width = round(STROKE * INTEROCULAR * scale)
    cv2.polylines(mask, [np.rint(crease.points).astype(np.int32)], False, 255, width)
    return mask


def spots(face: Face) -> list[Array]:
    """Where the skin is clean for a crease and its surroundings: the best spots, apart from each other."""
    clean = (face.clean > 0).astype(np.float32)
    width, height = round(1.1 * LENGTH * INTEROCULAR), round(2 * STROKE * INTEROCULAR)
    share = cv2.blur(clean, (width, height), borderType=cv2.BORDER_CONSTANT)
    found: list[Array] = []
    while len(found) < len(SIGMAS):
        row, column = np.unravel_index(share.argmax(), share.shape)
        if share[row, column] < 0.8:
            break
        found.append(np.array([column, row], np.float32))
        share[max(0, row - height) : row + height, max(0, column - width // 2) : column + width // 2] = 0
    return found


def removed(before: float, after: float, clean: float) -> float:
    """Share of the amplitude that is gone; digging a ridge instead counts as what is left of it."""
    return 1 - abs(after - clean) / (before - clean)


def run_face(
    face: Face, settings: Sequence[DewrinkleSettings], runtime: faces.CheckpointRuntime, scale: int
) -> tuple[dict[tuple[int, float], float], list[tuple[Bytes, Bytes]]]:
    """Shares removed per setting and sigma at one scale, and crops for the eye."""
    shares, pairs = {}, []
    places = spots(face)
    for number, sigma in enumerate(SIGMAS):
        centre = places[number % len(places)]
        random = np.random.default_rng([SEED, scale, number, *face.name.encode()])
        clean = enlarged(face, centre, scale, random)
        side = clean.shape[0] // scale
        height, width = face.image.shape[:2]
        origin = np.clip(np.floor(centre) - side // 2, 0, [width - side, height - side])
        crease = crease_at((centre - origin) * scale, scale, random)
        before = np.rint(drawn(clean, crease, sigma) * 255).astype(np.uint8)
        mask = stroke(before.shape[:2], crease, scale)
        picture = Picture(before)
        depths = [amplitude(x, crease, sigma) for x in (measures.unit(before), clean)]
        for i, setting in enumerate(settings):
            setting = DewrinkleSettings(target=setting.target, face_size=INTEROCULAR * scale)
            after = composite(picture, dewrinkle(picture, mask, setting, runtime)).pixels
            left = amplitude(measures.unit(after), crease, sigma)
            shares[i, sigma] = removed(depths[0], left, depths[1])
            if i == 0:
                pairs.append((sheets.crop(before, mask), sheets.crop(after, mask)))
    return shares, pairs


def main() -> None:
    parser = faces.arguments(__doc__)
    parser.add_argument("--faces", type=int, default=3, help="how many faces")
    options = faces.parsed(parser)
    runtime = faces.CheckpointRuntime(options.checkpoint)
    people = [f for f in faces.held_out(options) if f.sharpness >= 0.007 and len(spots(f)) >= 3]
    people = [people[i] for i in np.linspace(0, len(people) - 1, options.faces).round().astype(int)]
    settings = [DewrinkleSettings(target=t) for t in (Target.WRINKLES, Target.EVERYTHING)]
    shares: dict[tuple[int, float, int], list[float]] = {}
    for scale in SCALES:
        for face in people:
            found, pairs = run_face(face, settings, runtime, scale)
            for (i, sigma), share in found.items():
                shares.setdefault((i, sigma, scale), []).append(share)
            if options.out:
                tiles = [tile for pair in pairs for tile in pair]
                name = f"creases-{scale}x-{face.name.replace('/', '-')}.png"
                sheets.write(sheets.grid(tiles, 2), options.out / name)
    for i, setting in enumerate(settings):
        rows = []
        for sigma in SIGMAS:
            cells = [shares[i, sigma, scale] for scale in SCALES]
            rows.append([f"{sigma:g} px", *(f"{np.mean(c):.0%} ({min(c):.0%})" for c in cells)])
        title = "wrinkles I painted over" if setting.target is Target.WRINKLES else "everything I painted"
        print(f"\nRidge amplitude removed, mean (least) of {len(people)} faces; {title}\n")
        print(faces.table(["sigma", *(f"{s} x" for s in SCALES)], rows))


if __name__ == "__main__":
    main()
