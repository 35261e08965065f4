"""Recipe of the default `face-restoration` model.

    python -m training.label_restoration PORTRAITS MODELS LABELS
    python -m training.face_restoration LABELS OUT --minutes 120

Aligned faces are degraded by two to six steps of `softlight.degradation`, drawn anew for each picture on the
device; some are left clean. The parsing that the network is shown is that of the clean face, blurred and
wrong in places more and more towards the end (`--wrong`), since in use it is that of the bad one.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from softlight.degradation.steps import drawn
from training import portraits, recipe
from training.degrading import degrade
from training.face_restorer import FaceRestoration

SIDE, MARGIN, MASK = 512, 64, 128
"""Px of the network's square, of what lies around it in a label, and of the parsing's square."""
CLEAN = 0.1
"""Share of the pictures that nothing happened to: they must come back as they are."""
MIXED = (0.85, 1.0)
"""Strength of what happened: a bad picture is mixed with the clean one."""
EDGES, COARSE = 2.0, 1.0
"""What differences of neighbours, and means over 8 px, count beside those of pixels: with pixels alone faces
come out soft, and their colour drifts."""
BAD_PARTS = 0.5
"""Share of the pictures whose parsing is wrong at the end of the training."""
LIT = (0.8, 1.2)
"""Gains of each channel: lamps and skins are few."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """One aligned face."""

    name: str
    image: NDArray[np.uint8]
    """(SIDE + 2 MARGIN, same, 3)."""
    shares: NDArray[np.uint8]
    """(a quarter of it, same, classes)."""


def load(folder: Path, held_out: bool, sets: tuple[str, ...] = ("pd", "cc0")) -> list[Labelled]:
    """Read all faces of one side of the split, in the order of their names."""
    found = []
    for name, path in portraits.files_of(folder, held_out, sets):
        with np.load(path, allow_pickle=False) as data:
            found.append(Labelled(name, data["image"], data["shares"]))
    return found


class Faces:
    """Draws batches: clean and bad (n, 3, side, side), shares (n, classes, side / 4, side / 4), all 0..1."""

    def __init__(self, people: list[Labelled], seed: int, device: torch.device) -> None:
        self.people, self.device = people, device
        self.random = np.random.default_rng(seed)

    def batch(self, count: int, wrong: float) -> tuple[Tensor, Tensor, Tensor]:
        """Draw a batch; `wrong` is the share of the pictures whose parsing is not to be trusted."""
        drawn_ = [self._one(wrong) for _ in range(count)]
        clean, bad, shares = (torch.stack(part) for part in zip(*drawn_, strict=True))
        return clean, bad, shares

    def _one(self, wrong: float) -> tuple[Tensor, Tensor, Tensor]:
        random = self.random
        person = self.people[random.integers(len(self.people))]
        # In steps of the parsing's pixels, so that both stay on each other.
        step = SIDE // MASK
        y, x = random.integers(0, 2 * MARGIN // step + 1, 2)
        image = person.image[step * y : step * y + SIDE, step * x : step * x + SIDE]
        shares = person.shares[y : y + MASK, x : x + MASK]
        if random.random() < 0.5:
            image, shares = image[:, ::-1], shares[:, ::-1]
        clean, parts = (
            torch.from_numpy(np.ascontiguousarray(part)).to(self.device).permute(2, 0, 1).float() / 255
            for part in (image, shares)
        )
        gains = clean.new_tensor(random.uniform(*LIT, 3))[:, None, None]
        clean = (clean * gains).clamp(0, 1)
        if random.random() < 0.08:
            clean = clean.mean(0, keepdim=True).expand(3, -1, -1).contiguous()
        bad = clean
        if random.random() >= CLEAN:
            share = float(random.uniform(*MIXED))
            bad = clean + share * (degrade(clean, drawn(random), random) - clean)
        if random.random() < wrong:
            parts = self._spoilt(parts)
        return clean, bad, parts

    def _spoilt(self, shares: Tensor) -> Tensor:
        """Blur a parsing, move it, and lose a part of it, as it happens on bad faces."""
        random = self.random
        side = int(random.choice([8, 16, 32]))
        small = F.interpolate(shares[None], (side, side), mode="area")
        shares = F.interpolate(small, (MASK, MASK), mode="bilinear", align_corners=False)[0]
        shares = torch.roll(shares, tuple(random.integers(-6, 7, 2).tolist()), (1, 2))
        if random.random() < 0.3:
            y, x = random.integers(0, MASK // 2, 2)
            shares = shares.clone()
            shares[:, y : y + MASK // 2, x : x + MASK // 2] = 0
        return shares if random.random() < 0.9 else torch.zeros_like(shares)


def restoration_error(restored: Tensor, clean: Tensor) -> Tensor:
    """Return how far a restored batch is from the clean one: pixels, edges and tone; a scalar."""
    missed = restored - clean
    error = missed.abs().mean()
    for axis in (2, 3):
        error = error + EDGES * torch.diff(missed, dim=axis).abs().mean()
    return 10 * (error + COARSE * F.avg_pool2d(missed, 8).abs().mean())


def train(options: argparse.Namespace) -> None:
    device = recipe.start(options)
    people = load(options.labels, held_out=False)
    print(f"{len(people)} faces", flush=True)
    faces = Faces(people, options.seed, device)
    network = FaceRestoration(people[0].shares.shape[2]).to(device, memory_format=torch.channels_last)

    def error(share: float) -> Tensor:
        clean, bad, shares = faces.batch(options.batch, options.wrong * share)
        with recipe.half_precision(device):
            restored = network(bad.contiguous(memory_format=torch.channels_last), shares)
        return restoration_error(restored.float(), clean)

    recipe.run(options, "face_restoration", network, error)


def main() -> None:
    parser = recipe.arguments(__doc__)
    parser.add_argument("--wrong", type=float, default=BAD_PARTS, help="share of wrong parsings at the end")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
