"""What is drawn onto faces sits where people wear it, at any size and angle."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.training.faces import mean_mesh
from training import costumes
from training.face_marks import Marks, marks_of
from training.parsing_labels import CLASSES

SIDE = 400
PLACES = [(60.0, 0.0), (60.0, 35.0), (90.0, -20.0), (24.0, 180.0)]
"""Px between the eyes, and degrees by which the face is turned."""


def sheet_and_face(distance: float, angle: float) -> tuple[costumes.Sheet, np.ndarray]:
    """A sheet of skin, and where each of the 478 points lies in it."""
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    mesh = distance * mean_mesh() @ np.array([[c, s], [-s, c]]) + SIDE / 2
    picture = Image.new("RGB", (SIDE, SIDE), (250, 200, 255))
    return costumes.Sheet(picture, Image.new("L", (SIDE, SIDE), CLASSES.index("skin"))), mesh


def seen_at(sheet: costumes.Sheet, points: np.ndarray) -> set[str]:
    assert sheet.classes is not None
    columns, rows = np.rint(points).astype(int).T
    return {CLASSES[number] for number in np.asarray(sheet.classes)[rows, columns]}


def eyes_and_mouth(marks: Marks) -> tuple[np.ndarray, np.ndarray]:
    """The middles of both eyes; both corners of the mouth."""
    return marks.points[:2], marks.points[3:]


@pytest.mark.parametrize(("distance", "angle"), PLACES)
@pytest.mark.parametrize("seed", range(5))
def test_sunglasses_hide_the_eyes_and_clear_ones_do_not(distance: float, angle: float, seed: int) -> None:
    for dark in (True, False):
        sheet, mesh = sheet_and_face(distance, angle)
        eyes, mouth = eyes_and_mouth(marks_of(mesh))
        costumes.glasses(sheet, marks_of(mesh), np.random.default_rng(seed), dark)
        assert seen_at(sheet, eyes) == ({"glasses"} if dark else {"skin"})
        assert seen_at(sheet, mouth) == {"skin"}


@pytest.mark.parametrize(("distance", "angle"), PLACES)
@pytest.mark.parametrize("seed", range(5))
def test_a_mask_covers_the_mouth_and_a_hat_the_forehead(distance: float, angle: float, seed: int) -> None:
    sheet, mesh = sheet_and_face(distance, angle)
    eyes, mouth = eyes_and_mouth(marks_of(mesh))
    costumes.mask(sheet, marks_of(mesh), np.random.default_rng(seed))
    assert seen_at(sheet, mouth) == {"cloth"}
    assert seen_at(sheet, eyes) == {"skin"}
    costumes.hat(sheet, marks_of(mesh), np.random.default_rng(seed))
    assert seen_at(sheet, mesh[10:11]) == {"hat"}  # the oval's upper end
    assert seen_at(sheet, mouth) == {"cloth"} and seen_at(sheet, eyes) == {"skin"}


def test_a_picture_without_a_class_map_is_drawn_alike() -> None:
    """Also one with opacity, of which the drawn part is opaque."""
    sheet, mesh = sheet_and_face(60, 10)
    bare = Image.new("RGBA", (SIDE, SIDE), (250, 200, 255, 0))
    for target in (sheet, costumes.Sheet(bare)):
        random = np.random.default_rng(3)
        costumes.glasses(target, marks_of(mesh), random, dark=True)
        costumes.hat(target, marks_of(mesh), random)
    drawn = np.asarray(sheet.classes) != CLASSES.index("skin")
    np.testing.assert_array_equal(np.asarray(bare)[..., 3] == 255, drawn)
    np.testing.assert_array_equal(np.asarray(bare)[..., :3], np.asarray(sheet.picture))


def test_temples_end_at_the_ears() -> None:
    sheet, mesh = sheet_and_face(80, 0)
    costumes.glasses(sheet, marks_of(mesh), np.random.default_rng(1), dark=False)
    columns = np.nonzero((np.asarray(sheet.classes) == CLASSES.index("glasses")).any(axis=0))[0]
    assert columns.min() == pytest.approx(mesh[127, 0] - 4, abs=4)
    assert columns.max() == pytest.approx(mesh[356, 0] + 4, abs=4)
