"""The batches of the restoration recipe, and what its network promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipes need torch")

import torch

from training import face_restoration
from training.face_restoration import (
    CROP,
    MARGIN,
    MASK,
    SIDE,
    TOLD,
    Faces,
    Labelled,
    restoration_error,
    told_by,
)
from training.face_restorer import FaceRestoration
from training.muon import Muon

CLASSES = 13
WHOLE = SIDE + 2 * MARGIN
CPU = torch.device("cpu")


def person(name: str = "pd/somebody.npz") -> Labelled:
    """Noise, and a parsing that says which half is the upper one."""
    image = np.random.default_rng(1).integers(60, 190, (WHOLE, WHOLE, 3), dtype=np.uint8)
    side = WHOLE * MASK // SIDE
    shares = np.zeros((side, side, CLASSES), np.uint8)
    half = side // 2
    shares[:half, :, 1], shares[half:, :, 2] = 255, 255
    return Labelled(name, image, shares)


def test_a_clean_face_comes_back_before_anything_is_learnt() -> None:
    image, shares = torch.rand(2, 3, 64, 96), torch.rand(2, CLASSES, 16, 24)
    torch.testing.assert_close(FaceRestoration(CLASSES)(image, shares), image)


def test_every_part_of_the_network_is_taught() -> None:
    network = FaceRestoration(CLASSES)
    for zero in (one for one in network.parameters() if not one.any()):
        torch.nn.init.normal_(zero, std=0.01)
    image, shares = torch.rand(2, 3, 64, 64), torch.rand(2, CLASSES, 16, 16)
    even = torch.ones(2, 1, 64, 64)
    restoration_error(network(image, shares), torch.rand(2, 3, 64, 64), even).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())


def test_it_learns_from_where_it_begins() -> None:
    torch.manual_seed(4)
    network = FaceRestoration(CLASSES)
    optimiser = Muon(network, 1.5e-3)
    truth = torch.rand(2, 3, 8, 8).repeat_interleave(8, 2).repeat_interleave(8, 3)
    bad, shares = truth * 0.7 + 0.05 * torch.randn_like(truth), torch.rand(2, CLASSES, 16, 16)
    errors, even = [], torch.ones(2, 1, 64, 64)
    for _ in range(80):
        error = restoration_error(network(bad, shares), truth, even)
        errors.append(error.item())
        optimiser.zero_grad()
        error.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
    assert errors[-1] < 0.6 * errors[0]


def test_it_fits_into_eight_megabytes() -> None:
    assert 2 * sum(p.numel() for p in FaceRestoration(CLASSES).parameters()) < 8_000_000


@pytest.mark.parametrize("side", [SIDE, CROP])
def test_parts_and_pictures_stay_on_each_other(side: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face_restoration, "LIT", (1.0, 1.0))
    monkeypatch.setattr(face_restoration, "CLEAN", 1.0)
    someone = person()
    half = WHOLE // 2
    someone.image[:half], someone.image[half:] = 50, 200
    for _ in range(8):
        clean, bad, shares, _ = Faces([someone], 3, CPU).batch(2, 0.0, side)
        cells = side * MASK // SIDE
        assert clean.shape == (2, 3, side, side) and shares.shape == (2, CLASSES, cells, cells)
        torch.testing.assert_close(clean, bad)
        upper = torch.nn.functional.avg_pool2d(clean.mean(1, keepdim=True), SIDE // MASK) < 0.5
        torch.testing.assert_close(upper.float(), shares[:, 1:2])


def test_most_pictures_are_made_worse_and_a_few_stay() -> None:
    clean, bad, _, _ = Faces([person()], 5, CPU).batch(24, 0.0)
    same = (clean == bad).flatten(1).all(1)
    assert 0 < same.sum() < 10
    assert clean.min() >= 0 and clean.max() <= 1 and bad.min() >= 0 and bad.max() <= 1


def test_wrong_parsings_are_shares_still() -> None:
    _, _, shares, parts = Faces([person()], 5, CPU).batch(16, 1.0)
    assert shares.min() >= 0 and shares.sum(1).max() <= 1 + 1e-5
    assert (shares.sum(1) < 0.5).any(), "parts are lost now and then"
    assert parts.sum(1).min() > 0.99, "what an error counts is told by the right ones"


def test_the_error_is_none_for_the_truth_and_counts_edges() -> None:
    truth, even = torch.rand(1, 3, 64, 64), torch.ones(1, 1, 64, 64)
    assert restoration_error(truth, truth, even) == 0
    flat = truth + 0.05
    noisy = truth + 0.05 * torch.randn_like(truth).sign()
    assert restoration_error(noisy, truth, even) > 1.5 * restoration_error(flat, truth, even) > 0


def test_an_error_counts_more_where_a_person_is_known_by() -> None:
    parts = torch.zeros(1, CLASSES, 16, 16)
    parts[:, 1] = 1
    parts[:, 1, :, :4], parts[:, 3, :, :4] = 0, 1
    weight = told_by(parts)
    assert weight.mean() == pytest.approx(1) and weight.shape == (1, 1, 64, 64)
    assert weight[..., 4].mean() == pytest.approx((1 + TOLD) * float(weight[..., 40].mean()))


def test_people_are_on_one_side_each(tmp_path: Path) -> None:
    (tmp_path / "pd").mkdir()
    for number in range(12):
        there = person()
        np.savez(tmp_path / "pd" / f"p-{number}.npz", image=there.image[:8, :8], shares=there.shares[:2, :2])
    sides = [{p.name for p in face_restoration.load(tmp_path, held_out)} for held_out in (False, True)]
    assert sides[0] and sides[1] and not sides[0] & sides[1]
