"""Softlight's own parsing: every part is where it is in the photo, turned or small, with soft edges."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from softlight.alignment import applied, scaling, warped
from softlight.roles.parsing import CLASSES, parse_face
from softlight.runtime import Model, Runtime
from tests.core.roles.portraits import POINTS, portrait
from tests.core.roles.test_parsing import Note, at, whole

PARTS = {
    "astronaut.png": {
        (202, 102): "eyes", (246, 103): "eyes", (222, 122): "nose", (222, 66): "hair", (270, 100): "hair",
        (200, 125): "skin", (222, 163): "skin", (150, 190): "cloth", (300, 60): "background",
    },
    "hopper.jpg": {
        (266, 236): "nose", (266, 274): "lips", (215, 240): "skin", (310, 245): "skin",
        (150, 385): "cloth", (420, 200): "background",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def ours() -> Model:
    return Runtime("cpu").model("parsing")


@pytest.mark.parametrize("name", POINTS)
def test_the_parts_of_the_sitter_are_named(ours: Model, name: str, ran: Note) -> None:
    photo = portrait(name)
    found, box = whole(parse_face(ours, photo, POINTS[name]), photo)
    assert {xy: at(found, box, *xy) for xy in PARTS[name]} == PARTS[name]
    ran(
        "softlight-parsing",
        "real",
        "Softlight's own; eyes, nose, lips, skin, hair and cloth of both sample portraits are where they are",
    )


@pytest.mark.parametrize("turn", [90, 180, 270, 33])
def test_the_parts_of_a_turned_face_are_turned(ours: Model, turn: int) -> None:
    photo, points = portrait("astronaut.png"), POINTS["astronaut.png"]
    matrix = cv2.getRotationMatrix2D((222, 122), turn, 1).astype(np.float64)
    upright = parse_face(ours, photo, points)
    turned = parse_face(ours, warped(photo, matrix, 512, 512), applied(matrix, points))
    assert (upright.shares.argmax(axis=-1) == turned.shares.argmax(axis=-1))[70:220, 70:220].mean() > 0.97


def test_a_small_face_has_the_same_parts(ours: Model) -> None:
    photo, points = portrait("astronaut.png"), POINTS["astronaut.png"]
    shrink = scaling(0.5, 0.5)  # 22 px between the eyes
    small = parse_face(ours, warped(photo, shrink, 256, 256), applied(shrink, points))
    same = small.shares.argmax(axis=-1) == parse_face(ours, photo, points).shares.argmax(axis=-1)
    assert same.mean() > 0.93


def test_shares_are_shares_with_soft_edges(ours: Model) -> None:
    parsing = parse_face(ours, portrait("hopper.jpg"), POINTS["hopper.jpg"])
    assert parsing.shares.shape == (288, 288, len(CLASSES))
    np.testing.assert_allclose(parsing.shares.sum(axis=-1), 1, atol=1e-4)
    assert parsing.shares.min() >= 0
    lips = parsing.share("lips")
    assert ((lips > 0.05) & (lips < 0.95)).sum() > 50
    assert np.abs(np.diff(lips, axis=0)).max() < 0.9  # no stair of one pixel
