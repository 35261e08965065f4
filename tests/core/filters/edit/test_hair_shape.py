"""Where hair goes: outwards, inwards, down and up, smoothly, and never on the face."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from softlight.alignment import Box, applied
from softlight.faces import analysis
from softlight.faces.analysis import AnalysedFace
from softlight.filters.edit.hair.mask import HairMask, find_hair
from softlight.filters.edit.hair.shape import (
    FLATTER,
    FULLER,
    LEAST_HANGING,
    SHORTER,
    HairShape,
    Surroundings,
    ends_of,
    hanging,
    longer,
    shorter,
    surroundings,
    volume,
)
from softlight.picture import Picture
from softlight.runtime import Runtime
from tests.core.filters.conftest import SAMPLES, opened

CROWN, LEFT, RIGHT = (224, 30), (165, 70), (285, 75)
"""In the portrait of Collins, x and y of where hair meets the wall; her eyes are 42 px apart."""
FACE = Box(195, 98, 255, 125)


@pytest.fixture(scope="module")
def collins() -> Picture:
    return Picture(opened(SAMPLES / "astronaut.png"))


@pytest.fixture(scope="module")
def face(collins: Picture, runtime: Runtime) -> AnalysedFace:
    (found,) = analysis.find(collins, runtime)
    return found


@pytest.fixture(scope="module")
def mask(collins: Picture, face: AnalysedFace, runtime: Runtime) -> HairMask:
    return find_hair(collins, face, runtime.model("parsing"))


@pytest.fixture(scope="module")
def around(collins: Picture, face: AnalysedFace, mask: HairMask) -> Surroundings:
    return surroundings(collins, (face,), 0, mask)


@pytest.fixture(scope="module")
def long_hair(around: Surroundings) -> Surroundings:
    """Curtains of hair beside the face that end 2.2 interocular distances below the eyes."""
    beside = (np.abs(around.across) > 0.9) & (np.abs(around.across) < 1.5)
    hair = beside & (around.down > -1) & (around.down < 2.2)
    face = np.hypot(around.across / 0.8, (around.down - 0.4) / 1.3) < 1
    none = np.zeros_like(around.hair)
    return replace(
        around,
        hair=hair.astype(np.float32),
        face=face.astype(np.float32),
        below=none,
        border=none + 9,
        ending=none + 1,
    )


def at(shape: HairShape, point: tuple[int, int]) -> tuple[float, float]:
    x, y = point
    dx, dy = shape.source(Box(x, y, x + 1, y + 1))[0, 0].tolist()
    return dx, dy


def least_area(shape: HairShape, around: Surroundings) -> float:
    """How small any of the hair becomes of what it was; below 0 it folds."""
    scale = abs(shape.matrix[0, 0])
    dx_dy, dx_dx = np.gradient(shape.back[..., 0] * scale)
    dy_dy, dy_dx = np.gradient(shape.back[..., 1] * scale)
    area = (1 + dx_dx) * (1 + dy_dy) - dx_dy * dy_dx
    return float(area[(around.hair > 0.02) | (shape.moved(around.hair) > 0.02)].min())


def test_fuller_hair_comes_from_within_and_flatter_from_without(
    around: Surroundings, face: AnalysedFace
) -> None:
    full, flat = volume(around, 1.0), volume(around, -1.0)
    assert at(full, CROWN)[1] > 0.4 * FULLER * face.interocular > 0
    assert at(full, LEFT)[0] > 2 and at(full, RIGHT)[0] < -2
    assert at(flat, CROWN)[1] < 0 and at(flat, LEFT)[0] < -1 and at(flat, RIGHT)[0] > 1
    assert full.reach <= FULLER * face.interocular * 1.01
    assert flat.reach <= FLATTER * face.interocular * 1.01


@pytest.mark.parametrize("amount", [-1.0, -0.4, 0.4, 1.0])
def test_the_face_never_moves(around: Surroundings, amount: float) -> None:
    for shape in (volume(around, amount), shorter(around, 1.0, ends_of(around))):
        assert not shape.source(FACE).any()
        assert not shape.back[(around.face > 0.9) & (np.abs(around.across) < 0.3)].any()


@pytest.mark.parametrize("amount", [-1.0, -0.5, 0.5, 1.0])
def test_fields_never_fold_and_grow_with_the_slider(
    around: Surroundings, long_hair: Surroundings, amount: float
) -> None:
    shape, half = volume(around, amount), volume(around, amount / 2)
    assert least_area(shape, around) > 0.2
    assert half.reach == pytest.approx(shape.reach / 2, rel=1e-3)
    assert least_area(longer(long_hair, abs(amount)), long_hair) > 0.5
    assert least_area(shorter(long_hair, abs(amount), ends_of(long_hair)), long_hair) > 0.5


def test_at_zero_nothing_moves(around: Surroundings, collins: Picture, long_hair: Surroundings) -> None:
    for shape in (volume(around, 0.0), longer(long_hair, 0.0), shorter(long_hair, 0.0, ends_of(long_hair))):
        assert shape.reach == 0 and shape.box(collins).empty


def test_everything_that_moves_lies_in_the_box(around: Surroundings, collins: Picture) -> None:
    shape = volume(around, -0.7)
    box = shape.box(collins)
    moved = np.linalg.norm(shape.source(Box(0, 0, collins.width, collins.height)), axis=-1) > 0
    moved[box.slices] = False
    assert not box.empty and not moved.any()


def test_hair_that_leaves_the_photo_is_followed_to_its_last_pixel(collins: Picture, runtime: Runtime) -> None:
    cut = Picture(np.ascontiguousarray(collins.pixels[45:]))
    (face,) = analysis.find(cut, runtime)
    around = surroundings(cut, (face,), 0, find_hair(cut, face, runtime.model("parsing")))
    top = volume(around, 1.0).source(Box(205, 0, 240, 2))[..., 1]
    assert top.min() > 1
    assert np.abs(np.diff(top, axis=0)).max() < 0.3
    assert np.abs(volume(around, -1.0).source(Box(205, 0, 240, 2))).max() < 0.4, "nothing is known beyond"


def test_hanging_hair_ends_where_it_ends(long_hair: Surroundings, around: Surroundings) -> None:
    assert hanging(around) < LEAST_HANGING < hanging(long_hair)
    ends = ends_of(long_hair)
    there = np.abs(np.abs(ends.across) - 1.2) < 0.1
    assert ends.down[there] == pytest.approx(2.2, abs=0.1) and (ends.seen[there] == 1).all()
    assert ends.width == pytest.approx(1.6, abs=0.5)
    leaving = replace(long_hair, border=np.where(long_hair.down > 2, 0, 9).astype(np.float32))
    assert ends_of(leaving).width == 0


@pytest.mark.parametrize("amount", [0.5, 1.0])
def test_hanging_hair_gets_longer_and_shorter(long_hair: Surroundings, amount: float) -> None:
    def end(shape: HairShape) -> float:
        column = (np.abs(long_hair.across - 1.2) < 0.1) & (shape.moved(long_hair.hair) > 0.5)
        return float(long_hair.down[column].max())

    now = 2.2
    assert now + 0.6 * amount < end(longer(long_hair, amount)) < now + 0.8 * amount
    assert end(shorter(long_hair, amount, ends_of(long_hair))) == pytest.approx(
        now - SHORTER * amount, abs=0.06
    )


def test_what_is_another_persons_stays(
    collins: Picture, face: AnalysedFace, mask: HairMask, long_hair: Surroundings
) -> None:
    other = analysis.face_moved(face, np.array([[1.0, 0, 90], [0, 1, 0]]))
    both = surroundings(collins, (face, other), 0, mask)
    theirs = Box(275, 40, 330, 160)
    for shape in (volume(both, 1.0), volume(both, -1.0), longer(both, 1.0)):
        assert not shape.source(theirs).any()
    assert at(volume(both, 1.0), LEFT)[0] > 2
    assert applied(both.matrix, [CROWN]).shape == (1, 2)
    assert not long_hair.theirs.any()
