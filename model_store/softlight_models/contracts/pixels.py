"""Contracts of the networks that look at skin and pictures, and of those that paint them."""

from __future__ import annotations

from softlight_models.contracts.describe import MODEL, Contract, Network, Tensor

TILE = (("batch", 1), ("height", 256), ("width", 256))
"""The usual call of our own networks."""

_IMAGE = Tensor("image", ("batch", 3, "height", "width"), "RGB in perceptual (display) encoding, 0..1")

WRINKLE_MAP = Contract(
    name="wrinkle-map",
    role="wrinkle-map",
    networks=(
        Network(
            MODEL,
            inputs=(_IMAGE,),
            outputs=(
                Tensor(
                    "map",
                    ("batch", 2, "height", "width"),
                    "0..1; channel 0: probability of a wrinkle, channel 1: probability of skin",
                ),
            ),
            multiple=16,
            usual=TILE,
        ),
    ),
)

SKIN_INPAINTING = Contract(
    name="skin-inpainting",
    role="skin-inpainting",
    networks=(
        Network(
            MODEL,
            inputs=(
                _IMAGE,
                Tensor(
                    "hole",
                    ("batch", 1, "height", "width"),
                    "1 where the picture is to be filled, else 0",
                    binary=True,
                ),
            ),
            outputs=(
                Tensor(
                    "fill",
                    ("batch", 3, "height", "width"),
                    "RGB in perceptual encoding, 0..1 nominal; of use inside the hole only",
                ),
            ),
            multiple=64,
            usual=TILE,
        ),
    ),
)

CONTRACTS = (WRINKLE_MAP, SKIN_INPAINTING)
