"""What must stay is found by parsing and landmarks, and ends where nothing is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from softlight.alignment import Box, scaling
from softlight.faces import analysis, protection
from softlight.faces.beard import beard
from softlight.faces.protection import BORDERS, around_skin_in, kept_in, share_in
from softlight.picture import Picture
from softlight.roles.parsing import CLASSES, Parsing
from softlight.runtime import Runtime
from tests.core.faces.synthetic import face, landmarks

FACE = face(200, 150, 60)
PHOTO = Box(0, 0, 500, 500)
SIDE = 100


def parsing(hair_from: int = 50, name: str = "hair", share: float = 1.0) -> Parsing:
    """A square over x and y from 0 to 400 in which the columns from one on are hair, the others skin."""
    shares = np.zeros((SIDE, SIDE, len(CLASSES)), np.float32)
    shares[..., CLASSES.index("skin")] = 1
    shares[:, hair_from:, CLASSES.index("skin")] -= share
    shares[:, hair_from:, CLASSES.index(name)] = share
    return Parsing(shares, scaling(0.25, 0.25))


def test_hair_is_kept_and_skin_is_not() -> None:
    kept = kept_in(FACE, parsing(), PHOTO)
    assert kept.shape == (500, 500)
    assert kept[330, 330] > 0.99
    assert kept[250, 120] < 0.01


def test_eyes_brows_and_lips_are_kept_though_no_network_saw_them() -> None:
    kept = kept_in(FACE, parsing(SIDE), PHOTO)
    brow = FACE.landmarks.points[[105, 52], :2].mean(axis=0)
    lip = FACE.landmarks.points[[17, 14], :2].mean(axis=0)
    for x, y in (FACE.points[0], FACE.points[1], brow, lip):
        assert kept[round(y), round(x)] > 0.9
    assert kept[150 + 33, 200] < 0.01


def test_nothing_is_known_beyond_the_square() -> None:
    """Hair at the border of the square would else reach over the next face."""
    for found in (kept_in(FACE, parsing(), PHOTO), around_skin_in(FACE, parsing(), PHOTO)):
        assert not found[:, 402:].any()
        assert not found[402:].any()
    assert share_in(parsing(), Box(450, 450, 460, 470), ("hair",)).shape == (20, 10)


def test_what_borders_on_skin_has_a_margin() -> None:
    large = face(200, 150, 120)
    for border in BORDERS:
        row = around_skin_in(large, parsing(name=border.classes[0]), PHOTO)[100]
        assert 200 - int(np.flatnonzero(row > 0.5)[0]) == pytest.approx(border.margin * 120, abs=4)


def test_in_doubt_a_pixel_is_the_collars_but_not_the_hairs() -> None:
    """The network's edge of a white collar is soft; thin hair on a forehead is soft all over."""
    assert around_skin_in(FACE, parsing(name="cloth", share=0.3), PHOTO)[100, 300] > 0.99
    assert around_skin_in(FACE, parsing(share=0.3), PHOTO)[100, 300] == pytest.approx(0.3, abs=0.01)


def painted(beard_level: float, cheek: float = 0.75, shadow: float = 1.0) -> np.ndarray:
    """A plain face, lit less on one side, with lip, chin and jaw of some brightness."""
    pixels = np.full((700, 500, 3), cheek, np.float32)
    mesh = landmarks(250, 200, 120).points[:, :2]
    jaw = mesh[[98, 206, 187, 132, 172, 149, 152, 378, 397, 361, 411, 426, 327]]
    cv2.fillPoly(pixels, [np.rint(jaw).astype(np.int32)], (beard_level,) * 3)
    pixels[:, 250:] *= shadow
    return pixels


@pytest.mark.parametrize("shadow", [1.0, 0.6])
def test_a_beard_is_darker_than_the_cheeks_on_both_sides(shadow: float) -> None:
    mesh = landmarks(250, 200, 120).points[:, :2]
    found = beard(painted(0.35, shadow=shadow), mesh, 120)
    assert found[200 + 190, 250] > 0.9  # the chin
    assert found[200 + 60, 250 - 90] < 0.1  # a cheek
    assert not beard(painted(0.72, shadow=shadow), mesh, 120).any()


def test_the_shine_of_a_dark_cheek_makes_no_beard_of_a_smooth_chin() -> None:
    mesh = landmarks(250, 200, 120).points[:, :2]
    assert not beard(painted(0.3, cheek=0.41), mesh, 120).any()
    assert beard(painted(0.53, cheek=0.72), mesh, 120).any()  # as much darker, on light skin
    assert beard(painted(0.2, cheek=0.41), mesh, 120)[200 + 190, 250] > 0.9


def test_a_shadow_on_one_side_is_no_beard() -> None:
    pixels = painted(0.75)
    pixels[200 + 80 :, 250:] *= 0.4
    assert not beard(pixels, landmarks(250, 200, 120).points[:, :2], 120).any()


def test_points_outside_the_picture_are_no_beard() -> None:
    assert not beard(np.zeros((50, 50, 3), np.float32), landmarks(900, 900, 100).points[:, :2], 100).any()


def test_hoppers_eyes_lips_and_cap_are_kept_and_her_cheeks_are_not(
    hopper: np.ndarray, runtime: Runtime
) -> None:
    picture = Picture(hopper)
    (found,) = analysis.find(picture, runtime)
    known = protection.parse(picture, found, runtime)
    box = Box(0, 0, 512, 600)
    kept, bordering = kept_in(found, known, box), around_skin_in(found, known, box)
    for x, y in [(228, 197), (306, 194), (266, 277)]:
        assert kept[y, x] > 0.9
    assert bordering[95, 266] > 0.9
    for x, y in [(215, 245), (320, 245), (266, 315), (250, 160)]:
        assert max(kept[y, x], bordering[y, x]) < 0.1
