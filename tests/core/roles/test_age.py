"""Networks that change the age of a face are fed and read as published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from softlight.alignment import applied, covered, put_back, similarity, template
from softlight.roles.age import change_age
from softlight.runtime import Model
from tests.core.roles.portraits import POINTS, portrait
from tests.installed_models import install
from tests.published_faces import fran, styleganex_age

Note = Callable[[str, str, str], None]
FACE = np.array(POINTS["hopper.jpg"], float)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return install(tmp_path_factory.mktemp("fran"), "fran-1024", fran())


@pytest.mark.parametrize(
    ("age", "years", "change"), [(40, 20, 0.2), (40, -30, -0.3), (90, 20, 0.1), (15, -20, -0.15), (50, 0, 0)]
)
def test_fran_takes_both_ages(model: Model, age: float, years: float, change: float, ran: Note) -> None:
    """The generated network darkens red by the difference: hundredths of years, from 0 to 100."""
    photo = 0.5 + 0.3 * (portrait("hopper.jpg") - 0.5)
    crop = change_age(model, photo, FACE, age, years)
    assert crop.side == 1024
    box = covered(crop.matrix, crop.side, *photo.shape[:2])
    back = put_back(crop.pixels, crop.matrix, box)
    middle = (slice(170 - box.top, 290 - box.top), slice(200 - box.left, 330 - box.left))
    seen = photo[170:290, 200:330]
    # Resampled twice: single pixels of stubble and lashes differ.
    assert np.abs(back[middle][..., 1:] - seen[..., 1:]).mean() < 0.004
    assert np.abs(back[middle][..., 0] + change - seen[..., 0]).mean() < 0.004
    ran("fran-1024", "generated", "darkens red by the years between both ages: order, range, place and back")


def centre_of(blue: np.ndarray) -> np.ndarray:
    """x, y of what is brighter than the rest, .3."""
    weights = np.clip(blue.astype(float) - 0.35, 0, 1)
    rows, columns = np.indices(blue.shape)
    return np.array([(weights * columns).sum(), (weights * rows).sum()]) / weights.sum()


@pytest.mark.parametrize("years", [100, -50, 0, 400])
def test_styleganex_takes_a_face_and_its_surroundings(years: float, tmp_path: Path, ran: Note) -> None:
    """Its output is the wider square, larger; years go down where its direction goes up."""
    model = install(tmp_path, "styleganex-age", styleganex_age())
    photo = np.full((600, 512, 3), (0.4, 0.7, 0.3), np.float32)
    photo[233:243, 261:271, 2] = 0.8  # the tip of the nose
    crop = change_age(model, photo, FACE, 40, years)
    assert crop.side == 1536
    direction = -2.5 * min(max(years / 100, -1), 1)
    red, green = crop.pixels[700, 768, :2]
    # .2 of the direction in -1..1 is .1 in 0..1; green is the mean of the small face's.
    assert red == pytest.approx(min(max(0.4 + 0.1 * direction, 0), 1), abs=2e-3)
    assert green == pytest.approx(0.7, abs=2e-3)
    nose = centre_of(crop.pixels[..., 2])
    expected = applied(similarity(FACE, template("styleganex_384", 384)), [(265.5, 237.5)])[0]
    assert (nose + 0.5) / 4 - 0.5 == pytest.approx(expected, abs=0.1)
    box = covered(crop.matrix, crop.side, 600, 512)
    back = put_back(crop.pixels, crop.matrix, box)[..., 2]
    assert centre_of(back) + np.array([box.left, box.top]) == pytest.approx((265.5, 237.5), abs=0.1)
    ran(
        "styleganex-age", "generated", "paints the wider square four times as large: both inputs, sign, place"
    )
