"""The recipe of detail: what it learns, and what it must leave as it is."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the recipes need torch")

import torch

from training.face_detail import JUDGED, Judge, detail_error, judged
from training.face_restorer import MOST, DetailedRestoration

CLASSES = 13


def squares(side: int = 64) -> tuple[torch.Tensor, torch.Tensor]:
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
    network, judge = DetailedRestoration(CLASSES), Judge()
    network.restorer.requires_grad_(False)
    for zero in (one for one in network.parameters() if not one.any()):
        torch.nn.init.normal_(zero, std=0.01)
    image, shares = squares()
    restored, detail = network(image, shares)
    clean, face = torch.rand_like(image), restored + detail
    weight = torch.ones(2, 1, 64, 64)
    detail_error(judge(face, restored), judge(clean, restored), face, clean, weight, 1.0).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.detail.parameters())
    assert all(p.grad is None for p in network.restorer.parameters())


def test_the_judge_learns_to_tell_and_only_then_counts() -> None:
    torch.manual_seed(3)
    judge, restored = Judge(16), torch.full((4, 3, 32, 32), 0.5)
    sharp, soft = torch.rand(4, 3, 32, 32), torch.rand(4, 3, 1, 1).expand(4, 3, 32, 32)
    optimiser = torch.optim.AdamW(judge.parameters(), 2e-3)
    errors = []
    for _ in range(40):
        error = judged(judge(sharp, restored), judge(soft, restored))
        errors.append(error.item())
        optimiser.zero_grad()
        error.backward()
        optimiser.step()
    assert errors[-1] < 0.5 * errors[0]
    made, real, weight = judge(soft, restored), judge(sharp, restored), torch.ones(4, 1, 32, 32)
    early, late = (
        detail_error(made, real, soft, sharp, weight, share) for share in (0.5 * JUDGED, 2 * JUDGED)
    )
    assert (late - early).item() == pytest.approx(-made[-1].mean().item(), abs=1e-4)
