"""What comes where hair goes: its own strands over an untouched background, with one outline."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from softlight.alignment import Box
from softlight.faces.analysis import Part
from softlight.filters import boxes
from softlight.filters.edit.hair.growth import Flattened, Grown, grown
from softlight.filters.edit.hair.mask import HairMask
from softlight.filters.edit.hair.shape import HairShape, Surroundings
from softlight.filters.edit.reshaping import shown
from softlight.picture import Picture
from softlight.tiles import Planes

SIDE, UNIT, RADIUS = 240, 60.0, 70.0
ALL = Box(0, 0, SIDE, SIDE)
HAIR, WALL = np.float32((0.25, 0.16, 0.1)), np.float32((0.7, 0.75, 0.8))


@pytest.fixture(scope="module")
def away() -> Planes:
    """Distance to the middle of the picture."""
    x, y = np.meshgrid(np.arange(SIDE, dtype=np.float32), np.arange(SIDE, dtype=np.float32))
    return np.hypot(x - SIDE / 2, y - SIDE / 2)


@pytest.fixture(scope="module")
def share(away: Planes) -> Planes:
    """A round head of hair, its edge 4 px soft."""
    return ((RADIUS + 2 - away) / 4).clip(0, 1)


@pytest.fixture(scope="module")
def photo(away: Planes, share: Planes) -> Planes:
    """Striped hair before a wall with grain."""
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    stripes = HAIR * (1 + 0.4 * np.sin(np.arctan2(y - SIDE / 2, x - SIDE / 2) * 60))[..., None]
    wall = WALL + np.random.default_rng(3).normal(0, 0.01, (SIDE, SIDE, 1))
    return (wall + share[..., None] * (stripes - wall)).astype(np.float32)


@pytest.fixture(scope="module")
def mask(photo: Planes, share: Planes) -> HairMask:
    """The share is what lies between the two colours."""
    way = HAIR - WALL
    slope = way / np.float32(np.square(way).sum())
    slopes = np.zeros((SIDE, SIDE, 4), np.float32)
    slopes[..., :3], slopes[..., 3] = slope, -(WALL @ slope)
    bounds = np.dstack([share > 0.99, share > 0]).astype(np.float32)
    part = Part(photo, np.eye(2, 3))
    nothing = np.zeros((SIDE, SIDE, 2), np.float32)
    return HairMask(part, share[..., None], slopes, bounds, UNIT, nothing, 0.0)


def field(away: Planes, by: float) -> HairShape:
    """Outwards by some px from half of the radius on, none in the middle."""
    x, y = np.meshgrid(np.arange(SIDE, dtype=np.float32), np.arange(SIDE, dtype=np.float32))
    free = ((away - 20) / 60).clip(0, 1)
    length = np.maximum(away, 1)
    back = -by * np.dstack([(x - SIDE / 2) / length, (y - SIDE / 2) / length]) * free[..., None]
    return HairShape(back.astype(np.float32), np.eye(2, 3))


def around(photo: Planes, share: Planes) -> Surroundings:
    face, below, theirs, across, down = np.zeros((5, *share.shape), np.float32)
    full = np.ones_like(share)
    return Surroundings(
        photo, share, face, below, theirs, full, np.eye(2, 3), UNIT, across, down,
        np.eye(2, dtype=np.float32), 9 * full,
    )  # fmt: skip


@pytest.fixture(scope="module")
def fuller(mask: HairMask, photo: Planes, share: Planes, away: Planes) -> Grown:
    return grown(np.zeros((468, 2)), mask, around(photo, share), field(away, 12.0))


def result(change: Grown | Flattened, photo: Planes) -> tuple[Planes, Planes]:
    after, done = change.made(photo, ALL, ALL)
    weight = np.float32(done)[..., None]
    return photo + weight * (after - photo), weight[..., 0]


def outline(pixels: Planes, away: Planes) -> float:
    """The radius at which the picture is half way between hair and wall."""
    rings = np.array([pixels[np.abs(away - r) < 0.5].mean() for r in range(40, 118)])
    level = (HAIR.mean() + WALL.mean()) / 2
    return 40 + float(np.flatnonzero(rings > level)[0])


def test_the_outline_moves_as_the_field_says_and_there_is_one(
    fuller: Grown, photo: Planes, away: Planes
) -> None:
    after, _ = result(fuller, photo)
    assert outline(photo, away) == pytest.approx(RADIUS, abs=1.5)
    assert outline(after, away) == pytest.approx(RADIUS + 12, abs=2)
    rings = np.array([after[np.abs(away - r) < 0.5].mean() for r in range(60, 100)])
    assert (np.diff(rings) > -0.01).all(), "from hair to wall once"


def test_the_wall_beyond_stays_to_the_last_bit(fuller: Grown, photo: Planes, away: Planes) -> None:
    after, done = result(fuller, photo)
    beyond = (away > RADIUS + 18) | (away < 18)
    assert not done[beyond].any()
    np.testing.assert_array_equal(after[beyond], photo[beyond])


def test_strands_keep_their_contrast(fuller: Grown, photo: Planes, away: Planes) -> None:
    after, _ = result(fuller, photo)
    energies = []
    for pixels, ring in ((photo, (away > 40) & (away < 64)), (after, (away > 44) & (away < 76))):
        x, y = (cv2.Sobel(pixels[..., 1], cv2.CV_32F, *way) for way in ((1, 0), (0, 1)))
        energies.append(np.sqrt((x * x + y * y)[ring].mean()))
    assert 0.8 < energies[1] / energies[0] < 1.25


def test_flat_hair_takes_the_wall_along(photo: Planes, away: Planes) -> None:
    change = Flattened(np.zeros((468, 2)), field(away, -8.0))
    after, done = result(change, photo)
    assert outline(after, away) == pytest.approx(RADIUS - 6, abs=2)
    rings = np.array([after[np.abs(away - r) < 0.5].mean() for r in range(45, 100)])
    assert (np.diff(rings) > -0.01).all()
    np.testing.assert_array_equal(done > 0, shown(change.shape.source(ALL)) > 0)


def test_no_hair_changes_nothing(photo: Planes, mask: HairMask, share: Planes, away: Planes) -> None:
    wall = np.broadcast_to(WALL, photo.shape).astype(np.float32)
    change = grown(np.zeros((468, 2)), mask, around(photo, share), field(away, 12.0))
    after, done = change.made(wall, ALL, ALL)
    inside = away < RADIUS - 2  # which the mask takes for hair, whatever its colour
    assert not done[~cv2.dilate(inside.astype(np.uint8), np.ones((31, 31), np.uint8)).astype(bool)].any()
    assert after.shape == wall.shape


def test_new_hair_is_kept_from_the_face_and_from_others(
    photo: Planes, mask: HairMask, share: Planes, away: Planes
) -> None:
    there = around(photo, share)
    there.face[:, : SIDE // 2 - 40] = 1
    there.theirs[: SIDE // 2 - 40] = 1
    change = grown(np.zeros((468, 2)), mask, there, field(away, 12.0))
    after, _ = result(change, photo)
    new = away > RADIUS + 3
    for part in (np.s_[:, : SIDE // 2 - 44], np.s_[: SIDE // 2 - 44]):
        np.testing.assert_array_equal(after[part][new[part]], photo[part][new[part]])
    assert (after != photo)[SIDE // 2 :, SIDE // 2 :].any()


def test_new_hair_on_clothes_has_a_shadow(photo: Planes, mask: HairMask, share: Planes, away: Planes) -> None:
    there = around(photo, share)
    there.below[:] = 1 - share
    change = grown(np.zeros((468, 2)), mask, there, field(away, 12.0))
    after, _ = result(change, photo)
    ring = (away > RADIUS + 15) & (away < RADIUS + 17)
    change_in_light = (after - photo)[ring].mean()
    assert -0.15 < change_in_light < -0.002


def test_blocks_are_parts_of_the_whole(fuller: Grown, photo: Planes) -> None:
    whole, done = fuller.made(photo, ALL, ALL)
    picture = Picture((255 * photo).astype(np.uint8))
    for block in boxes.cut(ALL, 100):
        near = boxes.grown(block, fuller.margin).within(boxes.whole_of(picture))
        after, shows = fuller.made(photo[near.slices], block, near)
        np.testing.assert_allclose(after, whole[block.slices], atol=1e-4)
        np.testing.assert_allclose(shows, done[block.slices], atol=1e-4)
