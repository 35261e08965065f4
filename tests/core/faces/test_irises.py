"""Irises and lids on shipped portraits and on drawn eyes of known measures."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from softlight.alignment import applied, inverted
from softlight.faces import analysis
from softlight.faces.analysis import AnalysedFace
from softlight.faces.irises import USUAL, Eye, find_eyes, irises_in, refined, without_glare
from softlight.faces.lids import APART, HEIGHT, WIDTH, lids_of
from softlight.faces.mesh import EYES, mesh_of
from softlight.picture import Picture
from softlight.runtime import Runtime
from tests.core.faces.conftest import sample

SCALE = 8
"""Of drawn eyes before they are shrunk, for smooth edges."""
HOPPER = ((221.5, 192.5), (305.5, 187.5))
"""The middles of her irises, read off an enlarged print."""


def almond() -> np.ndarray:
    """Lids of a drawn eye, (2, WIDTH)."""
    along = np.clip((np.arange(WIDTH) - 32) / 80, 0, 1)
    bow = 4 * along * (1 - along)
    return np.stack([48 - 17 * bow, 48 + 12 * bow])


def drawn(
    centre: tuple[float, float], radius: float, iris: float, white: float = 0.75, catchlight: bool = False
) -> np.ndarray:
    """Brightness of a patch with an eye in skin, lashes above it, (HEIGHT, WIDTH)."""
    big = np.full((HEIGHT * SCALE, WIDTH * SCALE), 0.55, np.float32)
    rows, columns = np.mgrid[: big.shape[0], : big.shape[1]]
    x, y = (columns + 0.5) / SCALE - 0.5, (rows + 0.5) / SCALE - 0.5
    upper, lower = (np.interp(x, np.arange(WIDTH), lid) for lid in almond())
    big[(y > upper - 2.5) & (y <= upper)] = 0.15
    eye = (y > upper) & (y < lower)
    far = np.hypot(x - centre[0], y - centre[1]) / radius
    big[eye] = white
    big[eye & (far < 1)] = iris
    big[eye & (far < 0.4)] = 0.05
    if catchlight:
        big[eye & (np.hypot(x - centre[0] - 0.5 * radius, y - centre[1] + 0.3 * radius) < 0.4 * radius)] = 1.0
    small = cv2.resize(big, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(small, (0, 0), 0.8)


@pytest.mark.parametrize("iris", [0.12, 0.35, 0.5])
@pytest.mark.parametrize("catchlight", [False, True])
@pytest.mark.parametrize("aside", [-8.3, 0.0, 6.7])
def test_a_drawn_iris_is_found_to_a_part_of_a_pixel(iris: float, catchlight: bool, aside: float) -> None:
    radius, apart = USUAL * APART * 1.03, np.array([208.0, 0.0])
    centres = [(71.4 + aside, 46.6), (71.4 + aside, 46.6)]
    greys = [drawn(centre, radius, iris, catchlight=catchlight) for centre in centres]
    lids = [almond(), almond()]
    greys = [without_glare(grey, almond()) for grey in greys]
    for grey, lid, first, centre in zip(greys, lids, irises_in(greys, lids, apart), centres, strict=True):
        x, y, size = refined(grey, lid, first)
        # A catchlight at the rim as large as here, .4 of the radius, draws by up to 4 % of it.
        assert abs(x - centre[0]) < (0.8 if catchlight else 0.5)
        # Lids hide where an iris ends above and below.
        assert abs(y - centre[1]) < 2.0
        assert abs(size - radius) < 0.6


def test_lids_are_found_around_shares() -> None:
    rows = np.arange(HEIGHT)[:, None]
    upper, lower = almond()
    inside = np.clip(rows - upper + 0.5, 0, 1) * np.clip(lower - rows + 0.5, 0, 1)
    share = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 1.5)[..., None]
    found = lids_of(share, np.array([(32.0, 48.0), (112.0, 48.0)]))
    assert found is not None
    np.testing.assert_allclose(found[:, 45:100], almond()[:, 45:100], atol=1.0)
    # They meet at the corners, and stay together beyond.
    assert (found[1] >= found[0]).all()
    assert found[0, 20] == found[1, 20] and found[0, 125] == found[1, 125]


def test_there_are_no_lids_where_there_is_no_eye() -> None:
    nothing = np.zeros((HEIGHT, WIDTH, 1), np.float32)
    assert lids_of(nothing, np.array([(32.0, 48.0), (112.0, 48.0)])) is None


def eyes_of(image: np.ndarray, runtime: Runtime) -> tuple[tuple[Eye, Eye] | None, AnalysedFace]:
    picture = Picture(image)
    face = max(analysis.find(picture, runtime), key=lambda one: one.interocular)
    near = analysis.around(picture, face.points, float(APART))
    return find_eyes(near, face, mesh_of(face.landmarks), runtime.model("parsing")), face


@pytest.mark.parametrize("scale", [0.6, 1.0, 3.0])
def test_irises_of_a_portrait_are_found_at_any_size(
    hopper: np.ndarray, runtime: Runtime, scale: float
) -> None:
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    eyes, face = eyes_of(cv2.resize(hopper, None, fx=scale, fy=scale, interpolation=how), runtime)
    assert eyes is not None
    for eye, there in zip(eyes, HOPPER, strict=True):
        (found,) = applied(inverted(eye.matrix), [eye.centre])
        wanted = (np.array(there) + 0.5) * scale - 0.5
        assert np.linalg.norm(found - wanted) < 0.03 * face.interocular


def test_a_closed_eye_is_none(hopper: np.ndarray, runtime: Runtime) -> None:
    """Neither is told then: who turns one eye alone squints."""
    _, face = eyes_of(hopper, runtime)
    points = face.landmarks.points[:, :2]
    for outline in EYES:
        shut = hopper.copy()
        middle = points[list(outline)].mean(axis=0).round().astype(int)
        skin = tuple(int(one) for one in np.median(hopper[220:240, 200:240].reshape(-1, 3), axis=0))
        cv2.ellipse(shut, tuple(middle.tolist()), (22, 10), 0, 0, 360, skin, -1, cv2.LINE_AA)
        assert eyes_of(shut, runtime)[0] is None


def test_eyes_behind_dark_glasses_are_none(runtime: Runtime) -> None:
    image = sample("astronaut.png").copy()
    assert eyes_of(image, runtime)[0] is not None
    _, face = eyes_of(image, runtime)
    for outline in EYES:
        middle = face.landmarks.points[list(outline), :2].mean(axis=0).round().astype(int)
        cv2.ellipse(image, tuple(middle.tolist()), (21, 14), 0, 0, 360, (20, 20, 22), -1, cv2.LINE_AA)
    assert eyes_of(image, runtime)[0] is None
