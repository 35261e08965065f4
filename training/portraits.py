"""Labelled portraits as patches: loading, the split by person, augmentation."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from training import costumes, strokes
from training.face_marks import marks_of

PATCH = 128


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


def spectacled() -> frozenset[str]:
    """Return the portraits on which somebody wears glasses, seen by eye, as the manifest names them."""
    return frozenset((Path(__file__).parent / "glasses.txt").read_text(encoding="utf-8").split())


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


def files_of(folder: Path, held_out: bool, sets: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """Yield name and file of all labelled portraits of one side of the split, in the order of their names."""
    for path in sorted(p for s in sets for p in (folder / s).glob("*.npz")):
        name = path.relative_to(folder).as_posix()
        if is_held_out(name) == held_out:
            yield name, path


def load(folder: Path, held_out: bool, sets: tuple[str, ...] = ("pd", "cc0")) -> list[Portrait]:
    """All portraits of one side of the split, in the order of their names."""
    return [read(path, name) for name, path in files_of(folder, held_out, sets)]


def with_glasses(portrait: Portrait, mesh: NDArray[np.float32], random: np.random.Generator) -> Portrait:
    """Draw frames on a face: rims, bridge and temples, which are no wrinkles and no skin."""
    image = Image.fromarray(portrait.image)
    frame = Image.new("L", image.size)  # all background, until something is drawn
    costumes.glasses(costumes.Sheet(image, frame), marks_of(mesh), random, dark=False)
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
