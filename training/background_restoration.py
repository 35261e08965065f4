"""Recipe of the default `background-restoration` model.

    python -m training.label_background PORTRAITS LABELS
    python -m training.background_restoration LABELS OUT --minutes 20

Crops of portraits, from anywhere in them, are degraded by two to six steps of `softlight.degradation`, drawn
anew for each on the device; some are left clean.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from softlight.degradation.steps import drawn
from training import portraits, recipe
from training.background_restorer import BackgroundRestoration
from training.degrading import degrade
from training.face_restoration import restoration_error
from training.muon import Muon

SIDES = (128, 192)
"""Px of the smallest and the largest crop; one size a batch, a multiple of the network's coarsest cell."""
CELL = 16
BLOCK = 8
"""Px of a block of JPEG. A crop is cut anew after its file was written: in use the blocks lie anywhere in the
network's cells, and one that had always seen them in the same place would know them only there."""
CLEAN = 0.15
"""Share of the crops that nothing happened to: they must come back as they are."""
GREY = 0.08
LIT = (0.8, 1.2)
"""Gains of each channel: lamps are few."""


def load(folder: Path, held_out: bool, sets: tuple[str, ...] = ("pd", "cc0")) -> list[NDArray[np.uint8]]:
    """Read all pictures of one side of the split that hold a crop, in the order of their names."""
    found = []
    for _, path in portraits.files_of(folder, held_out, sets):
        with np.load(path, allow_pickle=False) as data:
            image = data["image"]
        if min(image.shape[:2]) >= SIDES[1] + BLOCK:
            found.append(image)
    return found


class Crops:
    """Draws batches of crops."""

    def __init__(self, pictures: list[NDArray[np.uint8]], seed: int, device: torch.device) -> None:
        self.pictures, self.device = pictures, device
        self.random = np.random.default_rng(seed)

    def batch(self, count: int) -> tuple[Tensor, Tensor]:
        """Draw clean crops, and what they became: both (n, 3, side, side), 0..1."""
        side = CELL * int(self.random.integers(SIDES[0] // CELL, SIDES[1] // CELL + 1))
        clean, bad = zip(*(self._one(side) for _ in range(count)), strict=True)
        return torch.stack(clean), torch.stack(bad)

    def _one(self, side: int) -> tuple[Tensor, Tensor]:
        random = self.random
        image = self.pictures[random.integers(len(self.pictures))]
        around = side + BLOCK
        top, left = (random.integers(length - around + 1) for length in image.shape[:2])
        crop = np.rot90(image[top : top + around, left : left + around], random.integers(4))
        if random.random() < 0.5:
            crop = crop[:, ::-1]
        clean = torch.from_numpy(np.ascontiguousarray(crop)).to(self.device).permute(2, 0, 1).float() / 255
        clean = (clean * clean.new_tensor(random.uniform(*LIT, 3))[:, None, None]).clamp(0, 1)
        if random.random() < GREY:
            clean = clean.mean(0, keepdim=True).expand(3, -1, -1).contiguous()
        bad = degrade(clean, drawn(random), random) if random.random() >= CLEAN else clean
        y, x = random.integers(BLOCK, size=2)
        return clean[:, y : y + side, x : x + side], bad[:, y : y + side, x : x + side]


def train(options: argparse.Namespace) -> None:
    device = recipe.start(options)
    pictures = load(options.labels, held_out=False)
    print(f"{len(pictures)} pictures", flush=True)
    crops = Crops(pictures, options.seed, device)
    network = BackgroundRestoration().to(device, memory_format=torch.channels_last)
    even = torch.ones(options.batch, 1, 1, 1, device=device)

    def error(share: float) -> Tensor:
        clean, bad = crops.batch(options.batch)
        with recipe.half_precision(device):
            restored = network(bad.contiguous(memory_format=torch.channels_last))
        return restoration_error(restored.float(), clean, even)

    recipe.run(options, "background_restoration", network, error, stepping=Muon)


def main() -> None:
    parser = recipe.arguments(__doc__)
    parser.set_defaults(minutes=20, rate=1.5e-3)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
