"""Gaze on shipped portraits, and on drawn eyes."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from softlight.alignment import Box, applied, inverted
from softlight.compositor import composite
from softlight.faces import analysis
from softlight.faces.irises import Eye, find_eyes
from softlight.faces.lids import APART, HEIGHT, WIDTH
from softlight.faces.mesh import EYES, mesh_of
from softlight.filters.edit.eyes.eyeball import FOLLOWS, Seen, opening, turned
from softlight.filters.edit.eyes.gaze import ACROSS
from softlight.filters.edit.filter import FILTER, edit
from softlight.filters.edit.settings import EditSettings
from softlight.picture import Picture, Transfer
from softlight.runtime import Runtime
from tests.core.filters.conftest import PIXEL_TYPES, changed, stored
from tests.core.filters.on_its_area import compare_on_area

RIGHT = EditSettings(gaze=1.0)
RADIUS = 19.7
CATCHLIGHT = (6.0, -5.0)
"""From the middle of the drawn iris, in px."""


def eyes_in(image: np.ndarray, runtime: Runtime) -> tuple[Eye, Eye]:
    picture = Picture(image)
    (face,) = analysis.find(picture, runtime)
    near = analysis.around(picture, face.points, float(APART))
    eyes = find_eyes(near, face, mesh_of(face.landmarks), runtime.model("parsing"))
    assert eyes is not None
    return eyes


def look(image: np.ndarray, settings: EditSettings, runtime: Runtime) -> np.ndarray:
    picture = Picture(image)
    return composite(picture, edit(picture, None, settings, runtime)).pixels


def places_in(image: np.ndarray, settings: EditSettings, runtime: Runtime) -> np.ndarray:
    """Where both irises are after an edit, in px of the photo, (2, 2)."""
    eyes = eyes_in(look(image, settings, runtime), runtime)
    return np.array([applied(inverted(eye.matrix), [eye.centre])[0] for eye in eyes])


def eyes_mask(image: np.ndarray, runtime: Runtime, margin: float = 1.5) -> np.ndarray:
    """Where the openings of the eyes are, grown by some px."""
    inside = np.zeros(image.shape[:2], bool)
    for eye in eyes_in(image, runtime):
        whole = Box(0, 0, image.shape[1], image.shape[0])
        seen = Seen(eye, image.astype(np.float32) / 255, whole)
        inside |= opening(seen)[..., 0] > 0
    size = 2 * round(margin) + 1
    return cv2.dilate(inside.astype(np.uint8), np.ones((size, size))) > 0


def test_both_eyes_turn_alike_and_evenly(portrait: np.ndarray, runtime: Runtime) -> None:
    """As they are found in the result: her irises have a radius of 8.1 px."""
    found = np.array([places_in(portrait, EditSettings(gaze=at), runtime)[:, 0] for at in (-0.5, 0.0, 0.5)])
    steps = np.diff(found, axis=0)
    assert (steps > 1.0).all() and (steps < 0.5 * ACROSS * 8.1 + 1).all()
    np.testing.assert_allclose(steps[:, 0], steps[:, 1], atol=0.8)


def test_the_lids_stay(portrait: np.ndarray, runtime: Runtime) -> None:
    after = look(portrait, RIGHT, runtime)
    different = (after != portrait).any(axis=2)
    inside = eyes_mask(portrait, runtime)
    assert not different[~inside].any()
    assert different[inside].mean() > 0.3


def test_lids_follow_down_and_nothing_far_from_them(portrait: np.ndarray, runtime: Runtime) -> None:
    after = look(portrait, EditSettings(gaze_up=-1.0), runtime)
    (before_face,), (face,) = (analysis.find(Picture(one), runtime) for one in (portrait, after))
    assert sum(face.landmarks.eyes_open) < sum(before_face.landmarks.eyes_open) - 0.005
    different = (after != portrait).any(axis=2)
    apart = before_face.interocular
    for eye in before_face.points[:2]:
        x, y = eye.round().astype(int)
        reach = round(0.33 * apart)
        different[y - reach : y + reach, x - reach : x + reach] = False
    assert not different.any()


def test_up_is_up(portrait: np.ndarray, runtime: Runtime) -> None:
    found = np.array(
        [places_in(portrait, EditSettings(gaze_up=at), runtime)[:, 1] for at in (-0.7, 0.0, 0.7)]
    )
    assert (np.diff(found, axis=0) < -0.8).all()


def test_closed_eyes_are_left_alone(portrait: np.ndarray, runtime: Runtime) -> None:
    """And the other one too, with a sentence that says so."""
    (face,) = analysis.find(Picture(portrait), runtime)
    shut = portrait.copy()
    middle = face.landmarks.points[list(EYES[0]), :2].mean(axis=0).round().astype(int)
    skin = tuple(int(one) for one in np.median(portrait[220:240, 200:240].reshape(-1, 3), axis=0))
    cv2.ellipse(shut, tuple(middle.tolist()), (22, 10), 0, 0, 360, skin, -1, cv2.LINE_AA)
    stack = edit(Picture(shut), None, RIGHT, runtime)
    assert not stack.layers
    told = "Gaze of the face was left as it is: an eye is closed, hidden or hard to see."
    assert stack.notes[-2:] == (told, "Nothing was changed.")
    both = edit(Picture(shut), None, replace(RIGHT, smile=0.5), runtime)
    assert [one.name for one in both.layers] == ["Edit attributes: Smile"]


def test_it_is_the_lowest_layer(portrait: np.ndarray, runtime: Runtime) -> None:
    settings = EditSettings(gaze=-0.5, gaze_up=0.3, eyes=0.5, age=10.0)
    names = [one.name for one in edit(Picture(portrait), None, settings, runtime).layers]
    assert [name.removeprefix("Edit attributes: ") for name in names] == ["Gaze", "Age", "Eyes"]


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES)
def test_every_depth_changes_in_the_eyes_alone(
    portrait: np.ndarray, runtime: Runtime, dtype: type, channels: int, transfer: Transfer
) -> None:
    picture = stored(portrait, dtype, channels, transfer)
    different = changed(picture, edit(picture, None, replace(RIGHT, gaze_up=-0.5), runtime))
    assert different[185:200, 210:240].mean() > 0.5
    assert not different[240:].any() and not different[:120].any()


def test_grey_stays_grey(portrait: np.ndarray, runtime: Runtime) -> None:
    grey = np.repeat(portrait.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    after = look(grey, EditSettings(gaze=-1.0, gaze_up=0.5), runtime)
    assert (after != grey).any()
    assert (after[..., 0] == after[..., 1]).all() and (after[..., 1] == after[..., 2]).all()


def test_on_its_area_it_is_what_it_is_on_the_photo(portrait: np.ndarray, runtime: Runtime) -> None:
    picture = Picture(np.pad(portrait, ((0, 0), (701, 603), (0, 0)), mode="edge"))
    mask = np.zeros(picture.pixels.shape[:2], np.uint8)
    mask[180:200, 701 + 200 : 701 + 330] = 255
    settings = EditSettings(gaze=0.7, gaze_up=-0.4)
    left, _, right, _ = compare_on_area(FILTER, picture, mask, settings, runtime)
    assert right - left < picture.width


def test_blocks_are_of_one_piece(
    portrait: np.ndarray, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An eye of a large face lies in more than one."""
    settings = EditSettings(gaze=-0.8, gaze_up=-0.6)
    whole = look(portrait, settings, runtime)
    monkeypatch.setattr("softlight.filters.edit.blocks.BLOCK", 23)
    np.testing.assert_array_equal(look(portrait, settings, runtime), whole)


def almond() -> np.ndarray:
    along = np.clip((np.arange(WIDTH) - 22) / 100, 0, 1)
    bow = 4 * along * (1 - along)
    return np.stack([48 - 15 * bow, 48 + 14 * bow])


def drawn(scale: int, catchlight: bool = True) -> Seen:
    """A drawn eye, in a photo in which its patch is `scale` times as large."""
    matrix = np.array([[1 / scale, 0, (1 / scale - 1) / 2], [0, 1 / scale, (1 / scale - 1) / 2]])
    eye = Eye(matrix, almond(), np.array([72.0, 47.0]), RADIUS, (0.3, 0.3))
    pixels = np.zeros((HEIGHT * scale, WIDTH * scale, 3), np.float32)
    seen = Seen(eye, pixels, Box(0, 0, WIDTH * scale, HEIGHT * scale))
    far = np.hypot(seen.place[..., 0], seen.place[..., 1])
    above, below = seen.depth(seen.place)
    angle = np.arctan2(seen.place[..., 1], seen.place[..., 0])
    pixels[:] = (0.7, 0.5, 0.4)
    pixels[(above > 0) & (below > 0)] = (0.8, 0.78, 0.78)
    disc = (far < 1) & (above > 0) & (below > 0)
    pixels[disc] = np.stack([0.3 + 0.05 * np.cos(24 * angle)] * 3, axis=-1)[disc] * (0.8, 1.0, 1.2)
    pixels[disc & (far < 0.35)] = 0.04
    if catchlight:
        away = seen.place * RADIUS - CATCHLIGHT
        pixels[disc & (np.hypot(away[..., 0], away[..., 1]) < 2.5)] = 0.98
    return replace(seen, pixels=cv2.GaussianBlur(pixels, (0, 0), 0.7))


def middle_of(where: np.ndarray, seen: Seen) -> np.ndarray:
    return seen.place[where].mean(axis=0)


@pytest.mark.parametrize("scale", [1, 6])
@pytest.mark.parametrize("shift", [(0.6, 0.0), (-0.6, 0.0), (0.3, -0.3)])
def test_a_drawn_iris_moves_as_far_as_it_is_told(scale: int, shift: tuple[float, float]) -> None:
    """Its pupil is where it shall be, and the white that it leaves is white."""
    seen = drawn(scale, catchlight=False)
    after = turned(seen, shift)
    inside = opening(seen)[..., 0] == 1
    pupil = middle_of(inside & (after.max(axis=-1) < 0.15), seen)
    np.testing.assert_allclose(pupil, shift, atol=0.05)
    far = np.hypot(seen.place[..., 0] - shift[0], seen.place[..., 1] - shift[1])
    left_behind = inside & (far > 1.25) & (np.hypot(seen.place[..., 0], seen.place[..., 1]) < 0.95)
    assert left_behind.any()
    np.testing.assert_allclose(after[left_behind].mean(axis=0), (0.8, 0.78, 0.78), atol=0.03)


def test_a_large_iris_stays_sharp() -> None:
    """Rays of its texture, 24 of them around: as strong after the move."""
    seen = drawn(6, catchlight=False)
    after = turned(seen, (0.5, 0.0))
    far, moved = (np.hypot(seen.place[..., 0] - x, seen.place[..., 1]) for x in (0.0, 0.5))
    level = np.abs(seen.place[..., 1]) < 0.5
    before_std = seen.pixels[(far > 0.5) & (far < 0.8) & level].std(axis=0)
    after_std = after[(moved > 0.5) & (moved < 0.8) & level].std(axis=0)
    assert (after_std > 0.9 * before_std).all()


def test_a_catchlight_belongs_to_the_light() -> None:
    """It goes half as far as the iris, and leaves none where it was on it."""
    seen, shift = drawn(4), 0.6
    after = turned(seen, (shift, 0.0))
    inside = opening(seen)[..., 0] == 1
    iris = np.hypot(seen.place[..., 0] - shift, seen.place[..., 1]) < 0.85
    bright = inside & iris & (after.min(axis=-1) > 0.7)
    wanted = np.array(CATCHLIGHT) / RADIUS + (FOLLOWS * shift, 0)
    np.testing.assert_allclose(middle_of(bright, seen), wanted, atol=0.05)
    area = bright.sum() * seen.pixel**2 * RADIUS**2
    assert 0.6 * np.pi * 2.5**2 < area < 1.2 * np.pi * 2.5**2


def test_without_a_shift_nothing_seen_of_the_iris_changes() -> None:
    seen = drawn(3)
    after = turned(seen, (0.0, 0.0))
    above, below = seen.depth(seen.place)
    clear = (above > 0.4) & (below > 0.2) & (np.hypot(seen.place[..., 0], seen.place[..., 1]) < 0.8)
    # But for the edge of the catchlight.
    assert np.quantile(np.abs(after - seen.pixels)[clear], 0.99) < 0.02
