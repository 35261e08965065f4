"""face-api's network for age and gender, out of npm's `@vladmandic/face-api` (MIT), rebuilt for torch.

The package's folder `model` holds the weights as TensorFlow.js stores them: a manifest, JSON, that lists
arrays by name in their order, and one file of numbers. Most are bytes that a scale and a smallest value
make numbers of. The network is a small Xception without batch norms; its padding is TensorFlow's "same",
which puts the odd pixel at the right and at the bottom.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

MANIFEST = "age_gender_model-weights_manifest.json"
SIDE = 112
"""Px of the square that the network looks at."""
MEAN = (122.782, 117.001, 104.298)
"""Of R, G and B, 0..255: taken away before the division by 255."""
ENTRY, MIDDLE, EXIT = (64, 128), 2, (256, 512)
"""Channels of the blocks that halve at the start, number of those that keep size, channels at the end."""

Weights = NDArray[np.float32]


class Separable(nn.Module):
    """A convolution of each channel by itself, then one across the channels."""

    def __init__(self, given: int, found: int) -> None:
        super().__init__()
        self.depthwise_filter = nn.Conv2d(given, given, 3, padding=1, groups=given, bias=False)
        self.pointwise_filter = nn.Conv2d(given, found, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise_filter(self.depthwise_filter(x))


class Halving(nn.Module):
    """Two separable convolutions and a maximum over 3 px, beside a convolution that leaves out pixels."""

    def __init__(self, given: int, found: int) -> None:
        super().__init__()
        self.separable_conv0 = Separable(given, found)
        self.separable_conv1 = Separable(found, found)
        self.expansion_conv = nn.Conv2d(given, found, 1, stride=2)

    def forward(self, x: Tensor, active: bool = True) -> Tensor:
        inner = self.separable_conv0(F.relu(x) if active else x)
        inner = self.separable_conv1(F.relu(inner))
        inner = F.max_pool2d(F.pad(inner, (0, 1, 0, 1), value=-torch.inf), 3, stride=2)
        return inner + self.expansion_conv(x)


class Keeping(nn.Module):
    """Three separable convolutions beside what they were given."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.separable_conv0 = Separable(channels, channels)
        self.separable_conv1 = Separable(channels, channels)
        self.separable_conv2 = Separable(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.separable_conv0(F.relu(x))
        inner = self.separable_conv1(F.relu(inner))
        return x + self.separable_conv2(F.relu(inner))


class AgeAndGender(nn.Module):
    """The network: squares of 112 px, RGB 0..255, to years and to the probability of a man."""

    mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        first, wide = ENTRY
        self.conv_in = nn.Conv2d(3, 32, 3, stride=2)
        self.reduction_block_0 = Halving(32, first)
        self.reduction_block_1 = Halving(first, wide)
        self.main_blocks = nn.ModuleList(Keeping(wide) for _ in range(MIDDLE))
        self.reduction_block = Halving(wide, EXIT[0])
        self.separable_conv = Separable(*EXIT)
        self.age = nn.Linear(EXIT[1], 1)
        self.gender = nn.Linear(EXIT[1], 2)
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))

    def forward(self, squares: Tensor) -> tuple[Tensor, Tensor]:
        """Return years and probabilities, each of shape (n,), for squares of shape (n, 3, 112, 112)."""
        x = (squares - self.mean) / 255
        x = F.relu(self.conv_in(F.pad(x, (0, 1, 0, 1))))
        x = self.reduction_block_1(self.reduction_block_0(x, active=False))
        for block in self.main_blocks:
            x = block(x)
        x = F.relu(self.separable_conv(self.reduction_block(x)))
        features = x.mean(dim=(2, 3))
        return self.age(features)[:, 0], self.gender(features).softmax(dim=1)[:, 0]


def network(folder: Path) -> AgeAndGender:
    """Return the network with the weights of the package.

    Parameters
    ----------
    folder : Path
        The package's folder `model`, or any above it; the first manifest below it counts.

    Raises
    ------
    FileNotFoundError
        If there is no manifest.
    ValueError
        If the weights are not those of this network.
    """
    manifests = sorted(folder.rglob(MANIFEST))
    if not manifests:
        raise FileNotFoundError(f"{MANIFEST} is not in {folder}: unpack npm's @vladmandic/face-api there.")
    groups = json.loads(manifests[0].read_text("utf-8"))
    found: dict[str, Weights] = {}
    for group in groups:
        content = b"".join((manifests[0].parent / name).read_bytes() for name in group["paths"])
        found |= arrays(group["weights"], content)
    made = AgeAndGender()
    wanted = {name for name, _ in made.named_parameters()}
    given = {_own_name(name): _as_torch(value) for name, value in found.items()}
    if given.keys() != wanted:
        raise ValueError(f"Not the weights of this network: {sorted(given.keys() ^ wanted)}.")
    made.load_state_dict(given | {"mean": made.mean})
    return made.eval()


def arrays(entries: Sequence[Mapping[str, Any]], content: bytes) -> dict[str, Weights]:
    """Return the arrays of a group of TensorFlow.js's manifest, by their names.

    Parameters
    ----------
    entries : sequence of mapping
        With name, shape, dtype and, where the numbers were made small, quantization.
    content : bytes
        Of the group's files, one after the other.

    Raises
    ------
    ValueError
        If a type is not known, or the content is shorter or longer than the entries say.
    """
    found, at = {}, 0
    for entry in entries:
        small = entry.get("quantization")
        kind = small["dtype"] if small else entry["dtype"]
        if entry["dtype"] != "float32" or kind not in ("float32", "uint8", "uint16"):
            raise ValueError(f"{entry['name']} is of type {entry['dtype']} stored as {kind}, not understood.")
        stored = np.dtype(kind).newbyteorder("<")
        size = int(np.prod(entry["shape"])) * stored.itemsize
        if at + size > len(content):
            raise ValueError(f"The weights end before {entry['name']}.")
        values = np.frombuffer(content[at : at + size], stored).astype(np.float64)
        if small:
            values = values * small["scale"] + small["min"]
        found[entry["name"]] = values.astype(np.float32).reshape(entry["shape"])
        at += size
    if at != len(content):
        raise ValueError(f"{len(content) - at} bytes of the weights belong to nothing.")
    return found


def _own_name(name: str) -> str:
    """Return the parameter of `AgeAndGender` for an array's name, entry_flow/conv_in/bias say."""
    parts = list(_known(name.split("/")))
    if parts[-1] == "bias" and "separable" in parts[-2]:
        parts.insert(-1, "pointwise_filter")
    elif parts[-1] in ("filters", "weights"):
        parts[-1] = "weight"
    elif parts[-1] != "bias":
        parts.append("weight")
    return ".".join(parts)


def _known(parts: Sequence[str]) -> Iterator[str]:
    """Leave out what only sorts the names, and number the middle blocks as torch does."""
    for part in parts:
        if part.startswith("main_block_"):
            yield from ("main_blocks", part.removeprefix("main_block_"))
        elif part not in ("entry_flow", "middle_flow", "exit_flow", "fc"):
            yield part


def _as_torch(value: Weights) -> Tensor:
    """Return an array with its axes in torch's order."""
    if value.ndim == 4 and value.shape[3] == 1 and value.shape[:2] == (3, 3):
        value = value.transpose(2, 3, 0, 1)  # one filter of 3 x 3 for each channel
    elif value.ndim == 4:
        value = value.transpose(3, 2, 0, 1)
    elif value.ndim == 2:
        value = value.T
    return torch.from_numpy(np.ascontiguousarray(value))
