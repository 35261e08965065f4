"""The network of the default `face-restoration` model, in torch.

After Kuaishou's HD portrait restoration: the picture becomes a style, and the style a picture. An encoder
brings the square down to 16 px; what it holds there as a whole modulates every level of the decoder, and so
does, pixel by pixel, what the parsing says (SPADE; Park et al., CVPR 2019). It works on cells of 4 x 4 px and
adds a change to the picture: a clean one needs none.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.networks import Modulation, residuals, shuffle, unshuffle

WIDTHS = (48, 80, 112, 144)
"""Channels at 128, 64, 32 and 16 px of a square of 512: 3.2 million parameters, 6.3 MB in half precision."""
BLOCKS = (2, 2, 1, 1)
"""Residual blocks there, on the way down and on the way up: the fine levels have the fewest parameters."""
STYLE, SEMANTIC = 96, 24
"""Numbers of a style, and channels of what the parsing's shares become."""


MOST = 0.25
"""Of what detail may add to a pixel: wide enough for the white of a highlight, too small for another face."""


class Reading(NamedTuple):
    """What a network knows of a picture, in cells of 4 x 4 px."""

    planes: Tensor
    style: Tensor
    parts: Tensor


class Styled(nn.Module):
    """One level of the decoder: modulated by the style as a whole and by the parts pixel by pixel."""

    def __init__(self, channels: int, blocks: int) -> None:
        super().__init__()
        self.style = nn.Linear(STYLE, 2 * channels)
        self.parts = Modulation(SEMANTIC, channels)
        self.body = residuals(channels, blocks)

    def forward(self, x: Tensor, style: Tensor, parts: Tensor) -> Tensor:
        scale, shift = self.style(style)[:, :, None, None].chunk(2, 1)
        return self.body(self.parts(x * (1 + torch.tanh(scale)) + shift, parts))


class FaceRestoration(nn.Module):
    """From a bad square and its parsing to a clear one."""

    def __init__(self, classes: int, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.head = nn.Conv2d(48, widths[0], 3, padding=1)
        self.semantic = nn.Conv2d(classes, SEMANTIC, 1)
        self.encode = nn.ModuleList(map(residuals, widths, BLOCKS))
        self.down = nn.ModuleList(nn.Conv2d(a, b, 3, 2, 1) for a, b in itertools.pairwise(widths))
        self.deep = nn.Sequential(residuals(widths[-1], 1, 2), residuals(widths[-1], 1, 4))
        self.to_style = nn.Sequential(nn.Linear(2 * widths[-1], STYLE), nn.ReLU())
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in itertools.pairwise(widths))
        self.decode = nn.ModuleList(map(Styled, widths, BLOCKS))
        self.tail = nn.Conv2d(widths[0], 48, 3, padding=1)
        # At first nothing is changed: a clean picture comes back as it is.
        nn.init.zeros_(self.tail.weight)
        nn.init.zeros_(self.tail.bias)

    def forward(self, image: Tensor, shares: Tensor) -> Tensor:
        """Return the restored square.

        Parameters
        ----------
        image : Tensor
            (n, 3, side, side), 0..1; `side` divisible by 32, and aligned to ffhq_512 where it is 512.
        shares : Tensor
            (n, classes, side / 4, side / 4), 0..1: of the default parsing; all 0 where nothing is known.
        """
        return self.finish(image, self.read(image, shares))

    def finish(self, image: Tensor, reading: Reading) -> Tensor:
        """Return the restored square of a picture that was read."""
        # No ReLU before a tail of zeros: in 1,000 steps it died, and the network returned its input.
        return image + shuffle(shuffle(self.tail(reading.planes)))

    def read(self, image: Tensor, shares: Tensor) -> Reading:
        """Return what the decoder's last level knows; the parameters are those of `forward`."""
        x = self.head(unshuffle(unshuffle(2 * image - 1, 3), 12))
        parts = [self.semantic(shares)]
        skips = []
        for number, encode in enumerate(self.encode):
            if number:
                x = self.down[number - 1](F.relu(x))
                parts.append(F.avg_pool2d(parts[-1], 2))
            x = encode(x)
            skips.append(x)
        x = self.deep(x)
        mean = x.mean((2, 3), keepdim=True)
        deviation = (x - mean).square().mean((2, 3)).add(1e-6).sqrt()
        style = self.to_style(torch.cat([mean.flatten(1), deviation], 1))
        for number in reversed(range(len(self.decode))):
            if number < len(self.up):
                larger = F.interpolate(
                    self.up[number](x), scale_factor=2, mode="bilinear", align_corners=False
                )
                x = skips[number] + larger
            x = self.decode[number](x, style, parts[number])
        return Reading(x, style, parts[0])


class Detail(nn.Module):
    """What may be added to a restored face: two more levels that see what its decoder knew."""

    def __init__(self, width: int = WIDTHS[0]) -> None:
        super().__init__()
        self.levels = nn.ModuleList(Styled(width, 1) for _ in range(2))
        self.tail = nn.Conv2d(width, 48, 3, padding=1)
        nn.init.zeros_(self.tail.weight)
        nn.init.zeros_(self.tail.bias)

    def forward(self, reading: Reading) -> Tensor:
        """Return a change of (n, 3, side, side), at most `MOST` up or down."""
        x = reading.planes
        for level in self.levels:
            x = level(x, reading.style, reading.parts)
        return MOST * torch.tanh(shuffle(shuffle(self.tail(x))) / MOST)


class DetailedRestoration(nn.Module):
    """Both as they ship: the restored square as the picture tells it, and what may be added."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.restorer = FaceRestoration(classes)
        self.detail = Detail()

    def forward(self, image: Tensor, shares: Tensor) -> tuple[Tensor, Tensor]:
        """Return restored square and detail; see `FaceRestoration.forward`."""
        reading = self.restorer.read(image, shares)
        return self.restorer.finish(image, reading), self.detail(reading)
