"""The networks of Skin retouch: what they see, what they leave, and what they are taught."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the recipes need torch")

import numpy as np
import torch

from softlight import soft_light
from training.abpn import (
    QUARTER,
    Answer,
    BlendRefinement,
    LocalRetouching,
    SkinRetouching,
    blend_layer,
    blended,
    retouching_error,
)
from training.networks import shuffle, unshuffle


def everywhere_alive(network: torch.nn.Module) -> torch.nn.Module:
    """All weights positive, so that no path from an input to an output is cut, and statistics as stored."""
    for weights in network.double().eval().parameters():
        torch.nn.init.uniform_(weights, 0.01, 0.02)
    return network


@pytest.mark.parametrize("at", [256, 264, 271])
def test_a_pixel_sees_no_further_than_the_reach(at: int) -> None:
    network = everywhere_alive(LocalRetouching())
    image = torch.rand(1, 3, 544, 16, dtype=torch.double, requires_grad=True)
    network.parts(image).edits[0, :, at].sum().backward()
    seen = torch.nonzero(image.grad.abs().sum((0, 1, 3))).ravel()
    reach = max(at - int(seen[0]), int(seen[-1]) - at)
    assert LocalRetouching.REACH - 32 < reach <= LocalRetouching.REACH


def test_the_refinement_begins_as_plain_enlarging_and_sees_8_px() -> None:
    network = BlendRefinement()
    image, coarse = torch.rand(1, 3, 32, 48), torch.rand(1, 3, 16, 24)
    enlarged = torch.nn.functional.interpolate(coarse, scale_factor=2, mode="bilinear")
    torch.testing.assert_close(network(image, coarse), enlarged)
    network = everywhere_alive(network)
    for at in (32, 33):
        image = torch.rand(1, 3, 64, 16, dtype=torch.double, requires_grad=True)
        coarse = torch.rand(1, 3, 32, 8, dtype=torch.double, requires_grad=True)
        network(image, coarse)[0, :, at].sum().backward()
        fine = torch.nonzero(image.grad.abs().sum((0, 1, 3))).ravel()
        half = torch.nonzero(coarse.grad.abs().sum((0, 1, 3))).ravel()
        assert min(int(fine[0]), 2 * int(half[0])) >= at - 8
        assert max(int(fine[-1]), 2 * int(half[-1]) + 1) <= at + 8


def test_shuffling_is_that_of_pixels() -> None:
    cells = torch.rand(2, 12, 5, 7)
    assert torch.equal(shuffle(cells), torch.nn.functional.pixel_shuffle(cells, 2))
    assert torch.equal(unshuffle(shuffle(cells), 3), cells)


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_exported_is_the_sum_of_what_was_taught(count: int) -> None:
    network = LocalRetouching(count).eval()
    torch.nn.init.normal_(network.tail.weight)
    torch.nn.init.normal_(network.tail.bias)
    image, weights = torch.rand(2, 3, 32, 48), torch.linspace(0.25, 1, count)
    area, change = network(image, weights)
    parts = network.parts(image)
    torch.testing.assert_close(area, torch.sigmoid(parts.area))
    torch.testing.assert_close(change, torch.einsum("k,nkchw->nchw", weights, parts.changes()))


@pytest.mark.parametrize(("kept", "left"), [(1.0, 0.0), (0.5, 0.5), (0.0, 1.0)])
def test_blemishes_are_held_back_where_a_mole_stays(kept: float, left: float) -> None:
    gates = torch.full((1, 24, 20, 20), 0.4)
    gates[:, 4:8, 10, 10] = torch.tensor([0.1, 0.9, 0.1, 0.1])  # a mole of one pixel
    settled = SkinRetouching().settled(gates, torch.tensor([1, 1 - kept, 1, 1, 1, 1]))
    torch.testing.assert_close(settled[:, 4:], gates[:, 4:])
    expected = torch.full((1, 4, 20, 20), 0.4)
    expected[..., 9:12, 9:12] = 0.4 * left
    torch.testing.assert_close(settled[:, :4], expected)


def test_the_error_of_the_right_answer_is_nearly_0_and_of_none_is_not() -> None:
    area = torch.ones(1, 1, 16, 16)
    changes = torch.zeros(1, 2, 3, 16, 16)
    changes[:, 0, :, 4:8, 4:8] = 0.1
    edited = (changes.abs().amax(2) > 0).float()
    right = Answer(20 * area, 40 * edited - 20, changes.flatten(1, 2) / QUARTER)
    none = Answer(20 * area, -20 * torch.ones_like(edited), torch.zeros(1, 6, 16, 16))
    assert retouching_error(right, area, changes) < 1e-5
    assert retouching_error(none, area, changes) > 0.1


def test_with_emphasis_what_is_missed_counts_more_than_what_is_changed_in_vain() -> None:
    area, changes = torch.ones(1, 1, 16, 16), torch.zeros(1, 1, 3, 16, 16)
    changes[..., :8] = 0.1
    wanted = changes.flatten(1, 2) / QUARTER
    missed, vain = (Answer(20 * area, 0 * area, edits) for edits in (wanted, 2 * wanted + 0.2))

    def ratio(emphasis: float) -> float:
        errors = (retouching_error(said, area, changes, emphasis=emphasis) for said in (missed, vain))
        return float(torch.div(*errors))

    assert ratio(8) > 1.1 * ratio(0)


def test_what_is_not_found_counts_as_much_as_is_asked() -> None:
    area, changes = torch.ones(1, 1, 16, 16), torch.zeros(1, 1, 3, 16, 16)
    lost = Answer(0 * area, -20 * area, changes.flatten(1, 2))
    once, thrice = (retouching_error(lost, area, changes, where=weight) for weight in (1, 3))
    torch.testing.assert_close(thrice, 3 * once, rtol=1e-4, atol=0)


def test_where_the_skin_is_not_known_it_teaches_nothing() -> None:
    changes, unknown = torch.zeros(1, 1, 3, 16, 16), -torch.ones(1, 1, 16, 16)
    gates, edits = -20 * torch.ones(1, 1, 16, 16), torch.zeros(1, 3, 16, 16)
    said = [
        retouching_error(Answer(x * torch.ones_like(unknown), gates, edits), unknown, changes)
        for x in (9, -9)
    ]
    assert said[0] == said[1]


def test_the_blend_layer_and_its_inverse_are_those_of_the_core() -> None:
    image, result = torch.rand(1, 3, 8, 8) * 0.8 + 0.1, torch.rand(1, 3, 8, 8)
    layer = blend_layer(image, result - image)
    torch.testing.assert_close(blended(image, layer), result)
    np.testing.assert_allclose(layer, soft_light.solve(image.numpy(), result.numpy()), atol=1e-5)
