"""Recipe of the default `face-detection` model.

    python -m training.face_sprites PORTRAITS MODELS SPRITES
    python -m training.landmark_faces PORTRAITS MODELS HEADS
    python -m training.face_detection SPRITES OUT --heads HEADS --places PLACES --minutes 60

A network of plain convolutions looks at three grids of cells, 8, 16 and 32 px apart. A cell in the middle of
a face of its size says so, and where the face's box and five points are (after FCOS: Tian et al., ICCV 2019).
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from training import recipe, scenes
from training.networks import normalised

STRIDES = (8, 16, 32)
SIZES = ((0.0, 44.0), (36.0, 110.0), (88.0, 1000.0))
"""Px of the faces (root of the box's area) that each grid answers for. They overlap: a face on the border may
be found on two."""
CORE, RIM = 0.25, 0.42
"""Cells nearer to the middle of a face than this share of its size answer for it; those up to the second one
may do as they like."""
NOBODY, ANYTHING = -1, -2


class Residual(nn.Module):
    """Two 3x3 convolutions around an identity."""

    def __init__(self, channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.first = normalised(channels, channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=dilation, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.norm(self.second(self.first(x))))


class FaceDetector(nn.Module):
    """Scores (n, 1, …), boxes (n, 4, …) and points (n, 10, …) of three grids, in cells; 0.96 M parameters."""

    def __init__(self, widths: tuple[int, int, int] = (64, 96, 104), merged: int = 64) -> None:
        super().__init__()
        fine, middle, coarse = widths
        self.stem = nn.Sequential(normalised(3, 16, 2), normalised(16, 32, 2))
        self.encode = nn.ModuleList([
            nn.Sequential(normalised(32, fine, 2), Residual(fine)),
            nn.Sequential(normalised(fine, middle, 2), Residual(middle)),
            # A face of 256 px has 8 cells here: the dilated ones see all of it and what is around.
            nn.Sequential(normalised(middle, coarse, 2), Residual(coarse, 2), Residual(coarse, 2)),
        ])  # fmt: skip
        self.lateral = nn.ModuleList(nn.Conv2d(width, merged, 1) for width in widths)
        self.merge = nn.ModuleList(normalised(merged, merged) for _ in widths)
        self.score = nn.ModuleList(nn.Conv2d(merged, 1, 3, padding=1) for _ in widths)
        self.shape = nn.ModuleList(nn.Conv2d(merged, 14, 3, padding=1) for _ in widths)
        for score in self.score:
            nn.init.constant_(score.bias, -4.6)  # one cell in a hundred, at first

    def raw(self, image: Tensor) -> list[tuple[Tensor, Tensor, Tensor]]:
        """Logits, boxes and points of each grid."""
        x = self.stem(image - 0.5)
        encoded = []
        for encode in self.encode:
            x = encode(x)
            encoded.append(x)
        above, found = None, []
        for i in (2, 1, 0):
            y = self.lateral[i](encoded[i])
            if above is not None:
                y = y + F.interpolate(above, scale_factor=2.0, mode="nearest")
            above = self.merge[i](y)
            shape = self.shape[i](above)
            # Distances as logarithms: a small face matters as much as a large one.
            box = torch.exp(shape[:, :4].float().clamp(-3, 3))
            found.append((self.score[i](above).float(), box, 2 * shape[:, 4:].float()))
        return found[::-1]

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        grids = self.raw(image)
        scores = tuple(torch.sigmoid(score) for score, _, _ in grids)
        return (*scores, *(box for _, box, _ in grids), *(points for _, _, points in grids))


@dataclass(frozen=True, eq=False)
class Batch:
    """Scenes, and what every cell should say."""

    image: Tensor
    """(n, 3, side, side), 0..1."""
    cells: tuple[Tensor, ...]
    """For each grid (n, rows, columns): the number of a face, `NOBODY` or `ANYTHING`."""
    faces: Tensor
    """(faces of all scenes, 14): box and five points in px."""


def answers(scene: scenes.Scene, first: int) -> list[NDArray[np.int64]]:
    """Which cell of each grid answers for which face, where the scene's first face has the number `first`."""
    side = scene.pixels.shape[0]
    sizes = np.sqrt(np.prod(np.maximum(scene.boxes[:, 2:] - scene.boxes[:, :2], 1e-3), axis=1))
    grids = []
    for stride, (least, most) in zip(STRIDES, SIZES, strict=True):
        cells = np.full((side // stride, side // stride), NOBODY, np.int64)
        middles = (np.arange(side // stride) + 0.5) * stride
        for number in np.argsort(-sizes):  # of two faces the smaller one has the cell
            seen, size = scene.seen[number], sizes[number]
            if seen < scenes.HIDDEN or size < 0.5 * scenes.LEAST:
                continue
            x, y = (scene.boxes[number, :2] + scene.boxes[number, 2:]) / 2
            away = np.maximum(np.abs(middles - x)[None, :], np.abs(middles - y)[:, None])
            if seen < scenes.SEEN or size < scenes.LEAST or not least <= size <= most:
                # Of the next size it may be found here as well; of another it is none.
                if 0.7 * least <= size <= 1.4 * most:
                    cells[away < RIM * size] = ANYTHING
                continue
            rim = away < RIM * size
            cells[rim & (cells == NOBODY)] = ANYTHING
            core = away < CORE * size
            if not core.any() and away.min() < stride:
                core = away == away.min()
            cells[core] = first + number
        grids.append(cells)
    return grids


class Scenes:
    """Draws batches. A scene costs as much time as learning from it, so most are learned from three times.

    Of the older ones those come back the most in which something else was taken for a face.
    """

    def __init__(self, stock: scenes.Stock, random: np.random.Generator, kept: int = 1000) -> None:
        self.stock, self.random, self.kept = stock, random, kept
        self.before: list[scenes.Scene] = []
        self.alarms: list[float] = []
        self.drawn: list[int] = []
        """Which of `before` the last batch shows."""

    def batch(self, count: int) -> Batch:
        """Return `count` scenes, about a third of them new."""
        images, faces, cells, first = [], [], [], 0
        self.drawn = []
        for _ in range(count):
            scene = self.scene()
            images.append(scene.pixels)
            cells.append(answers(scene, first))
            faces.append(np.concatenate([scene.boxes, scene.points.reshape(-1, 10)], axis=1))
            first += len(scene.boxes)
        image = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 255
        grids = tuple(torch.from_numpy(np.stack(grid)) for grid in zip(*cells, strict=True))
        return Batch(image, grids, torch.from_numpy(np.concatenate(faces)))

    def scene(self) -> scenes.Scene:
        """Return a new scene, or an older one in another position."""
        random = self.random
        if len(self.before) >= self.kept / 4 and random.random() < 0.67:
            index = max(random.integers(len(self.before), size=4).tolist(), key=lambda i: self.alarms[i])
            self.drawn.append(index)
            quarters = int(random.integers(4))  # the five points have to tell angles apart
            return scenes.turned(self.before[index], quarters, mirrored=random.random() < 0.7)
        new = scenes.compose(self.stock, random)
        if len(self.before) < self.kept:
            index = len(self.before)
            self.before.append(new)
            self.alarms.append(0.0)
        else:
            index = int(random.integers(self.kept))
            self.before[index] = new
        self.drawn.append(index)
        return new

    def learned(self, alarms: list[float]) -> None:
        """Remember how much was taken for a face in each scene of the last batch."""
        for index, alarm in zip(self.drawn, alarms, strict=True):
            self.alarms[index] = alarm


def false_alarms(grids: list[tuple[Tensor, Tensor, Tensor]], batch: Batch) -> list[float]:
    """The squares of all scores where nobody is, summed for each scene."""
    total = torch.zeros(len(batch.image))
    for (logits, _, _), cells in zip(grids, batch.cells, strict=True):
        scores = torch.sigmoid(logits[:, 0].detach()).cpu()
        total += (scores**2 * (cells == NOBODY)).sum(dim=(1, 2))
    found: list[float] = total.tolist()
    return found


def loss(grids: list[tuple[Tensor, Tensor, Tensor]], batch: Batch) -> Tensor:
    """Focal loss of scores (Lin et al., ICCV 2017), generalised IoU of boxes, distances of points."""
    device = batch.image.device
    total = torch.zeros((), device=device)
    for (logits, boxes, points), cells, stride in zip(grids, batch.cells, STRIDES, strict=True):
        cells = cells.to(device)
        target, counted = (cells >= 0).float(), cells != ANYTHING
        logits = logits[:, 0]
        entropy = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
        miss = (torch.sigmoid(logits) - target).abs()
        scored = (entropy * miss**2 * (0.25 + 0.5 * target))[counted].sum()
        scene, row, column = torch.nonzero(cells >= 0, as_tuple=True)
        # The mean of each grid: of large faces there are few, and they matter most.
        total = total + 3 * scored / max(len(scene), 10)
        if not len(scene):
            continue
        due = batch.faces.to(device)[cells[scene, row, column]]
        middle = torch.stack([column, row], dim=1).float() * stride + stride / 2
        reach = boxes[scene, :, row, column] * stride
        box = torch.cat([middle - reach[:, :2], middle + reach[:, 2:]], dim=1)
        size = (due[:, 2:4] - due[:, :2]).clamp(min=1).prod(dim=1).sqrt()[:, None]
        five = middle.repeat(1, 5) + points[scene, :, row, column] * stride
        away = F.smooth_l1_loss(five / size, due[:, 4:] / size, reduction="none", beta=0.3).sum(dim=1)
        total = total + (1 - _overlap(box, due[:, :4])).mean() + 4 * away.mean()
    return total


def _overlap(a: Tensor, b: Tensor) -> Tensor:
    """Generalised intersection over union of boxes, -1..1 (Rezatofighi et al., CVPR 2019)."""

    def area(low: Tensor, high: Tensor) -> Tensor:
        return (high - low).clamp(min=0).prod(dim=1)

    shared = area(torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:]))
    union = area(a[:, :2], a[:, 2:]) + area(b[:, :2], b[:, 2:]) - shared
    hull = area(torch.minimum(a[:, :2], b[:, :2]), torch.maximum(a[:, 2:], b[:, 2:])).clamp(min=1e-6)
    return shared / union.clamp(min=1e-6) - (hull - union) / hull


def train(options: argparse.Namespace) -> None:
    """Train until the time is over."""
    device = recipe.start(options)
    stock = scenes.load(options.labels, held_out=False, places=options.places, heads=options.heads)
    drawn = Scenes(stock, np.random.default_rng())  # unseeded: a run that goes on shall see other scenes
    network = FaceDetector().to(device, memory_format=torch.channels_last)

    def error(share: float) -> Tensor:
        batch = drawn.batch(options.batch)
        image = batch.image.to(device).contiguous(memory_format=torch.channels_last)
        with recipe.half_precision(device):
            grids = network.raw(image)
        drawn.learned(false_alarms(grids, batch))
        return loss(grids, batch)

    recipe.run(options, "face_detection", network, error)


if __name__ == "__main__":
    parser = recipe.arguments(__doc__)
    parser.add_argument("--places", type=Path, help="licence-clean pictures without people, more backgrounds")
    parser.add_argument(
        "--heads", type=Path, help="folder that landmark_faces.py wrote: the same people, turned"
    )
    train(parser.parse_args())
