"""Edit attributes where a photo is not what one would wish: small, cut, turned, too bright, crowded."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from softlight.compositor import composite
from softlight.encoding import perceptual_to_linear
from softlight.faces import analysis
from softlight.filters.edit.filter import edit
from softlight.filters.edit.settings import EditSettings, Method
from softlight.picture import ColourEncoding, Picture, Transfer
from softlight.runtime import Runtime
from tests.core.filters.conftest import SAMPLES, changed, opened
from tests.installed_models import runtime_with
from tests.published_faces import fran
from tests.published_motion import moving

PROTOTYPES = EditSettings(smile=0.8, age=15.0, brows=0.5)
NETWORKS = EditSettings(smile=0.8, age=15.0, brows=0.5, method=Method.NETWORKS)
BOTH = pytest.mark.parametrize("settings", [PROTOTYPES, NETWORKS], ids=["prototypes", "networks"])


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Runtime:
    return runtime_with(tmp_path_factory.mktemp("networks"), {"fran-1024": fran(), "live-portrait": moving()})


def difference(photo: np.ndarray, settings: EditSettings, runtime: Runtime) -> np.ndarray:
    """What the edit adds, (height, width)."""
    after = composite(Picture(photo), edit(Picture(photo), None, settings, runtime)).pixels
    return (after.astype(int) - photo).mean(axis=-1)


@BOTH
def test_a_small_face_changes_as_a_large_one(
    portrait: np.ndarray, networks: Runtime, settings: EditSettings
) -> None:
    """27 px between the eyes instead of 82: what is added is that of the large face, made smaller."""
    size = (portrait.shape[1] // 3, portrait.shape[0] // 3)
    small = cv2.resize(portrait, size, interpolation=cv2.INTER_AREA)
    large = cv2.resize(difference(portrait, settings, networks), size, interpolation=cv2.INTER_AREA)
    found = difference(small, settings, networks)
    there = (np.abs(large) > 4) | (np.abs(found) > 4)
    assert there.sum() > 500 and np.corrcoef(found[there], large[there])[0, 1] > 0.85


@BOTH
@pytest.mark.parametrize(
    "part",
    [np.s_[:, 225:], np.s_[:, :300], np.s_[170:], np.s_[:300]],
    ids=["left", "right", "above", "below"],
)
def test_a_face_that_the_border_cuts_changes_as_a_whole_one(
    portrait: np.ndarray, networks: Runtime, settings: EditSettings, part: tuple[slice, slice]
) -> None:
    cut = np.ascontiguousarray(portrait[part])
    found, whole = difference(cut, settings, networks), difference(portrait, settings, networks)[part]
    there = (np.abs(whole) > 4) | (np.abs(found) > 4)
    assert there.sum() > 2000 and np.corrcoef(found[there], whole[there])[0, 1] > 0.65


@BOTH
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_photo_changes_as_an_upright_one(
    portrait: np.ndarray, networks: Runtime, settings: EditSettings, quarters: int
) -> None:
    turned = np.ascontiguousarray(np.rot90(portrait, quarters))
    found = np.rot90(difference(turned, settings, networks), -quarters)
    upright = difference(portrait, settings, networks)
    there = (np.abs(upright) > 4) | (np.abs(found) > 4)
    assert np.corrcoef(found[there], upright[there])[0, 1] > 0.97


@BOTH
def test_light_above_white_and_what_is_no_number(
    portrait: np.ndarray, networks: Runtime, settings: EditSettings
) -> None:
    """Scene light up to 2.5, with NaN, infinity and negative values in the face: the rest is sound."""
    pixels = 2.5 * perceptual_to_linear(portrait.astype(np.float32) / 255)
    pixels[280:300:3, 240:280:5], pixels[200, 200], pixels[330:340, 230:240] = np.nan, np.inf, -0.2
    picture = Picture(pixels, ColourEncoding(Transfer.LINEAR))
    stack = edit(picture, None, settings, networks)
    assert stack.layers and all(np.isfinite(one.pixels).all() for one in stack.layers)
    after = composite(picture, stack).pixels
    np.testing.assert_array_equal(np.isfinite(after), np.isfinite(pixels))
    # Where it moves, the interpolation of highlights swings a little beyond them.
    assert np.nanmax(np.where(np.isfinite(after), after, 0)) < 1.5 * 2.5
    different = changed(picture, stack) & np.isfinite(pixels).all(axis=-1)
    assert different[250:280, 220:290].mean() > 0.9


@BOTH
def test_a_face_cheek_by_cheek_with_another_is_left_alone(
    portrait: np.ndarray, networks: Runtime, settings: EditSettings
) -> None:
    """Hopper's photo over the half of Collins's face: her middle stays when Collins is edited."""
    astronaut = opened(SAMPLES / "astronaut.png")[20:200, 150:310]
    photo = np.full((520, 640, 3), 110, np.uint8)
    photo[60:420, 60:380] = cv2.resize(astronaut, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    photo[90:420, 235:420] = portrait[100:430, 165:350]
    first, second = analysis.find(Picture(photo), networks)
    stack = edit(Picture(photo), None, EditSettings(**{**vars(settings), "faces": "1"}), networks)
    different = changed(Picture(photo), stack)
    x, y = second.points.mean(axis=0).astype(int)
    assert different[: int(first.points[3, 1]), :230].mean() > 0.05
    assert not different[y - 40 : y + 60, x - 35 : x + 60].any()
