"""The recipe of detail: what it learns, and what it must leave as it is."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the recipes need torch")

import torch

from training.face_detail import detail_error, strengths
from training.face_restoration import SCALES
from training.face_restorer import MOST, DetailedRestoration

CLASSES = 13


def squares(side: int = 128) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(2)
    return torch.rand(2, 3, side, side), torch.rand(2, CLASSES, side // 4, side // 4)


def test_nothing_is_added_before_anything_is_learnt() -> None:
    image, shares = squares()
    restored, detail = DetailedRestoration(CLASSES)(image, shares)
    torch.testing.assert_close(restored, image)
    assert not detail.any()


def test_detail_is_never_more_than_it_may_be() -> None:
    network = DetailedRestoration(CLASSES)
    torch.nn.init.normal_(network.detail.tail.weight, std=10.0)
    detail = network(*squares())[1]
    assert 0.9 * MOST < detail.abs().max() <= MOST


def test_both_answers_are_those_of_one_reading() -> None:
    network = DetailedRestoration(CLASSES)
    torch.nn.init.normal_(network.restorer.tail.weight, std=0.01)
    image, shares = squares()
    torch.testing.assert_close(network(image, shares)[0], network.restorer(image, shares))


def test_every_part_of_the_detail_is_taught_and_nothing_of_the_restorer() -> None:
    network = DetailedRestoration(CLASSES)
    network.restorer.requires_grad_(False)
    for zero in (one for one in network.parameters() if not one.any()):
        torch.nn.init.normal_(zero, std=0.01)
    image, shares = squares()
    restored, detail = network(image, shares)
    detail_error(restored + detail, torch.rand_like(image), torch.ones(2, 1, 128, 128)).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.detail.parameters())
    assert all(p.grad is None for p in network.restorer.parameters())


def sprinkled(seed: int) -> torch.Tensor:
    """Points anywhere, one px in eight: all pictures of them are as strong, and none like another."""
    there = torch.rand(1, 1, 128, 128, generator=torch.Generator().manual_seed(seed)) < 0.125
    return 0.5 + 0.1 * there.float().expand(1, 3, -1, -1)


def test_what_is_too_weak_is_made_stronger_and_never_more_than_it_was() -> None:
    """Of a face whose fine contrast is halved, the whole of it has the smallest error."""
    clean = squares()[0]
    even = torch.ones(2, 1, 128, 128)
    fine = clean - torch.nn.functional.avg_pool2d(clean, 9, 1, 4)
    errors = [detail_error(clean + (share - 1) * fine, clean, even).item() for share in (0.5, 0.8, 1.0, 1.4)]
    assert errors[0] > errors[1] > errors[2] < errors[3] and errors[2] == 0


def test_a_photo_that_is_as_sharp_elsewhere_costs_less_than_a_soft_one() -> None:
    """PSNR alone would rather have it soft: what is not known is then left out."""
    clean, other = (sprinkled(seed) for seed in (1, 2))
    soft, even = clean.mean((2, 3), keepdim=True).expand_as(clean), torch.ones(1, 1, 128, 128)
    assert (soft - clean).square().mean() < (other - clean).square().mean()
    assert detail_error(other, clean, even) < 0.5 * detail_error(soft, clean, even)


def test_a_lattice_costs_more_than_what_is_as_strong_and_has_no_order() -> None:
    """Cells of 4 px: it was seen in eyes and teeth, where gradients alone were asked for."""
    clean, other = (sprinkled(seed) for seed in (1, 2))
    lattice, even = torch.full((1, 3, 128, 128), 0.5), torch.ones(1, 1, 128, 128)
    lattice[..., ::4, ::4] = 0.5 + 0.1 * 1.4
    assert detail_error(lattice, clean, even) > 1.5 * detail_error(other, clean, even)


def test_tone_stays() -> None:
    clean, even = squares()[0], torch.ones(2, 1, 128, 128)
    assert detail_error(clean + 0.01, clean, even) > 0.2


def test_neighbourhoods_are_told_apart_at_every_scale_and_direction() -> None:
    image = torch.full((1, 3, 256, 256), 0.5)
    image[..., :128] += 0.2 * torch.rand(1, 3, 256, 128)
    found = list(strengths(image))
    assert len(found) == 2 * len(SCALES)
    for one in found:
        assert one[..., 0].mean() > 4 * one[..., -1].mean() > 0
