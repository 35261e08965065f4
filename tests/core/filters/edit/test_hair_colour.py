"""Hair in other colours: the target is reached, strands stay, and what is no hair does not change."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softlight.alignment import Box
from softlight.encoding import LUMINANCE
from softlight.faces import analysis
from softlight.filters.boxes import whole_of
from softlight.filters.edit.hair.colour import Dye, Hair, HairTarget, lab_of, measured, recoloured
from softlight.filters.edit.hair.mask import HairMask, find_hair
from softlight.picture import Picture
from softlight.runtime import Runtime
from softlight.tiles import Planes
from tests.core.filters.conftest import SAMPLES, opened

SIDE = 32
ALL = np.ones((SIDE, SIDE), np.float32)
BOX = Box(0, 0, SIDE, SIDE)
COLOURS = st.tuples(*3 * [st.floats(0, 1)])


@pytest.fixture(scope="module")
def collins() -> Picture:
    return Picture(opened(SAMPLES / "astronaut.png"))


@pytest.fixture(scope="module")
def found(collins: Picture, runtime: Runtime) -> HairMask:
    (face,) = analysis.find(collins, runtime)
    return find_hair(collins, face, runtime.model("parsing"))


def hair_of(lightness: float = 30.0, locks: Planes | None = None) -> Hair:
    """Hair of one lightness in a square of 32 px."""
    level = np.full((SIDE, SIDE, 1), lightness, np.float32) if locks is None else locks
    way = np.eye(2, 3)
    low, high = max(lightness - 15, 0), min(lightness + 20, 100)
    return Hair(lightness, low, high, (8.0, 14.0), (0.1, 0.2), level, way, monochrome=False)


def strands(lightness: float, contrast: float = 10.0) -> Planes:
    """A block of brown hair with strands across."""
    level = lightness + contrast * np.sin(np.arange(SIDE) * 1.3)
    planes = np.zeros((SIDE, SIDE, 3), np.float32)
    planes[..., 0], planes[..., 1], planes[..., 2] = level.clip(0, 100), 8, 14
    return np.asarray(cv2.cvtColor(planes, cv2.COLOR_Lab2RGB), np.float32)


def lab(pixels: Planes) -> Planes:
    return np.asarray(cv2.cvtColor(pixels.clip(0, 1).astype(np.float32), cv2.COLOR_RGB2Lab), np.float32)


def mixed(picture: Picture, mask: HairMask, dye: Dye) -> tuple[Planes, Planes, Planes]:
    """Return a photo, the same with other hair, and where that is."""
    before = picture.pixels.astype(np.float32) / 255
    shown = mask.mask_in(before, whole_of(picture))
    after = recoloured(before, shown, whole_of(picture), dye)
    return before, before + shown[..., None] * (after - before), shown


@given(st.floats(2, 95), COLOURS)
def test_the_curve_of_lightness_rises_and_leads_to_the_target(
    start: float, target: tuple[float, ...]
) -> None:
    dye = Dye.to(hair_of(start), (target[0], target[1], target[2]))
    levels = dye.curve(np.linspace(0, 100, 1001, dtype=np.float32))
    assert (np.diff(levels) >= -1e-4).all() and levels[-1] == pytest.approx(100, abs=1e-3)
    wanted = lab_of((target[0], target[1], target[2]))[0]
    at = float(dye.curve(np.array([np.clip(start, 4, 96)], np.float32))[0])
    assert at == pytest.approx(np.clip(wanted, 4, 96), abs=0.6)


@given(st.sampled_from(HairTarget), st.floats(5, 90), st.integers(0, 2**31))
def test_what_was_lighter_stays_lighter(target: HairTarget, lightness: float, seed: int) -> None:
    grey = np.sort(np.random.default_rng(seed).random(SIDE * SIDE)).astype(np.float32)
    before = np.repeat(grey.reshape(SIDE, SIDE, 1), 3, axis=2)
    after = recoloured(before, ALL, BOX, Dye.to(hair_of(lightness), target))
    assert (np.diff(lab(after)[..., 0].ravel()) >= -0.6).all()


@given(st.sampled_from(HairTarget), st.integers(0, 2**31))
def test_no_amount_changes_no_bit(target: HairTarget, seed: int) -> None:
    before = np.random.default_rng(seed).normal(0.5, 0.6, (SIDE, SIDE, 3)).astype(np.float32)
    kept, dye = before.copy(), Dye.to(hair_of(), target)
    np.testing.assert_array_equal(recoloured(before, ALL, BOX, Dye.to(hair_of(), target, 0.0)), kept)
    np.testing.assert_array_equal(recoloured(before, 0 * ALL, BOX, dye), kept)
    recoloured(before, ALL, BOX, dye)
    np.testing.assert_array_equal(before, kept)


@given(st.sampled_from(HairTarget), st.sampled_from([15.0, 30.0, 60.0]))
def test_amounts_lead_to_the_target_step_by_step(target: HairTarget, lightness: float) -> None:
    before = strands(lightness, 5)
    steps = [
        np.median(lab(recoloured(before, ALL, BOX, Dye.to(hair_of(lightness), target, amount))), axis=(0, 1))
        for amount in np.linspace(0, 1, 11)
    ]
    start, end = steps[0], steps[-1]
    assert np.abs(np.diff(steps, axis=0)).max() < 0.1 * np.linalg.norm(end - start) + 3, "no jumps"
    middle = (np.array((lightness, 8, 14)) + lab_of(target.swatch)) / 2
    assert np.linalg.norm(steps[5] - middle) < 5


def test_what_lies_outside_the_range_stays_as_far_outside() -> None:
    before = strands(30)
    before[3, 4], before[5, 6] = (1.7, 1.2, 0.4), (-0.2, 0.1, 0.3)
    dye = Dye.to(hair_of(), HairTarget.COPPER)
    change = recoloured(before, ALL, BOX, dye) - before
    inside = before.clip(0, 1)
    np.testing.assert_allclose(change, recoloured(inside, ALL, BOX, dye) - inside, atol=1e-6)


@pytest.mark.parametrize("target", HairTarget)
@pytest.mark.parametrize("lightness", [8.0, 30.0, 60.0, 80.0])
def test_targets_are_reached_with_strands(target: HairTarget, lightness: float) -> None:
    before = strands(lightness, min(10.0, lightness / 3))
    after = recoloured(before, ALL, BOX, Dye.to(hair_of(lightness), target))
    assert np.linalg.norm(np.median(lab(after).reshape(-1, 3), axis=0) - lab_of(target.swatch)) < 5
    light, new = lab(before)[..., 0], lab(after)[..., 0]
    assert np.corrcoef(light.ravel(), new.ravel())[0, 1] > 0.95
    assert new.std() < 2 * light.std(), "noise in black hair is not brought to light"
    assert new.std() > 0.25 * light.std(), "no paint"


@pytest.mark.parametrize("colour", [(0.1, 0.3, 0.8), (0.8, 0.3, 0.6), (0.2, 0.5, 0.3)])
def test_any_colour_is_reached(colour: tuple[float, float, float]) -> None:
    after = recoloured(strands(45), ALL, BOX, Dye.to(hair_of(45.0), colour))
    assert np.linalg.norm(np.median(lab(after).reshape(-1, 3), axis=0) - lab_of(colour)) < 6


def test_black_stays_neutral_and_white_is_pale_in_coloured_hair() -> None:
    dye = Dye.to(hair_of(), HairTarget.COPPER)
    chroma = np.hypot(dye.path[:, 0], dye.path[:, 1])
    middle = round(lab_of(HairTarget.COPPER.swatch)[0])
    assert chroma[0] < 1 and chroma[100] < 0.4 * chroma[middle]
    assert chroma[middle] == pytest.approx(np.hypot(*lab_of(HairTarget.COPPER.swatch)[1:]), abs=1)


def test_black_hair_before_a_wall_gets_no_bright_rim() -> None:
    """Between hair and wall there is what was there, with the hair's share in its new colour."""
    hair, wall = strands(10, 0), np.full((SIDE, SIDE, 3), 0.75, np.float32)
    mask = np.broadcast_to(np.linspace(1, 0, SIDE, dtype=np.float32), (SIDE, SIDE)).copy()
    before = mask[..., None] * hair + (1 - mask[..., None]) * wall
    dye = Dye.to(hair_of(10.0), HairTarget.BLOND)
    after = before + mask[..., None] * (recoloured(before, mask, BOX, dye) - before)
    blond = recoloured(hair, ALL, BOX, dye)
    wanted = mask[..., None] * blond + (1 - mask[..., None]) * wall
    assert np.abs(after - wanted).max() < 0.12
    assert after.max() < max(float(blond.max()), 0.75) + 0.03


@pytest.mark.parametrize("target", HairTarget)
def test_collins_gets_every_colour(collins: Picture, found: HairMask, target: HairTarget) -> None:
    hair = measured(found)
    assert hair is not None and not hair.monochrome
    assert hair.lightness == pytest.approx(41, abs=3) and hair.low < hair.lightness < hair.high
    before, after, shown = mixed(collins, found, Dye.to(hair, target))
    assert (after[shown == 0] == before[shown == 0]).all()
    sure = shown > 0.95
    new = lab(after)
    assert np.linalg.norm(np.median(new[sure], axis=0) - lab_of(target.swatch)) < 6
    assert np.corrcoef(lab(before)[sure][:, 0], new[sure][:, 0])[0, 1] > 0.9


def test_grey_hair_gets_colour_and_loses_it_again(collins: Picture, found: HairMask) -> None:
    hair = measured(found)
    assert hair is not None
    _, grey, shown = mixed(collins, found, Dye.to(hair, HairTarget.GREY))
    again = replace(found, part=replace(found.part, pixels=_like(grey, found)))
    greyed = measured(again)
    assert greyed is not None and greyed.chroma < 7
    box, sure = whole_of(collins), shown > 0.95
    back = recoloured(grey, shown, box, Dye.to(greyed, HairTarget.BROWN))
    median = np.median(lab(back)[sure], axis=0)
    assert np.linalg.norm(median - lab_of(HairTarget.BROWN.swatch)) < 4


def _like(pixels: Planes, mask: HairMask) -> Planes:
    """Return a whole photo as its part of a mask shows it: faces of 42 px are not shrunk."""
    height, width = mask.part.pixels.shape[:2]
    left, top = np.rint(-mask.part.matrix[:, 2]).astype(int)
    return np.ascontiguousarray(pixels[top : top + height, left : left + width], np.float32)


def test_grey_stays_grey_and_sepia_sepia(collins: Picture, runtime: Runtime) -> None:
    grey = np.rint(collins.pixels @ LUMINANCE).astype(np.uint8)
    picture = Picture(np.repeat(grey[..., None], 3, axis=2))
    (face,) = analysis.find(picture, runtime)
    mask = find_hair(picture, face, runtime.model("parsing"))
    hair = measured(mask)
    assert hair is not None and hair.monochrome
    before, after, shown = mixed(picture, mask, Dye.to(hair, HairTarget.COPPER))
    np.testing.assert_allclose(after[..., 0], after[..., 2], atol=1e-6)
    assert np.abs(after - before)[shown > 0.9].max() > 0.02


def test_too_little_hair_is_not_measured(found: HairMask) -> None:
    assert measured(replace(found, shares=np.zeros_like(found.shares))) is None


def test_blocks_are_parts_of_the_whole(collins: Picture, found: HairMask) -> None:
    hair = measured(found)
    assert hair is not None
    dye = Dye.to(hair, HairTarget.BLOND)
    before, after, shown = mixed(collins, found, dye)
    block = Box(180, 10, 240, 80)
    part = recoloured(before[block.slices], shown[block.slices], block, dye)
    whole = recoloured(before, shown, whole_of(collins), dye)
    np.testing.assert_allclose(part, whole[block.slices], atol=1e-3)
    assert after.shape == before.shape
