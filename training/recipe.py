"""What both recipes share: arguments, device, schedule, checkpoints that training resumes from."""

from __future__ import annotations

import argparse
import math
import os
import time
from pathlib import Path

import torch
from torch import nn


def arguments(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("labels", type=Path, help="folder that label_portraits.py wrote")
    parser.add_argument(
        "out", type=Path, help="folder for checkpoints; an interrupted run goes on from there"
    )
    parser.add_argument("--minutes", type=float, default=30, help="wall time of the whole training")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument(
        "--strokes", type=int, default=3000, help="drawings of wrinkles; 25 ms each at the start"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    return parser


class Schedule:
    """Learning rate over wall time: 2 % warm-up, then a cosine from 4e-4 (1e-3 diverged) to 1e-5."""

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
    """Exponential moving average of the weights: what is exported."""

    def __init__(self, network: nn.Module, decay: float = 0.998) -> None:
        self.decay = decay
        self.weights = {k: v.detach().clone() for k, v in network.state_dict().items()}

    def update(self, network: nn.Module) -> None:
        with torch.no_grad():
            for key, value in network.state_dict().items():
                self.weights[key].lerp_(value, 1 - self.decay)


def save(path: Path, **state: object) -> None:
    """Write a checkpoint whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def load(path: Path) -> dict | None:
    return torch.load(path, map_location="cpu", weights_only=True) if path.exists() else None
