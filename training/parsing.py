"""Recipe of the default `parsing` model.

    python -m training.label_parsing PORTRAITS MODELS LABELS
    python -m training.parsing LABELS OUT --minutes 60

LABELS holds squares and class maps. Glasses, sunglasses, hats and masks are drawn on, with their classes;
squares are turned, moved, scaled, lit and degraded as photos are.
"""

from __future__ import annotations

import argparse
import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from training import costumes, portraits, recipe
from training.face_marks import marks_of
from training.networks import Block, normalised, unshuffle
from training.parsing_labels import CLASSES, EYES, SIDE, UNKNOWN

NETWORK_SIDE = 288
"""Px of the network's square."""
REACH = 360.0
"""Px of the labelled square that it covers: with 80 px between the eyes there, 64 in the network's."""
CENTRE = (SIDE / 2, EYES + (0.5 - 0.42) * REACH)
"""Its middle: the eyes lie at .42 of its height."""
RARE = {"brows": 2.0, "eyes": 3.0, "lips": 2.0, "inner mouth": 3.0, "ears": 2.0, "glasses": 3.0, "nose": 1.5}
"""How much more a pixel of a small class counts; without, a network of this size leaves eyes out at first."""
WEIGHTS = tuple(RARE.get(name, 1.0) for name in CLASSES)


class Parsing(nn.Module):
    """A small U-Net on 2 x 2 px cells: how much of each pixel is which class."""

    def __init__(self, widths: tuple[int, ...] = (16, 32, 48, 80, 96)) -> None:
        super().__init__()
        first = widths[0]
        self.head = normalised(12, first)
        self.encode = nn.ModuleList(Block(w) for w in widths[1:])
        self.down = nn.ModuleList(normalised(a, b, stride=2) for a, b in itertools.pairwise(widths))
        self.deep = nn.Sequential(Block(widths[-1], 2), Block(widths[-1], 2))
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in itertools.pairwise(widths))
        self.decode = nn.ModuleList(Block(w) for w in widths[:-1])
        self.tail = nn.Conv2d(first, 4 * len(CLASSES), 3, padding=1)

    def logits(self, image: Tensor) -> Tensor:
        x = self.head(unshuffle(2 * image - 1, 3))
        skips = []
        for down, encode in zip(self.down, self.encode, strict=True):
            skips.append(x)
            x = encode(down(x))
        x = self.deep(x)
        for up, decode in zip(reversed(self.up), reversed(self.decode), strict=True):
            enlarged = F.interpolate(up(x), scale_factor=2, mode="bilinear", align_corners=False)
            x = decode(skips.pop() + enlarged)
        return F.pixel_shuffle(self.tail(x), 2)

    def forward(self, image: Tensor) -> Tensor:
        return counted_once(self.logits(image))


def counted_once(logits: Tensor) -> Tensor:
    """Return the shares of the classes: training counts rare ones more, shares count each pixel once."""
    once = torch.log(logits.new_tensor(WEIGHTS)).view(1, -1, 1, 1)
    return torch.softmax(logits - once, 1)


def missed_overlap(shares: Tensor, classes: Tensor) -> Tensor:
    """Return 1 minus the mean Dice coefficient of the classes that are in a batch, 0..1.

    Parameters
    ----------
    shares : Tensor
        (n, classes, side, side), summing to 1.
    classes : Tensor
        (n, side, side), numbers; `UNKNOWN` does not count.

    Notes
    -----
    V-Net, Milletari et al. 2016, equation 3. A brow is a thousandth of a batch's pixels: their mean hardly
    sees its edge, its overlap does.
    """
    known = classes != UNKNOWN
    right = shares.gather(1, classes.where(known, 0).unsqueeze(1)).squeeze(1)[known]
    both = shares.new_zeros(len(CLASSES)).index_add(0, classes[known], right)
    wanted = torch.bincount(classes[known], minlength=len(CLASSES))
    claimed = (shares * known.unsqueeze(1)).sum(dim=(0, 2, 3))
    return 1 - (2 * both / (wanted + claimed))[wanted > 0].mean()


@dataclass(frozen=True, eq=False)
class Labelled:
    """One portrait's square."""

    name: str
    image: NDArray[np.uint8]
    classes: NDArray[np.uint8]
    mesh: NDArray[np.float32]


def load(folder: Path, held_out: bool, sets: tuple[str, ...] = ("pd", "cc0")) -> list[Labelled]:
    """Read all portraits of one side of the split, in the order of their names."""
    spectacled = portraits.spectacled()
    found = []
    for name, path in portraits.files_of(folder, held_out, sets):
        with np.load(path, allow_pickle=False) as data:
            classes, mesh = data["classes"], data["mesh"]
            if name.replace(".npz", ".jpg") in spectacled:
                classes = without_frames(classes, mesh)
            found.append(Labelled(name, data["image"], classes, mesh))
    return found


def without_frames(classes: NDArray[np.uint8], mesh: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Forget the skin where real glasses may be: no teacher knows their frames."""
    top, bottom = min(mesh[105, 1], mesh[334, 1]) - 4, mesh[4, 1]
    rows = np.arange(SIDE)[:, None]
    skin = np.isin(classes, [CLASSES.index(name) for name in ("skin", "ears", "nose")])
    return np.where(skin & (rows > top) & (rows < bottom), UNKNOWN, classes).astype(np.uint8)


class Squares:
    """Draws batches: image (n, 3, side, side) 0..1, classes (n, side, side)."""

    def __init__(self, faces: list[Labelled], seed: int) -> None:
        self.faces, self.random = faces, np.random.default_rng(seed)
        self.torch_random = torch.Generator().manual_seed(seed)

    def batch(self, count: int) -> tuple[Tensor, Tensor]:
        images, classes = zip(*(self.square() for _ in range(count)), strict=True)
        image = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 255
        image = portraits.colour_jitter(image, self.torch_random)
        return self.degraded(image), torch.from_numpy(np.stack(classes)).long()

    def square(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        face = self.faces[int(self.random.integers(len(self.faces)))]
        image, classes = Image.fromarray(face.image), Image.fromarray(face.classes)
        if self.random.random() < 0.35:
            dress(image, classes, face.mesh, self.random)
        angle = self.random.normal(0, 9) if self.random.random() < 0.85 else self.random.uniform(-40, 40)
        scale = REACH / NETWORK_SIDE * float(np.exp(self.random.normal(0, 0.13)))
        cos, sin = np.cos(np.radians(angle)) * scale, np.sin(np.radians(angle)) * scale
        x, y = np.array(CENTRE) + self.random.normal(0, 0.03 * REACH, 2)
        half = NETWORK_SIDE / 2
        flip = -1 if self.random.random() < 0.5 else 1
        affine = (flip * cos, -sin, x - flip * cos * half + sin * half,
                  flip * sin, cos, y - flip * sin * half - cos * half)  # fmt: skip
        size = (NETWORK_SIDE, NETWORK_SIDE)
        # Beyond the square there is nothing to see or to learn.
        away = classes.transform(size, Image.Transform.AFFINE, affine, fillcolor=UNKNOWN)
        seen = image.transform(size, Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR)
        return np.asarray(seen), np.asarray(away)

    def degraded(self, image: Tensor) -> Tensor:
        """Soft lenses, small files, grain, grey: what a photo may be."""
        side = image.shape[-1]
        if self.random.random() < 0.3:
            small = int(side / self.random.uniform(1.3, 5.0))
            image = F.interpolate(image, (small, small), mode="bilinear", antialias=True)
            image = F.interpolate(image, (side, side), mode="bicubic").clamp(0, 1)
        grey = torch.from_numpy(self.random.random(len(image)) < 0.1).view(-1, 1, 1, 1)
        image = torch.where(grey, image.mean(1, keepdim=True), image)
        if self.random.random() < 0.4:
            noise = torch.randn(image.shape, generator=self.torch_random)
            image = (image + noise * self.random.uniform(0, 0.06)).clamp(0, 1)
        return image


def dress(
    image: Image.Image, classes: Image.Image, mesh: NDArray[np.float32], random: np.random.Generator
) -> None:
    """Draw glasses, sunglasses, a hat or a mask on a square and on its class map."""
    sheet, marks = costumes.Sheet(image, classes), marks_of(mesh)
    kind = random.random()
    if kind < 0.7:
        costumes.glasses(sheet, marks, random, dark=kind > 0.45)
    if 0.6 < kind < 0.85:
        costumes.hat(sheet, marks, random)
    if kind > 0.85:
        costumes.mask(sheet, marks, random)


def train(options: argparse.Namespace) -> None:
    device = recipe.start(options)
    squares = Squares(load(options.labels, held_out=False), options.seed)
    print(f"{len(squares.faces)} portraits", flush=True)
    network = Parsing().to(device, memory_format=torch.channels_last)
    weight = torch.tensor(WEIGHTS, device=device)

    def error(share: float) -> Tensor:
        image, classes = squares.batch(options.batch)
        image, classes = image.to(device, memory_format=torch.channels_last), classes.to(device)
        with recipe.half_precision(device):
            logits = network.logits(image).float()
        pixels = F.cross_entropy(logits, classes, weight, ignore_index=UNKNOWN)
        return pixels + missed_overlap(counted_once(logits), classes)

    recipe.run(options, "parsing", network, error)


if __name__ == "__main__":
    train(recipe.arguments(__doc__).parse_args())
