"""What a network promises to whoever calls it: tensors, sizes and value ranges.

Code of the core is written against a contract, never against a file. All tensors are float32 in the order
batch, channels, height, width, and their dimensions carry the names in `DIMENSIONS`.
"""

from __future__ import annotations

from dataclasses import dataclass

from softlight_models.errors import ModelStoreError

DIMENSIONS = ("batch", "channels", "height", "width")
"""The names of a tensor's dimensions; all but the channels are symbolic in the model file."""


@dataclass(frozen=True)
class Tensor:
    """One input or output of a network: float32 of shape (batch, channels, height, width)."""

    name: str
    channels: int
    meaning: str
    """Value range, and what the channels hold."""


@dataclass(frozen=True)
class Contract:
    """The tensors of a network and the sizes it takes."""

    name: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    multiple: int
    """Height and width are multiples of this."""
    tile: tuple[int, int, int] = (1, 256, 256)
    """Batch, height and width of the usual call. DirectML compiles a session for exactly this shape."""


_IMAGE = Tensor("image", 3, "RGB in perceptual (display) encoding, 0..1")

WRINKLE_MAP = Contract(
    name="wrinkle-map",
    inputs=(_IMAGE,),
    outputs=(Tensor("map", 2, "0..1; channel 0: probability of a wrinkle, channel 1: probability of skin"),),
    multiple=16,
)

SKIN_INPAINTING = Contract(
    name="skin-inpainting",
    inputs=(_IMAGE, Tensor("hole", 1, "1 where the picture is to be filled, else 0")),
    outputs=(Tensor("fill", 3, "RGB in perceptual encoding, 0..1 nominal; of use inside the hole only"),),
    multiple=64,
)

CONTRACTS = (WRINKLE_MAP, SKIN_INPAINTING)


def contract(name: str) -> Contract:
    """Return the contract called `name`; `ModelStoreError` if this version of Softlight has none such."""
    for known in CONTRACTS:
        if known.name == name:
            return known
    raise ModelStoreError(
        f'The model contract "{name}" is unknown to this version of Softlight; update Softlight.'
    )
