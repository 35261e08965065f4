"""The networks of the default models, in torch; exported by `export.py`."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def unshuffle(x: Tensor, channels: int) -> Tensor:
    """`F.pixel_unshuffle(x, 2)` as one strided convolution: its export has a transpose of 6 dimensions."""
    kernel = torch.eye(4, dtype=x.dtype, device=x.device).view(4, 1, 2, 2).repeat(channels, 1, 1, 1)
    return F.conv2d(x, kernel, stride=2, groups=channels)


def shuffle(x: Tensor) -> Tensor:
    """`F.pixel_shuffle(x, 2)` in two steps: of rows, then of pixels in them.

    onnxruntime's own operator took 21 ms for 4 channels of 1088 x 1472 px, with one thread and with two; the
    two transposes take 7 to 10.
    """
    count, channels, height, width = x.shape
    apart = x.reshape(-1, 2, 2, height, width)
    rows = apart.permute(0, 1, 3, 4, 2).reshape(-1, 2, height, 2 * width)
    return rows.permute(0, 2, 1, 3).reshape(count, channels // 4, 2 * height, 2 * width)


def normalised(before: int, after: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    """3x3 convolution, batch normalisation, ReLU."""
    convolution = nn.Conv2d(before, after, 3, stride, dilation, dilation, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(after), nn.ReLU(inplace=True))


class Residual(nn.Module):
    """Two 3x3 convolutions around an identity, the second one dilated where a wide view is needed."""

    def __init__(self, channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=dilation, dilation=dilation)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(F.relu(self.first(F.relu(x))))


def residuals(channels: int, count: int, dilation: int = 1) -> nn.Sequential:
    """Return residual blocks that at first change nothing: so they learn at a rate of 1.5e-3."""
    blocks = [Residual(channels, dilation) for _ in range(count)]
    for block in blocks:
        nn.init.zeros_(block.second.weight)
        nn.init.zeros_(block.second.bias)
    return nn.Sequential(*blocks)


class Block(nn.Module):
    """Two normalised 3x3 convolutions around an identity."""

    def __init__(self, channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.second = nn.Conv2d(channels, channels, 3, padding=dilation, dilation=dilation, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.norms[1](self.second(F.relu(self.norms[0](self.first(x))))))


class Modulation(nn.Module):
    """SPADE-style modulation: scale and shift per pixel from semantic features (Park et al., CVPR 2019).

    Without the normalisation of the paper: batches of half-empty patches made it unstable, and the
    residual trunk needs none.
    """

    def __init__(self, semantic: int, channels: int) -> None:
        super().__init__()
        self.scale = nn.Conv2d(semantic, channels, 3, padding=1)
        self.shift = nn.Conv2d(semantic, channels, 3, padding=1)

    def forward(self, x: Tensor, s: Tensor) -> Tensor:
        return x * (1 + torch.tanh(self.scale(s))) + self.shift(s)


def push_pull(image: Tensor, known: Tensor, levels: int = 6) -> Tensor:
    """Fill unknown pixels from ever coarser averages of known ones (Gortler et al. 1996).

    Pooling and bilinear resizing only, so that it exports to plain ONNX operators. The coarsest cells
    (64 px) take their neighbours' colour where they hold nothing known themselves.
    """
    colour, weight = image * known, known
    pyramid = [(colour, weight)]
    for _ in range(levels):
        colour, weight = F.avg_pool2d(colour, 2), F.avg_pool2d(weight, 2)
        pyramid.append((colour, weight))
    colour, weight = pyramid.pop()
    around = lambda x: x + 1e-3 * F.avg_pool2d(x, 3, 1, 1) + 1e-4 * x.mean((2, 3), keepdim=True)  # noqa: E731
    filled = around(colour) / (around(weight) + 1e-6)
    while pyramid:
        colour, weight = pyramid.pop()
        coarse = F.interpolate(filled, scale_factor=2, mode="bilinear", align_corners=False)
        solid = torch.clamp(weight * 4, 0, 1)
        filled = colour / (weight + 1e-4) * solid + coarse * (1 - solid)
    return image * known + filled * (1 - known)


class SkinInpainting(nn.Module):
    """Two branches after Kuaishou Y-Tech's wrinkle removal, as a residual over a push-pull fill.

    The inpainting branch sees the erased picture; the semantic branch sees the unerased one, but only
    as averages over 8 px, so that it gives tone and shading and cannot give the crease back. Its
    features modulate the residual trunk; the last layers fuse both.
    """

    def __init__(self, channels: int = 64, fine: int = 32, semantic: int = 32, blocks: int = 6) -> None:
        super().__init__()
        self.head = nn.Conv2d(4 * 7, fine, 3, padding=1)
        self.down = nn.Conv2d(fine, channels, 4, stride=2, padding=1)
        self.deep = nn.ModuleList(Residual(channels, (1, 2, 4)[i % 3]) for i in range(blocks))
        self.modulate = nn.ModuleList(Modulation(semantic, channels) for _ in range(2))
        self.semantic = nn.Sequential(
            nn.Conv2d(7, semantic, 3, padding=1), nn.ReLU(), Residual(semantic), Residual(semantic)
        )
        self.up = nn.Conv2d(channels, fine, 1)
        self.fuse = nn.Sequential(Residual(fine), Residual(fine))
        self.tail = nn.Conv2d(fine, 12, 3, padding=1)

    def forward(self, image: Tensor, hole: Tensor) -> Tensor:
        known = 1 - hole
        base = push_pull(image, known)
        x = torch.cat([base - 0.5, image * known, hole], 1)
        x = self.head(unshuffle(x, 7))
        seen = torch.cat([F.avg_pool2d(image, 8), F.avg_pool2d(base, 8), F.avg_pool2d(hole, 8)], 1)
        seen = self.semantic(seen - 0.5)
        seen = F.interpolate(seen, scale_factor=2, mode="bilinear", align_corners=False)
        y = F.relu(self.down(x))
        half = len(self.deep) // 2
        for i, block in enumerate(self.deep):
            if i in (0, half):
                y = self.modulate[i // half](y, seen)
            y = block(y)
        y = F.interpolate(self.up(y), scale_factor=2, mode="bilinear", align_corners=False)
        x = self.fuse(x + y)
        return base + F.pixel_shuffle(self.tail(F.relu(x)), 2) * hole


class WrinkleMap(nn.Module):
    """A small U-Net: wrinkle and skin probability per pixel."""

    def __init__(self, widths: tuple[int, ...] = (24, 40, 64, 80)) -> None:
        super().__init__()
        first = widths[0]
        self.head = nn.Conv2d(12, first, 3, padding=1)
        self.encode = nn.ModuleList(Residual(w) for w in widths)
        self.down = nn.ModuleList(
            nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in itertools.pairwise(widths)
        )
        self.deep = Residual(widths[-1], 2)
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in itertools.pairwise(widths))
        self.decode = nn.ModuleList(Residual(w) for w in widths[:-1])
        self.tail = nn.Conv2d(first, 8, 3, padding=1)

    def logits(self, image: Tensor) -> Tensor:
        x = self.encode[0](self.head(unshuffle(image - 0.5, 3)))
        skips = []
        for down, encode in zip(self.down, list(self.encode)[1:], strict=True):
            skips.append(x)
            x = encode(F.relu(down(x)))
        x = self.deep(x)
        for up, decode in zip(reversed(self.up), reversed(self.decode), strict=True):
            x = decode(
                skips.pop() + F.interpolate(up(x), scale_factor=2, mode="bilinear", align_corners=False)
            )
        return F.pixel_shuffle(self.tail(F.relu(x)), 2)

    def forward(self, image: Tensor) -> Tensor:
        return torch.sigmoid(self.logits(image))


class Discriminator(nn.Module):
    """An encoder-decoder that judges of every pixel whether it is filled (1) or photographed (0).

    It sees the picture only, so that it has to find the fill; its target is the hole, smoothed by a
    Gaussian (see `skin_inpainting.smoothed_labels`).
    """

    def __init__(self, channels: int = 32) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(12, channels, 3, padding=1), nn.LeakyReLU(0.2),
            nn.Conv2d(channels, 2 * channels, 4, stride=2, padding=1), nn.LeakyReLU(0.2),
            nn.Conv2d(2 * channels, 2 * channels, 3, padding=1), nn.LeakyReLU(0.2),
        )  # fmt: skip
        self.decoder = nn.Sequential(
            nn.Conv2d(2 * channels, 4 * channels, 3, padding=1), nn.LeakyReLU(0.2), nn.PixelShuffle(2),
            nn.Conv2d(channels, channels, 3, padding=1), nn.LeakyReLU(0.2),
            nn.Conv2d(channels, 4, 3, padding=1), nn.PixelShuffle(2),
        )  # fmt: skip

    def forward(self, image: Tensor) -> Tensor:
        return self.decoder(self.encoder(unshuffle(image - 0.5, 3)))
