"""The batches of the background's recipe, and what its network promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

pytest.importorskip("torch", reason="the recipes need torch")

import torch
from PIL import Image

from softlight_models.contracts.pixels import DEBLUR
from training import background_restoration, label_background, recipe
from training.background_restoration import BLOCK, SIDES, Crops
from training.background_restorer import REACH, BackgroundRestoration
from training.export import export
from training.face_restoration import restoration_error
from training.model_rules import violations
from training.release import golden_inputs

CPU = torch.device("cpu")
EVEN = torch.ones(2, 1, 1, 1)


def taught() -> BackgroundRestoration:
    """Return a network that changes something everywhere."""
    torch.manual_seed(2)
    network = BackgroundRestoration().eval()
    for zero in (one for one in network.parameters() if not one.any()):
        torch.nn.init.normal_(zero, std=0.05)
    return network


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(1).integers(60, 190, (height, width, 3), dtype=np.uint8)


def test_a_clean_picture_comes_back_before_anything_is_learnt() -> None:
    image = torch.rand(2, 3, 48, 80)
    torch.testing.assert_close(BackgroundRestoration()(image), image)


def test_every_part_of_the_network_is_taught() -> None:
    network = taught()
    restoration_error(network(torch.rand(2, 3, 64, 64)), torch.rand(2, 3, 64, 64), EVEN).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())


def test_it_learns_from_where_it_begins() -> None:
    torch.manual_seed(4)
    network = BackgroundRestoration()
    optimiser = torch.optim.AdamW(network.parameters(), 5e-4)
    truth = torch.rand(2, 3, 8, 8).repeat_interleave(8, 2).repeat_interleave(8, 3)
    bad = truth * 0.7 + 0.05 * torch.randn_like(truth)
    errors = []
    for _ in range(60):
        error = restoration_error(network(bad), truth, EVEN)
        errors.append(error.item())
        optimiser.zero_grad()
        error.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
    assert errors[-1] < 0.6 * errors[0]


def test_a_tile_is_answered_like_the_whole_beyond_its_reach() -> None:
    network, image = taught(), torch.rand(1, 3, 64, 2 * REACH + 192)
    with torch.inference_mode():
        whole, tile = network(image), network(image[..., 96:])
    far = 96 + REACH
    torch.testing.assert_close(tile[..., REACH:], whole[..., far:], atol=2e-6, rtol=0)
    assert (tile[..., :8] - whole[..., 96:104]).abs().max() > 1e-3, "near the cut it is another one"


def test_what_lies_further_than_its_reach_is_not_seen() -> None:
    network = taught().double()
    image = torch.rand(1, 3, 32, 2 * REACH + 64, dtype=torch.float64)
    other, middle = image.clone(), REACH + 32
    other[..., middle] += 0.5
    with torch.inference_mode():
        seen = (network(other) - network(image)).abs().amax((0, 1, 2)) > 1e-15
    columns = torch.nonzero(seen)[:, 0]
    assert middle - REACH <= columns.min() < middle < columns.max() <= middle + REACH
    assert (columns - middle).abs().max() > REACH - 16, "it is told no larger than it is"


def test_it_is_exported_into_one_and_a_half_megabytes(tmp_path: Path) -> None:
    network = taught()
    recipe.save(tmp_path / "network.pt", average=network.state_dict())
    export("background-restoration", tmp_path / "network.pt", tmp_path / "model.onnx")
    content = (tmp_path / "model.onnx").read_bytes()
    assert len(content) < 1_500_000
    assert violations(content, DEBLUR) == []
    image = torch.rand(1, 3, 48, 80)
    answer = ort.InferenceSession(content, providers=["CPUExecutionProvider"]).run(
        None, {"input": image.numpy()}
    )
    with torch.inference_mode():
        np.testing.assert_allclose(answer[0], network(image).numpy(), atol=2e-3)


def test_the_golden_tile_has_something_to_restore() -> None:
    (tile,) = golden_inputs("background-restoration").values()
    assert tile.shape == (1, 3, 512, 512) and tile.dtype == np.float32
    assert tile.min() >= 0 and tile.max() <= 1 and tile.std() > 0.1


def test_most_crops_are_made_worse_and_a_few_stay() -> None:
    clean, bad = Crops([noise(320, 260)], 5, CPU).batch(40)
    assert clean.shape == bad.shape and clean.shape[2] == clean.shape[3]
    same = (clean == bad).flatten(1).all(1)
    assert 0 < same.sum() < 16
    assert min(clean.min(), bad.min()) >= 0 and max(clean.max(), bad.max()) <= 1


def test_crops_of_all_sizes_come_from_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_restoration, "LIT", (1.0, 1.0))
    monkeypatch.setattr(background_restoration, "CLEAN", 1.0)
    monkeypatch.setattr(background_restoration, "GREY", 0.0)
    ramp = np.zeros((208, 400, 3), np.uint8)
    ramp[..., 0] = np.arange(400) // 2
    crops = Crops([ramp], 3, CPU)
    batches = [crops.batch(4)[0] for _ in range(24)]
    assert {batch.shape[2] for batch in batches} == set(range(SIDES[0], SIDES[1] + 1, 16))
    reds = torch.cat([batch[:, 0].flatten() for batch in batches]) * 255
    assert reds.min() < 8 and reds.max() > 191
    assert all((batch[:, 1:] == 0).all() for batch in batches)
    across = torch.stack([torch.diff(batch[0, 0], dim=1).abs().sum() for batch in batches])
    assert (across == 0).any() and (across > 0).any(), "some are turned"


def test_blocks_of_a_file_begin_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each degraded picture is marked where blocks of 8 x 8 px begin."""

    def marked(image: torch.Tensor, *_: object) -> torch.Tensor:
        image = torch.zeros_like(image)
        image[:, ::BLOCK, ::BLOCK] = 1
        return image

    monkeypatch.setattr(background_restoration, "degrade", marked)
    monkeypatch.setattr(background_restoration, "CLEAN", 0.0)
    _, bad = Crops([noise(208, 208)], 3, CPU).batch(32)
    begins = {tuple(torch.nonzero(picture[0])[0].tolist()) for picture in bad}
    assert len(begins) > 16 and {y for y, _ in begins} == set(range(BLOCK))


def test_labels_are_half_as_large_and_split_by_person(tmp_path: Path) -> None:
    portraits, labels = tmp_path / "portraits", tmp_path / "labels"
    (portraits / "pd").mkdir(parents=True)
    sizes = {"ada": (640, 420), "bea": (200, 300), "cid": (3400, 420), "dan": (420, 420), "eve": (500, 640)}
    for name, (width, height) in sizes.items():
        Image.fromarray(noise(height, width)).save(portraits / "pd" / f"{name}.jpg")
        found = label_background.label(portraits / "pd" / f"{name}.jpg")
        target = labels / "pd" / f"{name}.npz"
        target.parent.mkdir(parents=True, exist_ok=True)
        np.savez(target, **found)
        factor = 3 if name == "cid" else 2
        assert found["image"].shape == (-(-height // factor), -(-width // factor), 3)
        assert found["image"].dtype == np.uint8
    sides = [background_restoration.load(labels, held_out) for held_out in (False, True)]
    # Neither the small one nor the narrow one holds a crop.
    assert sum(map(len, sides)) == 3
