"""The reference retoucher, on made-up skin: each step does its own work and leaves the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

pytest.importorskip("cv2")

import cv2

from tests.training import skin
from tests.training.skin import BROWN, RED, blob, face, stained
from training import healing, masked_bands, reference_retoucher, skin_ground
from training.lab import to_lab
from training.reference_retoucher import COMPONENTS

PIMPLE, MOLE = blob(295, 110, 5), blob(350, 95, 5)
BLOTCH, SHADE = 0.5 * blob(290, 360, 22, 14), blob(390, 330, 25, 40)
GLOSS = 0.55 * blob(120, 230, 14, 10)
COLLAR = np.s_[595:630, 70:390]


@dataclass(frozen=True, eq=False)
class Retouched:
    """Somebody with one of everything, what the retoucher did, and how skin without it would look."""

    given: skin.Face
    image: skin.Array
    plain: skin.Array
    circles: skin.Array
    parts: dict[str, skin.Array]


@pytest.fixture(scope="module", params=[(0.72, 0.55, 0.46), skin.DARK], ids=["light", "dark"])
def somebody(request: pytest.FixtureRequest) -> Retouched:
    given = face(request.param)
    plain = given.image * (0.8 + 0.2 * SHADE)[..., None]
    circles = skin_ground.under_eye_map(plain.shape, given.mesh)
    image = stained(stained(stained(plain, PIMPLE, RED), MOLE, BROWN), BLOTCH, RED)
    image = stained(image, circles, (0.75, 0.78, 0.86))
    image = image * (1 - GLOSS[..., None]) + GLOSS[..., None]
    image[COLLAR] = 0.93
    image = image.astype(np.float32)
    parts = reference_retoucher.changes(image, given.skin, given.features, given.mesh, given.hair)
    return Retouched(given, image, plain.astype(np.float32), circles, dict(zip(COMPONENTS, parts)))


def mean(values: skin.Array, where: skin.Array) -> skin.Array:
    return np.asarray((values * where[..., None]).sum(axis=(0, 1)) / where.sum())


def too_much(somebody: Retouched, image: skin.Array, where: skin.Array) -> skin.Array:
    """L*, a* and b* in some place less those of plain skin."""
    return mean(to_lab(image) - to_lab(somebody.plain), where)


def band(values: skin.Array) -> skin.Array:
    return np.asarray(values - cv2.GaussianBlur(values, (0, 0), 1.5))


def test_all_changes_together_stay_in_range_and_on_the_skin(somebody: Retouched) -> None:
    parts = np.stack(list(somebody.parts.values()))
    whole = somebody.image + parts.sum(axis=0)
    assert whole.min() > -1e-5
    assert whole.max() < 1 + 1e-5
    assert not parts[:, somebody.given.skin == 0].any()
    assert not parts[:, somebody.given.features == 1].any()


def test_a_collar_that_was_taken_for_skin_stays(somebody: Retouched) -> None:
    inner = np.stack([part[COLLAR][8:, 10:-10] for part in somebody.parts.values()])
    assert np.abs(inner).max() < 0.005


def test_skin_without_a_blemish_keeps_its_pores(somebody: Retouched) -> None:
    calm = blob(350, 200, 25) > 0.5
    after = somebody.image + sum(part for name, part in somebody.parts.items() if name != "texture")
    assert 0.9 < band(after)[calm].std() / band(somebody.image)[calm].std() < 1.1
    assert np.abs(somebody.parts["blemishes"][calm]).max() == 0


@pytest.mark.parametrize(("name", "where"), [("blemishes", PIMPLE), ("marks", MOLE)])
def test_a_pimple_goes_and_a_mole_only_with_the_marks(
    somebody: Retouched, name: str, where: skin.Array
) -> None:
    before, after = (
        np.abs(too_much(somebody, image, where)).max()
        for image in (somebody.image, somebody.image + somebody.parts[name])
    )
    assert after < 0.15 * before
    others = [part for key, part in somebody.parts.items() if key in {"blemishes", "marks"} - {name}]
    assert not any(part[where > 0.5].any() for part in others)


def test_a_blotch_of_colour_fades_and_the_shading_stays(somebody: Retouched) -> None:
    after = somebody.image + somebody.parts["evenness"]
    before, left = (too_much(somebody, image, BLOTCH)[1] for image in (somebody.image, after))
    # Blush is broad colour too: more than half of it has to stay, or cheeks look flat.
    assert 0.5 * before < left < 0.75 * before
    shaded = SHADE > 0.2
    kept = [to_lab(image)[..., 0][shaded].std() for image in (somebody.image, after)]
    assert kept[1] > 0.9 * kept[0]


def test_shine_is_compressed_and_not_removed(somebody: Retouched) -> None:
    before, left = (
        too_much(somebody, image, GLOSS)[0]
        for image in (somebody.image, somebody.image + somebody.parts["shine"])
    )
    assert 0.3 * before < left < 0.8 * before


def test_circles_below_the_eyes_get_lighter_and_never_lighter_than_the_cheek(somebody: Retouched) -> None:
    before, left = (
        too_much(somebody, image, somebody.circles)[0]
        for image in (somebody.image, somebody.image + somebody.parts["under_eye"])
    )
    assert before < 0.75 * before < left < 0


def test_texture_makes_coarse_pores_finer() -> None:
    given = face(pores=0.0)
    noise = cv2.GaussianBlur(np.random.default_rng(5).normal(0, 0.06, given.skin.shape), (0, 0), 1.2)
    image = (given.image + noise[..., None]).astype(np.float32)
    finer = reference_retoucher.changes(image, given.skin, given.features, given.mesh, given.hair)[5]
    cheek = blob(290, 110, 22) > 0.5
    assert band(image + finer)[cheek].std() < 0.75 * band(image)[cheek].std()


def test_a_portrait_without_skin_stays() -> None:
    given = face()
    none = np.zeros_like(given.skin)
    assert not reference_retoucher.changes(given.image, none, given.features, given.mesh, given.hair).any()


def test_healed_skin_has_the_pores_of_the_skin_around() -> None:
    image = face().image[:120, :160]
    rows, columns = np.mgrid[:120, :160]
    far = np.hypot(rows - 60, columns - 80)
    hole = far < 9
    spoiled = np.where(hole[..., None], 0.2, image).astype(np.float32)
    after = healing.healed(spoiled, hole, np.zeros_like(hole), np.ones_like(hole))
    inside, around = band(after)[far < 7].std(), band(after)[far > 20].std()
    assert 0.75 < inside / around < 1.3
    np.testing.assert_array_equal(after[far > 9 + healing.HALO + 2], spoiled[far > 9 + healing.HALO + 2])


def test_a_hole_in_a_slope_is_filled_with_the_slope() -> None:
    rows, columns = np.mgrid[:80, :90].astype(np.float32)
    slope = np.stack([0.3 + rows / 200, 0.9 - columns / 300, rows * 0 + 0.5], axis=-1)
    hole = np.hypot(rows - 40, columns - 45) < 9
    filled = masked_bands.membrane(np.where(hole[..., None], 5, slope).astype(np.float32), hole, ~hole)
    assert np.abs(filled - slope).max() < 0.01


def test_a_band_knows_nothing_of_what_is_outside() -> None:
    weight = np.zeros((120, 100), np.float32)
    weight[30:90, 20:80] = 1
    values = np.where(weight > 0, 0.25, 1e4).astype(np.float32)
    for sigma in (1.0, 6.0, 38.0):
        np.testing.assert_allclose(masked_bands.low(values, weight, sigma)[weight > 0], 0.25, rtol=1e-4)
