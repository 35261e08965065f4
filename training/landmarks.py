"""Train the landmarks network: 478 points in depth and the presence of a face, in one forward pass.

    python -m training.landmark_faces PORTRAITS MODELS FACES
    python -m training.landmarks FACES OUT --minutes 50

The shapes that faces take span few dimensions: the last layer starts as their principal components, so that
the first step already draws a face, and the points of one face move together.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from training import recipe, textures
from training.networks import normalised

SIDE = 256
POINTS = 478
COMPONENTS = 80
"""Of the training crops' variance (turned, shifted and scaled as well) they hold all but .02 %."""
MARGIN = 1.5
"""The square is that much larger than what the points cover: what the contract promises the network."""
EYES = (33, 263)
"""Outer corners: level in the square."""
CORNERS = [33, 133, 362, 263]
"""Of both eyes: the middles of the pairs lie one interocular distance apart."""
NEGATIVES = 6
"""Every so many crops have no face."""
IN_DEPTH = 0.15
"""Weight of z: a guess of the teacher's too, and only the expression's networks look at it."""

Floats = NDArray[np.float32]


class Block(nn.Module):
    """Two 3x3 convolutions around an identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.body(x))


class Landmarks(nn.Module):
    """Convolutions down to 8 x 8 cells; coefficients of shapes from where in the square what was seen."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 24, 8, stride=4, padding=2, bias=False), nn.BatchNorm2d(24), nn.ReLU(),
            normalised(24, 48, 2), Block(48), Block(48),
            normalised(48, 80, 2), Block(80), Block(80), Block(80), normalised(80, 96, 2), Block(96),
        )  # fmt: skip
        self.squeeze = nn.Conv2d(96, 16, 1)
        self.hidden = nn.Linear(16 * 64, 128)
        self.coefficients = nn.Linear(128, COMPONENTS)
        self.shapes = nn.Linear(COMPONENTS, 3 * POINTS)
        self.presence = nn.Linear(96, 1)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        seen = self.body(image - 0.5)
        where = F.relu(self.hidden(F.relu(self.squeeze(seen)).flatten(1)))
        points = self.shapes(self.coefficients(where)).reshape(-1, POINTS, 3)
        return points * SIDE, self.presence(seen.mean((2, 3)))

    def start_from(self, shapes: Floats) -> None:
        """Make the last layer the principal components of shapes, (n, 478, 3), in px of the square."""
        flat = shapes.reshape(len(shapes), -1) / SIDE
        mean = flat.mean(axis=0)
        _, sizes, rows = np.linalg.svd(flat - mean, full_matrices=False)
        scaled = rows[:COMPONENTS] * (sizes[:COMPONENTS] / len(shapes) ** 0.5)[:, None]
        with torch.no_grad():
            self.shapes.bias.copy_(torch.from_numpy(mean))
            self.shapes.weight.copy_(torch.from_numpy(scaled.T.copy()))


def squares(points: Floats) -> NDArray[np.float64]:
    """Return centre x, y, side and angle of the square around each face, shape (n, 4).

    Parameters
    ----------
    points : ndarray, shape (n, 478, 3)
        In px of the stored picture.
    """
    xy = points[:, :468, :2].astype(np.float64)
    across = xy[:, EYES[1]] - xy[:, EYES[0]]
    angle = np.arctan2(across[:, 1], across[:, 0])
    c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
    level = np.stack([c * xy[..., 0] + s * xy[..., 1], c * xy[..., 1] - s * xy[..., 0]], axis=-1)
    low, high = level.min(axis=1), level.max(axis=1)
    x, y = ((low + high) / 2).T
    centre = np.stack([c[:, 0] * x - s[:, 0] * y, s[:, 0] * x + c[:, 0] * y], axis=1)
    side = MARGIN * (high - low).max(axis=1)
    return np.concatenate([centre, side[:, None], angle[:, None]], axis=1)


class Crops:
    """Draws batches: squares that miss as a detector's do, then light, lens, file and what is in the way."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.faces = np.load(folder / "faces.npy", mmap_mode="r")
        self.places = np.load(folder / "places.npy", mmap_mode="r")
        self.points: Floats = np.load(folder / "points.npy")
        self.squares = squares(self.points)
        self.random = np.random.default_rng(seed)
        self.noise = self.random.standard_normal(1 << 21, np.float32)

    def missed(self, square: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a square as far from the right one as a first or a later pass has it."""
        share = 1.0 if self.random.random() < 0.4 else 0.3
        x, y, side, angle = square
        right, down = self.random.normal(0, 0.05 * share * side, 2)
        side *= np.exp(self.random.normal(0, 0.12 * share))
        return np.array([x + right, y + down, side, angle + self.random.normal(0, np.radians(9) * share)])

    def placed(self, index: int, square: NDArray[np.float64]) -> Floats:
        """Return a face's points in px of a square, z in the same unit."""
        x, y, side, angle = square
        scale = SIDE / side
        turn = scale * np.exp(-1j * angle)
        points = self.points[index]
        inside = turn * ((points[:, 0] - x) + 1j * (points[:, 1] - y)) + (SIDE - 1) / 2 * (1 + 1j)
        return np.stack([inside.real, inside.imag, scale * points[:, 2]], axis=1).astype(np.float32)

    def seen(self, picture: NDArray[np.uint8], square: NDArray[np.float64]) -> Image.Image:
        x, y, side, angle = square
        a, b = side / SIDE * np.cos(angle), side / SIDE * np.sin(angle)
        half = (SIDE - 1) / 2  # Pillow counts from the corners of pixels
        affine = (a, -b, x + 0.5 - (a - b) * (half + 0.5), b, a, y + 0.5 - (a + b) * (half + 0.5))
        crop = Image.fromarray(picture).transform(
            (SIDE, SIDE), Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR
        )
        return self.filed(crop)

    def filed(self, crop: Image.Image) -> Image.Image:
        """A third come from small faces, from 12 px between the eyes; a fifth from small files."""
        if self.random.random() < 0.33:
            small = round(SIDE / np.exp(self.random.uniform(0.2, 1.7)))
            crop = crop.resize((small, small), Image.Resampling.BOX).resize(
                (SIDE, SIDE), Image.Resampling.BICUBIC
            )
        if self.random.random() < 0.2:
            file = io.BytesIO()
            crop.save(file, "jpeg", quality=int(self.random.integers(15, 70)))
            crop = Image.open(file)
        return crop

    def place(self) -> Image.Image:
        """A square without a face as it should be: a place, shapes; too near, upside down or in pieces."""
        kind = self.random.random()
        if kind < 0.2:
            return textures.drawn(self.random, SIDE)
        if kind < 0.6:
            side = self.places.shape[1] * self.random.uniform(0.3, 0.95)
            square = np.array([*self.random.uniform(150, 234, 2), side, self.random.uniform(-3.2, 3.2)])
            return self.seen(np.asarray(self.places[self.random.integers(len(self.places))]), square)
        index = int(self.random.integers(len(self.faces)))
        square = self.squares[index].copy()
        if kind < 0.78:
            square[2] *= self.random.uniform(0.12, 0.3)
            square[:2] += self.random.uniform(-0.25, 0.25, 2) * self.squares[index][2]
            return self.seen(np.asarray(self.faces[index]), square)
        if kind < 0.95:  # a detector may be wrong about where up is: the surer of two answers counts
            square[3] += self.random.uniform(2.4, 3.9)
            return self.seen(np.asarray(self.faces[index]), square)
        whole = np.asarray(self.seen(np.asarray(self.faces[index]), square))
        cut = int(self.random.choice([32, 64]))
        pieces = whole.reshape(SIDE // cut, cut, SIDE // cut, cut, 3).swapaxes(1, 2).reshape(-1, cut, cut, 3)
        pieces = self.random.permutation(pieces).reshape(SIDE // cut, SIDE // cut, cut, cut, 3)
        return Image.fromarray(pieces.swapaxes(1, 2).reshape(SIDE, SIDE, 3))

    def batch(self, size: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return pictures (n, 3, 256, 256), points (n, 478, 3), 0 without a face, and presence (n, 1)."""
        pictures = np.empty((size, SIDE, SIDE, 3), np.uint8)
        points = np.zeros((size, POINTS, 3), np.float32)
        presence = np.zeros((size, 1), np.float32)
        for i in range(size):
            if i % NEGATIVES == NEGATIVES - 1:
                pictures[i] = np.asarray(self.place())
                continue
            index = int(self.random.integers(len(self.faces)))
            square = self.missed(self.squares[index])
            picture = np.asarray(self.seen(np.asarray(self.faces[index]), square))
            pictures[i] = self.hidden(picture, pictures[max(i - 1, 0)])
            points[i], presence[i] = self.placed(index, square), 1
        image = torch.from_numpy(self.lit(pictures)).permute(0, 3, 1, 2)
        return image, torch.from_numpy(points), torch.from_numpy(presence)

    def hidden(self, picture: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Cover a piece of every fourth face by a plain colour or a piece of another picture."""
        if self.random.random() > 0.25:
            return picture
        height, width = self.random.integers(20, 110, 2)
        top, left = self.random.integers(0, SIDE - height), self.random.integers(0, SIDE - width)
        window = np.s_[top : top + height, left : left + width]
        rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        round_one = rows**2 + columns**2 < (1 if self.random.random() < 0.6 else 2)
        cover = other[window] if self.random.random() < 0.4 else self.random.integers(0, 256, 3)
        covered = picture.copy()
        covered[window] = np.where(round_one[..., None], cover, picture[window])
        return covered

    def lit(self, pictures: NDArray[np.uint8]) -> Floats:
        """Return pictures as floats in other light; some very dark, a tenth grey, half noisy.

        The portraits show mostly light skin: gammas up to 2.2 bring their tones down to the darkest.
        """
        lit = np.empty(pictures.shape, np.float32)
        steps = np.linspace(1e-4, 1, 256)[:, None]
        for picture, result in zip(pictures, lit, strict=True):
            if self.random.random() < 0.1:
                picture[:] = picture.mean(axis=2, keepdims=True)
            exposure = self.random.uniform(0.7, 1.15) if self.random.random() < 0.85 else 0.2
            gains = exposure * self.random.uniform(0.85, 1.1, 3)
            curves = (steps ** np.exp(self.random.uniform(-0.35, 0.8)) * gains).astype(np.float32)
            for channel in range(3):
                result[..., channel] = curves[:, channel][picture[..., channel]]
            if self.random.random() < 0.5:
                start = int(self.random.integers(self.noise.size - result.size))
                grain = self.noise[start : start + result.size].reshape(result.shape)
                result += np.float32(self.random.uniform(0, 0.07)) * grain
        return np.clip(lit, 0, 1, out=lit)


def loss(points: Tensor, logit: Tensor, target: Tensor, presence: Tensor) -> Tensor:
    """Mean distance in interocular distances over the faces, and cross-entropy of the presence."""
    known = presence[:, 0] > 0
    difference = points[known] - target[known]
    corners = target[known][:, CORNERS, :2]
    unit = (corners[:, :2].mean(1) - corners[:, 2:].mean(1)).norm(dim=1, keepdim=True)
    # Half a pixel rounds the tip of the cone.
    flat = (difference[..., :2].square().sum(-1) + 0.25).sqrt() / unit
    depth = difference[..., 2].abs() / unit
    sure = F.binary_cross_entropy_with_logits(logit, presence)
    return flat.mean() + IN_DEPTH * depth.mean() + 0.05 * sure


def train(options: argparse.Namespace) -> None:
    device = recipe.start(options)
    crops = Crops(options.labels, options.seed)
    network = Landmarks()
    chosen = crops.random.integers(len(crops.faces), size=4000)
    network.start_from(np.stack([crops.placed(i, crops.missed(crops.squares[i])) for i in chosen]))
    network.to(device, memory_format=torch.channels_last)

    def error(share: float) -> Tensor:
        image, target, presence = (t.to(device) for t in crops.batch(options.batch))
        with recipe.half_precision(device):
            points, logit = network(image.contiguous(memory_format=torch.channels_last))
        return loss(points.float(), logit.float(), target, presence)

    recipe.run(options, "landmarks", network, error)


if __name__ == "__main__":
    train(recipe.arguments(__doc__).parse_args())
