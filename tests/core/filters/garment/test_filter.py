"""Garment creases under a brush and on whole clothes, on a shipped portrait with the shipped networks."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from softlight.compositor import composite
from softlight.errors import Cancelled, MaskError, SettingsError
from softlight.filters.garment.filter import FILTER, cloth_view, smooth
from softlight.filters.garment.settings import GarmentSettings
from softlight.filters.shared_parameters import LayerKind
from softlight.layers import BlendMode
from softlight.picture import Picture, Transfer
from softlight.runtime import Runtime
from tests.core.filters.conftest import PIXEL_TYPES, SAMPLES, changed, opened, stored
from tests.core.filters.on_its_area import assert_same, compare_on_area

DEFAULTS = GarmentSettings()
FACE, HAIR, COAT, WALL = np.s_[180:320, 200:310], np.s_[140:170, 215:300], np.s_[500:580, 130:380], np.s_[:80]
"""In the portrait of Hopper, whose eyes are 84 px apart."""


def brush(shape: tuple[int, ...]) -> np.ndarray:
    """On the sleeve at the left."""
    mask = np.zeros(shape[:2], np.uint8)
    cv2.ellipse(mask, (110, 520), (60, 50), 0, 0, 360, 255, -1)
    return mask


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES)
def test_every_depth_changes_under_the_brush_and_nowhere_else(
    portrait: np.ndarray, runtime: Runtime, dtype: type, channels: int, transfer: Transfer
) -> None:
    picture, mask = stored(portrait, dtype, channels, transfer), brush(portrait.shape)
    before = picture.pixels.copy()
    stack = smooth(picture, mask, DEFAULTS, runtime)
    np.testing.assert_array_equal(picture.pixels, before)
    after = composite(picture, stack).pixels
    reach = int(np.ceil(DEFAULTS.feather * 90)) + 1
    far = cv2.dilate(mask, np.ones((2 * reach + 1,) * 2)) == 0
    np.testing.assert_array_equal(after[far], before[far])
    np.testing.assert_array_equal(
        after[..., picture.colour_channels :], before[..., picture.colour_channels :]
    )
    assert (after != before).any(axis=2)[mask > 0].mean() > 0.2
    assert stack.layers[0].blend is BlendMode.SOFT_LIGHT


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES[::3])
def test_on_its_area_it_is_what_it_is_on_the_photo(
    portrait: np.ndarray, runtime: Runtime, dtype: type, channels: int, transfer: Transfer
) -> None:
    picture = stored(np.pad(portrait, ((0, 0), (401, 203), (0, 0))), dtype, channels, transfer)
    mask = np.pad(brush(portrait.shape), ((0, 0), (401, 203)))
    left, _, right, _ = compare_on_area(FILTER, picture, mask, DEFAULTS, runtime)
    assert right - left < picture.width


def test_what_a_brush_marked_is_cloth_whatever_the_network_thinks(runtime: Runtime) -> None:
    suit = Picture(opened(SAMPLES / "astronaut.png"))
    mask = np.zeros((suit.height, suit.width), np.uint8)
    mask[330:450, 30:130] = 255
    whole = cloth_view(suit, None, DEFAULTS, runtime)[340:440, 40:120]
    under = cloth_view(suit, mask, DEFAULTS, runtime)[340:440, 40:120]
    assert whole.min() < 0.5 < under.min()


def test_whole_clothes_are_below_the_face_and_the_face_stays(portrait: np.ndarray, runtime: Runtime) -> None:
    picture = Picture(portrait)
    view = cloth_view(picture, None, DEFAULTS, runtime)
    assert view.dtype == np.float32 and view.shape == portrait.shape[:2]
    assert view[COAT].mean() > 0.5
    different = changed(picture, smooth(picture, None, DEFAULTS, runtime))
    assert different[COAT].mean() > 0.1
    for part in (FACE, HAIR, WALL):
        assert not view[part].any() and not different[part].any()


def test_soft_light_and_normal_output_are_the_same_picture(portrait: np.ndarray, runtime: Runtime) -> None:
    picture = Picture(portrait)
    soft = composite(picture, smooth(picture, None, DEFAULTS, runtime)).pixels
    normal = smooth(picture, None, replace(DEFAULTS, layer=LayerKind.NORMAL), runtime)
    assert [layer.blend for layer in normal.layers] == [BlendMode.NORMAL]
    assert np.abs(soft.astype(int) - composite(picture, normal).pixels).max() <= 1


def test_strength_is_the_opacity_and_nothing_else(portrait: np.ndarray, runtime: Runtime) -> None:
    picture, mask = Picture(portrait), brush(portrait.shape)
    full, none = (smooth(picture, mask, replace(DEFAULTS, strength=s), runtime) for s in (1.0, 0.0))
    np.testing.assert_array_equal(composite(picture, none).pixels, portrait)
    for a, b in zip(full.layers, none.layers, strict=True):
        np.testing.assert_array_equal(a.pixels, b.pixels)


def test_of_two_people_the_chosen_one_alone_changes(portrait: np.ndarray, runtime: Runtime) -> None:
    # So far apart that the helmet in the one's hand is not nearer to the other one's face.
    both = np.full((600, 1424, 3), 120, np.uint8)
    both[:512, :512], both[:, 912:] = opened(SAMPLES / "astronaut.png"), portrait[:600]
    stack = smooth(Picture(both), None, replace(DEFAULTS, faces="2"), runtime)
    names = {layer.name.removesuffix(" (beyond soft light)") for layer in stack.layers}
    assert names == {"Garment creases 2"}
    assert not changed(Picture(both), stack)[:, :512].any()


def test_running_again_with_the_stored_settings_gives_the_same(
    portrait: np.ndarray, runtime: Runtime
) -> None:
    picture, mask = Picture(portrait), brush(portrait.shape)
    first = smooth(picture, mask, DEFAULTS, runtime)
    again = smooth(picture, mask, GarmentSettings(face_size=first.settings["face_size"]), runtime)
    assert_same(again, first, (0, 0))


def test_what_cannot_be_done_gets_one_sentence(portrait: np.ndarray, runtime: Runtime) -> None:
    picture, empty = Picture(portrait), np.zeros(portrait.shape[:2], np.uint8)
    for work in (smooth, cloth_view):
        with pytest.raises(MaskError, match="^The mask is empty; paint over the cloth first.$"):
            work(picture, empty, DEFAULTS, runtime)
        with pytest.raises(MaskError, match="^The mask is 10 x 12 pixels and the photo 512 x 600; "):
            work(picture, np.ones((12, 10), np.uint8), DEFAULTS, runtime)
        with pytest.raises(SettingsError, match="^There is no face 2, "):
            work(picture, None, replace(DEFAULTS, faces="2"), runtime)
        with pytest.raises(MaskError, match="^No face was found in the photo; paint over the clothes to "):
            work(Picture(np.full((200, 300, 3), 90, np.uint8)), None, DEFAULTS, runtime)
    cheek = empty.copy()
    cheek[255:268, 232:244] = 255
    with pytest.raises(MaskError, match="^There is no cloth under the mask; "):
        smooth(picture, cheek, DEFAULTS, runtime)


def test_it_can_be_cancelled(portrait: np.ndarray, runtime: Runtime) -> None:
    def stop(done: float, text: str) -> None:
        if done > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        smooth(Picture(portrait), None, DEFAULTS, runtime, stop)
