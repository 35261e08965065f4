"""Face restore on shipped portraits: with networks whose answers can be told, and with the shipped ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from softlight.compositor import composite
from softlight.degradation.photos import degrade
from softlight.degradation.steps import Blur, Kernel, level
from softlight.errors import Cancelled, MaskError, SettingsError
from softlight.filters.restore.filter import FILTER, restore
from softlight.filters.restore.settings import Grain, RestoreSettings
from softlight.layers import BlendMode
from softlight.picture import Picture, Transfer
from softlight.runtime import Runtime
from tests.core.filters.conftest import PIXEL_TYPES, SAMPLES, changed, opened, stored
from tests.core.filters.on_its_area import assert_same, compare_on_area
from tests.installed_models import runtime_with
from tests.published_networks import deblurrer, told_face_restorer, told_occluder

PLAIN = RestoreSettings(fidelity=1.0, grain=Grain.NONE, background=False)
"""The face alone, as the picture tells it."""
CHEEK, WALL, COAT = np.s_[250:280, 215:245], np.s_[:60, :60], np.s_[520:590, 20:120]
"""In the portrait of Hopper, whose eyes are 82 px apart."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Runtime:
    """Faces lose contrast where skin is, detail is blue, and the background loses contrast."""
    networks = {"softlight-face-restoration": told_face_restorer(), "deblur": deblurrer()}
    return runtime_with(tmp_path_factory.mktemp("store"), networks)


def brush(shape: tuple[int, ...]) -> np.ndarray:
    """On the face, the eyes in it."""
    mask = np.zeros(shape[:2], np.uint8)
    cv2.ellipse(mask, (256, 230), (50, 60), 0, 0, 360, 255, -1)
    return mask


def two_people(portrait: np.ndarray) -> np.ndarray:
    both = np.full((600, 1024, 3), 120, np.uint8)
    both[:512, :512], both[:, 512:] = opened(SAMPLES / "astronaut.png"), portrait[:600]
    return both


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES)
def test_every_depth_changes_in_the_face_and_nowhere_else(
    portrait: np.ndarray, told: Runtime, dtype: type, channels: int, transfer: Transfer
) -> None:
    picture = stored(portrait, dtype, channels, transfer)
    before = picture.pixels.copy()
    stack = restore(picture, None, PLAIN, told)
    np.testing.assert_array_equal(picture.pixels, before)
    (layer,) = stack.layers
    assert layer.blend is BlendMode.NORMAL and layer.name == "Face restore"
    different = changed(picture, stack)
    assert different[CHEEK].mean() > 0.9
    assert not different[WALL].any() and not different[COAT].any()
    outside = np.ones(different.shape, bool)
    x, y = layer.offset
    outside[y : y + layer.mask.shape[0], x : x + layer.mask.shape[1]] = layer.mask == 0
    assert not different[outside].any()


def test_the_parsing_reaches_the_network(portrait: np.ndarray, told: Runtime) -> None:
    """The told network takes contrast from skin alone: lips and eyes, though in the mask, stay."""
    picture = Picture(portrait)
    (layer,) = restore(picture, None, PLAIN, told).layers
    x, y = layer.offset
    moved = np.abs(layer.pixels.astype(int) - portrait[y:, x:][: layer.mask.shape[0], : layer.mask.shape[1]])
    skin, lips = moved[250 - y : 280 - y, 215 - x : 245 - x], moved[281 - y : 287 - y, 245 - x : 265 - x]
    assert skin.mean() > 5 * lips.mean()


def test_what_is_held_in_front_of_a_face_is_not_restored(portrait: np.ndarray, tmp_path: Path) -> None:
    """The told network of the role face-occlusion sees a face where red is more than green."""
    held = portrait.copy()
    held[CHEEK] = (110, 120, 100)
    picture, settings = Picture(held), replace(PLAIN, fidelity=0.0)
    face = {"softlight-face-restoration": told_face_restorer()}
    alone = restore(picture, None, settings, runtime_with(tmp_path / "alone", face))
    both = restore(
        picture, None, settings, runtime_with(tmp_path / "both", face | {"xseg-256": told_occluder()})
    )
    middle, nose = np.s_[262:267, 228:232], np.s_[225:240, 262:270]
    assert changed(picture, alone)[middle].all() and changed(picture, alone)[nose].all()
    assert not changed(picture, both)[middle].any() and changed(picture, both)[nose].all()
    hair = np.s_[60:140, 180:330]
    np.testing.assert_array_equal(changed(picture, both)[hair], changed(picture, alone)[hair])


def test_an_occlusion_model_that_cannot_be_used_is_a_note_and_no_end(
    portrait: np.ndarray, tmp_path: Path
) -> None:
    networks = {"softlight-face-restoration": told_face_restorer(), "xseg-256": told_occluder()}
    runtime = runtime_with(tmp_path, networks)
    (tmp_path / "models" / "trial-xseg-256" / "model.onnx").write_bytes(b"no longer what it was")
    stack = restore(Picture(portrait), None, PLAIN, runtime)
    assert len(stack.layers) == 1
    assert any("was changed after it was installed" in note for note in stack.notes)


def test_fidelity_doses_the_detail(portrait: np.ndarray, told: Runtime) -> None:
    picture = Picture(portrait.astype(np.float32) / 255)
    shown = [
        composite(picture, restore(picture, None, replace(PLAIN, fidelity=f), told)).pixels[CHEEK]
        for f in (1.0, 0.5, 0.0)
    ]
    np.testing.assert_allclose((shown[1] - shown[0])[..., 2], 0.05, atol=2e-3)
    np.testing.assert_allclose((shown[2] - shown[0])[..., 2], 0.1, atol=2e-3)
    np.testing.assert_allclose(shown[2][..., :2], shown[0][..., :2], atol=2e-3)


def test_grey_stays_grey_and_toned_keeps_its_tone(portrait: np.ndarray, told: Runtime) -> None:
    grey = np.repeat(portrait.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    settings = replace(PLAIN, fidelity=0.0, background=True)
    after = composite(Picture(grey), restore(Picture(grey), None, settings, told)).pixels
    assert (after != grey).any()
    assert (after[..., 0] == after[..., 1]).all() and (after[..., 1] == after[..., 2]).all()
    sepia = (np.float32([1.0, 0.87, 0.7]) * grey / 255).astype(np.float32)
    after = composite(Picture(sepia), restore(Picture(sepia), None, settings, told)).pixels
    steps = after - sepia
    np.testing.assert_allclose(steps[..., 0], steps[..., 2], atol=1e-5)


def test_the_background_is_a_layer_of_its_own_below_the_faces(portrait: np.ndarray, told: Runtime) -> None:
    picture = Picture(two_people(portrait))
    stack = restore(picture, None, replace(PLAIN, background=True), told)
    assert [one.name for one in stack.layers] == [
        "Face restore (background)",
        "Face restore 1",
        "Face restore 2",
    ]
    # The told network adds to each pixel its difference to the mean around it.
    wall = picture.pixels[:80, 520:600].astype(np.float32)
    sharper = np.clip(2 * wall - cv2.blur(wall, (5, 5)), 0, 255)[10:70, 10:70]
    after = composite(picture, stack).pixels[10:70, 530:590]
    np.testing.assert_allclose(after, sharper, atol=1.0)


def test_what_is_taken_in_piece_by_piece_is_what_it_is_at_once(
    portrait: np.ndarray, told: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where faces are large the network sees a smaller copy, shrunk piece by piece."""
    large = cv2.resize(portrait, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
    picture = Picture(large.clip(0, 1))
    found = []
    for at_once in (8192, 320):
        monkeypatch.setattr("softlight.filters.restore.background.AT_ONCE", at_once)
        stack = restore(picture, None, replace(PLAIN, background=True), told)
        assert changed(picture, stack)[:400, :400].mean() > 0.9
        found.append(stack.layers[0].pixels)
    assert np.abs(found[0] - found[1]).max() < 1e-5


def test_of_two_people_the_chosen_one_alone_changes(portrait: np.ndarray, told: Runtime) -> None:
    picture = Picture(two_people(portrait))
    stack = restore(picture, None, replace(PLAIN, faces="2"), told)
    assert [one.name for one in stack.layers] == ["Face restore 2"]
    assert not changed(picture, stack)[:, :480].any()


def test_faces_that_touch_are_not_restored_twice(portrait: np.ndarray, told: Runtime) -> None:
    """Where two squares overlap their masks give way to each other: together they are never more than one."""
    left, right = portrait[:600, 60:330], portrait[:600, 180:450]
    picture = Picture(np.concatenate([left, right], axis=1))
    stack = restore(picture, None, PLAIN, told)
    assert len(stack.layers) == 2
    together = np.zeros((picture.height, picture.width))
    for layer in stack.layers:
        x, y = layer.offset
        there = together[y : y + layer.mask.shape[0], x : x + layer.mask.shape[1]]
        there += layer.mask / 255
    assert together.max() <= 1.02


def test_above_the_networks_scale_only_the_correction_is_enlarged(
    portrait: np.ndarray, told: Runtime
) -> None:
    large = cv2.resize(portrait, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
    large += np.random.default_rng(1).normal(0, 0.02, large.shape).astype(np.float32)
    picture = Picture(large)
    after = composite(picture, restore(picture, None, PLAIN, told)).pixels
    cheek = np.s_[1000:1120, 860:980]
    change = (after - large)[cheek]
    fine = change - cv2.GaussianBlur(change, (0, 0), 2)
    assert np.abs(change).mean() > 0.02
    assert fine.std() < 0.2 * 0.02, "a fifth of the grain would go at its own scale"


def test_a_face_of_30_px_is_restored(portrait: np.ndarray, told: Runtime) -> None:
    small = cv2.resize(portrait, None, fx=0.16, fy=0.16, interpolation=cv2.INTER_AREA)
    wide = cv2.copyMakeBorder(small, 40, 40, 60, 60, cv2.BORDER_REPLICATE)
    stack = restore(Picture(wide), None, PLAIN, told)
    (layer,) = stack.layers
    assert layer.pixels.shape[0] < 80 and changed(Picture(wide), stack).sum() > 200


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES[::3])
def test_on_its_area_it_is_what_it_is_on_the_photo(
    portrait: np.ndarray, told: Runtime, dtype: type, channels: int, transfer: Transfer
) -> None:
    picture = stored(np.pad(portrait, ((0, 0), (701, 403), (0, 0))), dtype, channels, transfer)
    mask = np.pad(brush(portrait.shape), ((0, 0), (701, 403)))
    settings = replace(PLAIN, background=True, grain=Grain.MATCHED)
    left, _, right, _ = compare_on_area(FILTER, picture, mask, settings, told)
    assert right - left < picture.width


def test_a_brush_says_where(portrait: np.ndarray, told: Runtime) -> None:
    picture, mask = Picture(portrait), brush(portrait.shape)
    for background in (False, True):
        stack = restore(picture, mask, replace(PLAIN, background=background), told)
        assert len(stack.layers) == 1 + background
        different = changed(picture, stack)
        reach = int(np.ceil(PLAIN.feather * 120)) + 1
        far = cv2.dilate(mask, np.ones((2 * reach + 1,) * 2)) == 0
        assert not different[far].any() and different[mask > 0].mean() > 0.5


@pytest.mark.parametrize("kind", list(Grain))
def test_grain_is_that_of_the_surroundings_or_the_photos_own_or_none(
    portrait: np.ndarray, told: Runtime, kind: Grain
) -> None:
    noise = np.random.default_rng(4).normal(0, 8, portrait.shape[:2])[..., None]
    noisy = np.clip(portrait + noise, 0, 255).astype(np.uint8)
    soft = cv2.GaussianBlur(noisy, (0, 0), 3)
    soft[:, :110], soft[:, 400:] = noisy[:, :110], noisy[:, 400:]
    picture = Picture(soft if kind is Grain.MATCHED else noisy)
    after = composite(picture, restore(picture, None, replace(PLAIN, grain=kind), told)).pixels
    fine = [image[CHEEK] - cv2.GaussianBlur(image[CHEEK].astype(np.float32), (0, 0), 1.2)
            for image in (picture.pixels, after)]  # fmt: skip
    before, now = (part.std() for part in fine)
    if kind is Grain.MATCHED:
        assert now > 3 * before, "the face was soft in a noisy photo"
    elif kind is Grain.KEPT:
        assert now == pytest.approx(before, rel=0.1)
    else:
        assert now < 0.9 * before, "the told network takes a fifth of it"


@pytest.mark.parametrize("blur", [Blur(Kernel.GAUSSIAN, 8.0), Blur(Kernel.DEFOCUS, 18.0)])
def test_a_face_blurred_beyond_knowing_is_left_alone(portrait: np.ndarray, told: Runtime, blur: Blur) -> None:
    hopeless = degrade(portrait.astype(np.float32) / 255, (blur,), np.random.default_rng(1))
    picture = Picture(np.rint(255 * hopeless).astype(np.uint8))
    stack = restore(picture, None, PLAIN, told)
    assert not stack.layers
    assert any("nothing of it can be known" in note for note in stack.notes)


def test_where_not_even_a_face_can_be_found_it_says_so(portrait: np.ndarray, told: Runtime) -> None:
    gone = degrade(
        portrait.astype(np.float32) / 255, (Blur(Kernel.GAUSSIAN, 14.0),), np.random.default_rng(1)
    )
    with pytest.raises(MaskError, match="^No face was found in the photo; "):
        restore(Picture(np.rint(255 * gone).astype(np.uint8)), None, PLAIN, told)


def test_the_lines_of_an_engraving_are_no_grain(portrait: np.ndarray, told: Runtime) -> None:
    lines = portrait.copy()
    pattern = np.where(np.random.default_rng(6).random(portrait.shape[:2]) < 0.5, -50, 50)[..., None]
    lined = np.clip(portrait.astype(int) + pattern, 0, 255).astype(np.uint8)
    lines[:, :110], lines[:, 400:], lines[:90] = lined[:, :110], lined[:, 400:], lined[:90]
    lines[360:] = lined[360:]
    matched, none = (
        composite(Picture(lines), restore(Picture(lines), None, replace(PLAIN, grain=kind), told)).pixels
        for kind in (Grain.MATCHED, Grain.NONE)
    )
    np.testing.assert_array_equal(matched[CHEEK], none[CHEEK])


def test_strength_is_the_opacity_and_nothing_else(portrait: np.ndarray, told: Runtime) -> None:
    picture = Picture(portrait)
    full, none = (restore(picture, None, replace(PLAIN, strength=s), told) for s in (1.0, 0.0))
    np.testing.assert_array_equal(composite(picture, none).pixels, portrait)
    for a, b in zip(full.layers, none.layers, strict=True):
        np.testing.assert_array_equal(a.pixels, b.pixels)


def test_running_again_with_the_stored_settings_gives_the_same(portrait: np.ndarray, told: Runtime) -> None:
    picture, mask = Picture(portrait), brush(portrait.shape)
    first = restore(picture, mask, PLAIN, told)
    again = restore(picture, mask, replace(PLAIN, face_size=first.settings["face_size"]), told)
    assert_same(again, first, (0, 0))


def test_what_cannot_be_done_gets_one_sentence(portrait: np.ndarray, told: Runtime) -> None:
    picture, empty = Picture(portrait), np.zeros(portrait.shape[:2], np.uint8)
    with pytest.raises(MaskError, match=r"^The mask is empty; paint over the faces first\.$"):
        restore(picture, empty, PLAIN, told)
    with pytest.raises(MaskError, match="^The mask is 10 x 12 pixels and the photo 512 x 600; "):
        restore(picture, np.ones((12, 10), np.uint8), PLAIN, told)
    with pytest.raises(SettingsError, match="^There is no face 2, "):
        restore(picture, None, replace(PLAIN, faces="2"), told)
    wall = Picture(np.full((200, 300, 3), 90, np.uint8))
    with pytest.raises(MaskError, match="^No face was found in the photo; paint over what shall be "):
        restore(wall, None, PLAIN, told)
    with pytest.raises(MaskError, match="^No face was found under the brush; "):
        restore(wall, np.full((200, 300), 255, np.uint8), PLAIN, told)


def test_under_a_brush_without_a_face_the_background_alone_is_restored(told: Runtime) -> None:
    photo = opened(SAMPLES / "astronaut.png")[320:512]
    mask = np.zeros(photo.shape[:2], np.uint8)
    mask[40:150, 60:300] = 255
    stack = restore(Picture(photo), mask, replace(PLAIN, background=True, face_size=60.0), told)
    assert [one.name for one in stack.layers] == ["Face restore (background)"]


@pytest.mark.parametrize("until", [0.05, 0.3, 0.7])
def test_it_can_be_cancelled(portrait: np.ndarray, told: Runtime, until: float) -> None:
    def stop(done: float, text: str) -> None:
        if done > until:
            raise Cancelled

    with pytest.raises(Cancelled):
        restore(Picture(portrait), None, RestoreSettings(), told, stop)


def test_the_shipped_networks_bring_a_bad_portrait_nearer_to_the_good_one(
    portrait: np.ndarray, runtime: Runtime
) -> None:
    good = portrait.astype(np.float32) / 255
    bad = np.rint(255 * degrade(good, level(3, 82.0), np.random.default_rng(3))).astype(np.uint8)
    stack = restore(Picture(bad), None, RestoreSettings(fidelity=1.0, grain=Grain.NONE), runtime)
    after = composite(Picture(bad), stack).pixels
    face = np.s_[120:340, 160:350]

    def error(image: np.ndarray, part: tuple[slice, slice]) -> float:
        return float(np.square(image[part].astype(np.float32) / 255 - good[part]).mean())

    assert error(after, face) < 0.9 * error(bad, face)
    assert error(after, np.s_[:, :]) < 0.9 * error(bad, np.s_[:, :])


def test_the_shipped_networks_leave_a_good_portrait_as_it_is(portrait: np.ndarray, runtime: Runtime) -> None:
    """The face by 45 dB and more; around it the grain of the scan goes, which is 37 dB."""
    for background, least in ((False, 45.0), (True, 36.0)):
        stack = restore(Picture(portrait), None, replace(PLAIN, background=background), runtime)
        after = composite(Picture(portrait), stack).pixels
        error = np.square((after.astype(np.float32) - portrait) / 255).mean()
        assert -10 * np.log10(error) > least
