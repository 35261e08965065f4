"""Pictures of any size are restored and enlarged in tiles that nobody can see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from softlight.errors import Cancelled
from softlight.roles import background_restoration
from softlight_models.contracts import CONTRACTS
from tests.installed_models import install, real_weights
from tests.published_networks import CONTRAST, GRAIN, deblurrer, upscaler

Ran = Callable[[str, str, str], None]


def flattened(image: np.ndarray) -> np.ndarray:
    return 0.5 + CONTRAST * (image - 0.5)


@pytest.fixture(scope="module", params=[(300, 421), (101, 57)], ids=["large", "small"])
def image(request: pytest.FixtureRequest) -> np.ndarray:
    """Noise: each pixel shows where it came from. Larger than a tile, and smaller."""
    return np.random.default_rng(3).random((*request.param, 3), np.float32)


@pytest.mark.parametrize("factor", [2, 4])
def test_each_pixel_is_enlarged_in_its_place(tmp_path: Path, image: np.ndarray, factor: int) -> None:
    model = install(tmp_path, f"upscale-x{factor}", upscaler(factor))
    assert background_restoration.factor(model) == factor
    large = background_restoration.enlarge(model, image)
    blocks = flattened(image).repeat(factor, axis=0).repeat(factor, axis=1)
    lighter = np.arange(factor**2).reshape(factor, factor) % 2 == 0
    grain = np.tile(np.where(lighter, GRAIN, -GRAIN), image.shape[:2])[..., None]
    np.testing.assert_allclose(large, blocks + grain, atol=1e-5)


@pytest.mark.parametrize("factor", [2, 4])
def test_what_was_enlarged_is_averaged_down_again(
    tmp_path: Path, image: np.ndarray, factor: int, ran: Ran
) -> None:
    model = install(tmp_path, f"upscale-x{factor}", upscaler(factor))
    restored = background_restoration.restore(model, image)
    np.testing.assert_allclose(restored, flattened(image), atol=1e-5)
    ran(model.contract.name, "generated", "each pixel of pictures of several tiles lands in its place")


def test_a_file_that_fixes_its_size_and_computes_in_halves(tmp_path: Path, image: np.ndarray) -> None:
    model = install(tmp_path, "upscale-x4", upscaler(4, size="128,128", kind="float16"))
    assert model.session().side == 128
    restored = background_restoration.restore(model, image)
    assert restored.dtype == np.float32
    np.testing.assert_allclose(restored, flattened(image), atol=1e-3)


def test_blur_is_taken_out_of_multiples_of_sixteen(tmp_path: Path, image: np.ndarray, ran: Ran) -> None:
    model = install(tmp_path, "deblur", deblurrer())
    smooth = cv2.GaussianBlur(image, (0, 0), 3)
    expected = np.clip(2 * smooth - cv2.blur(smooth, (5, 5)), 0, 1)
    for restore in (background_restoration.restore, background_restoration.enlarge):
        inside = np.s_[3:-3, 3:-3]
        # A tile's outermost pixels, which see its end, keep a hundredth of their weight.
        np.testing.assert_allclose(restore(model, smooth)[inside], expected[inside], atol=5e-4)
    ran("deblur", "generated", "sharpens pictures of several tiles, no seam above 5e-4")


def test_it_tells_of_each_tile_and_can_be_stopped(tmp_path: Path) -> None:
    model, image = install(tmp_path, "deblur", deblurrer()), np.zeros((600, 1300, 3), np.float32)
    ticks: list[int] = []
    background_restoration.restore(model, image, lambda: ticks.append(1))
    assert len(ticks) == 2 * 3

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        background_restoration.restore(model, image, stop)


def test_a_real_upscaler_keeps_the_picture(tmp_path: Path, portrait: np.ndarray, ran: Ran) -> None:
    model = install(tmp_path, "upscale-x4", real_weights("4xLSDIRCompactC3_fp32.onnx"))
    part = np.ascontiguousarray(portrait[100:230, 150:290])
    large = background_restoration.enlarge(model, part)
    assert large.shape == (520, 560, 3)
    bicubic = cv2.resize(part, (560, 520), interpolation=cv2.INTER_CUBIC)
    assert np.abs(cv2.GaussianBlur(large - bicubic, (0, 0), 6)).mean() < 0.02
    # It draws edges that a resampling filter cannot.
    assert np.abs(np.diff(large, axis=1)).max() > 1.2 * np.abs(np.diff(bicubic, axis=1)).max()
    assert np.abs(background_restoration.restore(model, part) - part).mean() < 0.03
    ran("upscale-x4", "real", "4xLSDIRCompactC3: a portrait enlarged, and restored at its size")


def test_every_contract_of_the_role_has_its_factor() -> None:
    known = {contract.name for contract in CONTRACTS if contract.role == "background-restoration"}
    assert set(background_restoration.FACTORS) == known
