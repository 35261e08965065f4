"""The blend pyramid: what it is told happens in the photo's pixels, however the photo is cut or stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from softlight.alignment import Box
from softlight.blend_pyramid import Networks, area_in, bring_up, halvings, look, seen
from softlight.encoding import linear_to_perceptual, perceptual_to_linear
from softlight.picture import ColourEncoding, Picture, Transfer
from softlight.roles import blend_refinement, skin_retouch
from softlight.roles.local_retouching import Retouched
from softlight.tiles import Planes, Tiling
from tests.installed_models import install
from tests.published_networks import blend_refinement as refining
from tests.published_networks import local_retouching as retouching

WEIGHTS = dict(zip(skin_retouch.COMPONENTS, (1.0, 0.0, 1.0, 0.5, 1.0, 0.2), strict=True))
SMALL = Tiling(side=320, reach=64, step=16)
"""Tiles of the generated network, which sees up to 47 px around a pixel."""


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Networks:
    """Networks that see around a pixel, in cells, as ours do."""
    one = install(tmp_path_factory.mktemp("retouch"), "softlight-retouch", retouching())
    two = install(tmp_path_factory.mktemp("refine"), "blend-refinement", refining())
    return Networks(
        lambda image: skin_retouch.retouch(one, image, WEIGHTS),
        SMALL,
        lambda image, coarse: blend_refinement.refine(two, image, coarse),
    )


def constant(change: float) -> Networks:
    """Networks that want the same change everywhere, and enlarge layers plainly."""

    def retouch(image: Planes) -> Retouched:
        return Retouched(np.full_like(image, change), np.ones(image.shape[1:], np.float32))

    def refine(image: Planes, coarse: Planes) -> Planes:
        assert image.shape[1:] == (2 * coarse.shape[1], 2 * coarse.shape[2])
        return coarse.repeat(2, 1).repeat(2, 2)

    return Networks(retouch, SMALL, refine)


def photo(height: int, width: int, seed: int = 2) -> np.ndarray:
    """Smooth shades and grain, some of it white and black; uint8."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    shades = np.stack([np.sin(x / 50), np.cos(y / 60), np.sin((x + y) / 70)], axis=-1)
    grain = random.normal(0, 0.05, (height, width, 3))
    return np.rint(np.clip(0.5 + 0.6 * shades + grain, 0, 1) * 255).astype(np.uint8)


def whole(picture: Picture) -> Box:
    return Box(0, 0, picture.width, picture.height)


@pytest.mark.parametrize(
    ("interocular", "times"),
    [(800, 2), (400, 1), (254, 0), (255, 1), (180, 0), (128, 0), (127, -1), (45, -2), (5, -2)],
)
def test_the_lowest_level_shows_faces_at_the_canonical_scale(interocular: float, times: int) -> None:
    assert halvings(interocular) == times


@pytest.mark.parametrize("interocular", [90, 180, 360, 800])
def test_blocks_tiles_and_crops_leave_no_trace(networks: Networks, interocular: float) -> None:
    pixels = photo(451, 503)
    picture, box = Picture(pixels), Box(111, 90, 403, 410)
    correction = look(picture, box, interocular, networks)
    result = bring_up(correction, picture, box, networks)
    assert np.abs(result - pixels[box.slices] / 255).max() > 0.02

    untiled = Networks(networks.retouch, Tiling(2**20, 2**20, 1), networks.refine)
    once = bring_up(look(picture, box, interocular, untiled), picture, box, untiled)
    np.testing.assert_allclose(result, once, atol=1e-5)

    area = area_in(correction, box)
    for top in range(box.top, box.bottom, 123):
        for left in range(box.left, box.right, 159):
            block = Box(left, top, min(left + 159, box.right), min(top + 123, box.bottom))
            part = block.slices_in(box)
            np.testing.assert_allclose(
                bring_up(correction, picture, block, networks), result[part], atol=1e-5
            )
            np.testing.assert_allclose(area_in(correction, block), area[part], atol=1e-6)

    there = seen(box, interocular).within(whole(picture))
    crop = Picture(np.ascontiguousarray(pixels[there.slices]))
    moved = Box(box.left - there.left, box.top - there.top, box.right - there.left, box.bottom - there.top)
    again = look(crop, moved, interocular, networks)
    np.testing.assert_array_equal(bring_up(again, crop, moved, networks), result)


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (33, 65)])
@pytest.mark.parametrize("interocular", [40, 180, 700])
def test_small_and_odd_pictures_are_retouched_to_their_edges(
    size: tuple[int, int], interocular: float
) -> None:
    picture = Picture(np.full((*size, 3), 128, np.uint8))
    plain = constant(0.1)
    correction = look(picture, whole(picture), interocular, plain)
    result = bring_up(correction, picture, whole(picture), plain)
    np.testing.assert_allclose(result, 128 / 255 + 0.1, atol=1e-5)
    assert (area_in(correction, whole(picture)) == 1).all()


@pytest.mark.parametrize("level", [0, 5, 128, 250, 255])
@pytest.mark.parametrize("interocular", [180, 700])
def test_what_soft_light_cannot_hold_is_added(level: int, interocular: float) -> None:
    picture = Picture(np.full((128, 128, 3), level, np.uint8))
    change = -0.1 if level > 127 else 0.1
    plain = constant(change)
    correction = look(picture, whole(picture), interocular, plain)
    np.testing.assert_allclose(
        bring_up(correction, picture, whole(picture), plain), level / 255 + change, atol=1e-5
    )
    assert np.abs(correction.layer - 0.5).max() <= abs(change) / (2 * 0.06) + 1e-6


def test_only_the_change_is_resized_so_that_pores_stay() -> None:
    pixels = photo(256, 256)
    picture, plain = Picture(pixels), constant(0.05)
    correction = look(picture, whole(picture), 700, plain)
    result = bring_up(correction, picture, whole(picture), plain)
    own = pixels / np.float32(255)
    within = np.s_[64:192, 64:192]
    grain = [x[within] - x[within].mean(axis=(0, 1)) for x in (result, own)]
    assert np.corrcoef(grain[0].ravel(), grain[1].ravel())[0, 1] > 0.995


def test_tiles_that_nobody_needs_are_left_out(networks: Networks) -> None:
    calls = []

    def counted(image: Planes) -> Retouched:
        calls.append(image.shape)
        return networks.retouch(image)

    picture = Picture(photo(600, 600))
    box = whole(picture)
    needed = np.zeros((60, 60), bool)
    needed[2:8, 3:9] = needed[50:55, 50:55] = True
    some = look(picture, box, 180, Networks(counted, SMALL, networks.refine), needed)
    parts = len(calls)
    every = look(picture, box, 180, Networks(counted, SMALL, networks.refine))
    assert parts < len(calls) - parts
    np.testing.assert_allclose(some.rest[:, 20:80, 30:90], every.rest[:, 20:80, 30:90], atol=1e-6)
    assert not some.rest[:, 200:300].any() and not some.area[200:300].any()


@pytest.mark.parametrize("interocular", [180, 400])
def test_a_black_and_white_photo_stays_one(networks: Networks, interocular: float) -> None:
    grey = photo(300, 300)[..., :1]
    stored = Picture(np.repeat(grey, 3, axis=2))
    box = whole(stored)

    def tinted(image: Planes) -> Retouched:
        answer = networks.retouch(image)
        return Retouched(answer.change + np.array([[[0.05]], [[0.0]], [[-0.05]]], np.float32), answer.area)

    colouring = Networks(tinted, SMALL, networks.refine)
    result = bring_up(look(stored, box, interocular, colouring), stored, box, colouring)
    np.testing.assert_allclose(result[..., 0], result[..., 1], atol=1e-6)
    np.testing.assert_allclose(result[..., 2], result[..., 1], atol=1e-6)
    alone = Picture(grey)
    one = bring_up(look(alone, box, interocular, colouring), alone, box, colouring)
    assert one.shape == (300, 300, 1)
    np.testing.assert_allclose(one[..., 0], result[..., 1], atol=1e-6)


@pytest.mark.parametrize("interocular", [180, 400])
def test_depth_and_encoding_make_no_difference(networks: Networks, interocular: float) -> None:
    pixels = photo(300, 320)
    picture = Picture(pixels)
    box = Box(20, 30, 290, 280)
    wanted = bring_up(look(picture, box, interocular, networks), picture, box, networks)
    deep = Picture(pixels.astype(np.uint16) * 257)
    light = perceptual_to_linear(pixels / np.float32(255))
    linear = Picture(light, ColourEncoding(Transfer.LINEAR))
    for other, tolerance in ((deep, 1e-5), (linear, 2e-5)):
        result = bring_up(look(other, box, interocular, networks), other, box, networks)
        if other is linear:
            result = linear_to_perceptual(result)
        np.testing.assert_allclose(result, wanted, atol=tolerance)


@pytest.mark.parametrize("interocular", [180, 400])
def test_what_is_not_finite_stays_and_spreads_nowhere(networks: Networks, interocular: float) -> None:
    pixels = photo(300, 320).astype(np.float32) / 255
    pixels[100, 100], pixels[120, 130, 1] = np.nan, np.inf
    picture, box = Picture(pixels), Box(20, 30, 290, 280)
    correction = look(picture, box, interocular, networks)
    result = bring_up(correction, picture, box, networks)
    own = pixels[box.slices]
    good = np.isfinite(own).all(axis=-1)
    assert np.isfinite(result[good]).all()
    np.testing.assert_array_equal(result[~good], own[~good])
    block = Box(95, 99, 140, 125)
    part = bring_up(correction, picture, block, networks)
    np.testing.assert_allclose(part, result[block.slices_in(box)], atol=1e-5)


def test_the_store_knows_the_networks_of_the_pyramid(tmp_path: Path) -> None:
    model = install(tmp_path, "blend-refinement", refining())
    with pytest.raises(ValueError, match="same sizes"):
        blend_refinement.refine(model, np.zeros((3, 64, 66), np.float32), np.zeros((3, 32, 32), np.float32))
