"""De-wrinkle on a shipped portrait with the shipped networks."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from softlight.compositor import composite
from softlight.errors import Cancelled, MaskError
from softlight.filters.dewrinkle import plan as dewrinkle_plan
from softlight.filters.dewrinkle.filter import dewrinkle
from softlight.filters.dewrinkle.settings import DewrinkleSettings, Target
from softlight.filters.shared_parameters import LayerKind
from softlight.layers import BlendMode
from softlight.picture import Picture, Transfer
from softlight.runtime import Runtime
from tests.core.filters.conftest import PIXEL_TYPES, stored


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES)
def test_every_depth_changes_under_the_brush_and_nowhere_else(
    portrait: np.ndarray, brush: np.ndarray, runtime: Runtime, dtype: type, channels: int, transfer: Transfer
) -> None:
    picture = stored(portrait, dtype, channels, transfer)
    before = picture.pixels.copy()
    settings = DewrinkleSettings(face_size=85)
    stack = dewrinkle(picture, brush, settings, runtime)
    np.testing.assert_array_equal(picture.pixels, before)
    result = composite(picture, stack).pixels
    reach = int(np.ceil(settings.feather * 85)) + 1
    far = cv2.dilate((brush > 0).astype(np.uint8), np.ones((2 * reach + 1,) * 2)) == 0
    np.testing.assert_array_equal(result[far], before[far])
    np.testing.assert_array_equal(
        result[..., picture.colour_channels :], before[..., picture.colour_channels :]
    )
    assert (result != before).any(axis=2).mean() > 0.005
    assert stack.layers[0].blend is BlendMode.SOFT_LIGHT


def test_soft_light_and_normal_output_are_the_same_picture(
    portrait: np.ndarray, brush: np.ndarray, runtime: Runtime
) -> None:
    picture = Picture(portrait)
    settings = DewrinkleSettings(face_size=85)
    soft = composite(picture, dewrinkle(picture, brush, settings, runtime)).pixels
    normal_stack = dewrinkle(picture, brush, replace(settings, layer=LayerKind.NORMAL), runtime)
    assert [layer.blend for layer in normal_stack.layers] == [BlendMode.NORMAL]
    normal = composite(picture, normal_stack).pixels
    assert np.abs(soft.astype(int) - normal).max() <= 1


def test_strength_is_the_opacity_and_nothing_else(
    portrait: np.ndarray, brush: np.ndarray, runtime: Runtime
) -> None:
    picture = Picture(portrait)
    full = dewrinkle(picture, brush, DewrinkleSettings(face_size=85), runtime)
    none = dewrinkle(picture, brush, DewrinkleSettings(face_size=85, strength=0.0), runtime)
    assert {layer.opacity for layer in full.layers} == {1.0}
    np.testing.assert_array_equal(composite(picture, none).pixels, portrait)
    for a, b in zip(full.layers, none.layers, strict=True):
        np.testing.assert_array_equal(a.pixels, b.pixels)


def test_alpha_is_zero_wherever_nothing_changed(
    portrait: np.ndarray, brush: np.ndarray, runtime: Runtime
) -> None:
    """A neutral grey of 127 or 128 is not neutral: it shifts 70 of Krita's 256 levels by one."""
    stack = dewrinkle(Picture(portrait), brush, DewrinkleSettings(face_size=85), runtime)
    layer = stack.layers[0]
    left, top = layer.offset
    height, width = layer.mask.shape
    assert not layer.mask[brush[top : top + height, left : left + width] == 0].astype(bool).all()
    assert (layer.mask > 0).mean() < 0.6


def test_blocks_do_not_show(
    portrait: np.ndarray, brush: np.ndarray, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change is as even across the border of two blocks as 8 px beside it."""
    monkeypatch.setattr(dewrinkle_plan, "BLOCK", 160)
    picture = Picture(np.asarray(Image.fromarray(portrait).resize((1024, 1200), Image.Resampling.BICUBIC)))
    mask = np.asarray(Image.fromarray(brush).resize((1024, 1200)))
    settings = DewrinkleSettings(face_size=170)
    box = dewrinkle_plan.painted_box(mask)
    plan = dewrinkle_plan.make_plan(mask, box, settings)
    borders = {left for left, *_ in dewrinkle_plan.blocks(mask, box, plan)} - {box[0]}
    assert len(borders) >= 2
    result = composite(picture, dewrinkle(picture, mask, settings, runtime)).pixels
    change = (result.astype(float) - picture.pixels).mean(axis=2)

    def step(column: int) -> float:
        pair = change[:, column - 1 : column + 1]
        return float(np.abs(np.diff(pair, axis=1))[pair.any(axis=1)].mean())

    for border in borders:
        beside = np.mean([step(border + offset) for offset in (-16, -12, -8, 8, 12, 16)])
        assert step(border) < 1.5 * beside + 0.2


def test_everything_painted_erases_a_mark_that_is_no_wrinkle(portrait: np.ndarray, runtime: Runtime) -> None:
    marked = portrait.copy()
    cv2.circle(marked, (262, 160), 5, (30, 60, 200), -1)
    mask = np.zeros(marked.shape[:2], np.uint8)
    cv2.circle(mask, (262, 160), 9, 255, -1)
    settings = DewrinkleSettings(face_size=85, target=Target.EVERYTHING)
    result = composite(Picture(marked), dewrinkle(Picture(marked), mask, settings, runtime)).pixels
    spot = np.s_[157:164, 259:266]
    before = np.abs(marked[spot].astype(int) - portrait[spot]).mean()
    after = np.abs(result[spot].astype(int) - portrait[spot]).mean()
    assert after < 0.15 * before


def test_infinite_pixels_stay_and_poison_nothing(
    portrait: np.ndarray, brush: np.ndarray, runtime: Runtime
) -> None:
    pixels = portrait.astype(np.float32) / 255
    pixels[150, 260] = np.nan
    pixels[151, 262, 1] = np.inf
    result = composite(
        Picture(pixels), dewrinkle(Picture(pixels), brush, DewrinkleSettings(face_size=85), runtime)
    ).pixels
    np.testing.assert_array_equal(np.isfinite(result), np.isfinite(pixels))


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (np.zeros((606, 512), np.uint8), "empty"),
        (np.ones((10, 10), np.uint8), "size"),
    ],
)
def test_a_mask_that_cannot_be_used_gets_a_sentence(
    portrait: np.ndarray, runtime: Runtime, mask: np.ndarray, words: str
) -> None:
    mask = mask if mask.shape == (10, 10) else np.zeros(portrait.shape[:2], np.uint8)
    with pytest.raises(MaskError, match=words):
        dewrinkle(Picture(portrait), mask, DewrinkleSettings(), runtime)


def test_a_mask_without_skin_gets_a_sentence(portrait: np.ndarray, runtime: Runtime) -> None:
    mask = np.zeros(portrait.shape[:2], np.uint8)
    mask[20:60, 420:500] = 255
    with pytest.raises(MaskError, match="no skin"):
        dewrinkle(Picture(portrait), mask, DewrinkleSettings(face_size=85), runtime)


def test_progress_can_stop_the_job(portrait: np.ndarray, brush: np.ndarray, runtime: Runtime) -> None:
    def stop(done: float, text: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        dewrinkle(Picture(portrait), brush, DewrinkleSettings(), runtime, stop)


@pytest.mark.parametrize("scale", [1.0, 2.0, 4.0])
def test_a_thin_crease_goes_whatever_the_size_of_the_face(runtime: Runtime, scale: float) -> None:
    """A drawn valley of sigma 2 native px on grained skin, at 1, 2 and 4 times the canonical scale."""
    side = 420
    random = np.random.default_rng(5)
    grain = cv2.GaussianBlur(random.normal(0, 1, (side, side)).astype(np.float32), (0, 0), 1.0)
    tone = np.array([0.78, 0.60, 0.50], np.float32)
    skin = tone * (1 + 0.03 * grain[..., None] / grain.std())
    rows = np.arange(side, dtype=np.float32)
    valley = 0.18 * np.exp(-((rows - side / 2) ** 2) / (2 * 2.0**2))
    creased = skin * (1 - valley[:, None, None])
    picture = Picture(np.rint(np.clip(creased, 0, 1) * 65535).astype(np.uint16))
    mask = np.zeros((side, side), np.uint8)
    mask[side // 2 - 60 : side // 2 + 60, 40:-40] = 255
    stack = dewrinkle(picture, mask, DewrinkleSettings(face_size=180 * scale), runtime)
    after = composite(picture, stack).pixels[:, 100:-100].astype(np.float32).mean(axis=(1, 2)) / 65535
    clean = skin[:, 100:-100].mean(axis=(1, 2))
    profile = valley / (valley @ valley)
    left, drawn = (clean - after) @ profile, valley @ profile * clean.mean()
    assert abs(left) < 0.2 * drawn
