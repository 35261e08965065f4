"""Retouches of skin and cloth, and the pyramid's step, through the store: units, order, sizes, tiles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from softlight.roles import blend_refinement, garment_retouch, local_retouching, skin_retouch
from softlight.roles.skin_retouch import COMPONENTS
from softlight.runtime import Model, Runtime
from softlight.runtime.self_check import PassedChecks
from softlight.tiles import exact_tiles
from softlight_models.bundled import BundledModels
from tests.installed_models import install
from tests.published_networks import TINT, abpn
from tests.published_networks import blend_refinement as refining
from tests.published_networks import local_retouching as retouching

Ran = Callable[[str, str, str], None]

ALL = dict.fromkeys(COMPONENTS, 1.0)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return install(tmp_path_factory.mktemp("retouch"), "softlight-retouch", retouching())


def picture(height: int, width: int, seed: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).random((3, height, width), np.float32)


def test_each_component_acts_as_strongly_as_its_weight(model: Model, ran: Ran) -> None:
    image = picture(96, 128)
    whole = skin_retouch.retouch(model, image, ALL)
    np.testing.assert_array_equal(whole.area, image[0])
    # All six are (1 + .. + 6) eighths of a quarter of what is missing to the mean around a cell.
    missing = whole.change * (4 * 8 / 21)
    cell = np.s_[:, 32:48, 48:64]
    mean = image[:, 16:64, 32:80].mean(axis=(1, 2))
    np.testing.assert_allclose(missing[cell], mean[:, None, None] - image[cell], atol=1e-5)
    for number, component in enumerate(COMPONENTS, 1):
        some = skin_retouch.retouch(model, image, dict.fromkeys(COMPONENTS, 0.0) | {component: 0.5})
        np.testing.assert_allclose(some.change, missing * (0.5 * number / 8 / 4), atol=1e-6)
    ran(
        "softlight-retouch", "generated", "components in their order and unit, any size, tiles leave no trace"
    )


@pytest.mark.parametrize("size", [(1, 1), (17, 40), (64, 79)])
def test_any_size_is_seen_as_if_it_were_mirrored(model: Model, size: tuple[int, int]) -> None:
    image = picture(*size)
    answer = skin_retouch.retouch(model, image, ALL)
    assert answer.change.shape == image.shape and answer.area.shape == size
    below, right = -size[0] % 16, -size[1] % 16
    mirrored = np.pad(image, ((0, 0), (0, below), (0, right)), "symmetric")
    whole = skin_retouch.retouch(model, mirrored, ALL)
    np.testing.assert_allclose(answer.change, whole.change[:, : size[0], : size[1]], atol=1e-6)


def test_tiles_give_what_the_whole_picture_gives(model: Model) -> None:
    # 5000 px: four tiles, whose kept parts begin at no multiple of a cell.
    image = picture(80, 5000)
    whole = skin_retouch.retouch(model, image, ALL)
    tiled = np.full_like(whole.change, np.nan)
    tiles = list(exact_tiles(np.ones(image.shape[1:], bool), skin_retouch.tiling(model)))
    for tile in tiles:
        answer = skin_retouch.retouch(model, image[:, *tile.seen], ALL)
        tiled[:, *tile.kept] = answer.change[:, *tile.inner]
    assert len(tiles) == 4
    np.testing.assert_allclose(tiled, whole.change, atol=1e-5)


def test_garments_have_one_component_and_cloth(tmp_path: Path, ran: Ran) -> None:
    model = install(tmp_path, "softlight-garment", retouching("cloth", 1))
    image = picture(64, 64)
    answer, half = (garment_retouch.retouch(model, image, weight) for weight in (1.0, 0.5))
    np.testing.assert_array_equal(answer.area, image[0])
    mean = image[:, :48, :48].mean(axis=(1, 2))[:, None, None]
    cell = np.s_[:, 16:32, 16:32]
    np.testing.assert_allclose(answer.change[cell], (mean - image[cell]) / 8 / 4, atol=1e-6)
    np.testing.assert_allclose(half.change, answer.change / 2, atol=1e-7)
    ran("softlight-garment", "generated", "its one component in its unit, and where cloth is")


def test_the_embedded_garment_model_sees_a_uniform(portrait: np.ndarray, ran: Ran) -> None:
    runtime = Runtime("cpu", models=BundledModels(), passed_checks=PassedChecks(None))
    # At about 180 px between the eyes, as the filter shows it.
    image = cv2.resize(portrait, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC).transpose(2, 0, 1)
    answer = garment_retouch.retouch(runtime.model("garment-retouch"), np.ascontiguousarray(image))
    coat, face = np.s_[1000:1160, 260:760], np.s_[380:620, 420:600]
    # It was shown no face above the chin; the filter leaves faces out by itself.
    assert np.median(answer.area[coat]) > 0.8 and np.median(answer.area[face]) < 0.4
    assert np.abs(answer.change[:, *coat]).max() > 0.05
    ran("softlight-garment", "real", "Softlight's own weights on a portrait's uniform")


def test_refinement_takes_the_picture_and_the_layer_below(tmp_path: Path, ran: Ran) -> None:
    model = install(tmp_path, "blend-refinement", refining())
    image = np.repeat(np.repeat(picture(20, 30), 2, 1), 2, 2)
    fine = blend_refinement.refine(model, image, np.full((3, 20, 30), 0.7, np.float32))
    cells = image[:, ::2, ::2]
    around = np.lib.stride_tricks.sliding_window_view(cells, (5, 5), (1, 2)).mean(axis=(3, 4))
    expected = 0.7 + 0.1 * (cells[:, 2:-2, 2:-2] - around)
    np.testing.assert_allclose(fine[:, 4:-4:2, 4:-4:2], expected, atol=1e-6)
    np.testing.assert_allclose(fine[:, 5:-4:2, 5:-4:2], expected, atol=1e-6)
    ran("blend-refinement", "generated", "a layer comes at twice its size, with what the picture shows there")


@pytest.mark.parametrize("strongest", [1.0, 0.4])
def test_the_published_network_acts_as_one_component(tmp_path: Path, strongest: float) -> None:
    model = install(tmp_path, "abpn-512", abpn())
    slope = np.linspace(0.2, 0.8, 400, dtype=np.float32)
    image = np.stack([slope, slope[::-1], 0 * slope + 0.5])[:, None] * np.ones((300, 1), np.float32)
    answer = skin_retouch.retouch(model, image, ALL | dict.fromkeys(COMPONENTS, strongest) | {"marks": 0.0})
    layer = 0.25 + 0.5 * image + np.array(TINT, np.float32)[:, None, None]
    expected = strongest * (2 * layer - 1) * image * (1 - image)
    inside = np.s_[:, 40:-40, 60:-60]
    np.testing.assert_allclose(answer.change[inside], expected[inside], atol=2e-3)
    assert (answer.area == 1).all()


def test_the_published_network_sees_its_picture_whole(tmp_path: Path) -> None:
    model = install(tmp_path, "abpn-512", abpn())
    needed = np.zeros((3000, 2000), bool)
    needed[700:800, 900:950] = True
    (tile,) = exact_tiles(needed, skin_retouch.tiling(model))
    assert tile.seen == np.s_[0:3000, 0:2000] and tile.kept == np.s_[700:800, 900:950]
    assert local_retouching.TILING.side < 2000
