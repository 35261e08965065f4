"""Make a checkpoint of shipped weights, so that a training goes on from them.

    python -m training.unseal LABELS OUT/skin_retouch.pt

Checkpoints are large and stay where a training ran; what it taught lies in the package. The export has folded
each batch normalisation into the convolution before it: it gets back what it normalises with from patches,
so that the network says the same as before, whether it evaluates or trains. Gates that were opened by
`training.gates` stay so.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from training import recipe, skin_retouch
from training.abpn import LocalRetouching, SkinRetouching
from training.release import WEIGHTS

FOLDED = "onnx::Conv_"
"""How the exporter names what it made of a convolution and its normalisation: kernels, then offsets."""


def unfolded(network: LocalRetouching, model: onnx.ModelProto, patches: Iterable[Tensor]) -> None:
    """Give a network the weights of its export.

    Parameters
    ----------
    network : LocalRetouching
        Changed in place.
    model : onnx.ModelProto
    patches : iterable of Tensor
        Pictures (n, 3, h, w), 0..1, as the network is trained on.

    Raises
    ------
    ValueError
        When the file is not an export of this network.
    """
    stored = {w.name: torch.from_numpy(np.array(numpy_helper.to_array(w))) for w in model.graph.initializer}
    folded = [stored.pop(name) for name in list(stored) if name.startswith(FOLDED)]
    pairs = normalised_convolutions(network)
    if len(folded) != 2 * len(pairs):
        raise ValueError(f"{len(folded)} folded tensors, and {2 * len(pairs)} are wanted; not its export.")
    network.load_state_dict(network.state_dict() | stored)
    norms, offsets = [norm for _, norm in pairs], folded[1::2]
    with torch.no_grad():
        for (convolution, norm), kernels, offset in zip(pairs, folded[::2], offsets, strict=True):
            convolution.weight.copy_(kernels)
            passing(norm, offset, torch.zeros_like(offset), torch.ones_like(offset))
        found = moments(network, norms, patches)
        for norm, offset, (mean, variance) in zip(norms, offsets, found, strict=True):
            passing(norm, offset, mean, variance)


def normalised_convolutions(network: LocalRetouching) -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
    """Return the convolutions whose answers are normalised, with what does so, in the order they are used."""
    used: list[nn.Module] = []
    kinds = (nn.Conv2d, nn.BatchNorm2d)
    handles = [
        module.register_forward_hook(lambda module, *_: used.append(module))
        for module in network.modules()
        if isinstance(module, kinds)
    ]
    network.eval()
    with torch.no_grad():
        network.parts(torch.zeros(1, 3, 32, 32))
    for handle in handles:
        handle.remove()
    return [
        (before, norm)
        for before, norm in zip(used, used[1:], strict=False)
        if isinstance(before, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
    ]


def moments(
    network: LocalRetouching, norms: list[nn.BatchNorm2d], patches: Iterable[Tensor]
) -> list[tuple[Tensor, Tensor]]:
    """Return mean and variance, by channel, of what each normalisation is given."""
    counts, totals, squares = ([0.0] * len(norms) for _ in range(3))

    def note(number: int, x: Tensor) -> None:
        x = x.double()
        counts[number] += x.numel() / x.shape[1]
        totals[number] += x.sum((0, 2, 3))
        squares[number] += x.square().sum((0, 2, 3))

    handles = [
        norm.register_forward_pre_hook(lambda _, given, number=number: note(number, given[0]))
        for number, norm in enumerate(norms)
    ]
    for image in patches:
        network.parts(image)
    for handle in handles:
        handle.remove()
    means = [total / count for total, count in zip(totals, counts, strict=True)]
    return [
        (mean.float(), (square / count - mean.square()).clamp(min=0).float())
        for mean, square, count in zip(means, squares, counts, strict=True)
    ]


def passing(norm: nn.BatchNorm2d, offset: Tensor, mean: Tensor, variance: Tensor) -> None:
    """Let a normalisation of values with these moments add an offset, and nothing else."""
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
    norm.weight.copy_(torch.sqrt(variance + norm.eps))
    norm.bias.copy_(offset + mean)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("labels", type=Path, help="what the recipe trains on")
    parser.add_argument("checkpoint", type=Path, help="to be written; the recipe goes on from it")
    parser.add_argument("--batches", type=int, default=40, help="of 8 patches, to measure")
    parser.add_argument("--step", type=int, default=5000, help="to go on counting from")
    options = parser.parse_args()
    network = SkinRetouching()
    patches = skin_retouch.Patches(skin_retouch.load(options.labels, held_out=False), seed=1)
    model = onnx.load(WEIGHTS / "skin-retouch" / "model.onnx")
    unfolded(network, model, (patches.batch(8)[0] for _ in range(options.batches)))
    recipe.save(options.checkpoint, **recipe.untimed(network, options.step))


if __name__ == "__main__":
    main()
