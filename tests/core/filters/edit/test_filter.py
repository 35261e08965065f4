"""Edit attributes on shipped portraits, with the shipped networks."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from softlight.compositor import composite
from softlight.errors import Cancelled, MaskError, SettingsError
from softlight.faces import analysis
from softlight.faces.mesh import mesh_of
from softlight.filters.edit.filter import FILTER, edit
from softlight.filters.edit.settings import SPEC, EditSettings, HairColour
from softlight.layers import BlendMode
from softlight.picture import Picture, Transfer
from softlight.runtime import Runtime
from tests.core.filters.conftest import PIXEL_TYPES, SAMPLES, changed, opened, stored
from tests.core.filters.on_its_area import assert_same, compare_on_area

SMILE = EditSettings(smile=1.0)
ALL = EditSettings(smile=0.6, brows=0.5, eyes=0.5, age=12.0, gender=-0.5)
MOUTH, WALL, COAT, HAT = (
    np.s_[285:315, 230:290], np.s_[:60, :60], np.s_[520:590, 20:120], np.s_[70:120, 220:300]
)  # fmt: skip
"""In the portrait of Hopper, whose eyes are 82 px apart."""


def brush(shape: tuple[int, ...]) -> np.ndarray:
    """Over the mouth."""
    mask = np.zeros(shape[:2], np.uint8)
    cv2.ellipse(mask, (257, 290), (50, 35), 0, 0, 360, 255, -1)
    return mask


def two_people(portrait: np.ndarray) -> np.ndarray:
    both = np.full((600, 1024, 3), 120, np.uint8)
    both[:512, :512], both[:, 512:] = opened(SAMPLES / "astronaut.png"), portrait[:600]
    return both


def raised(image: np.ndarray, runtime: Runtime) -> float:
    """How far the corners of the mouth are above its middle, in distances between the eyes."""
    (face,) = analysis.find(Picture(image), runtime)
    mesh = mesh_of(face.landmarks)
    middle = (mesh[0] + mesh[17]) / 2
    return float(middle[1] - (mesh[61, 1] + mesh[291, 1]) / 2) / face.interocular


def test_at_zero_nothing_changes(portrait: np.ndarray, runtime: Runtime) -> None:
    stack = edit(Picture(portrait), None, EditSettings(), runtime)
    assert not stack.layers
    assert stack.notes[-1] == "All sliders are at zero, so nothing was changed."


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES)
def test_every_depth_changes_in_the_face_and_nowhere_else(
    portrait: np.ndarray, runtime: Runtime, dtype: type, channels: int, transfer: Transfer
) -> None:
    picture = stored(portrait, dtype, channels, transfer)
    before = picture.pixels.copy()
    stack = edit(picture, None, ALL, runtime)
    np.testing.assert_array_equal(picture.pixels, before)
    assert all(layer.blend is BlendMode.NORMAL for layer in stack.layers)
    different = changed(picture, stack)
    assert different[MOUTH].mean() > 0.9
    assert not different[WALL].any() and not different[COAT].any() and not different[HAT].any()


def test_each_attribute_is_a_layer_of_its_own(portrait: np.ndarray, runtime: Runtime) -> None:
    stack = edit(Picture(portrait), None, ALL, runtime)
    assert [one.name.removeprefix("Edit attributes: ") for one in stack.layers] == [
        "Age", "Gender", "Brows", "Eyes", "Smile",
    ]  # fmt: skip


def test_the_corners_of_the_mouth_go_up_and_down(portrait: np.ndarray, runtime: Runtime) -> None:
    """As the landmarks see it in the result: evenly with the slider."""
    found = []
    for smile in (-1.0, -0.5, 0.0, 0.5, 1.0):
        stack = edit(Picture(portrait), None, EditSettings(smile=smile), runtime)
        found.append(raised(composite(Picture(portrait), stack).pixels, runtime))
    steps = np.diff(found)
    assert (steps > 0.005).all() and found[-1] - found[0] > 0.08


def test_closed_lips_stay_closed(portrait: np.ndarray, runtime: Runtime) -> None:
    stack = edit(Picture(portrait), None, SMILE, runtime)
    (face,) = analysis.find(Picture(composite(Picture(portrait), stack).pixels), runtime)
    (before,) = analysis.find(Picture(portrait), runtime)
    assert face.landmarks.lips_open < before.landmarks.lips_open + 0.05


def test_the_layers_are_the_same_whatever_is_edited_beside(portrait: np.ndarray, runtime: Runtime) -> None:
    """Brows and mouth lie apart: either layer is what it is alone."""
    picture = Picture(portrait)
    both = edit(picture, None, EditSettings(brows=0.7, smile=0.7), runtime)
    smile = edit(picture, None, EditSettings(smile=0.7), runtime)
    after, alone = composite(picture, both).pixels, composite(picture, smile).pixels
    # Raised brows move the points that the next step begins with by less than rounding hides.
    np.testing.assert_allclose(after[MOUTH].astype(int), alone[MOUTH], atol=2)


def test_grey_stays_grey(portrait: np.ndarray, runtime: Runtime) -> None:
    grey = np.repeat(portrait.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    after = composite(Picture(grey), edit(Picture(grey), None, ALL, runtime)).pixels
    assert (after != grey).any()
    assert (after[..., 0] == after[..., 1]).all() and (after[..., 1] == after[..., 2]).all()


def test_a_move_keeps_the_grain(portrait: np.ndarray, runtime: Runtime) -> None:
    """A large face, with noise as fine as its pixels: where it moves the noise is as strong."""
    large = cv2.resize(portrait, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
    noise = np.random.default_rng(2).normal(0, 0.03, large.shape[:2]).astype(np.float32)
    noisy = large + cv2.GaussianBlur(noise, (0, 0), 0.7)[..., None]
    stack = edit(Picture(noisy), None, EditSettings(smile=1.0), runtime)
    plain = edit(Picture(large), None, EditSettings(smile=1.0), runtime)
    cheek = np.s_[800:880, 600:680]
    grain = composite(Picture(noisy), stack).pixels[cheek] - composite(Picture(large), plain).pixels[cheek]
    assert grain.std() > 0.9 * (noisy - large)[cheek].std()


def test_of_two_people_the_chosen_one_alone_changes(portrait: np.ndarray, runtime: Runtime) -> None:
    picture = Picture(two_people(portrait))
    stack = edit(picture, None, replace(SMILE, faces="2"), runtime)
    assert [one.name for one in stack.layers] == ["Edit attributes: Smile 2"]
    assert not changed(picture, stack)[:, :480].any()


def test_a_brush_says_where(portrait: np.ndarray, runtime: Runtime) -> None:
    picture, mask = Picture(portrait), brush(portrait.shape)
    stack = edit(picture, mask, replace(SMILE, gender=0.5), runtime)
    different = changed(picture, stack)
    reach = int(np.ceil(SMILE.feather * 120)) + 1
    far = cv2.dilate(mask, np.ones((2 * reach + 1,) * 2)) == 0
    assert not different[far].any() and different[mask > 0].mean() > 0.8


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES[::3])
def test_on_its_area_it_is_what_it_is_on_the_photo(
    portrait: np.ndarray, runtime: Runtime, dtype: type, channels: int, transfer: Transfer
) -> None:
    picture = stored(np.pad(portrait, ((0, 0), (701, 403), (0, 0))), dtype, channels, transfer)
    mask = np.pad(brush(portrait.shape), ((0, 0), (701, 403)))
    left, _, right, _ = compare_on_area(FILTER, picture, mask, ALL, runtime)
    assert right - left < picture.width


def test_on_its_area_hair_is_what_it_is_on_the_photo(runtime: Runtime) -> None:
    """With the brush at the end of the hair, far from the face."""
    astronaut = opened(SAMPLES / "astronaut.png")
    picture = Picture(np.pad(astronaut, ((0, 0), (801, 703), (0, 0)), mode="edge"))
    mask = np.zeros(picture.pixels.shape[:2], np.uint8)
    mask[20:80, 801 + 150 : 801 + 200] = 255
    settings = EditSettings(hair_colour=HairColour.COPPER, face_size=50.0)
    left, _, right, _ = compare_on_area(FILTER, picture, mask, settings, runtime)
    assert right - left < picture.width
    stack = edit(picture, mask, settings, runtime)
    assert [one.name for one in stack.layers] == ["Edit attributes: Hair"]


def test_hair_takes_its_colour_and_nothing_else_does(runtime: Runtime) -> None:
    picture = Picture(opened(SAMPLES / "astronaut.png"))
    stack = edit(picture, None, EditSettings(hair_colour=HairColour.COPPER, smile=-0.5), runtime)
    assert [one.name for one in stack.layers] == ["Edit attributes: Smile", "Edit attributes: Hair"]
    after = composite(picture, stack).pixels.astype(int)
    hair, suit, wall = np.s_[30:60, 190:230], np.s_[300:400, 100:200], np.s_[:60, :60]
    redder = (after[..., 0] - after[..., 1])[hair].mean()
    assert redder > 2 * (picture.pixels[..., 0].astype(int) - picture.pixels[..., 1])[hair].mean()
    different = changed(picture, stack)
    assert not different[suit].any() and not different[wall].any()


def test_running_again_with_the_stored_settings_gives_the_same(
    portrait: np.ndarray, runtime: Runtime
) -> None:
    picture, mask = Picture(portrait), brush(portrait.shape)
    first = edit(picture, mask, SMILE, runtime)
    again = edit(picture, mask, replace(SMILE, face_size=first.settings["face_size"]), runtime)
    assert_same(again, first, (0, 0))


def test_strength_is_the_opacity_and_nothing_else(portrait: np.ndarray, runtime: Runtime) -> None:
    picture = Picture(portrait)
    full, none = (edit(picture, None, replace(ALL, strength=s), runtime) for s in (1.0, 0.0))
    np.testing.assert_array_equal(composite(picture, none).pixels, portrait)
    for a, b in zip(full.layers, none.layers, strict=True):
        np.testing.assert_array_equal(a.pixels, b.pixels)


def test_what_cannot_be_done_gets_one_sentence(portrait: np.ndarray, runtime: Runtime) -> None:
    picture, wall = Picture(portrait), Picture(np.full((200, 300, 3), 90, np.uint8))
    with pytest.raises(MaskError, match=r"^The mask is empty; paint over the faces first\.$"):
        edit(picture, np.zeros(portrait.shape[:2], np.uint8), SMILE, runtime)
    with pytest.raises(SettingsError, match="^There is no face 2, "):
        edit(picture, None, replace(SMILE, faces="2"), runtime)
    with pytest.raises(MaskError, match="^No face was found in the photo; "):
        edit(wall, None, SMILE, runtime)
    with pytest.raises(MaskError, match="^No face was found under the brush; "):
        edit(wall, np.full((200, 300), 255, np.uint8), SMILE, runtime)
    with pytest.raises(SettingsError, match="^The setting 'smile' takes a number from -1 to 1, "):
        EditSettings(smile=1.2)
    with pytest.raises(SettingsError, match="^The setting 'age' takes a number from -20 to 20 years, "):
        EditSettings(age=-30)


@pytest.mark.parametrize("until", [0.05, 0.3, 0.7])
def test_it_can_be_cancelled(portrait: np.ndarray, runtime: Runtime, until: float) -> None:
    def stop(done: float, text: str) -> None:
        if done > until:
            raise Cancelled

    with pytest.raises(Cancelled):
        edit(Picture(portrait), None, ALL, runtime, stop)


def test_every_slider_stands_at_zero_in_the_middle() -> None:
    sliders = [one for one in SPEC.parameters if (one.minimum or 0) < 0]
    assert [one.name for one in sliders] == ["smile", "brows", "eyes", "age", "gender"]
    assert all(one.default == 0 and one.minimum == -(one.maximum or 0) for one in sliders)
