"""Gates that open later: only they change, and all of them alike."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the recipes need torch")

import torch

from training.abpn import LocalRetouching
from training.gates import regated


@pytest.mark.parametrize("components", [1, 6])
def test_gates_open_later_and_faster_and_nothing_else_changes(components: int) -> None:
    network, image = LocalRetouching(components).eval(), torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        before = network.parts(image)
        network.load_state_dict(regated(network.state_dict(), later=0.3, sharper=2))
        after = network.parts(image)
    torch.testing.assert_close(after.gates, 2 * (before.gates - 0.3))
    torch.testing.assert_close(after.area, before.area)
    torch.testing.assert_close(after.edits, before.edits)


def test_one_component_opens_later_alone() -> None:
    network, image = LocalRetouching().eval(), torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        before = network.parts(image).gates
        network.load_state_dict(regated(network.state_dict(), later=-1, sharper=2, component=3))
        after = network.parts(image).gates
    torch.testing.assert_close(after[:, 3], 2 * (before[:, 3] + 1))
    others = [0, 1, 2, 4, 5]
    torch.testing.assert_close(after[:, others], before[:, others])
