"""Skin retouch without a brush, on real faces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from softlight.compositor import composite
from softlight.errors import Cancelled, MaskError, SettingsError
from softlight.faces import analysis
from softlight.filters.retouch.filter import retouch, skin_view
from softlight.filters.retouch.settings import RetouchSettings, Skin
from softlight.filters.shared_parameters import LayerKind
from softlight.picture import Picture, Transfer
from softlight.runtime import Runtime
from tests.core.filters.conftest import PIXEL_TYPES, SAMPLES, changed, opened, stored

EVERYTHING = RetouchSettings(marks=1.0, keep_texture=0.0)
EYE, NECK, CHEEK = np.s_[193:202, 222:234], np.s_[350:380, 255:285], np.s_[250:270, 225:245]
"""In the portrait of Hopper."""


@pytest.fixture(scope="module")
def couple(portrait: np.ndarray) -> np.ndarray:
    """The astronaut on the left of Hopper; their faces are 43 and 84 px between the eyes."""
    both = np.full((600, 1024, 3), 120, np.uint8)
    both[:512, :512], both[:, 512:] = opened(SAMPLES / "astronaut.png"), portrait[:600]
    return both


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES)
def test_every_depth_changes_skin_and_what_must_stay_stays(
    portrait: np.ndarray, runtime: Runtime, dtype: type, channels: int, transfer: Transfer
) -> None:
    picture = stored(portrait, dtype, channels, transfer)
    before = picture.pixels.copy()
    different = changed(picture, retouch(picture, None, EVERYTHING, runtime))
    np.testing.assert_array_equal(picture.pixels, before)
    assert different[CHEEK].mean() > 0.3 and not different[EYE].any()


def test_faces_only_leaves_the_neck_alone(portrait: np.ndarray, runtime: Runtime) -> None:
    picture = Picture(portrait)
    all_of_it = skin_view(picture, None, RetouchSettings(), runtime)
    face = skin_view(picture, None, RetouchSettings(skin=Skin.FACES), runtime)
    assert all_of_it[NECK].mean() > 0.5 and face[NECK].max() < 0.1
    assert all_of_it[CHEEK].mean() > 0.8 and face[CHEEK].mean() > 0.8
    for view in (all_of_it, face):
        assert not view[EYE].any()
        assert view.dtype == np.float32 and view.shape == portrait.shape[:2] and view.max() <= 1


def test_the_map_is_the_mask_of_what_changes(portrait: np.ndarray, runtime: Runtime) -> None:
    picture, settings = Picture(portrait), replace(EVERYTHING, layer=LayerKind.NORMAL)
    (layer,) = retouch(picture, None, settings, runtime).layers
    view = skin_view(picture, None, settings, runtime)
    (x, y), (height, width) = layer.offset, layer.mask.shape
    shown = view[y : y + height, x : x + width]
    changes = layer.mask > 0
    assert np.abs(layer.mask[changes] / 255 - shown[changes]).max() <= 0.5 / 255 + 1e-6


def test_each_face_has_a_layer_and_a_chosen_one_is_alone(couple: np.ndarray, runtime: Runtime) -> None:
    picture, settings = Picture(couple), replace(EVERYTHING, layer=LayerKind.NORMAL, skin=Skin.FACES)
    both = retouch(picture, None, settings, runtime)
    assert [layer.name for layer in both.layers] == ["Skin retouch 1", "Skin retouch 2"]
    second = retouch(picture, None, replace(settings, faces="2"), runtime)
    assert [layer.name for layer in second.layers] == ["Skin retouch 2"]
    np.testing.assert_array_equal(second.layers[0].mask, both.layers[1].mask)
    assert not changed(picture, second)[:, :512].any()
    assert second.settings["faces"] == "2" and second.settings["face_size"] is None


def test_what_is_nearer_to_another_face_is_left_to_it(portrait: np.ndarray, runtime: Runtime) -> None:
    """Two faces cheek to cheek: no skin of the second changes when only the first is chosen."""
    close = Picture(np.concatenate([portrait[:, 120:362], portrait[:, 170:400]], axis=1))
    first, second = analysis.find(close, runtime)
    view = skin_view(close, None, RetouchSettings(faces="1"), runtime)
    x, y = second.points.mean(axis=0).round().astype(int)
    assert not view[y - 20 : y + 20, x - 20 : x + 20].any()
    x, y = first.points.mean(axis=0).round().astype(int)
    assert view[y - 20 : y + 20, x - 20 : x + 20].mean() > 0.5


def test_corrections_add_up(portrait: np.ndarray, runtime: Runtime) -> None:
    """All but the blemishes, which a mole that stays holds back."""
    picture = Picture(portrait.astype(np.float32) / 255)
    off = RetouchSettings(blemishes=0.0, evenness=0.0, shine=0.0, under_eye=0.0, skin=Skin.FACES)
    names = ("marks", "evenness", "shine", "under_eye")
    alone = {
        name: composite(picture, retouch(picture, None, replace(off, **{name: 1.0}), runtime)).pixels
        for name in names
    }
    together = retouch(picture, None, replace(off, **dict.fromkeys(names, 1.0)), runtime)
    result = composite(picture, together).pixels - picture.pixels
    total = sum(pixels - picture.pixels for pixels in alone.values())
    assert np.abs(result).max() > 0.02
    assert np.abs(result - total).max() < 1e-4


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (RetouchSettings(faces="2"), "There is no face 2, as the photo shows one; choose 1, or all."),
        (
            RetouchSettings(blemishes=0.0, evenness=0.0, shine=0.0, under_eye=0.0),
            "All corrections are switched off, and the texture is kept; switch on those that shall be made.",
        ),
    ],
)
def test_what_cannot_be_done_gets_one_sentence(
    portrait: np.ndarray, runtime: Runtime, settings: RetouchSettings, sentence: str
) -> None:
    for work in (retouch, skin_view):
        with pytest.raises(SettingsError, match=f"^{sentence}$"):
            work(Picture(portrait), None, settings, runtime)


def test_a_picture_without_faces_gets_one_sentence(runtime: Runtime) -> None:
    nobody = Picture(np.full((200, 300, 3), 90, np.uint8))
    sentence = "^No face was found in the photo; paint over the skin to retouch it.$"
    for work in (retouch, skin_view):
        with pytest.raises(MaskError, match=sentence):
            work(nobody, None, RetouchSettings(), runtime)


def test_it_can_be_cancelled_between_faces(couple: np.ndarray, runtime: Runtime) -> None:
    shares: list[float] = []

    def stop(done: float, text: str) -> None:
        assert not shares or done >= shares[-1] - 1e-9
        shares.append(done)
        if done > 0.7:
            raise Cancelled

    with pytest.raises(Cancelled):
        retouch(Picture(couple), None, RetouchSettings(), runtime, stop)
