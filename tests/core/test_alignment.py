"""Faces come out of a photo where the template says, and go back where they were."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from softlight.alignment import (
    TEMPLATES,
    Box,
    Matrix,
    applied,
    chained,
    covered,
    cut,
    cut_face,
    inverted,
    put_back,
    scale_of,
    scaling,
    shifting,
    similarity,
    template,
    warped,
)

angles = st.floats(-math.pi, math.pi)
scales = st.floats(0.02, 50)
shifts = st.floats(-3000, 3000)


def matrix(angle: float, scale: float, x: float, y: float) -> Matrix:
    c, s = scale * math.cos(angle), scale * math.sin(angle)
    return np.array([[c, -s, x], [s, c, y]])


def chart(points: np.ndarray, shortest: float) -> np.ndarray:
    """A picture that is known everywhere: six waves, none shorter than `shortest` px."""
    random = np.random.default_rng(5)
    values = np.full(points.shape[:-1], 0.5)
    for length, turn, phase in random.uniform((shortest, 0, 0), (2 * shortest, 6.3, 6.3), (6, 3)):
        x, y = points[..., 0] * math.cos(turn), points[..., 1] * math.sin(turn)
        values += 0.06 * np.sin(2 * math.pi / length * (x + y) + phase)
    return values


def grid(height: int, width: int) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width]
    return np.stack([columns, rows], axis=-1).astype(float)


def drawn(height: int, width: int, shortest: float) -> np.ndarray:
    return chart(grid(height, width), shortest)[..., None].astype(np.float32)


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return -10 * math.log10(float(np.mean((a - b) ** 2)))


@given(angles, scales, shifts, shifts)
def test_a_similarity_is_found_from_what_it_did(angle: float, scale: float, x: float, y: float) -> None:
    wanted = matrix(angle, scale, x, y)
    points = 512 * np.array(TEMPLATES["ffhq_512"])
    found = similarity(points, applied(wanted, points))
    np.testing.assert_allclose(applied(found, points), applied(wanted, points), atol=1e-7 * max(1, scale))
    assert scale_of(found) == pytest.approx(scale, rel=1e-9)


def test_nothing_near_the_similarity_fits_better() -> None:
    """It is the least-squares fit: five points of a real face never lie as a template."""
    face = np.array([[200.1, 101.8], [247.1, 102.6], [220.4, 124.5], [198.6, 142.8], [239.7, 143.6]])
    target = template("arcface_128", 128)

    def error(angle: float, scale: float, x: float, y: float) -> float:
        return float(np.sum((applied(matrix(angle, scale, x, y), face) - target) ** 2))

    best = similarity(face, target)
    angle, scale = math.atan2(best[1, 0], best[0, 0]), scale_of(best)
    x, y = best[:, 2]
    least = error(angle, scale, x, y)
    for change in (1e-3, -1e-3):
        assert error(angle + change, scale, x, y) > least
        assert error(angle, scale * (1 + change), x, y) > least
        assert error(angle, scale, x + 10 * change, y) > least
        assert error(angle, scale, x, y + 10 * change) > least


def test_it_is_what_opencv_finds_without_outliers() -> None:
    """FaceFusion and others take OpenCV's estimate, which the published templates were used with."""
    face = np.array([[200.1, 101.8], [247.1, 102.6], [220.4, 124.5], [198.6, 142.8], [239.7, 143.6]])
    for name in TEMPLATES:
        target = template(name, 512)
        theirs = cv2.estimateAffinePartial2D(face, target, method=cv2.RANSAC, ransacReprojThreshold=100)[0]
        difference = applied(similarity(face, target), face) - applied(theirs, face)
        assert np.abs(difference).max() < 0.01


def test_a_mirror_image_is_never_the_answer() -> None:
    points = template("ffhq_512", 512)
    found = similarity(points * (-1, 1), points)
    assert np.linalg.det(found[:, :2]) > 0


@pytest.mark.parametrize("points", [np.ones((5, 2)), np.full((5, 2), np.nan)])
def test_points_that_say_nothing_are_refused(points: np.ndarray) -> None:
    with pytest.raises(ValueError, match="determine"):
        similarity(points, template("ffhq_512", 512))
    with pytest.raises(ValueError, match="determine"):
        similarity(template("ffhq_512", 512), points)


@pytest.mark.parametrize(
    ("spread", "published", "ours"),
    [
        (1.5, np.array(TEMPLATES["ffhq_512"]), "live_portrait_512"),
        # StyleGANEX's own points, as FaceFusion has them.
        (
            0.875,
            [
                [0.42353745, 0.52289879],
                [0.57725008, 0.52319972],
                [0.50123859, 0.61331904],
                [0.43364461, 0.68337652],
                [0.57015325, 0.68306005],
            ],
            "styleganex_384",
        ),
    ],
)
def test_templates_that_others_make_by_spreading_the_face(
    spread: float, published: ArrayLike, ours: str
) -> None:
    """FaceFusion spreads a face's points about its nose and fits them to a template with a larger face."""
    face = np.array([[200.1, 101.8], [247.1, 102.6], [220.4, 124.5], [198.6, 142.8], [239.7, 143.6]])
    expected = similarity(face[2] + spread * (face - face[2]), 512 * np.array(published))
    found = similarity(face, template(ours, 512))
    np.testing.assert_allclose(found[:, :2], expected[:, :2], atol=1e-9)
    assert np.abs(applied(found, face) - applied(expected, face)).max() < 2


def test_resizing_keeps_the_corners_of_a_picture() -> None:
    """A pixel's centre is a whole number, so a picture of n px reaches from -.5 to n - .5."""
    corners = [[-0.5, -0.5], [99.5, 49.5]]
    np.testing.assert_allclose(applied(scaling(3, 0.2), corners), [[-0.5, -0.5], [299.5, 9.5]])


@given(angles, scales, shifts, shifts)
def test_matrices_undo_and_follow_each_other(angle: float, scale: float, x: float, y: float) -> None:
    there = matrix(angle, scale, x, y)
    points = np.array([[0, 0], [100, 3], [-7, 40.5]])
    np.testing.assert_allclose(applied(chained(there, inverted(there)), points), points, atol=1e-6)
    moved = chained(shifting(3, 4), there)
    np.testing.assert_allclose(applied(moved, points), applied(there, points + np.array([3, 4])), atol=1e-6)


@pytest.mark.parametrize("scale", [0.07, 0.11, 0.3, 0.5, 0.7, 0.95, 1, 1.5, 4, 20])
@pytest.mark.parametrize("angle", [0, 0.6, -2.5])
def test_what_is_cut_out_lies_where_it_should(scale: float, angle: float) -> None:
    """Compared with the chart itself: the brightness, and the shift that a fit of its slopes tells."""
    side = 128 if scale <= 4 else 640
    span = min(math.ceil(side / scale * 1.5) + 20, 4200)
    photo = drawn(span, span, 8 * max(1, 1 / scale))
    there = matrix(angle, scale, 0, 0)
    there[:, 2] = (side / 2 + 0.21, side / 2 - 0.13) - applied(there, [(span / 2, span / 2)])[0]
    border = max(8, round(3 * scale))
    inside = np.s_[border:-border, border:-border]
    seen = cut(photo, there, side).pixels[..., 0]
    shortest = 8 * max(1, 1 / scale)
    exact = chart(applied(inverted(there), grid(side, side).reshape(-1, 2)).reshape(side, side, 2), shortest)
    assert psnr(seen[inside], exact[inside]) > 45
    slopes = np.stack([slope[inside].ravel() for slope in np.gradient(exact)], axis=1)
    shift = np.linalg.lstsq(slopes, (seen - exact)[inside].ravel(), rcond=None)[0]
    assert np.abs(shift).max() < 0.05  # px of the square


def test_large_faces_do_not_alias() -> None:
    """Lines one pixel apart become grey, not moiré, which is what OpenCV's own filter gives."""
    photo = np.tile(np.array([0, 1], np.float32), (1200, 600))[..., None]
    there = matrix(0.1, 0.11, 4, 5)
    inside = np.s_[30:90, 30:90]
    assert np.ptp(cut(photo, there, 120).pixels[inside]) < 0.12  # a box nine px wide over lines
    alone = cv2.warpAffine(photo, there, (120, 120), flags=cv2.INTER_AREA)
    assert np.ptp(alone[inside]) > 0.5


@pytest.mark.parametrize("scale", [0.5, 1, 3])
@pytest.mark.parametrize("angle", [0, 0.4, 2])
def test_a_face_that_was_not_changed_comes_back(scale: float, angle: float) -> None:
    """The way there and back, in px and in dB, over what a square of twice the size can hold."""
    photo = drawn(300, 320, 8)
    there = matrix(angle, 2 * scale, 0, 0)
    side = round(2 * scale * 160)
    there[:, 2] = (side - 1) / 2 - applied(there, [(160, 150)])[0]
    crop = cut(photo, there, side)
    box = covered(crop.matrix, side, 300, 320)
    back = put_back(crop.pixels, crop.matrix, box)
    whole = np.s_[110:190, 120:200]
    pasted = photo.copy()
    pasted[box.slices] = back
    assert psnr(pasted[whole], photo[whole]) > 45
    slopes = np.stack([slope.ravel() for slope in np.gradient(photo[whole][..., 0])], axis=1)
    shift = np.linalg.lstsq(slopes, (pasted - photo)[whole].ravel(), rcond=None)[0]
    assert np.abs(shift).max() < 0.05


@pytest.mark.parametrize("eyes", [20, 60, 4000])
def test_faces_of_any_size_fill_the_template(eyes: int) -> None:
    """From 20 px between the eyes to 4000: the five points land on the template within a pixel."""
    points = np.array(TEMPLATES["ffhq_512"]) * eyes / 0.2459 + (0.31 * eyes, 0.17 * eyes)
    size = math.ceil(points.max() + 0.6 * eyes)
    photo = np.zeros((size, size, 1), np.float32)
    radius = 0.1 * eyes
    for x, y in points:
        left, top, reach = int(x), int(y), math.ceil(radius) + 1
        window = np.s_[max(top - reach, 0) : top + reach + 1, max(left - reach, 0) : left + reach + 1]
        corner = np.array([window[1].start, window[0].start])
        spot = grid(*photo[window].shape[:2]) + corner - (x, y)
        photo[window][..., 0] += np.clip(radius + 0.5 - np.linalg.norm(spot, axis=-1), 0, 1)
    crop = cut_face(photo, points, "ffhq_512", 512)
    weights = np.clip(crop.pixels[..., 0], 0, 1)
    for x, y in template("ffhq_512", 512):
        window = np.s_[int(y) - 27 : int(y) + 28, int(x) - 27 : int(x) + 28]
        mass = weights[window]
        rows, columns = np.mgrid[window]
        assert (columns * mass).sum() / mass.sum() == pytest.approx(x, abs=0.3)
        assert (rows * mass).sum() / mass.sum() == pytest.approx(y, abs=0.3)


def test_beyond_the_photo_its_border_goes_on() -> None:
    photo = np.zeros((40, 60, 3), np.float32)
    photo[:, -1] = (1, 0.5, 0.25)
    seen = warped(photo, shifting(-30, 10), 200, 60)
    np.testing.assert_allclose(seen[30, 100:], np.tile((1, 0.5, 0.25), (100, 1)), atol=1e-6)
    assert np.isfinite(seen).all()
    nowhere = warped(photo, shifting(5000, 5000), 16, 16)  # not one pixel of it is seen
    np.testing.assert_allclose(nowhere, 0, atol=1e-6)


def test_any_number_of_channels_and_a_single_one() -> None:
    planes = np.random.default_rng(1).random((30, 30, 13)).astype(np.float32)
    there = matrix(0.3, 0.8, 4, -3)
    together = warped(planes, there, 20, 20)
    assert together.shape == (20, 20, 13)
    for index in range(13):
        alone = warped(planes[..., index : index + 1], there, 20, 20)
        np.testing.assert_allclose(together[..., index : index + 1], alone, atol=1e-6)


def test_a_square_covers_what_it_can_change() -> None:
    there = matrix(0.5, 2, 0, 0)
    there[:, 2] = 63.5 - applied(there, [(50, 40)])[0]
    box = covered(there, 128, 100, 120)
    reach = 32 * (math.cos(0.5) + math.sin(0.5))
    assert (box.left, box.right) == (math.floor(50 - reach + 0.5), math.ceil(50 + reach + 0.5))
    assert (box.top, box.bottom) == (max(0, math.floor(40 - reach + 0.5)), math.ceil(40 + reach + 0.5))
    assert covered(shifting(-1000, 0), 128, 100, 120).empty
    assert covered(shifting(0, 0), 128, 100, 120) == Box(0, 0, 120, 100)
    away = shifting(-1000, 0)
    assert put_back(np.ones((128, 128, 3), np.float32), away, covered(away, 128, 100, 120)).size == 0
