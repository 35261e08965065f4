"""What a device is compared with: the tile of the release, or one that the CPU computes here.

Our own models bring a golden tile along. Public ones have none, so a GPU has to agree with this machine's CPU
on a made-up tile; the CPU itself has nothing to be compared with.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from softlight.runtime.loaded_model import LoadedModel
from softlight.runtime.providers import Rung
from softlight.runtime.self_check import Arrays, Golden
from softlight_models.contracts import Network, Tensor

Reference = Callable[[Rung], Golden | None]
"""What a rung must reproduce; `None` if there is nothing better than what it computes itself."""

PATCH = 16
"""Px of one colour in the made-up tile: large enough to pass through networks that see coarse things only."""
GRAIN = 0.1
"""Share of fine noise in it, for those that see fine things."""


def released(golden: Golden) -> Reference:
    """Every device, the CPU too, must reproduce the tile of the release."""
    return lambda rung: golden


def computed(open_on_cpu: Callable[[], LoadedModel], network: Network) -> Reference:
    """GPUs must reproduce what the CPU computes here, once it is asked for.

    Parameters
    ----------
    open_on_cpu : callable
        Opens the model; it is dropped again after one run.
    network : Network
    """
    lock = threading.Lock()
    made: list[Golden] = []

    def golden(rung: Rung) -> Golden | None:
        if not rung.gpu:
            return None
        with lock:
            if not made:
                inputs = made_up_inputs(network)
                outputs = open_on_cpu().run(inputs)
                made.append(Golden(inputs, outputs, _spans(network, outputs)))
        return made[0]

    return golden


def made_up_inputs(network: Network) -> dict[str, NDArray[np.generic]]:
    """Return inputs of the usual sizes: patches and grain over the range of each tensor, always the same."""
    random = np.random.default_rng(20)
    return {tensor.name: _made_up(tensor, network.usual_shape(tensor), random) for tensor in network.inputs}


def _made_up(tensor: Tensor, shape: tuple[int, ...], random: np.random.Generator) -> NDArray[np.generic]:
    coarse = [-(-size // PATCH) if size > PATCH else size for size in shape]
    values = random.random(coarse)
    for axis, (size, count) in enumerate(zip(shape, coarse, strict=True)):
        if count < size:
            values = np.take(np.repeat(values, PATCH, axis), range(size), axis)
    if tensor.binary:
        values = np.round(values)
    else:
        values = (1 - GRAIN) * values + GRAIN * random.random(shape)
    values = tensor.low + (tensor.high - tensor.low) * values
    dtype = np.dtype(tensor.dtype)
    return (np.rint(values) if dtype.kind in "iu" else values).astype(dtype)


def _spans(network: Network, outputs: Arrays) -> dict[str, float]:
    """Errors are judged against this width: an output may go far beyond its usual range."""
    return {
        tensor.name: max(tensor.high - tensor.low, float(np.ptp(outputs[tensor.name])))
        for tensor in network.outputs
    }
