"""Age: a face's own folds go and deepen, pimples do not grow, hair greys and gets its colour back."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from softlight.alignment import Box, applied
from softlight.compositor import composite
from softlight.faces import analysis, protection
from softlight.faces.analysis import AnalysedFace
from softlight.faces.mesh import mean_mesh, mesh_of
from softlight.faces.prototypes import CORNER, EXTENT, prototypes
from softlight.filters.edit.age.ageing import DEEPEST, OLDER, weighed, without_stubble, without_wings
from softlight.filters.edit.age.ageing import aged as change_of
from softlight.filters.edit.age.wear import Wear, worn
from softlight.filters.edit.change import KEPT, Subject
from softlight.filters.edit.filter import FILTER, edit
from softlight.filters.edit.hair.colour import HairTarget, lab_of, measured
from softlight.filters.edit.hair.greying import Greying, greying, greyness
from softlight.filters.edit.hair.mask import HairMask, find_hair
from softlight.filters.edit.likeness import BLACK
from softlight.filters.edit.settings import EditSettings, HairColour
from softlight.picture import Picture
from softlight.runtime import Runtime
from tests.core.filters.conftest import SAMPLES, opened
from tests.core.filters.on_its_area import compare_on_area

FOLD, TEMPLE, CROWN = np.s_[255:285, 195:215], np.s_[90:110, 158:172], np.s_[22:36, 205:235]
"""Beside Hopper's mouth; Collins's hair beside her eye and far above."""
OLD, YOUNG = 0.1, 0.0
"""Depths of folds."""


@pytest.fixture(scope="module")
def collins() -> Picture:
    return Picture(opened(SAMPLES / "astronaut.png"))


@pytest.fixture(scope="module")
def collins_face(collins: Picture, runtime: Runtime) -> AnalysedFace:
    return analysis.find(collins, runtime)[0]


@pytest.fixture(scope="module")
def mask(collins: Picture, collins_face: AnalysedFace, runtime: Runtime) -> HairMask:
    return find_hair(collins, collins_face, runtime.model("parsing"))


def aged(image: np.ndarray, years: float, runtime: Runtime) -> np.ndarray:
    picture = Picture(image)
    stack = edit(picture, None, EditSettings(age=years), runtime)
    return np.asarray(composite(picture, stack).pixels)


def contrast(image: np.ndarray, place: tuple[slice, slice], sigma: float = 4.0) -> float:
    """Strength of what is finer than some px."""
    grey = image.astype(np.float32).mean(axis=-1)
    return float((grey - cv2.GaussianBlur(grey, (0, 0), sigma))[place].std())


def wear_of(image: np.ndarray, runtime: Runtime) -> Wear:
    picture = Picture(image)
    (face,) = analysis.find(picture, runtime)
    return worn(picture, face, analysis.around(picture, face.points, KEPT), runtime)


def test_folds_go_and_deepen_with_the_slider(portrait: np.ndarray, runtime: Runtime) -> None:
    found = [
        contrast(aged(portrait, years, runtime), FOLD) if years else contrast(portrait, FOLD)
        for years in (-20, -10, 0, 10, 20)
    ]
    assert (np.diff(found) > 0).all()
    assert found[0] < 0.85 * found[2] and found[-1] > 1.1 * found[2]


def test_wear_is_found_on_skin_alone_and_once(
    portrait: np.ndarray, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    wear = wear_of(portrait, runtime)
    (face,) = analysis.find(Picture(portrait), runtime)
    part = analysis.around(Picture(portrait), face.points, KEPT)
    hat = np.rint(applied(part.matrix, [(220, 70), (300, 120)])).astype(int)
    inside = np.s_[hat[0, 1] : hat[1, 1], hat[0, 0] : hat[1, 0]]
    for plane in (wear.all, wear.shade, wear.spots):
        assert plane.any() and not plane[inside].any()
    assert wear.depth > 0.05
    monkeypatch.setattr("softlight.filters.edit.age.wear.retouch", None)
    np.testing.assert_array_equal(wear_of(portrait, runtime).all, wear.all)
    assert wear_of(portrait, runtime).depth == wear.depth


def test_a_pimple_does_not_grow(collins: Picture, runtime: Runtime) -> None:
    """A round one on a smooth cheek, that Skin retouch knows for one."""
    spotted = cv2.resize(collins.pixels, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    (face,) = analysis.find(Picture(spotted), runtime)
    x, y = face.points[0] + (0.0, 0.62 * face.interocular)
    down, across = np.mgrid[: spotted.shape[0], : spotted.shape[1]]
    spot = np.exp(-((across - x) ** 2 + (down - y) ** 2) / (2 * 3.0**2))[..., None] * (25, 70, 60)
    with_spot = np.clip(spotted - spot, 0, 255).round().astype(np.uint8)
    older = aged(with_spot, 20, runtime).astype(float) - aged(spotted, 20, runtime)
    before = with_spot.astype(float) - spotted
    near = np.s_[int(y) - 6 : int(y) + 7, int(x) - 6 : int(x) + 7, 1]
    assert older[near].min() > 1.15 * before[near].min()


def test_what_gets_lighter_below_the_nose_is_left_out() -> None:
    tone = prototypes()["age"].tone
    other = without_stubble(tone)
    np.testing.assert_array_equal(other[tone <= 0], tone[tone <= 0])
    lip = np.s_[int(len(tone) * 0.69) :]
    assert (tone[lip] > 0.02).any()
    assert other[lip].max() <= 0.31 * tone[lip].max()
    np.testing.assert_array_equal(other[: len(tone) // 2], tone[: len(tone) // 2])


def test_the_wings_of_the_nose_are_drawn_less() -> None:
    age = prototypes()["age"]
    less = without_wings(age)
    side = len(age.tone)
    x, y = ((mean_mesh()[64] - CORNER) / EXTENT * side).astype(int)
    wing, forehead = np.s_[y - 2 : y + 3, x - 2 : x + 3], np.s_[side // 5 : side // 4]
    for before, after in ((age.tone, less.tone), (age.texture, less.texture)):
        assert np.abs(after[wing]).sum() < 0.6 * np.abs(before[wing]).sum()
        np.testing.assert_allclose(after[forehead], before[forehead], rtol=1e-3)


def test_deep_folds_get_no_black(portrait: np.ndarray, runtime: Runtime) -> None:
    """Hopper's take most of the light that they may, and no more."""
    picture = Picture(portrait)
    (face,) = analysis.find(picture, runtime)
    part = analysis.around(picture, face.points, KEPT)
    subject = Subject(picture, face, part, protection.parse(picture, face, runtime), mesh_of(face.landmarks))
    change = change_of(subject, runtime, 20.0)
    share = change.fine[..., 0] / (part.pixels.mean(axis=-1) + BLACK)
    assert 1.001 * DEEPEST > -share.min() > 0.8 * DEEPEST
    assert not weighed(prototypes()["age"], *(0 * np.array(OLDER))).texture.any()


def test_hair_greys_on_a_layer_of_its_own(collins: Picture, runtime: Runtime) -> None:
    stack = edit(collins, None, EditSettings(age=20.0), runtime)
    assert [one.name for one in stack.layers] == ["Edit attributes: Age", "Edit attributes: Age, hair"]
    before, after = (
        cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
        for pixels in (collins.pixels, composite(collins, stack).pixels)
    )
    lost = [1 - after[place][..., 2].mean() / before[place][..., 2].mean() for place in (TEMPLE, CROWN)]
    assert min(lost) > 0.2


def test_a_colour_that_was_chosen_wins_and_a_hat_does_not_grey(
    collins: Picture, portrait: np.ndarray, runtime: Runtime
) -> None:
    chosen = EditSettings(age=20.0, hair_colour=HairColour.COPPER)
    stack = edit(collins, None, chosen, runtime)
    assert [one.name for one in stack.layers] == ["Edit attributes: Age", "Edit attributes: Hair"]
    stack = edit(Picture(portrait), None, EditSettings(age=20.0), runtime)
    assert [one.name for one in stack.layers] == ["Edit attributes: Age"]


def test_hair_that_is_grey_gets_a_colour_back_on_old_faces_alone(
    collins_face: AnalysedFace, mask: HairMask
) -> None:
    own = measured(mask)
    assert own is not None and greyness(own) < 0.1
    assert greying(mask, own, collins_face, -1.0, OLD) is None
    white = replace(own, lightness=lab_of(HairTarget.WHITE.swatch)[0], colour=(0.0, 4.0), low=50.0, high=95.0)
    assert greyness(white) > 0.9
    assert greying(mask, white, collins_face, -1.0, YOUNG) is None
    found = greying(mask, white, collins_face, -1.0, OLD)
    assert isinstance(found, Greying)
    assert found.dye.curve(np.array([white.lightness], np.float32))[0] < white.lightness - 10
    assert found.dye.chroma > 8


def test_brown_hair_gets_paler_and_no_more_than_its_mask(
    collins: Picture, collins_face: AnalysedFace, mask: HairMask
) -> None:
    own = measured(mask)
    assert own is not None
    found = greying(mask, own, collins_face, 1.0, OLD)
    assert found is not None and found.dye.chroma < 0.7 * own.chroma
    photo, whole = collins.pixels.astype(np.float32) / 255, Box(0, 0, 512, 512)
    weight = mask.mask_in(photo, whole)
    share = found.weight(photo, weight, whole)
    assert (share <= weight).all() and (share > 0).any()
    chin = collins_face.landmarks.points[152, :2].astype(int)
    assert not share[chin[1] - 5 : chin[1], chin[0] - 5 : chin[0] + 5].any()


def test_even_hair_greys_at_the_temples_first(collins_face: AnalysedFace, mask: HairMask) -> None:
    own = measured(mask)
    assert own is not None
    even = replace(own, locks=np.full_like(own.locks, own.lightness))
    found = greying(mask, even, collins_face, 1.0, OLD)
    assert found is not None
    colour = np.array([[(own.lightness, *own.colour)]], np.float32)
    photo = np.tile(cv2.cvtColor(colour, cv2.COLOR_Lab2RGB), (512, 512, 1))
    share = found.weight(photo, np.ones((512, 512), np.float32), Box(0, 0, 512, 512))
    assert share[TEMPLE].mean() > 0.9 > 0.7 > share[CROWN].mean() > 0.55


def test_on_its_area_grey_hair_is_what_it_is_on_the_photo(collins: Picture, runtime: Runtime) -> None:
    picture = Picture(np.pad(collins.pixels, ((0, 0), (801, 703), (0, 0)), mode="edge"))
    painted = np.zeros(picture.pixels.shape[:2], np.uint8)
    painted[20:80, 801 + 150 : 801 + 200] = 255
    left, _, right, _ = compare_on_area(
        FILTER, picture, painted, EditSettings(age=20.0, face_size=50.0), runtime
    )
    assert right - left < picture.width
