"""Volume and length of hair on shipped portraits, with the shipped networks."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from softlight.compositor import composite
from softlight.faces import analysis
from softlight.filters.edit.filter import FILTER, edit
from softlight.filters.edit.hair.mask import find_hair
from softlight.filters.edit.settings import EditSettings, HairColour
from softlight.picture import Picture, Transfer
from softlight.runtime import Runtime
from tests.core.filters.conftest import PIXEL_TYPES, SAMPLES, changed, opened, stored
from tests.core.filters.on_its_area import compare_on_area

FULL, FLAT = EditSettings(hair_volume=1.0), EditSettings(hair_volume=-1.0)
FACE, SUIT, FLAG = np.s_[98:125, 195:255], np.s_[250:500, 60:330], np.s_[:, :100]
"""In the portrait of Collins, whose eyes are 42 px apart."""


@pytest.fixture(scope="module")
def collins() -> np.ndarray:
    return opened(SAMPLES / "astronaut.png")


def with_long_hair(image: np.ndarray) -> np.ndarray:
    """Collins with curtains of her own hair down to her shoulders."""
    longer = image.copy()
    lock = image[55:90, 255:283]
    for x in (148, 262):
        longer[85:190, x : x + 28] = np.concatenate([lock, lock[::-1], lock])
    return longer


def area(image: np.ndarray, runtime: Runtime) -> float:
    picture = Picture(image)
    (face,) = analysis.find(picture, runtime)
    return float(find_hair(picture, face, runtime.model("parsing")).shares.sum())


def test_there_is_more_hair_and_less(collins: np.ndarray, runtime: Runtime) -> None:
    """As the parsing sees it in the result: evenly with the slider."""
    picture, found = Picture(collins), []
    for amount in (-1.0, -0.5, 0.0, 0.5, 1.0):
        stack = edit(picture, None, EditSettings(hair_volume=amount), runtime)
        found.append(area(composite(picture, stack).pixels, runtime))
    shares = np.array(found) / found[2]
    assert (np.diff(shares) > 0.02).all()
    assert 0.8 < shares[0] < 0.95 and 1.1 < shares[-1] < 1.35


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES)
@pytest.mark.parametrize("settings", [FULL, FLAT])
def test_every_depth_changes_around_the_face_and_nowhere_else(
    collins: np.ndarray,
    runtime: Runtime,
    settings: EditSettings,
    dtype: type,
    channels: int,
    transfer: Transfer,
) -> None:
    picture = stored(collins, dtype, channels, transfer)
    before = picture.pixels.copy()
    stack = edit(picture, None, settings, runtime)
    np.testing.assert_array_equal(picture.pixels, before)
    assert [one.name for one in stack.layers] == ["Edit attributes: Hair volume"]
    different = changed(picture, stack)
    assert different[20:90, 150:300].mean() > 0.3
    for part in (FACE, SUIT, FLAG):
        assert not different[part].any()


def test_each_is_a_layer_below_the_colour(collins: np.ndarray, runtime: Runtime) -> None:
    picture = Picture(with_long_hair(collins))
    settings = EditSettings(hair_volume=0.7, hair_length=0.7, hair_colour=HairColour.COPPER, smile=0.3)
    stack = edit(picture, None, settings, runtime)
    assert [one.name.removeprefix("Edit attributes: ") for one in stack.layers] == [
        "Smile", "Hair volume", "Hair length", "Hair",
    ]  # fmt: skip
    after = composite(picture, stack).pixels.astype(int)
    new = changed(picture, edit(picture, None, EditSettings(hair_volume=0.7), runtime))
    outside = new & (np.indices(new.shape)[0] < 40)
    redder = (after[..., 0] - after[..., 2])[outside]
    assert np.median(redder) > 40, "what grew is dyed too"


def end_of(image: np.ndarray) -> int:
    """The last row in which the curtain on the right is brown."""
    brown = image[..., 0].astype(int) - image[..., 2] > 25
    return int(np.flatnonzero(brown[:, 270:282].mean(axis=1) > 0.5)[-1])


def test_hair_that_hangs_grows_and_shrinks(collins: np.ndarray, runtime: Runtime) -> None:
    image = with_long_hair(collins)[:260]
    picture, ends = Picture(np.ascontiguousarray(image)), []
    for amount in (-1.0, -0.5, 0.0, 0.5, 1.0):
        stack = edit(picture, None, EditSettings(hair_length=amount), runtime)
        assert [one.name for one in stack.layers] == ["Edit attributes: Hair length"] * bool(amount)
        ends.append(end_of(composite(picture, stack).pixels))
        assert not changed(picture, stack)[FACE].any()
    assert ends == sorted(ends) and ends[2] in (188, 189, 190)
    assert ends[0] < 185 and ends[-1] > 195


@pytest.mark.parametrize("amount", [-1.0, 1.0])
def test_short_hair_keeps_its_length_and_a_note_says_so(
    collins: np.ndarray, runtime: Runtime, amount: float
) -> None:
    stack = edit(Picture(collins), None, EditSettings(hair_length=amount), runtime)
    assert not stack.layers
    assert "The hair around the face does not hang down far enough to change its length." in stack.notes


def test_hair_under_a_hat_keeps_its_volume_and_a_note_says_so(portrait: np.ndarray, runtime: Runtime) -> None:
    stack = edit(Picture(portrait), None, FULL, runtime)
    assert not stack.layers
    assert "The hair around the face lies under a hat, so its volume was not changed." in stack.notes


@pytest.mark.parametrize("settings", [FULL, FLAT])
def test_grey_stays_grey(collins: np.ndarray, runtime: Runtime, settings: EditSettings) -> None:
    grey = np.repeat(collins.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    after = composite(Picture(grey), edit(Picture(grey), None, settings, runtime)).pixels
    assert (after != grey).any()
    assert (after[..., 0] == after[..., 1]).all() and (after[..., 1] == after[..., 2]).all()


@pytest.mark.parametrize("settings", [FULL, FLAT])
def test_on_its_area_it_is_what_it_is_on_the_photo(
    collins: np.ndarray, runtime: Runtime, settings: EditSettings
) -> None:
    """With the brush at the edge of the hair."""
    picture = Picture(np.pad(collins, ((0, 0), (801, 703), (0, 0)), mode="edge"))
    mask = np.zeros(picture.pixels.shape[:2], np.uint8)
    mask[20:80, 801 + 140 : 801 + 200] = 255
    settings = EditSettings(hair_volume=settings.hair_volume, hair_length=0.5, face_size=50.0)
    left, _, right, _ = compare_on_area(FILTER, picture, mask, settings, runtime)
    assert right - left < picture.width


@pytest.mark.parametrize("scale", [0.6, 4.0])
def test_small_and_large_faces_change_alike(collins: np.ndarray, runtime: Runtime, scale: float) -> None:
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    picture = Picture(cv2.resize(collins, None, fx=scale, fy=scale, interpolation=way))
    result = composite(picture, edit(picture, None, FULL, runtime)).pixels
    same = composite(Picture(collins), edit(Picture(collins), None, FULL, runtime)).pixels
    again = cv2.resize(result, collins.shape[1::-1], interpolation=cv2.INTER_AREA)
    top = np.s_[:130, 140:310]
    assert np.abs(again[top].astype(int) - same[top]).mean() < 6


def test_of_two_people_one_changes(collins: np.ndarray, runtime: Runtime) -> None:
    both = np.concatenate([collins[:, 60:360], collins[:, 60:360]], axis=1)
    picture = Picture(np.ascontiguousarray(both))
    stack = edit(picture, None, EditSettings(hair_volume=1.0, faces="2"), runtime)
    assert [one.name for one in stack.layers] == ["Edit attributes: Hair volume 2"]
    assert not changed(picture, stack)[:, :300].any()
