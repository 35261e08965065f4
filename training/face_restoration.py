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
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from softlight.degradation.steps import drawn
from training import portraits, recipe
from training.degrading import degrade
from training.face_restorer import FaceRestoration
from training.muon import Muon
from training.parsing_labels import CLASSES

SIDE, MARGIN, MASK = 512, 64, 128
"""Px of the network's square, of what lies around it in a label, and of the parsing's square."""
CROP, CROPS = 256, 3
"""Px of what most of the training sees, and how many more of them make a batch: much of a whole square is
background, and as many pixels of faces come by in a third of the time."""
CROPPED = 0.75
"""Share of the training that sees crops; then whole squares, as in use."""
BLOCK = 8
"""Px of a block of JPEG, by which more is degraded than is shown."""
ASIDE = 112
"""Px that a crop's middle may lie away from the square's."""
CLEAN = 0.1
"""Share of the pictures that nothing happened to: they must come back as they are."""
MIXED = (0.85, 1.0)
"""Strength of what happened: a bad picture is mixed with the clean one."""
EDGES, COARSE = 2.0, 1.0
"""What differences of neighbours, and means over 8 px, count beside those of pixels: with pixels alone faces
come out soft, and their colour drifts."""
SCALES = (1, 2, 4)
"""Px over which means are taken whose differences count: a person is known by what is wider than a pixel."""
BAD_PARTS = 0.5
"""Share of the pictures whose parsing is wrong at the end of the training."""
FEATURES, TOLD = ("eyes", "brows", "lips", "inner mouth", "nose"), 2.0
"""What a person is known by, and how much more an error there counts."""
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


class Batch(NamedTuple):
    """Squares or crops of them, all 0..1."""

    clean: Tensor
    bad: Tensor
    """(n, 3, side, side), as the clean ones."""
    shares: Tensor
    """(n, classes, side / 4, side / 4): the parsing that the network is shown."""
    parts: Tensor
    """The same where nothing is wrong with it."""


class Faces:
    """Draws batches of squares, or of crops of them."""

    def __init__(self, people: list[Labelled], seed: int, device: torch.device) -> None:
        self.people, self.device = people, device
        self.random = np.random.default_rng(seed)

    def batch(self, count: int, wrong: float, side: int = SIDE) -> Batch:
        """Draw a batch; `wrong` is the share of the pictures whose parsing is not to be trusted."""
        drawn_ = [self._one(wrong, side) for _ in range(count)]
        return Batch(*(torch.stack(part) for part in zip(*drawn_, strict=True)))

    def _one(self, wrong: float, side: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        random = self.random
        person = self.people[random.integers(len(self.people))]
        # In steps of the parsing's pixels, so that both stay on each other.
        step = SIDE // MASK
        room = (SIDE + 2 * MARGIN - side - BLOCK) // 2
        reach = min(room, ASIDE) // step
        y, x = room // step + random.integers(-reach, reach + 1, 2)
        wide = side + BLOCK
        image = person.image[step * y : step * y + wide, step * x : step * x + wide]
        shares = person.shares[y : y + wide // step, x : x + wide // step]
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
        # A file's blocks begin anywhere in the network's cells.
        y, x = random.integers(0, BLOCK, 2)
        clean, bad = (plane[:, y : y + side, x : x + side] for plane in (clean, bad))
        y, x = y // step, x // step
        parts = parts[:, y : y + side // step, x : x + side // step]
        seen = self._spoilt(parts) if random.random() < wrong else parts
        return clean, bad, seen, parts

    def _spoilt(self, shares: Tensor) -> Tensor:
        """Blur a parsing, move it, and lose a part of it, as it happens on bad faces."""
        random, whole = self.random, shares.shape[1:]
        side = int(whole[0] // random.choice([4, 8, 16]))
        small = F.interpolate(shares[None], (side, side), mode="area")
        shares = F.interpolate(small, whole, mode="bilinear", align_corners=False)[0]
        shares = torch.roll(shares, tuple(random.integers(-6, 7, 2).tolist()), (1, 2))
        if random.random() < 0.3:
            y, x = random.integers(0, whole[0] // 2, 2)
            shares = shares.clone()
            shares[:, y : y + whole[0] // 2, x : x + whole[0] // 2] = 0
        return shares if random.random() < 0.9 else torch.zeros_like(shares)


def told_by(parts: Tensor) -> Tensor:
    """Return what an error counts where the parts of a face lie: (n, 1, side, side), with a mean of 1."""
    features = parts[:, [CLASSES.index(name) for name in FEATURES]].sum(1, keepdim=True)
    weight = F.interpolate(1 + TOLD * features, scale_factor=SIDE // MASK, mode="bilinear")
    return weight / weight.mean((1, 2, 3), keepdim=True)


def restoration_error(restored: Tensor, clean: Tensor, weight: Tensor) -> Tensor:
    """Return how far a restored batch is from the clean one: pixels, edges and tone; a scalar."""
    missed = (restored - clean) * weight
    error = missed.abs().mean()
    for scale in SCALES:
        seen = F.avg_pool2d(missed, scale)
        for axis in (2, 3):
            error = error + EDGES * torch.diff(seen, dim=axis).abs().mean()
    return 10 * (error + COARSE * F.avg_pool2d(missed, 8).abs().mean())


def train(options: argparse.Namespace) -> None:
    device = recipe.start(options)
    people = load(options.labels, held_out=False)
    print(f"{len(people)} faces", flush=True)
    faces = Faces(people, options.seed, device)
    network = FaceRestoration(people[0].shares.shape[2]).to(device, memory_format=torch.channels_last)

    def error(share: float) -> Tensor:
        cropped = share < CROPPED
        batch = faces.batch(
            CROPS * options.batch if cropped else options.batch,
            options.wrong * share,
            CROP if cropped else SIDE,
        )
        with recipe.half_precision(device):
            restored = network(batch.bad.contiguous(memory_format=torch.channels_last), batch.shares)
        return restoration_error(restored.float(), batch.clean, told_by(batch.parts))

    recipe.run(options, "face_restoration", network, error, stepping=Muon)


def main() -> None:
    parser = recipe.arguments(__doc__)
    parser.add_argument("--wrong", type=float, default=BAD_PARTS, help="share of wrong parsings at the end")
    parser.set_defaults(rate=1.5e-3)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
