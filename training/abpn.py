"""The networks of Skin retouch and Garment creases, after ABPN, and what they are taught by.

Lei et al., "ABPN: Adaptive Blend Pyramid Network for Real-Time Local Retouching of Ultra High-Resolution
Photo", CVPR 2022: a local retouching layer at low resolution predicts a mask and an edit; its blend layer is
then brought up to the photo's own resolution, level by level.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.networks import Block, normalised, shuffle, unshuffle

QUARTER = 0.25
"""What 1 in a network's `changes` stands for: the most that soft light can move a value."""
NEUTRAL = 0.5
"""The blend layer that changes nothing."""
LEAST_EDIT = 1 / 255
"""Change of a stored value from which a pixel counts as edited."""
RARE = 0.02
"""Mean change, in units of `QUARTER`, that keeps a batch nearly without a component from counting as much."""
RARE_SQUARE = 0.004
"""The same of squared changes."""
FLOOR = 0.06
"""Smallest ``in (1 - in)`` that the blend layer is solved with; nearer to black and white, soft
light hardly moves a value, and what it would take to do so is no picture any more."""


class LocalRetouching(nn.Module):
    """A U-Net on 2 x 2 px cells: where the skin (or cloth) is, and the change that retouches it.

    A pixel's answer depends on what is at most `REACH` px away. Each component has a mask of its own, the
    gate, so that a change is either made or exactly left: without one, every pixel moved a little.

    Parameters
    ----------
    components : int
        Kinds of changes told apart, each of three channels.
    widths : tuple of int
        Channels at 2, 4, 8 and 16 px a cell: multiples of 16, since processors fill vectors of that many
        up (with 20 and 36 channels a pixel took twice as long).
    """

    REACH = 160

    def __init__(self, components: int = 6, widths: tuple[int, ...] = (16, 32, 64, 96)) -> None:
        super().__init__()
        first, self.components = widths[0], components
        self.head = normalised(12, first)
        self.encode = nn.ModuleList(Block(w) for w in widths[:-1])
        self.down = nn.ModuleList(normalised(a, b, stride=2) for a, b in itertools.pairwise(widths))
        self.deep = Block(widths[-1], 2)
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in itertools.pairwise(widths))
        self.decode = nn.ModuleList(Block(w) for w in widths[:-1])
        self.tail = nn.Conv2d(first, 4 * (1 + 4 * components), 1)
        with torch.no_grad():  # nothing is changed at first
            self.tail.weight.mul_(0.1)

    def parts(self, image: Tensor) -> Answer:
        """Return what the network says of pictures (n, 3, h, w), 0..1, both sides divisible by 16."""
        # Errors are summed in single precision.
        x = shuffle(self.tail(self._cells(image))).float()
        area, gates, edits = x.split([1, self.components, 3 * self.components], 1)
        return Answer(area, gates, edits)

    def forward(self, image: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Return what the exported network says: the area, and each component's changes times its weight.

        Of `parts` this is the area's share and the sum of the weighted changes, in the same units. They are
        summed in cells, a colour after the other, and only the sum is made pixels of: with all components in
        pixels a processor took a third longer, and twice the memory.

        Parameters
        ----------
        image : Tensor
            (n, 3, h, w), 0..1, both sides divisible by 16.
        weights : Tensor
            (components,), 0..1.

        Returns
        -------
        tuple of Tensor
            (n, 1, h, w), 0..1, and (n, 3, h, w), in units of `QUARTER`.
        """
        x, count = self._cells(image), self.components
        sizes = [4, 4 * count, 12 * count]
        kernels, offsets = self.tail.weight.split(sizes), self.tail.bias.split(sizes)
        area, gates = (torch.sigmoid(F.conv2d(x, kernels[n], offsets[n])) for n in (0, 1))
        gates = self.settled(gates, weights)
        by_colour = kernels[2].view(count, 3, 4, -1).transpose(0, 1).reshape(3, 4 * count, -1, 1, 1)
        offset = offsets[2].view(count, 3, 4).transpose(0, 1).reshape(3, -1)
        summing = (torch.eye(4).view(4, 1, 4) * weights.view(1, count, 1)).reshape(4, -1, 1, 1)
        changes = [F.conv2d(gates * F.conv2d(x, by_colour[c], offset[c]), summing) for c in range(3)]
        pixels = shuffle(torch.cat([area, *changes], 1))
        return pixels[:, :1], pixels[:, 1:]

    def settled(self, gates: Tensor, weights: Tensor) -> Tensor:
        """Return what becomes of the gates (n, 4 components, h / 2, w / 2) when all of them are known."""
        return gates

    def _cells(self, image: Tensor) -> Tensor:
        """Return what is known of each cell of 2 x 2 px."""
        x = self.head(unshuffle(image - 0.5, 3))
        skips = []
        for encode, down in zip(self.encode, self.down, strict=True):
            x = encode(x)
            skips.append(x)
            x = down(x)
        x = self.deep(x)
        for up, decode in zip(reversed(self.up), reversed(self.decode), strict=True):
            enlarged = F.interpolate(up(x), scale_factor=2, mode="bilinear", align_corners=False)
            x = decode(skips.pop() + enlarged)
        return x


class SkinRetouching(LocalRetouching):
    """`LocalRetouching` of the skin: where a mole is that is to stay, blemishes are held back.

    A mole is a spot too, and both components answer to it: on 24 portraits 40 of 93 moles and freckles kept
    70 % of their depth, and 59 do so; .53 of the blemishes' own depth is left instead of .48.
    """

    MARKS = 1
    """The component of moles and freckles; blemishes are the one before it."""
    UNSURE, SURE = 0.5, 0.8
    """The marks' gate within 3 px from which on blemishes are held back, and from which nothing goes."""

    def settled(self, gates: Tensor, weights: Tensor) -> Tensor:
        blemishes, marks, others = gates.split([4, 4, gates.shape[1] - 8], 1)
        nearest = F.max_pool2d(marks.amax(1, keepdim=True), 3, stride=1, padding=1)
        mole = ((nearest - self.UNSURE) / (self.SURE - self.UNSURE)).clamp(0, 1)
        staying = 1 - weights[self.MARKS]
        return torch.cat([blemishes * (1 - staying * mole), marks, others], 1)


@dataclass(frozen=True, eq=False)
class Answer:
    """What `LocalRetouching` says, before its mask and its gates are shares."""

    area: Tensor
    """(n, 1, h, w), logits: skin or cloth."""
    gates: Tensor
    """(n, components, h, w), logits: whether a component changes a pixel."""
    edits: Tensor
    """(n, 3 components, h, w), in units of `QUARTER`."""

    def changes(self) -> Tensor:
        """Return what is to be added to the picture, (n, components, 3, h, w), in units of `QUARTER`."""
        return torch.sigmoid(self.gates).unsqueeze(2) * self.edits.unflatten(1, (-1, 3))


def retouching_error(
    answer: Answer,
    area: Tensor,
    changes: Tensor,
    sure: Tensor | None = None,
    *,
    emphasis: float = 8,
    where: float = 1,
) -> Tensor:
    """Return how wrong a network's answer is, a scalar.

    Parameters
    ----------
    answer : Answer
    area : Tensor
        (n, 1, h, w), 0..1: where skin or cloth is; below 0 where that is not known.
    changes : Tensor
        (n, components, 3, h, w): what is to be added to the picture, in stored values of 0..1.
    sure : Tensor, optional
        (n, 1, h, w), 0..1: what a pixel's changes count; 1 everywhere if not given.
    emphasis : float
        How much more a pixel counts that is changed: most skin stays, and without it a network learns that
        nothing is ever to be done. Where half of all pixels are changed, it moves those that are not.
    where : float
        What `area` counts beside the changes.
    """
    if sure is None:
        sure = torch.ones_like(area)
    wanted = changes / QUARTER
    edited = (changes.abs().amax(2) > LEAST_EDIT).float()
    counts = (1 + emphasis * edited) * sure
    missed = answer.changes() - wanted
    apart = _share_missed(missed.abs().sum(2), wanted.abs().sum(2), counts).sum()
    # Where a change is hardly foreseen its median is 0, and absolute errors pull nowhere: with squares beside
    # them, 40 steps learnt of folds what 750 without had not.
    squares = _share_missed(missed.square().sum(2), wanted.square().sum(2), counts, RARE_SQUARE).sum()
    together = _share_missed(
        missed.sum(1).abs().sum(1)[:, None], wanted.sum(1).abs().sum(1)[:, None], counts.amax(1, keepdim=True)
    ).sum()
    gates = F.binary_cross_entropy_with_logits(answer.gates, edited, sure.expand_as(edited))
    known = (area >= 0).float()
    found = F.binary_cross_entropy_with_logits(answer.area, area.clamp(0, 1), known)
    return apart + 4 * squares + together + gates + where * found


def _share_missed(missed: Tensor, wanted: Tensor, counts: Tensor, rare: float = RARE) -> Tensor:
    """Return the error of each component (n, components, h, w) as a share of what doing nothing costs.

    Tone changes all over a face, a spot on a hundredth of it: summed as they are, a network had learnt
    nothing of spots after 1000 steps.
    """
    missed, wanted = ((x * counts).mean((0, 2, 3)) for x in (missed, wanted))
    return missed / (wanted + rare)


class BlendRefinement(nn.Module):
    """The step of the blend pyramid: a blend layer at the resolution of a picture twice as large.

    A pixel's answer depends on what is at most 8 px away in the larger picture.
    """

    def __init__(self, channels: int = 16) -> None:
        super().__init__()
        self.head = nn.Conv2d(15, channels, 3, padding=1)
        self.middle = nn.Conv2d(channels, channels, 3, padding=1)
        self.tail = nn.Conv2d(channels, 12, 3, padding=1)
        nn.init.zeros_(self.tail.weight)  # plain enlarging at first
        nn.init.zeros_(self.tail.bias)

    def forward(self, image: Tensor, coarse: Tensor) -> Tensor:
        enlarged = F.interpolate(coarse, scale_factor=2, mode="bilinear", align_corners=False)
        # A layer deviates from neutral by a tenth of what a picture does. Leaky, since plain ones all died.
        x = torch.cat([unshuffle(image - 0.5, 3), 8 * (coarse - NEUTRAL)], 1)
        x = F.leaky_relu(self.middle(F.leaky_relu(self.head(x), 0.1)), 0.1)
        return enlarged + shuffle(self.tail(x))


def blend_layer(image: Tensor, changes: Tensor) -> Tensor:
    """Return the blend layer B that makes a change: ABPN's inverse of soft light (equation 2)."""
    room = image * (1 - image)
    return NEUTRAL + changes / (2 * room.clamp(min=FLOOR))


def blended(image: Tensor, layer: Tensor) -> Tensor:
    """Return a picture under a blend layer B (ABPN, equation 1)."""
    return image + (2 * layer - 1) * image * (1 - image)
