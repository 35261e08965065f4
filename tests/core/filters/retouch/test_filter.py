"""Skin retouch under a brush, on a shipped portrait with the shipped networks."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from softlight.compositor import composite
from softlight.errors import MaskError, SettingsError
from softlight.faces import analysis
from softlight.filters.pyramid import painted
from softlight.filters.retouch.filter import FILTER, retouch
from softlight.filters.retouch.settings import RetouchSettings
from softlight.filters.shared_parameters import LayerKind
from softlight.layers import BlendMode
from softlight.picture import Picture, Transfer
from softlight.progress import silent
from softlight.runtime import Runtime
from tests.core.filters.conftest import PIXEL_TYPES, changed, stored
from tests.core.filters.on_its_area import assert_same, compare_on_area

EVERYTHING = RetouchSettings(marks=1.0, keep_texture=0.0)
CHEEK = (238, 262), (20, 14)
"""Middle and half axes in the portrait, whose eyes are 84 px apart."""


def cheek(shape: tuple[int, ...], scale: float = 1.0) -> np.ndarray:
    mask = np.zeros(shape[:2], np.uint8)
    (x, y), (wide, high) = ((round(scale * a), round(scale * b)) for a, b in CHEEK)
    cv2.ellipse(mask, (x, y), (wide, high), 0, 0, 360, 255, -1)
    return mask


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES)
def test_every_depth_changes_under_the_brush_and_nowhere_else(
    portrait: np.ndarray, runtime: Runtime, dtype: type, channels: int, transfer: Transfer
) -> None:
    picture, mask = stored(portrait, dtype, channels, transfer), cheek(portrait.shape)
    before = picture.pixels.copy()
    stack = retouch(picture, mask, EVERYTHING, runtime)
    np.testing.assert_array_equal(picture.pixels, before)
    after = composite(picture, stack).pixels
    reach = int(np.ceil(EVERYTHING.feather * 90)) + 1
    far = cv2.dilate(mask, np.ones((2 * reach + 1,) * 2)) == 0
    np.testing.assert_array_equal(after[far], before[far])
    np.testing.assert_array_equal(
        after[..., picture.colour_channels :], before[..., picture.colour_channels :]
    )
    assert (after != before).any(axis=2)[mask > 0].mean() > 0.3
    assert stack.layers[0].blend is BlendMode.SOFT_LIGHT


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES)
def test_on_its_area_it_is_what_it_is_on_the_photo(
    portrait: np.ndarray, runtime: Runtime, dtype: type, channels: int, transfer: Transfer
) -> None:
    picture = stored(np.pad(portrait, ((0, 0), (401, 203), (0, 0))), dtype, channels, transfer)
    mask = np.pad(cheek(portrait.shape), ((0, 0), (401, 203)))
    left, _, right, _ = compare_on_area(FILTER, picture, mask, EVERYTHING, runtime)
    assert right - left < picture.width


@pytest.mark.parametrize("scale", [0.3, 2.0, 5.3])
def test_on_its_area_at_every_size_of_a_face(portrait: np.ndarray, runtime: Runtime, scale: float) -> None:
    """Faces of 25, 170 and 450 px between the eyes: enlarged, as they are, and halved."""
    height, width = portrait.shape[:2]
    face = portrait[:420, 100:420]
    size = (round(scale * face.shape[1]), round(scale * face.shape[0]))
    pixels = np.asarray(Image.fromarray(face).resize(size, Image.Resampling.BICUBIC))
    pixels = np.pad(pixels, ((3, 0), (round(scale * 300), 5), (0, 0)), mode="edge")
    mask = cheek((height * 6, width * 6), scale)[: size[1], round(100 * scale) :][:, : size[0]]
    mask = np.pad(mask, ((3, 0), (round(scale * 300), 5)))
    compare_on_area(FILTER, Picture(pixels), mask, EVERYTHING, runtime)


def test_the_scale_is_that_of_the_face_under_the_brush_and_not_of_the_stroke(
    portrait: np.ndarray, runtime: Runtime
) -> None:
    def scale(mask: np.ndarray, face_size: float) -> float:
        seen = painted.look(Picture(portrait), mask, face_size, 0.02, "the skin", runtime, silent)
        return seen.interocular

    (face,) = analysis.find(Picture(portrait), runtime)
    for face_size in (70.0, 190.0):
        assert scale(cheek(portrait.shape), face_size) == pytest.approx(face.interocular, rel=0.05)
    sleeve = np.zeros(portrait.shape[:2], np.uint8)
    sleeve[560:590, 440:480] = 255
    assert scale(sleeve, 33.0) == 33.0


def test_soft_light_and_normal_output_are_the_same_picture(portrait: np.ndarray, runtime: Runtime) -> None:
    picture, mask = Picture(portrait), cheek(portrait.shape)
    soft = composite(picture, retouch(picture, mask, EVERYTHING, runtime)).pixels
    normal_stack = retouch(picture, mask, replace(EVERYTHING, layer=LayerKind.NORMAL), runtime)
    assert [layer.blend for layer in normal_stack.layers] == [BlendMode.NORMAL]
    normal = composite(picture, normal_stack).pixels
    assert np.abs(soft.astype(int) - normal).max() <= 1


def test_strength_is_the_opacity_and_nothing_else(portrait: np.ndarray, runtime: Runtime) -> None:
    picture, mask = Picture(portrait), cheek(portrait.shape)
    full = retouch(picture, mask, EVERYTHING, runtime)
    none = retouch(picture, mask, replace(EVERYTHING, strength=0.0), runtime)
    assert {layer.opacity for layer in full.layers} == {1.0}
    np.testing.assert_array_equal(composite(picture, none).pixels, portrait)
    for a, b in zip(full.layers, none.layers, strict=True):
        np.testing.assert_array_equal(a.pixels, b.pixels)


def test_eyes_and_brows_stay_under_the_brush(portrait: np.ndarray, runtime: Runtime) -> None:
    picture, mask = Picture(portrait), np.zeros(portrait.shape[:2], np.uint8)
    mask[150:240, 195:260] = 255
    eye = np.s_[193:202, 222:234]
    kept = retouch(picture, mask, EVERYTHING, runtime)
    assert changed(picture, kept).any() and not changed(picture, kept)[eye].any()
    in_eye = np.zeros_like(mask)
    in_eye[195:200, 225:231] = 255
    with pytest.raises(MaskError, match="^Only eyes, brows, lips, hair or glasses are under the mask; "):
        retouch(picture, in_eye, EVERYTHING, runtime)


def test_running_again_with_the_stored_settings_gives_the_same(
    portrait: np.ndarray, runtime: Runtime
) -> None:
    picture, mask = Picture(portrait), cheek(portrait.shape)
    first = retouch(picture, mask, RetouchSettings(), runtime)
    again = retouch(picture, mask, RetouchSettings(face_size=first.settings["face_size"]), runtime)
    assert_same(again, first, (0, 0))


def test_infinite_pixels_stay_and_poison_nothing(portrait: np.ndarray, runtime: Runtime) -> None:
    pixels = portrait.astype(np.float32) / 255
    pixels[262, 238], pixels[260, 240, 1] = np.nan, np.inf
    after = composite(
        Picture(pixels), retouch(Picture(pixels), cheek(pixels.shape), EVERYTHING, runtime)
    ).pixels
    np.testing.assert_array_equal(np.isfinite(after), np.isfinite(pixels))


def test_what_cannot_be_done_gets_one_sentence(portrait: np.ndarray, runtime: Runtime) -> None:
    picture, empty = Picture(portrait), np.zeros(portrait.shape[:2], np.uint8)
    off = RetouchSettings(blemishes=0.0, evenness=0.0, shine=0.0, under_eye=0.0)
    cap = empty.copy()
    cap[100:118, 240:280] = 255
    for work in (FILTER.run, FILTER.view):
        assert work is not None
        with pytest.raises(MaskError, match="^The mask is empty; paint over the skin first.$"):
            work(picture, empty, RetouchSettings(), runtime)
        with pytest.raises(MaskError, match="^The mask is 10 x 12 pixels and the photo 512 x 600; "):
            work(picture, np.ones((12, 10), np.uint8), RetouchSettings(), runtime)
        with pytest.raises(SettingsError, match="^All corrections are switched off"):
            work(picture, cheek(portrait.shape), off, runtime)
    with pytest.raises(MaskError, match="^There is no skin under the mask; "):
        retouch(picture, cap, replace(EVERYTHING, protect=False), runtime)
