"""Composed scenes say where their faces are; the detector's cells answer for the right ones."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipes need torch")

import torch
from PIL import Image, ImageDraw

from training import scenes
from training.face_detection import ANYTHING, NOBODY, SIZES, STRIDES, FaceDetector, Scenes, answers, loss
from training.face_marks import Marks

EYES = ((70, 80), (110, 80), (90, 100), (75, 120), (105, 120))


def sitter() -> scenes.Cutout:
    """A grey person; red and blue eyes, green nose: what is where can be read from the pixels."""
    image = Image.new("RGBA", (180, 220))
    draw = ImageDraw.Draw(image)
    draw.ellipse((40, 40, 140, 160), fill=(128, 128, 128, 255))
    for (x, y), colour in zip(EYES, ("red", "blue", "lime", "grey", "grey"), strict=True):
        draw.ellipse((x - 9, y - 9, x + 9, y + 9), fill=colour)
    turn = np.linspace(0, 2 * np.pi, 45, endpoint=False)
    ring = np.stack([90 + 50 * np.cos(turn), 100 + 60 * np.sin(turn)], axis=1)
    skin = (90, 100) + 0.7 * (ring - (90, 100))
    return scenes.Cutout(scenes.halved(image), Marks(ring, np.array(EYES, float), skin))


def stock() -> scenes.Stock:
    room = Image.new("RGBA", (300, 300), (255, 255, 255, 255))
    room.paste(sitter().levels[0], mask=sitter().levels[0])
    return scenes.Stock((sitter(),), (scenes.Cutout((room,), sitter().marks),))


def scene(*boxes: tuple[float, float, float, float], seen: float = 1.0) -> scenes.Scene:
    return scenes.Scene(
        np.zeros((256, 256, 3), np.uint8),
        np.array(boxes, np.float32).reshape(-1, 4),
        np.zeros((len(boxes), 5, 2), np.float32),
        np.full(len(boxes), seen, np.float32),
    )


def test_points_lie_where_the_face_was_drawn() -> None:
    """In every group that was composed: colours under the points, whatever the turn and the mirror."""
    random = np.random.default_rng(4)
    checked = 0
    for _ in range(30):
        group = scenes.group(stock(), random, 256, 2, (90, 120))
        for points, seen in zip(group.points, group.seen, strict=True):
            if seen < 1:
                continue
            colours = group.pixels[points[:3, 1].astype(int), points[:3, 0].astype(int)].argmax(axis=1)
            checked += 1
            # A mirrored sitter's blue eye is the subject's right one.
            assert colours.tolist() in ([0, 2, 1], [2, 0, 1])
    assert checked > 20


def test_what_hides_a_face_is_known() -> None:
    random = np.random.default_rng(1)
    canvas = scenes.group(stock(), random, 256, 12, (80, 110))
    assert canvas.seen[-1] > 0.9  # the last one stands in front
    assert canvas.seen.min() < 0.5
    assert len(canvas.boxes) == 12


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("quarters", range(4))
def test_a_turned_scene_takes_its_faces_along(quarters: int, mirrored: bool) -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[10:20, 30:50] = 255
    points = np.tile(np.array([35.5, 12.5], np.float32), (1, 5, 1))
    pixels[12, 35, 1] = 7
    before = scenes.Scene(pixels, np.array([[30, 10, 50, 20]], np.float32), points, np.ones(1, np.float32))
    after = scenes.turned(before, quarters, mirrored)
    left, top, right, bottom = after.boxes[0].astype(int)
    assert (after.pixels[top:bottom, left:right, 0] == 255).all()
    assert np.count_nonzero(after.pixels[..., 0]) == 200
    x, y = after.points[0, 0].astype(int)
    assert after.pixels[y, x, 1] == 7


def test_every_size_has_a_grid_that_answers() -> None:
    for size in (10, 16, 30, 40, 60, 100, 120, 200, 250):
        half = size / 2
        grids = answers(scene((128 - half, 128 - half, 128 + half, 128 + half)), first=5)
        answering = [bool((cells == 5).any()) for cells in grids]
        assert answering == [least <= size <= most for least, most in SIZES], size
        for cells, stride in zip(grids, STRIDES, strict=True):
            rows, columns = np.nonzero(cells == 5)
            assert (np.abs((np.array([rows, columns]) + 0.5) * stride - 128) <= max(size, stride) / 2).all()


def test_the_smaller_of_two_faces_has_the_cell_and_the_hidden_one_none() -> None:
    both = answers(scene((100, 100, 140, 140), (110, 110, 134, 134)), first=0)[0]
    assert both[15, 15] == 1
    hidden = answers(scene((100, 100, 140, 140), seen=0.1), first=0)
    assert all((cells == NOBODY).all() for cells in hidden)
    doubtful = answers(scene((100, 100, 140, 140), seen=0.3), first=0)[0]
    assert doubtful[15, 15] == ANYTHING and not (doubtful >= 0).any()


def test_the_right_answers_cost_least() -> None:
    """The loss of perfect maps is near zero; a shifted box or a missed face costs more."""
    drawn = Scenes(stock(), np.random.default_rng(3))
    batch = drawn.batch(4)
    assert batch.image.shape == (4, 3, 256, 256) and batch.image.min() >= 0 and batch.image.max() <= 1

    def grids(shift: float, sure: float) -> list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        found = []
        for cells, stride in zip(batch.cells, STRIDES, strict=True):
            due = batch.faces[cells.clamp(min=0)]
            count = cells.shape[1]
            middle = (torch.arange(count) + 0.5) * stride
            x, y = middle[None, None, :, None], middle[None, :, None, None]
            box = torch.cat([x - due[..., :1], y - due[..., 1:2], due[..., 2:3] - x, due[..., 3:4] - y], 3)
            points = due[..., 4:] - torch.cat([x + 0 * y, y + 0 * x], 3).repeat(1, 1, 1, 5)
            score = torch.where(cells >= 0, sure, -20.0)[:, None]
            found.append(
                (score, (box + shift).permute(0, 3, 1, 2) / stride, points.permute(0, 3, 1, 2) / stride)
            )
        return found

    right = float(loss(grids(0, 20), batch))
    assert right < 1e-3
    assert float(loss(grids(4, 20), batch)) > right + 0.05
    assert float(loss(grids(0, -20), batch)) > right + 1


def test_scenes_with_false_alarms_come_back() -> None:
    drawn = Scenes(stock(), np.random.default_rng(8), kept=40)
    drawn.before, drawn.alarms = [scene((100, 100, 140, 140))] * 40, [float(i == 3) for i in range(40)]
    for _ in range(200):
        drawn.scene()
    assert drawn.drawn.count(3) > 8  # 14 are expected; 5 if all were alike


def test_the_network_gives_what_the_contract_promises() -> None:
    network = FaceDetector().eval()
    with torch.no_grad():
        outputs = network(torch.rand(1, 3, 96, 64))
    shapes = [tuple(output.shape) for output in outputs]
    grids = [(96 // s, 64 // s) for s in STRIDES]
    assert shapes == [(1, values, *grid) for values in (1, 4, 10) for grid in grids]
    assert all(float(score.min()) >= 0 and float(score.max()) <= 1 for score in outputs[:3])
    assert sum(p.numel() for p in network.parameters()) * 4 < 4_000_000
