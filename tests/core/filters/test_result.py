"""Finished blocks become layers that flatten to them, at every depth, and change nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from softlight.compositor import composite
from softlight.encoding import to_unit
from softlight.filters.result import ResultLayers
from softlight.layers import BlendMode, Layer, LayerStack
from softlight.picture import Picture

BOX = (7, 11, 190, 160)
KINDS = [(np.uint8, 1.6 / 255), (np.uint16, 1.6 / 65535), (np.float16, 1e-3), (np.float32, 1e-5)]
"""Pixel types, and how far a flattened pixel may lie from its result: in integers a level for each rounding,
and something for the mask of a half, which no integer is."""


def photo(kind: type) -> np.ndarray:
    values = np.random.default_rng(8).random((200, 210, 3), np.float32)
    values[:40] *= 0.02
    if np.dtype(kind).kind == "u":
        return np.rint(values * np.iinfo(kind).max).astype(kind)
    return values.astype(kind)


def wanted(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A result in unit values that soft light holds in part, and a weight of 0, 1/2 and 1."""
    y, x = np.mgrid[0:200, 0:210].astype(np.float32)
    change = (0.08 * np.sin(x / 9) * np.cos(y / 7))[..., None]
    weight = np.where(x > 120, 0.5, 1.0) * (y > 30)
    return np.clip(to_unit(pixels) + change, 0, 1), weight.astype(np.float32)


def layers(picture: Picture, blend: BlendMode, side: int) -> tuple[Layer, ...]:
    result, weight = wanted(picture.pixels)
    found = ResultLayers(picture, "name", BOX, blend)
    for top in range(BOX[1], BOX[3], side):
        for left in range(BOX[0], BOX[2], side):
            box = left, top, min(left + side, BOX[2]), min(top + side, BOX[3])
            part = np.s_[box[1] : box[3], box[0] : box[2]]
            found.add(box, result[part], weight[part])
    return found.layers(1.0)


@pytest.mark.parametrize(("kind", "tolerance"), KINDS)
@pytest.mark.parametrize("blend", list(BlendMode))
def test_layers_flatten_to_what_was_finished(kind: type, tolerance: float, blend: BlendMode) -> None:
    picture = Picture(photo(kind))
    found = layers(picture, blend, 64)
    # Float layers keep B outside of 0..1.
    alone = blend is BlendMode.NORMAL or kind is np.float32
    assert [layer.blend for layer in found] == [blend] + [BlendMode.NORMAL] * (not alone)
    flat = composite(picture, LayerStack("stack", found)).pixels
    result, weight = wanted(picture.pixels)
    inside = np.zeros((200, 210), bool)
    inside[BOX[1] : BOX[3], BOX[0] : BOX[2]] = True
    weight = np.where(inside, weight, 0)
    np.testing.assert_array_equal(flat[weight == 0], picture.pixels[weight == 0])
    own = to_unit(picture.pixels)
    expected = own + weight[..., None] * (result - own)
    assert np.abs(to_unit(flat) - expected).max() <= tolerance


def test_blocks_do_not_matter() -> None:
    picture = Picture(photo(np.uint16))
    for one, other in zip(*(layers(picture, BlendMode.SOFT_LIGHT, s) for s in (50, 500)), strict=True):
        assert one.offset == other.offset and one.mask.flags.c_contiguous and one.pixels.flags.c_contiguous
        np.testing.assert_array_equal(one.mask, other.mask)
        np.testing.assert_array_equal(one.pixels[one.mask > 0], other.pixels[other.mask > 0])


def test_no_pixel_is_in_both_layers_and_both_are_trimmed() -> None:
    picture = Picture(photo(np.uint8))
    seen = np.zeros((200, 210), int)
    for layer in layers(picture, BlendMode.SOFT_LIGHT, 64):
        (x, y), (height, width) = layer.offset, layer.mask.shape
        seen[y : y + height, x : x + width] += layer.mask > 0
        assert layer.mask[0].any() and layer.mask[-1].any()
        assert layer.mask[:, 0].any() and layer.mask[:, -1].any()
    assert seen.max() == 1


def test_nothing_changed_gives_no_layer() -> None:
    picture = Picture(photo(np.uint8))
    found = ResultLayers(picture, "name", BOX, BlendMode.SOFT_LIGHT)
    own = to_unit(picture.pixels)[BOX[1] : BOX[3], BOX[0] : BOX[2]]
    found.add(BOX, own, np.ones(own.shape[:2], np.float32))
    assert found.layers(1.0) == ()
