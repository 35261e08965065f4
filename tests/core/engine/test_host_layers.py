"""Layers as hosts want them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from softlight.compositor import composite
from softlight.engine.host_layers import ROWS, host_layers
from softlight.engine.pixels import to_array, to_raster
from softlight.layers import BlendMode, Layer, LayerStack, SourceType
from softlight.picture import Picture
from softlight_bridge.messages import Box, PixelFormat, Raster
from tests.bridge.ground import trial_job

PHOTO = Picture(np.linspace(0, 255, 40 * 30 * 3).astype(np.uint8).reshape(30, 40, 3))
BOX = Box(100, 50, 40, 30)


def stack(*layers: Layer) -> LayerStack:
    return LayerStack("Group", layers, {"filter": "x"}, ("A note.",))


def layer(width: int = 40, height: int = 30, offset: tuple[int, int] = (0, 0), channels: int = 3) -> Layer:
    rng = np.random.default_rng(5)
    pixels = rng.random((height, width, channels), np.float32)
    mask = np.clip(rng.random((height, width), np.float32) * 2 - 0.5, 0, 1)
    return Layer("L", pixels, mask, BlendMode.SOFT_LIGHT, 0.5, offset)


def test_offsets_are_those_of_the_whole_photo() -> None:
    (found,) = host_layers(PHOTO, stack(layer(5, 4, (3, 2))), trial_job(), BOX).layers
    assert found.box == Box(103, 52, 5, 4)


def test_what_a_picture_must_say_of_itself_goes_with_the_layers() -> None:
    marked = replace(stack(layer()), source_type=SourceType.EDITED_WITH_AI)
    assert host_layers(PHOTO, stack(layer()), trial_job(), BOX).source_type is None
    assert host_layers(PHOTO, marked, trial_job(), BOX).source_type == SourceType.EDITED_WITH_AI.value
    baking = trial_job()._replace(blends=("normal",))
    assert host_layers(PHOTO, marked, baking, BOX).source_type == SourceType.EDITED_WITH_AI.value
    outside = replace(marked, layers=(layer(5, 5, (40, 0)),))
    assert host_layers(PHOTO, outside, trial_job(), BOX).source_type is None


def test_what_lies_outside_the_photo_is_cut_off_and_layers_wholly_outside_are_dropped() -> None:
    whole = layer(60, 50, (-10, -10))
    found = host_layers(PHOTO, stack(whole, layer(5, 5, (40, 0)), layer(5, 5, (0, -5))), trial_job(), BOX)
    (kept,) = found.layers
    assert kept.box == BOX and kept.mask is not None
    expected = np.rint(whole.mask[10:40, 10:50] * 255)
    np.testing.assert_array_equal(to_array(kept.mask)[..., 0], expected)


def test_a_mask_that_rounds_to_nothing_shows_nothing() -> None:
    thin = Layer("L", np.full((1, 3, 3), 0.7, np.float32), np.array([[0.0, 0.001, 0.003]], np.float32))
    (found,) = host_layers(PHOTO, stack(thin), trial_job(), BOX).layers
    assert found.mask is not None
    assert to_array(found.mask)[0, :, 0].tolist() == [0, 0, 1]
    assert to_array(found.pixels)[0].tolist() == [[0] * 4, [0] * 4, [178, 178, 178, 255]]


def test_grey_layers_in_colour_documents() -> None:
    grey = Picture(PHOTO.pixels[..., :1])
    job = trial_job()._replace(layer_format=PixelFormat("BGRA", "f32"))
    (found,) = host_layers(grey, stack(layer(channels=1)), job, BOX).layers
    pixels = to_array(found.pixels)
    assert (pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 1] == pixels[..., 2]).all()


def test_a_tall_layer_is_converted_in_strips_without_seams() -> None:
    tall = layer(3, 2 * ROWS + 7)
    photo = Picture(np.zeros((2 * ROWS + 7, 3, 3), np.uint8))
    (found,) = host_layers(photo, stack(tall), trial_job(), Box(0, 0, 3, 2 * ROWS + 7)).layers
    shown = np.rint(tall.mask * 255) > 0
    np.testing.assert_array_equal(to_array(found.pixels)[shown][:, :3], np.rint(tall.pixels * 255)[shown])


def test_a_baked_stack_composites_to_the_same_picture() -> None:
    soft = stack(layer())
    job = trial_job()._replace(blends=("normal",), layer_format=PixelFormat("RGBA", "f32"), mask_depth="f32")
    (found,) = host_layers(PHOTO, soft, job, BOX).layers
    assert found.blend == "normal" and found.opacity == 0.5 and found.mask is not None
    baked = Layer("L", to_array(found.pixels)[..., :3], to_array(found.mask)[..., 0], BlendMode.NORMAL, 0.5)
    np.testing.assert_array_equal(composite(PHOTO, stack(baked)).pixels, composite(PHOTO, soft).pixels)


@pytest.mark.parametrize("channels", ["Y", "YA", "RGB", "RGBA", "BGR", "BGRA"])
@pytest.mark.parametrize("depth", ["u8", "u16", "f16", "f32"])
def test_rasters_become_arrays_in_our_order(channels: str, depth: str) -> None:
    form = PixelFormat(channels, depth)
    data = (np.arange(2 * 3 * 4) % 200).astype({"u8": "u1", "u16": "u2", "f16": "f2", "f32": "f4"}[depth])
    count = len(channels)
    stored = data[: 2 * 3 * count].reshape(2, 3, count)
    found = to_array(Raster(3, 2, form, stored.tobytes()))
    ours = {"BGR": "RGB", "BGRA": "RGBA"}.get(channels, channels)
    for number, name in enumerate(ours):
        np.testing.assert_array_equal(found[..., number], stored[..., channels.index(name)])
    again = to_raster(found, ours)
    assert again.format == PixelFormat(ours, depth) and bytes(again.data) == found.tobytes()
