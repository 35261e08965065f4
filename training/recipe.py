"""What all recipes share: arguments, device, the loop, and checkpoints that training resumes from.

A recipe brings a network and a function that draws a batch and returns its error; `run` does the rest.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn


def arguments(description: str | None) -> argparse.ArgumentParser:
    """Return the options that all recipes take; the description is a recipe's docstring."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labels", type=Path, help="folder that the script named first above wrote")
    parser.add_argument(
        "out", type=Path, help="folder for checkpoints; an interrupted run goes on from there"
    )
    parser.add_argument("--minutes", type=float, default=30, help="wall time of the whole training")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument(
        "--rate",
        type=float,
        default=4e-4,
        help="highest learning rate; without batch normalisation 1e-3 diverged",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    return parser


class Schedule:
    """Learning rate over wall time: 2 % warm-up, then a cosine from the peak to 1e-5."""

    def __init__(self, minutes: float, spent: float = 0.0, peak: float = 4e-4) -> None:
        self.seconds, self.peak = minutes * 60, peak
        self.start = time.monotonic() - spent

    @property
    def spent(self) -> float:
        return time.monotonic() - self.start

    @property
    def share(self) -> float:
        return min(1.0, self.spent / self.seconds)

    def rate(self) -> float:
        share = self.share
        if share < 0.02:
            return self.peak * max(share, 1e-3) / 0.02
        return 1e-5 + (self.peak - 1e-5) * 0.5 * (1 + math.cos(math.pi * share))


class Average:
    """Exponential moving average of the weights: what is exported.

    It looks back over a tenth of the steps so far, until that is 1 / (1 - decay): a short training would else
    export much of what it started with (a third after 500 steps).
    """

    def __init__(self, network: nn.Module, decay: float = 0.998) -> None:
        self.decay = decay
        self.weights = {k: v.detach().clone() for k, v in network.state_dict().items()}

    def update(self, network: nn.Module, step: int) -> None:
        """Take in the weights after a step, counted from 1."""
        share = max(1 - self.decay, 10 / (10 + step))
        with torch.no_grad():
            for key, value in network.state_dict().items():
                if value.is_floating_point():
                    self.weights[key].lerp_(value, share)
                else:  # the steps that a batch normalisation counts
                    self.weights[key].copy_(value)


def save(path: Path, **state: object) -> None:
    """Write a checkpoint whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def load(path: Path) -> dict[str, Any] | None:
    """Read a checkpoint; `None` where there is none yet."""
    if not path.exists():
        return None
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


class Stateful(Protocol):
    """What a checkpoint can hold: networks and optimisers."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> object: ...


def start(options: argparse.Namespace) -> torch.device:
    """Set threads and seed; return the device to train on, once there is something to learn from."""
    if not any(options.labels.rglob("*.np[yz]")):
        raise SystemExit(f"{options.labels} holds no labels; make them with the script that --help names.")
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    return torch.device(options.device)


def half_precision(device: torch.device) -> torch.autocast:
    """Return the context in which a forward pass takes bfloat16, where the device multiplies it natively.

    On a processor that does not its convolutions run four times slower than in float32 (30 and 130 GFLOP/s);
    on one with AVX512_BF16 a training step takes half the time (.16 and .30 s).
    """
    native = (
        device.type != "cpu" or torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    )
    return torch.autocast(device.type, torch.bfloat16, enabled=native)


class Optimiser(Stateful, Protocol):
    """What steps a network."""

    @property
    def param_groups(self) -> list[dict[str, Any]]: ...

    def zero_grad(self) -> None: ...

    def step(self) -> object: ...


def optimiser_of(network: nn.Module, rate: float = 4e-4) -> torch.optim.Optimizer:
    """Return what most recipes step with; the schedule sets its rate anew at each step."""
    return torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-4)


def untimed(network: nn.Module, step: int) -> dict[str, Any]:
    """Return the checkpoint of a network that has learnt already, for a schedule from its beginning.

    Parameters
    ----------
    network : nn.Module
    step : int
        How many it is to be taken to have made, for `Average`.
    """
    weights = network.state_dict()
    optimiser = optimiser_of(network).state_dict()
    return {"network": weights, "average": weights, "optimiser": optimiser, "step": step, "spent": 0.0}


def run(
    options: argparse.Namespace,
    name: str,
    network: nn.Module,
    loss: Callable[[float], Tensor],
    kept: Mapping[str, Stateful] | None = None,
    stepping: Callable[[nn.Module, float], Optimiser] = optimiser_of,
) -> None:
    """Train a network until the wall time is over; go on from its checkpoint if there is one.

    Parameters
    ----------
    options : argparse.Namespace
        Of `arguments`.
    name : str
        Of the checkpoint: ``<name>.pt`` in ``options.out``. Its ``average`` is what is exported.
    network : nn.Module
        On its device.
    loss : callable
        Takes the share of the training that is over, 0..1; draws a batch and returns its error, a scalar.
    kept : mapping of str to Stateful, optional
        What else the training changes, as a discriminator and its optimiser.
    stepping : callable, optional
        Makes the optimiser from the network and its highest rate.
    """
    optimiser = stepping(network, options.rate)
    average = Average(network)
    parts: dict[str, Stateful] = {"network": network, "optimiser": optimiser, **(kept or {})}
    checkpoint = options.out / f"{name}.pt"
    step, spent = 0, 0.0
    if state := load(checkpoint):
        for key, part in parts.items():
            part.load_state_dict(state[key])
        average.weights, step, spent = state["average"], state["step"], state["spent"]
    schedule, running, weight = Schedule(options.minutes, spent, options.rate), 0.0, 0.0
    while schedule.share < 1:
        for group in optimiser.param_groups:
            group["lr"] = schedule.rate()
        error = loss(schedule.share)
        optimiser.zero_grad()
        error.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        step += 1
        average.update(network, step)
        running, weight = 0.99 * running + 0.01 * error.item(), 0.99 * weight + 0.01
        if step % 250 == 0 or schedule.share >= 1:
            print(
                f"{schedule.spent / 60:6.1f} min  step {step}  error {running / weight:.5f}",
                flush=True,
            )
            save(checkpoint, average=average.weights, step=step, spent=schedule.spent,
                 **{key: part.state_dict() for key, part in parts.items()})  # fmt: skip
