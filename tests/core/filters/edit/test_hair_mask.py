"""Hair is found strand by strand, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from softlight.alignment import Box
from softlight.encoding import to_working
from softlight.faces import analysis
from softlight.filters.boxes import whole_of
from softlight.filters.edit.hair.mask import HairMask, find_hair
from softlight.picture import Picture, Transfer
from softlight.runtime import Runtime
from tests.core.filters.conftest import PIXEL_TYPES, SAMPLES, opened, stored

CROWN, TEMPLE = np.s_[32:45, 200:250], np.s_[60:72, 160:170]
FACE, SUIT, WALL, FLAG = (
    np.s_[98:125, 195:255],
    np.s_[250:500, 60:330],
    np.s_[20:140, 340:360],
    np.s_[:, :100],
)
"""In the portrait of Collins, whose eyes are 42 px apart."""


@pytest.fixture(scope="module")
def collins() -> np.ndarray:
    return opened(SAMPLES / "astronaut.png")


def found_in(picture: Picture, runtime: Runtime) -> HairMask:
    (face,) = analysis.find(picture, runtime)
    return find_hair(picture, face, runtime.model("parsing"))


def whole_mask(mask: HairMask, picture: Picture) -> np.ndarray:
    before = to_working(picture.pixels, picture.encoding.transfer)
    return mask.mask_in(before, whole_of(picture))


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES)
def test_hair_is_found_at_every_depth_and_nothing_else_is(
    collins: np.ndarray, runtime: Runtime, dtype: type, channels: int, transfer: Transfer
) -> None:
    picture = stored(collins, dtype, channels, transfer)
    before = picture.pixels.copy()
    mask = found_in(picture, runtime)
    shown = whole_mask(mask, picture)
    np.testing.assert_array_equal(picture.pixels, before)
    assert shown.shape == collins.shape[:2] and shown.dtype == np.float32
    assert shown.min() >= 0 and shown.max() <= 1
    assert shown[CROWN].min() > 0.95 and shown[TEMPLE].mean() > 0.8
    for part in (FACE, SUIT, WALL, FLAG):
        assert (shown[part] == 0).all()


def test_all_hair_lies_in_the_box(collins: np.ndarray, runtime: Runtime) -> None:
    picture = Picture(collins)
    mask = found_in(picture, runtime)
    shown, box = whole_mask(mask, picture), mask.box(picture)
    assert box.within(whole_of(picture)) == box and box.right - box.left < 200
    outside = np.ones(shown.shape, bool)
    outside[box.slices] = False
    assert (shown[outside] == 0).all() and shown[box.slices].any()


def test_blocks_are_parts_of_the_whole(collins: np.ndarray, runtime: Runtime) -> None:
    picture = Picture(collins)
    mask = found_in(picture, runtime)
    shown, before = whole_mask(mask, picture), to_working(collins, Transfer.PERCEPTUAL)
    for block in (Box(150, 10, 231, 90), Box(231, 10, 330, 90), Box(0, 0, 40, 40)):
        part = mask.mask_in(before[block.slices], block)
        np.testing.assert_allclose(part, shown[block.slices], atol=2e-3)


@pytest.mark.parametrize("scale", [0.6, 4.0])
def test_small_and_large_faces_have_the_same_hair(
    collins: np.ndarray, runtime: Runtime, scale: float
) -> None:
    shown = whole_mask(found_in(Picture(collins), runtime), Picture(collins))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    picture = Picture(cv2.resize(collins, None, fx=scale, fy=scale, interpolation=way))
    other = cv2.resize(whole_mask(found_in(picture, runtime), picture), shown.shape[::-1])
    assert np.abs(other - shown).sum() < 0.12 * shown.sum()


def test_a_lock_before_the_wall_is_followed(collins: np.ndarray, runtime: Runtime) -> None:
    """A lock of the hair's own colour, drawn from its edge to the right, 3 px wide."""
    drawn = collins.copy()
    colour = np.median(collins[CROWN].reshape(-1, 3), axis=0).astype(int).tolist()
    cv2.line(drawn, (288, 60), (312, 54), colour, 3)
    picture = Picture(drawn)
    shown = whole_mask(found_in(picture, runtime), picture)
    bare = whole_mask(found_in(Picture(collins), runtime), Picture(collins))
    lock = np.s_[56:58, 299:303]
    assert shown[lock].mean() > bare[lock].mean() + 0.4
    assert shown[44:50, 299:310].max() < 0.2


def test_where_nothing_is_hair_the_box_is_empty(collins: np.ndarray, runtime: Runtime) -> None:
    mask = found_in(Picture(collins), runtime)
    none = replace(mask, shares=0 * mask.shares, bounds=np.zeros_like(mask.bounds))
    assert none.box(Picture(collins)).empty
    assert not whole_mask(none, Picture(collins)).any()
