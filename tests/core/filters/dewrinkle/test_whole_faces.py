"""De-wrinkle without a brush, on real faces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from softlight.alignment import Box
from softlight.errors import Cancelled, MaskError, SettingsError
from softlight.faces import analysis
from softlight.faces.regions import REGIONS, drawn
from softlight.filters.dewrinkle.filter import dewrinkle
from softlight.filters.dewrinkle.settings import DewrinkleSettings, Target
from softlight.filters.dewrinkle.view import wrinkle_view
from softlight.filters.shared_parameters import SMALLEST_FACE, LayerKind
from softlight.picture import Picture, Transfer
from softlight.runtime import Runtime
from tests.core.filters.conftest import PIXEL_TYPES, SAMPLES, changed, opened, stored

NOTHING = DewrinkleSettings(**dict.fromkeys(REGIONS, 0.0))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def couple(portrait: np.ndarray) -> np.ndarray:
    """The astronaut on the left of Hopper; their faces are 43 and 84 px between the eyes."""
    both = np.full((600, 1024, 3), 120, np.uint8)
    both[:512, :512], both[:, 512:] = opened(SAMPLES / "astronaut.png"), portrait
    return both


def plane(picture: Picture, runtime: Runtime, names: tuple[str, ...]) -> np.ndarray:
    (face,) = analysis.find(picture, runtime)
    box = Box(0, 0, picture.width, picture.height)
    return drawn(face.landmarks, face.interocular, dict.fromkeys(names, 1.0), 0.02).in_box(box)


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES)
def test_every_depth_changes_in_the_regions_and_nowhere_else(
    portrait: np.ndarray, runtime: Runtime, dtype: type, channels: int, transfer: Transfer
) -> None:
    picture = stored(portrait, dtype, channels, transfer)
    before = picture.pixels.copy()
    stack = dewrinkle(picture, None, replace(NOTHING, forehead=1.0, glabella=1.0), runtime)
    np.testing.assert_array_equal(picture.pixels, before)
    different = changed(picture, stack)
    assert not different[plane(picture, runtime, ("forehead", "glabella")) == 0].any()
    assert different.sum() > 100
    assert {layer.name.removesuffix(" (beyond soft light)") for layer in stack.layers} == {"De-wrinkle"}


def test_each_region_alone_changes_itself_and_together_they_change_all(
    portrait: np.ndarray, runtime: Runtime
) -> None:
    picture = Picture(portrait)
    everything = changed(picture, dewrinkle(picture, None, DewrinkleSettings(), runtime))
    of_regions = np.zeros_like(everything)
    for name in ("nasolabial", "chin", "cheeks", "neck"):
        alone = changed(picture, dewrinkle(picture, None, replace(NOTHING, **{name: 1.0}), runtime))
        assert alone.sum() > 100, name
        assert not alone[plane(picture, runtime, (name,)) == 0].any(), name
        of_regions |= alone
    assert (everything | ~of_regions).mean() > 0.99
    # Eyes, lips and the cap.
    for x, y in [(228, 197), (306, 194), (266, 277), (266, 95)]:
        assert not everything[y - 2 : y + 3, x - 2 : x + 3].any()


def test_a_strength_is_the_value_in_the_mask(portrait: np.ndarray, runtime: Runtime) -> None:
    settings = replace(NOTHING, cheeks=0.5, layer=LayerKind.NORMAL)
    (half,) = dewrinkle(Picture(portrait), None, settings, runtime).layers
    assert half.mask.max() in (127, 128)
    assert half.opacity == 1.0


def test_each_face_has_a_layer_and_no_pixel_has_two(couple: np.ndarray, runtime: Runtime) -> None:
    picture = Picture(couple)
    settings = DewrinkleSettings(layer=LayerKind.NORMAL)
    stack = dewrinkle(picture, None, settings, runtime)
    assert [layer.name for layer in stack.layers] == ["De-wrinkle 1", "De-wrinkle 2"]
    covered = np.zeros(couple.shape[:2], int)
    for layer in stack.layers:
        (x, y), (height, width) = layer.offset, layer.mask.shape
        covered[y : y + height, x : x + width] += layer.mask > 0
    assert covered.max() == 1
    assert stack.settings["faces"] == "all"
    assert stack.settings["face_size"] is None
    first = dewrinkle(picture, None, replace(settings, faces="1"), runtime)
    assert [layer.name for layer in first.layers] == ["De-wrinkle 1"]
    np.testing.assert_array_equal(first.layers[0].mask, stack.layers[0].mask)
    assert not changed(picture, first)[:, 512:].any()


def test_a_face_too_small_for_wrinkles_is_passed_over(portrait: np.ndarray, runtime: Runtime) -> None:
    height, width = 90, 77
    small = np.asarray(Image.fromarray(portrait).resize((width, height), Image.Resampling.BOX))
    group = np.concatenate([portrait, np.full((600, 120, 3), 120, np.uint8)], axis=1)
    group[100 : 100 + height, 540 : 540 + width] = small
    picture, settings = Picture(group), DewrinkleSettings(layer=LayerKind.NORMAL)
    large, far = analysis.find(picture, runtime)
    assert far.interocular < SMALLEST_FACE < large.interocular
    stack = dewrinkle(picture, None, settings, runtime)
    assert [layer.name for layer in stack.layers] == ["De-wrinkle 1"]
    with pytest.raises(MaskError, match="too small for wrinkles, with less than 16 px between the eyes; "):
        dewrinkle(picture, None, replace(settings, faces="2"), runtime)


def test_faces_that_overlap_share_no_pixel(portrait: np.ndarray, runtime: Runtime) -> None:
    """Two faces cheek to cheek: what is nearer to one face belongs to it alone."""
    close = np.concatenate([portrait[:, 120:362], portrait[:, 170:400]], axis=1)
    stack = dewrinkle(Picture(close), None, DewrinkleSettings(layer=LayerKind.NORMAL), runtime)
    assert len(stack.layers) == 2
    covered = np.zeros(close.shape[:2], int)
    for layer in stack.layers:
        (x, y), (height, width) = layer.offset, layer.mask.shape
        covered[y : y + height, x : x + width] += layer.mask > 0
    assert covered.max() == 1


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (DewrinkleSettings(faces="2"), "There is no face 2, as the photo shows one; choose 1, or all."),
        (NOTHING, "All regions are switched off; switch on those that shall change."),
        (DewrinkleSettings(target=Target.EVERYTHING), "Without a brush only wrinkles can be removed; "),
    ],
)
def test_what_cannot_be_done_gets_one_sentence(
    portrait: np.ndarray, runtime: Runtime, settings: DewrinkleSettings, sentence: str
) -> None:
    for work in (dewrinkle, wrinkle_view):
        with pytest.raises(SettingsError, match=sentence):
            work(Picture(portrait), None, settings, runtime)


def test_a_picture_without_faces_gets_one_sentence(runtime: Runtime) -> None:
    for work in (dewrinkle, wrinkle_view):
        with pytest.raises(MaskError, match="^No face was found in the photo; paint over the wrinkles"):
            work(Picture(np.full((200, 300, 3), 90, np.uint8)), None, DewrinkleSettings(), runtime)


def test_running_again_with_the_stored_settings_gives_the_same(
    portrait: np.ndarray, runtime: Runtime
) -> None:
    picture, settings = Picture(portrait), replace(NOTHING, chin=0.7, faces="1")
    first = dewrinkle(picture, None, settings, runtime)
    told = {name: value for name, value in first.settings.items() if name != "filter"}
    told = {**told, "target": Target(told["target"]), "layer": LayerKind(told["layer"])}
    again = dewrinkle(picture, None, DewrinkleSettings(**told), runtime)
    for a, b in zip(first.layers, again.layers, strict=True):
        assert a.offset == b.offset
        np.testing.assert_array_equal(a.pixels, b.pixels)
        np.testing.assert_array_equal(a.mask, b.mask)


def test_the_map_shows_what_goes_and_nothing_else(portrait: np.ndarray, runtime: Runtime) -> None:
    picture, settings = Picture(portrait), replace(NOTHING, nasolabial=1.0, chin=0.5)
    seen = wrinkle_view(picture, None, settings, runtime)
    assert seen.shape == portrait.shape[:2]
    assert seen[plane(picture, runtime, ("nasolabial",)) > 0.9].max() > 0.9
    assert 0.2 < seen[plane(picture, runtime, ("chin",)) > 0.9].max() <= 0.51
    assert not seen[plane(picture, runtime, ("nasolabial", "chin")) == 0].any()


def test_it_can_be_cancelled_between_faces(couple: np.ndarray, runtime: Runtime) -> None:
    shares: list[float] = []

    def stop(done: float, text: str) -> None:
        assert not shares or done >= shares[-1] - 1e-9
        shares.append(done)
        if done > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        dewrinkle(Picture(couple), None, DewrinkleSettings(), runtime, stop)
