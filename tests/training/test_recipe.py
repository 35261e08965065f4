"""What all recipes share: a run ends in time, goes on where it was broken off, and says what it lacks."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipes need torch")

import torch

from training import recipe


def options(folder: Path, minutes: float) -> argparse.Namespace:
    arguments = ["labels", str(folder), "--minutes", str(minutes), "--rate", "0.05", "--device", "cpu"]
    return recipe.arguments("A recipe.").parse_args(arguments)


def run(folder: Path, minutes: float) -> tuple[torch.nn.Linear, list[float]]:
    """Learn y = 3x - 1; return the network and which shares of the training its batches saw."""
    torch.manual_seed(1)
    network = torch.nn.Linear(1, 1)
    shares: list[float] = []

    def error(share: float) -> torch.Tensor:
        shares.append(share)
        x = torch.rand(64, 1)
        return ((network(x) - (3 * x - 1)) ** 2).mean()

    recipe.run(options(folder, minutes), "line", network, error)
    return network, shares


def test_a_run_ends_with_what_it_learned(tmp_path: Path) -> None:
    network, shares = run(tmp_path, 0.03)
    assert shares == sorted(shares) and shares[-1] < 1
    state = recipe.load(tmp_path / "line.pt")
    assert state is not None and state["step"] == len(shares)
    assert state["network"]["weight"] == network.weight
    assert float(state["average"]["weight"]) == pytest.approx(3, abs=0.5)
    assert [file.name for file in tmp_path.iterdir()] == ["line.pt"]


def test_a_run_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    first, before = run(tmp_path, 0.01)
    network, after = run(tmp_path, 0.05)
    state = recipe.load(tmp_path / "line.pt")
    assert state is not None and state["step"] == len(before) + len(after)
    assert min(after) >= 0.2  # the time that is over counts
    again, none = run(tmp_path, 0.05)
    assert none == [] and again.weight == network.weight != first.weight


def test_a_folder_without_labels_is_said(tmp_path: Path) -> None:
    there = options(tmp_path, 1)
    there.labels = tmp_path
    with pytest.raises(SystemExit, match="holds no labels; make them with the script that --help names"):
        recipe.start(there)
    (tmp_path / "pd").mkdir()
    np.savez(tmp_path / "pd" / "a.npz", mesh=np.zeros(3))
    assert recipe.start(there) == torch.device("cpu")
