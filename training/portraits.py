"""Labelled portraits as patches: loading, the split by person, augmentation."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from torch import Tensor
from torch.nn import functional as F

from training import strokes

PATCH = 128
WRINKLE, UNKNOWN = 255, 128
"""Codes of the label maps that `label_portraits.py` writes."""


@dataclass(frozen=True, eq=False)
class Portrait:
    """One portrait at the canonical scale; maps are uint8, (height, width[, 3])."""

    name: str
    image: NDArray[np.uint8]
    skin: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    clean: NDArray[np.uint8]
    sharpness: float
    """RMS of the band below 1.5 px on clean skin, 0..1; 0.004 and less is soft focus."""


def person(name: str) -> str:
    """Who is in the picture, as far as its name tells: the same person never stands on both sides."""
    stem = name.rsplit("/", 1)[-1].removesuffix(".npz")
    if "__" in stem:
        words = stem.split("__")[1].replace("_", "-").split("-")
        return "-".join(sorted(words[:2]))
    return stem.replace("shcatz", "schatz")


def is_held_out(name: str) -> bool:
    """A fifth of the people never trains; the London set is for evaluation only."""
    return name.startswith("london") or zlib.crc32(person(name).encode()) % 5 == 0


def fine_band(luma: Tensor) -> Tensor:
    kernel = torch.exp(-(torch.arange(-4.0, 5.0) ** 2) / (2 * 1.5**2))
    kernel = (kernel / kernel.sum()).view(1, 1, 1, -1)
    smooth = F.conv2d(F.conv2d(luma, kernel, padding=(0, 4)), kernel.transpose(2, 3), padding=(4, 0))
    return luma - smooth


def read(path: Path, name: str) -> Portrait:
    data = np.load(path, allow_pickle=False)
    skin = data["skin"].astype(np.float32) / 255 * (1 - data["hair"].astype(np.float32) / 255)
    skin *= data["features"] == 0
    luma = torch.from_numpy(data["image"].astype(np.float32).mean(2) / 255)[None, None]
    clean = data["clean"]
    band = fine_band(luma)[0, 0].numpy()[clean > 0]
    return Portrait(name, data["image"], np.rint(skin * 255).astype(np.uint8), data["labels"], clean,
                    float(band.std()) if band.size > 1000 else 0.0)  # fmt: skip


def load(folder: Path, held_out: bool, sets: tuple[str, ...] = ("pd", "cc0")) -> list[Portrait]:
    """All portraits of one side of the split, in the order of their names."""
    found = sorted(p for s in sets for p in (folder / s).glob("*.npz"))
    names = [p.relative_to(folder).as_posix() for p in found]
    return [read(p, n) for p, n in zip(found, names, strict=True) if is_held_out(n) == held_out]


def with_glasses(portrait: Portrait, mesh: NDArray[np.float32], random: np.random.Generator) -> Portrait:
    """Draw frames on a face: rims, bridge and temples, which are no wrinkles and no skin."""
    image = Image.fromarray(portrait.image)
    frame = Image.new("L", image.size)
    draw, mark = ImageDraw.Draw(image), ImageDraw.Draw(frame)
    right, left = mesh[[33, 133]].mean(0), mesh[[362, 263]].mean(0)
    colour = tuple(int(c) for c in random.integers(0, 130, 3)) if random.random() < 0.7 else (150, 130, 90)
    # Thin metal as often as thick plastic: it is what a crease is most easily taken for.
    width = int(random.integers(2, 5)) if random.random() < 0.5 else int(random.integers(5, 11))
    rx, ry = random.uniform(55, 78), random.uniform(34, 60)
    drop = random.uniform(0, 14)
    for pen, ink in ((draw, colour), (mark, 255)):
        for eye in (right, left):
            box = (eye[0] - rx, eye[1] - ry + drop, eye[0] + rx, eye[1] + ry + drop)
            if ry < 45:
                pen.rounded_rectangle(box, radius=18, outline=ink, width=width)
            else:
                pen.ellipse(box, outline=ink, width=width)
        pen.line([right[0] + rx, right[1] + drop, left[0] - rx, left[1] + drop], fill=ink, width=width)
        for eye, ear, side in ((right, mesh[127], -1), (left, mesh[356], 1)):
            pen.line(
                [eye[0] + side * rx, eye[1] + drop - 5, ear[0] + side * 10, ear[1]], fill=ink, width=width
            )
    drawn = np.asarray(frame) > 0
    return Portrait(portrait.name + "+glasses", np.asarray(image), np.where(drawn, 0, portrait.skin),
                    np.where(drawn, 0, portrait.labels), np.where(drawn, 0, portrait.clean),
                    portrait.sharpness)  # fmt: skip


def grid_points(mask: NDArray[np.bool_], step: int = 6) -> NDArray[np.int32]:
    """Pixels (row, column) of a mask on a coarse grid, as centres of patches."""
    found = np.argwhere(mask[::step, ::step]) * step
    return found.astype(np.int32)


def cut(portrait: Portrait, centre: NDArray[np.int32], side: int, turn: int) -> list[NDArray[np.uint8]]:
    """Image, skin, labels and clean around a centre, turned by one of the 8 symmetries of the square."""
    height, width = portrait.skin.shape
    top = int(np.clip(centre[0] - side // 2, 0, height - side))
    left = int(np.clip(centre[1] - side // 2, 0, width - side))
    window = np.s_[top : top + side, left : left + side]
    parts = [portrait.image[window], portrait.skin[window], portrait.labels[window], portrait.clean[window]]
    if turn & 4:
        parts = [p[:, ::-1] for p in parts]
    return [np.rot90(p, turn & 3) for p in parts]


def stroke_window(
    bank: tuple[NDArray[np.float16], NDArray[np.uint8]], random: np.random.Generator
) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
    """A random window of a random bank entry, turned."""
    i = int(random.integers(len(bank[0])))
    top, left = random.integers(0, strokes.SIDE - PATCH + 1, 2)
    turn = int(random.integers(8))
    parts = [b[i, top : top + PATCH, left : left + PATCH] for b in bank]
    if turn & 4:
        parts = [p[:, ::-1] for p in parts]
    relief, foot = (np.rot90(p, turn & 3) for p in parts)
    return relief, foot


def colour_jitter(image: Tensor, random: torch.Generator) -> Tensor:
    """Exposure, gamma, gains and saturation, one setting a patch; image (n, 3, h, w) in 0..1.

    The portraits show mostly light skin: gammas up to 2.2 bring their tones down to the darkest.
    """
    n = image.shape[0]
    draw = lambda low, high, c=1: low + (high - low) * torch.rand(n, c, 1, 1, generator=random)  # noqa: E731
    grey = image.mean(1, keepdim=True)
    image = grey + (image - grey) * draw(0.0, 1.4) if torch.rand(1, generator=random) < 0.1 else image
    image = image.clamp(1e-4, 1) ** torch.exp(draw(-0.35, 0.8))
    return (image * draw(0.85, 1.1, 3) * draw(0.8, 1.15)).clamp(0, 1)
