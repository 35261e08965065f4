"""Face restore on whole photos of held-out people: no seam where a face ends, nothing changed beyond it.

    python -m training.evaluation.restored_photos PORTRAITS [--each 8] [--level 3] [--out FOLDER]

Photos are shrunk to 1200 px, made worse and restored, with the background left alone and with it. Along the
line where a face's mask is one half the gradient of the result is compared with that of lines 10 px inside
and outside of it, and both with the same lines of the clean photo: chins and hair are edges by themselves. 1
is no seam.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from softlight.compositor import composite
from softlight.degradation.photos import degrade
from softlight.degradation.steps import level
from softlight.faces import analysis
from softlight.filters.restore.filter import restore
from softlight.filters.restore.settings import RestoreSettings
from softlight.layers import Layer
from softlight.picture import Picture
from softlight.runtime import Runtime
from training import portraits
from training.evaluation import faces, measures, sheets
from training.evaluation.faces import Array, Bytes

LONGEST, AWAY = 1200, 10.0
SETS = ("pd", "cc0", "london")
HEIGHT = 400
"""Px of a picture on a sheet."""


def photos(options: argparse.Namespace) -> list[Bytes]:
    """Return a photo of each of some held-out people, shrunk."""
    found = []
    for name in SETS:
        first: dict[str, Path] = {}
        for path in sorted((options.portraits / name).glob("*.jpg")):
            if portraits.is_held_out(f"{name}/{path.stem}"):
                first.setdefault(portraits.person(path.stem).split("_")[0], path)
        paths = list(first.values())
        chosen = np.linspace(0, len(paths) - 1, min(options.each, len(paths))).round().astype(int)
        found += [_shrunk(paths[number]) for number in chosen]
    return found


def _shrunk(path: Path) -> Bytes:
    photo = Image.open(path).convert("RGB")
    photo.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    return np.asarray(photo)


def along_the_mask(image: Bytes, mask: Array) -> tuple[float, float]:
    """Return the mean gradient of a picture where a mask is one half, and `AWAY` px from there."""
    luminance = measures.luminance(measures.unit(image)).astype(np.float32)
    slope = np.hypot(cv2.Sobel(luminance, -1, 1, 0), cv2.Sobel(luminance, -1, 0, 1))
    inside = (mask > 0.5).astype(np.uint8)
    away = cv2.distanceTransform(inside, cv2.DIST_L2, 5) + cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    return float(slope[away < 2].mean()), float(slope[np.abs(away - AWAY) < 2].mean())


def whole_mask(layer: Layer, height: int, width: int) -> Array:
    mask = np.zeros((height, width), np.float32)
    x, y = layer.offset
    mask[y : y + layer.mask.shape[0], x : x + layer.mask.shape[1]] = layer.mask / 255
    return mask


def seam(result: Bytes, clean: Bytes, mask: Array) -> float:
    """Return how much more gradient the line has than its surroundings, beside the clean photo."""
    (there, near), (there_clean, near_clean) = (along_the_mask(one, mask) for one in (result, clean))
    return (there / near) / (there_clean / near_clean)


def main() -> None:
    """Print how visible seams are, and whether anything beyond the masks changed; write sheets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("portraits", type=Path)
    parser.add_argument("--each", type=int, default=8, help="people of each set")
    parser.add_argument("--level", type=int, default=3)
    parser.add_argument("--out", type=Path, help="folder for sheets")
    options = parser.parse_args()
    runtime, plain = Runtime("cpu"), RestoreSettings(background=False)
    rows, tiles = [], []
    for number, clean in enumerate(photos(options)):
        found = analysis.find(Picture(clean), runtime)
        if not found:
            continue
        steps = level(options.level, max(face.interocular for face in found))
        bad = np.rint(255 * degrade(measures.unit(clean), steps, np.random.default_rng(number)))
        picture = Picture(bad.astype(np.uint8))
        alone = restore(picture, None, plain, runtime)
        both = restore(picture, None, replace(plain, background=True), runtime)
        if not alone.layers:
            print(f"{number}: {' '.join(alone.notes)}")
            continue
        mask = whole_mask(alone.layers[0], picture.height, picture.width)
        union = np.max([whole_mask(one, picture.height, picture.width) for one in alone.layers], axis=0)
        after = [composite(picture, stack).pixels for stack in (alone, both)]
        rows.append(
            [seam(one, clean, mask) for one in (picture.pixels, *after)]
            + [float((after[0] != picture.pixels).any(axis=2)[union == 0].mean())]
        )
        for one in (picture.pixels, *after, clean):
            size = (round(one.shape[1] * HEIGHT / one.shape[0]), HEIGHT)
            tiles.append(cv2.resize(one, size, interpolation=cv2.INTER_AREA)[:, :HEIGHT])
    names = ("the bad photo", "faces alone", "with the background", "changed beyond the masks")
    print(
        faces.table(
            ("", "median", "least", "most"),
            [
                [name, *(f"{value:.3f}" for value in (np.median(column), min(column), max(column)))]
                for name, column in zip(names, zip(*rows, strict=True), strict=True)
            ],
        )
    )
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        for first in range(0, len(tiles), 16):
            sheets.write(sheets.grid(tiles[first : first + 16], 8), options.out / f"photos-{first // 16}.png")


if __name__ == "__main__":
    main()
