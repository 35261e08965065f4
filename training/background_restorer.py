"""The network of the default `background-restoration` model, in torch.

A residual U-Net over cells of 4 x 4 px: it adds a change to the picture, and a clean one needs none. Unlike
that of faces it knows nothing of the picture as a whole, so that tiles agree.
"""

from __future__ import annotations

import itertools

from torch import Tensor, nn
from torch.nn import functional as F

from training.networks import residuals, shuffle, unshuffle

WIDTHS = (48, 64, 64)
"""Channels at 1/4, 1/8 and 1/16 of the picture's size: 0.49 million parameters, 1 MB in half precision. 48 is
what a cell of 4 x 4 px holds: of a picture that stays, no less has to come through."""
REACH = 160
"""Px that an answer looks into each direction."""


class BackgroundRestoration(nn.Module):
    """From a noisy, blurred or compressed picture to a clear one."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.head = nn.Conv2d(48, widths[0], 3, padding=1)
        self.encode = nn.ModuleList(residuals(width, 1) for width in widths)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 3, 2, 1) for a, b in itertools.pairwise(widths))
        self.deep = residuals(widths[-1], 1)
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in itertools.pairwise(widths))
        self.decode = nn.ModuleList(residuals(width, 1) for width in widths[:-1])
        self.tail = nn.Conv2d(widths[0], 48, 3, padding=1)
        # At first nothing is changed: a clean picture comes back as it is.
        nn.init.zeros_(self.tail.weight)
        nn.init.zeros_(self.tail.bias)

    def forward(self, image: Tensor) -> Tensor:
        """Return the restored picture.

        Parameters
        ----------
        image : Tensor
            (n, 3, height, width), RGB, 0..1; both divisible by 16.
        """
        x = self.encode[0](self.head(unshuffle(unshuffle(2 * image - 1, 3), 12)))
        skips = []
        for down, encode in zip(self.down, list(self.encode)[1:], strict=True):
            skips.append(x)
            x = encode(down(F.relu(x)))
        x = self.deep(x)
        for up, decode in zip(reversed(self.up), reversed(self.decode), strict=True):
            larger = F.interpolate(up(x), scale_factor=2, mode="bilinear", align_corners=False)
            x = decode(skips.pop() + larger)
        # No ReLU before a tail of zeros: see `face_restorer`.
        return image + shuffle(shuffle(self.tail(x)))
