"""The finder of blemishes, on skin whose blemishes are known."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2")

import cv2

from tests.training import skin
from tests.training.skin import BROWN, RED, blob, face, stained
from training import blemish_finder, pseudo_labels, skin_ground
from training.blemish_finder import Blemish

CHEEK = (280, 110)


def found(image: skin.Array, given: skin.Face) -> list[Blemish]:
    weight = skin_ground.skin_weight(image, given.skin, given.features, given.mesh, given.hair)
    luma = pseudo_labels.luminance(np.rint(image * 255).astype(np.uint8))
    calm = skin_ground.calm(weight, given.mesh, luma)
    return blemish_finder.find(image, calm.astype(np.float32), given.mesh)


@pytest.mark.parametrize("tone", [skin.LIGHT, skin.DARK])
@pytest.mark.parametrize(("colour", "radius", "kind"), [(RED, 5, "pimple"), (BROWN, 5, "mole")])
def test_a_blemish_is_found_where_it_is_and_told_by_its_colour(
    tone: tuple[float, float, float], colour: tuple[float, float, float], radius: float, kind: str
) -> None:
    plain = face(tone)
    only = found(stained(plain.image, blob(*CHEEK, radius), colour), plain)
    assert [b.kind for b in only] == [kind]
    assert np.hypot(only[0].y - CHEEK[0], only[0].x - CHEEK[1]) < 1
    assert 0.7 * radius < only[0].radius < 1.4 * radius


@pytest.mark.parametrize("tone", [skin.LIGHT, skin.DARK])
@pytest.mark.parametrize("pores", [0.0, 0.01, 0.03])
def test_pores_and_the_shading_of_a_cheek_are_no_blemishes(
    tone: tuple[float, float, float], pores: float
) -> None:
    plain = face(tone, pores)
    shaded = plain.image * (0.75 + 0.25 * blob(*CHEEK, 30, 60))[..., None]
    assert found(shaded.astype(np.float32), plain) == []


def test_a_dark_line_is_a_wrinkle_and_a_red_one_a_scratch() -> None:
    plain = face()
    line = np.zeros(plain.skin.shape, np.float32)
    cv2.line(line, (90, 268), (135, 286), 1.0, 3, cv2.LINE_AA)
    assert found(stained(plain.image, line, (0.8, 0.78, 0.76)), plain) == []
    assert {b.kind for b in found(stained(plain.image, line, RED), plain)} == {"scratch"}


def test_the_red_edge_of_a_shadow_is_no_blemish() -> None:
    plain = face()
    columns = np.arange(skin.WIDTH)[None, :] + np.zeros((skin.HEIGHT, 1))
    lit = 0.45 + 0.55 / (1 + np.exp(-(columns - 105) / 4))
    edge = np.exp(-(((columns - 105) / 5) ** 2))
    image = stained(plain.image * lit[..., None], edge, (1.0, 0.75, 0.72))
    assert found(image, plain) == []


def test_small_brown_spots_in_numbers_are_freckles_on_the_cheek_and_bristles_on_the_chin() -> None:
    plain = face()
    places = [p for p in np.mgrid[-3:4, -3:4].reshape(2, -1).T * 9 if np.hypot(*p) < 30]

    def spotted(y: float, x: float) -> list[Blemish]:
        image = plain.image
        for dy, dx in places:
            image = stained(image, blob(y + dy, x + dx, 1.9), (0.8, 0.74, 0.68))
        return found(image, plain)

    freckles = spotted(*CHEEK)
    assert len(freckles) >= 25
    assert {b.kind for b in freckles} == {"freckle"}
    assert spotted(*(plain.mesh[152] - (0, 45))[::-1]) == []


def test_a_photo_of_twice_the_size_has_the_same_blemishes() -> None:
    plain = face()
    image = stained(plain.image, blob(*CHEEK, 5), RED)
    large = np.clip(cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), 0, 1)
    ground = np.ones(large.shape[:2], np.float32)
    (one,) = blemish_finder.find(large, ground, scale=2)
    assert np.hypot(one.y - 2 * CHEEK[0], one.x - 2 * CHEEK[1]) < 3
    assert 7 < one.radius < 14


def test_skin_without_any_ground_has_none() -> None:
    plain = face()
    assert blemish_finder.find(plain.image, np.zeros_like(plain.skin)) == []
