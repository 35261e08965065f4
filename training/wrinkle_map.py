"""Recipe of the default `wrinkle-map` model.

    python -m training.label_portraits PORTRAITS MODELS LABELS
    python -m training.wrinkle_map LABELS OUT --minutes 40

Labels are synthetic wrinkles on unwrinkled skin plus ridge-filter pseudo-labels on real faces, cleaned
by parsing; drawn glasses and hairs are negatives. The second channel learns skin.
"""

from __future__ import annotations

import argparse

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from training import portraits, recipe, strokes
from training.networks import WrinkleMap
from training.portraits import PATCH, Portrait
from training.wrinkle_labels import UNKNOWN, WRINKLE

SKIN_COLOUR = torch.tensor([1.0, 1.12, 1.2]).view(1, 3, 1, 1)
"""A crease is darker and redder than its skin: its green and blue fall more."""


def near_skin(skin: np.ndarray, reach: int = 18) -> np.ndarray:
    """Where skin (uint8) lies within `reach` px to the left, right, above or below."""
    sure = skin > 200
    near = np.zeros_like(sure)
    near[reach:] |= sure[:-reach]
    near[:-reach] |= sure[reach:]
    near[:, reach:] |= sure[:, :-reach]
    near[:, :-reach] |= sure[:, reach:]
    return near


class Patches:
    """Draws batches: image (n, 3, 128, 128) 0..1, targets (n, 2, …), weights (n, 2, …)."""

    def __init__(self, faces: list[Portrait], seed: int, entries: int = 3000) -> None:
        self.faces, self.random = faces, np.random.default_rng(seed)
        self.torch_random = torch.Generator().manual_seed(seed)
        self.bank = strokes.bank(entries, seed)
        self.skin = [portraits.grid_points((f.skin > 128) & (f.labels != UNKNOWN)) for f in faces]
        self.wrinkled = [portraits.grid_points(f.labels == WRINKLE, 4) for f in faces]
        self.edges = [portraits.grid_points((f.skin < 60) & near_skin(f.skin)) for f in faces]

    def centre(self, i: int) -> np.ndarray:
        kind = self.random.random()
        kinds = ((0.35, self.wrinkled[i]), (0.6, self.skin[i]), (0.9, self.edges[i]))
        spots = next((spots for share, spots in kinds if kind < share), None)
        if spots is None or not len(spots):
            return self.random.integers(0, self.faces[i].skin.shape)
        return spots[self.random.integers(len(spots))] + self.random.integers(-40, 41, 2)

    def batch(self, n: int) -> tuple[Tensor, Tensor, Tensor]:
        side = int(self.random.choice([96, 112, 128, 128, 160, 192]))
        rows = []
        for _ in range(n):
            i = int(self.random.integers(len(self.faces)))
            parts = portraits.cut(self.faces[i], self.centre(i), side, int(self.random.integers(8)))
            rows.append([np.ascontiguousarray(p) for p in parts])
        image, skin, labels, clean = (torch.from_numpy(np.stack(p)) for p in zip(*rows, strict=True))
        image = image.permute(0, 3, 1, 2).float() / 255
        maps = torch.stack([skin.float() / 255, (labels == WRINKLE).float(), (labels == UNKNOWN).float(),
                            (clean > 0).float()], 1)  # fmt: skip
        if side != PATCH:
            image = F.interpolate(image, (PATCH, PATCH), mode="bicubic", antialias=True).clamp(0, 1)
            maps = F.interpolate(maps, (PATCH, PATCH), mode="bilinear")
        skin, wrinkle, unknown, clean = maps.split(1, 1)
        image, wrinkle, unknown = self.draw_wrinkles(image, wrinkle, unknown, clean)
        image = self.draw_hairs(image)
        image = portraits.colour_jitter(image, self.torch_random)
        image = self.degrade(image)
        # Brows, lashes, frames and hair beside skin are what the map must not touch: they count thrice.
        beside = (skin < 0.25) & (F.avg_pool2d(skin, 31, 1, 15) > 0.1)
        weight = (1 - (unknown > 0.3).float()) * (1 + 2 * wrinkle + 2 * beside)
        # PAN is unsure at its borders: they teach little.
        skin_weight = 0.3 * (2 * (skin - 0.5)).abs()
        return image, torch.cat([wrinkle, skin], 1), torch.cat([weight, skin_weight], 1)

    def draw_wrinkles(self, image: Tensor, wrinkle: Tensor, unknown: Tensor, clean: Tensor):
        n = image.shape[0]
        drawn = [portraits.stroke_window(self.bank, self.random) for _ in range(n)]
        relief = torch.from_numpy(np.stack([r for r, _ in drawn]).astype(np.float32))[:, None]
        foot = torch.from_numpy(np.stack([f for _, f in drawn]).astype(np.float32))[:, None]
        depth = torch.from_numpy(np.exp(self.random.uniform(np.log(0.05), np.log(0.35), n))).float()
        depth *= torch.from_numpy((self.random.random(n) < 0.65).astype(np.float32))
        depth = depth.view(n, 1, 1, 1)
        soft = F.avg_pool2d(clean, 5, 1, 2)
        tint = 1 + (SKIN_COLOUR - 1) * torch.rand(n, 1, 1, 1, generator=self.torch_random)
        image = (image * (1 + relief * depth * soft * tint)).clamp(0, 1)
        # A valley under 3 % of the tone is within the noise of a photograph: not asked for.
        seen = foot * soft * (relief.abs() * depth > 0.12 * depth)
        faint = ((relief.abs() * depth) < 0.02) & (seen > 0) & (depth < 0.08)
        seen = ((seen > 0.5) & (depth > 0)).float()
        return image, torch.maximum(wrinkle, seen), torch.maximum(unknown * (1 - seen), faint * seen)

    def draw_hairs(self, image: Tensor) -> Tensor:
        """Crisp strands over a sixth of the patches: dark or light lines that are no wrinkles."""
        n = image.shape[0]
        for i in np.flatnonzero(self.random.random(n) < 0.15):
            for _ in range(int(self.random.integers(1, 4))):
                start = self.random.uniform(0, PATCH, 2).astype(np.float32)
                curve = strokes.random_curve(self.random, start, self.random.uniform(0, 6.3), 150, 0.7, 1.0)
                points = np.rint(curve.points).astype(int)
                points = points[((points >= 0) & (points < PATCH)).all(1)]
                tone = self.random.uniform(0.0, 0.25) if self.random.random() < 0.8 else 0.95
                line = torch.zeros(1, 1, PATCH, PATCH)
                line[0, 0, points[:, 1], points[:, 0]] = 1
                line = F.avg_pool2d(line, 3, 1, 1) * self.random.uniform(1.5, 3.0)
                line = line.clamp(0, 0.9)
                image[i] = (image[i] * (1 - line) + tone * line)[0]
        return image

    def degrade(self, image: Tensor) -> Tensor:
        """Soft lenses, small files, grain: what an upscaled small face looks like."""
        if self.random.random() < 0.35:
            size = int(PATCH / self.random.uniform(1.2, 4.0))
            image = F.interpolate(image, (size, size), mode="bicubic", antialias=True)
            image = F.interpolate(image, (PATCH, PATCH), mode="bicubic").clamp(0, 1)
        if self.random.random() < 0.5:
            noise = torch.randn(image.shape, generator=self.torch_random)
            if self.random.random() < 0.4:
                noise = 1.8 * F.avg_pool2d(noise, 2, 1, 1)[..., :PATCH, :PATCH]
            image = (image + noise * self.random.uniform(0, 0.03)).clamp(0, 1)
        return image


def loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Weighted cross-entropy, plus Dice on the wrinkle channel (thin classes vanish in averages)."""
    entropy = (F.binary_cross_entropy_with_logits(logits, target, reduction="none") * weight).mean()
    p, t, w = torch.sigmoid(logits[:, :1]), target[:, :1], (weight[:, :1] > 0).float()
    dice = 1 - (2 * (p * t * w).sum() + 20) / (((p + t) * w).sum() + 20)
    return entropy + 0.3 * dice


def train(options: argparse.Namespace) -> None:
    device = recipe.start(options)
    faces = portraits.load(options.labels, held_out=False)
    random = np.random.default_rng(options.seed)
    faces += [portraits.with_glasses(f, np.load(options.labels / f.name)["mesh"], random) for f in faces[::2]]
    patches = Patches(faces, options.seed, options.strokes)
    network = WrinkleMap().to(device, memory_format=torch.channels_last)

    def error(share: float) -> Tensor:
        image, target, weight = (t.to(device) for t in patches.batch(options.batch))
        with recipe.half_precision(device):
            logits = network.logits(image.contiguous(memory_format=torch.channels_last))
        return loss(logits.float(), target, weight)

    recipe.run(options, "wrinkle_map", network, error)


if __name__ == "__main__":
    parser = recipe.arguments(__doc__)
    strokes.add_argument(parser)
    train(parser.parse_args())
