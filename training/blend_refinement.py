"""Recipe of the default `blend-refinement` model: the step of the blend pyramid.

    python -m training.label_retouch FACES LABELS        (see training/skin_retouch.py)
    python -m training.blend_refinement LABELS OUT --minutes 15

The change of a patch is known at its own resolution; the network gets it at half of that, as the level below
would, and learns to find its edges again in the picture: a mole is sharper than its blend layer enlarged.
"""

from __future__ import annotations

import argparse

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from training import recipe
from training.abpn import LEAST_EDIT, BlendRefinement, blend_layer, blended
from training.skin_inpainting import blur
from training.skin_retouch import Patches, load

SIDE = 128
LARGEST_BLUR = 1.0
"""Px of the level below: what the local retouching says is softer than the truth, and so is what comes from
further down the pyramid."""


def step(image: Tensor, changes: Tensor, softness: float) -> tuple[Tensor, Tensor]:
    """Return what the network gets from the level below, and the picture it should make.

    Parameters
    ----------
    image, changes : Tensor
        (n, 3, h, w): a picture and what is to be added to it, in stored values.
    softness : float
        Px by which the level below is blurred.

    Returns
    -------
    coarse : Tensor
        (n, 3, h / 2, w / 2): the blend layer of the level below.
    wanted : Tensor
        (n, 3, h, w): the picture under a blend layer that knows all; near white and black it moves less than
        the change.
    """
    small, less = F.avg_pool2d(image, 2), F.avg_pool2d(changes, 2)
    coarse = blend_layer(small, less)
    if softness > 0.1:
        coarse = blur(coarse, softness)
    return coarse, blended(image, blend_layer(image, changes))


def train(options: argparse.Namespace) -> None:
    device = recipe.start(options)
    patches = Patches(load(options.labels, held_out=False), options.seed, SIDE)
    random = np.random.default_rng(options.seed)
    network = BlendRefinement().to(device, memory_format=torch.channels_last)

    def error(share: float) -> Tensor:
        image, _, parts = (t.to(device) for t in patches.batch(options.batch))
        # As users weigh the components.
        weights = random.random((*parts.shape[:2], 1, 1, 1), np.float32)
        changes = (parts * torch.from_numpy(weights).to(device)).sum(1)
        coarse, wanted = step(image, changes, random.uniform(0, LARGEST_BLUR))
        with recipe.half_precision(device):
            fine = network(image, coarse)
        # Most of a patch is left alone, and enlarging nothing is right already.
        counts = 1 + 20 * (changes.abs().amax(1, keepdim=True) > LEAST_EDIT)
        missed = 255 * (blended(image, fine.float()) - wanted)
        return (missed.square() * counts).mean()

    recipe.run(options, "blend_refinement", network, error)


if __name__ == "__main__":
    train(recipe.arguments(__doc__).parse_args())
