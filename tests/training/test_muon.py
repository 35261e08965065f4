"""The optimiser for kernels turns every direction alike, steps as far as AdamW, and goes on where it was."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the recipes need torch")

import torch
from torch import nn

from training.muon import CUBIC, LIKE_ADAM, SMALLEST, Muon, orthogonal


def network() -> nn.Sequential:
    torch.manual_seed(3)
    return nn.Sequential(nn.Conv2d(3, 32, 3), nn.Conv2d(32, 24, 3), nn.ReLU(), nn.Conv2d(24, 2, 1))


def learn(net: nn.Sequential, optimiser: Muon, steps: int, first: int = 0) -> None:
    for number in range(first, first + steps):
        torch.manual_seed(number)
        error = net(torch.rand(4, 3, 8, 8)).square().mean()
        optimiser.zero_grad()
        error.backward()
        optimiser.step()


@pytest.mark.parametrize("shape", [(24, 216), (216, 24), (40, 40)])
def test_what_it_steps_by_is_as_large_in_every_direction(shape: tuple[int, int]) -> None:
    torch.manual_seed(1)
    left, _, right = torch.linalg.svd(torch.randn(*shape), full_matrices=False)
    steep = left @ torch.diag(torch.logspace(0, -1, min(shape))) @ right
    found = orthogonal(steep)
    assert found.shape == shape
    sizes = torch.linalg.svdvals(found)
    assert float(sizes.min()) > 0.5 and float(sizes.max()) < 1.3
    # The directions stay: only their sizes change.
    inside = left.T @ found @ right.T
    assert float((inside - torch.diag(inside.diag())).abs().max()) < 0.01


def test_the_rounds_leave_a_rotation_nearly_as_it_is() -> None:
    torch.manual_seed(2)
    rotation = torch.linalg.qr(torch.randn(32, 32))[0]
    assert sum(CUBIC) == pytest.approx(0.7, abs=0.01)  # what a round makes of 1
    assert float((torch.linalg.svdvals(orthogonal(rotation)) - 1).abs().max()) < 0.35


def test_a_step_is_as_far_as_one_of_adamw_and_small_kernels_are_left_to_it() -> None:
    net = network()
    optimiser = Muon(net, 1e-2)
    assert [tuple(one.shape) for one in optimiser.kernels] == [(24, 32, 3, 3)] and SMALLEST == 24
    before = [one.detach().clone() for one in net.parameters()]
    learn(net, optimiser, 1)
    moved = [
        float((a.detach() - b).square().mean().sqrt()) for a, b in zip(net.parameters(), before, strict=True)
    ]
    assert moved[2] == pytest.approx(LIKE_ADAM * 1e-2, rel=0.2)
    assert all(step > 0 for step in moved)


def test_a_run_that_was_broken_off_goes_on_as_if_it_had_not_been() -> None:
    whole = network()
    learn(whole, Muon(whole, 1e-3), 6)
    first = network()
    optimiser = Muon(first, 1e-3)
    learn(first, optimiser, 3)
    second = network()
    second.load_state_dict(first.state_dict())
    again = Muon(second, 1e-3)
    again.load_state_dict(optimiser.state_dict())
    learn(second, again, 3, first=3)
    for ours, theirs in zip(second.parameters(), whole.parameters(), strict=True):
        assert torch.equal(ours, theirs)
