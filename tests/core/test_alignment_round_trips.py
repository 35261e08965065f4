"""What is cut out of a photo and put back, unchanged, lies where it was and looks as it did.

The chart is oversampled twice: its shortest wave is four px of the photo, or of the square where that is the
coarser one. Squares have at least two px for one of the photo, unless a face is too large.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softlight.alignment import Matrix, applied, covered, cut, put_back, scale_of, similarity, template
from tests.core.test_alignment import matrix, psnr

LEAST_PSNR, LARGEST_SHIFT = 45.0, 0.05


def chart(height: int, width: int, shortest: float) -> np.ndarray:
    """A picture of three waves down times three across, none shorter than `shortest` px on the diagonal."""

    def waves(count: int, seed: int) -> np.ndarray:
        random = np.random.default_rng(seed)
        lengths, phases = random.uniform(2**0.5, 3, 3) * shortest, random.uniform(0, 6.3, 3)
        at = np.arange(count)[:, None]
        return np.sin(2 * math.pi * at / lengths + phases).sum(axis=1).astype(np.float32)

    values = 0.5 + 0.08 * np.outer(waves(height, 5), waves(width, 6))
    return values.astype(np.float32)[..., None]


def there_and_back(photo: np.ndarray, there: Matrix, side: int) -> np.ndarray:
    """The photo with a square of it put back as it was cut out."""
    crop = cut(photo, there, side)
    box = covered(there, side, *photo.shape[:2])
    pasted = photo.copy()
    pasted[box.slices] = put_back(crop.pixels, there, box)
    return pasted


def shift_between(seen: np.ndarray, exact: np.ndarray) -> float:
    """How far a picture lies from where it should, in px: the shift that best explains the difference."""
    slopes = np.stack([slope.ravel() for slope in np.gradient(exact[..., 0])], axis=1)
    return float(np.abs(np.linalg.lstsq(slopes, (seen - exact).ravel(), rcond=None)[0]).max())


def about(point: tuple[float, float], angle: float, scale: float, side: int) -> Matrix:
    """A square turned and scaled about a point of the photo, which lies in its middle."""
    there = matrix(angle, scale, 0, 0)
    there[:, 2] = (side - 1) / 2 - applied(there, [point])[0]
    return there


@settings(deadline=None, max_examples=40)
@given(st.floats(-math.pi, math.pi), st.floats(2, 6), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_any_rotation_and_any_fraction_of_a_pixel(angle: float, scale: float, x: float, y: float) -> None:
    photo = chart(100, 110, 4)
    side = round(90 * scale)
    pasted = there_and_back(photo, about((55 + x, 50 + y), angle, scale, side), side)
    inside = np.s_[25:75, 30:80]
    assert psnr(pasted[inside], photo[inside]) > LEAST_PSNR
    assert shift_between(pasted[inside], photo[inside]) < LARGEST_SHIFT


@pytest.mark.parametrize("corner", [(0, 0), (119, 0), (0, 99), (119, 99), (60, -20), (140, 50)])
@pytest.mark.parametrize("angle", [0, 0.5, math.pi / 2, -2.2])
def test_a_face_that_the_frame_cuts(corner: tuple[float, float], angle: float) -> None:
    """Right up to the photo's last row: what lies beyond goes on in the border's colour and moves nothing."""
    photo = chart(100, 120, 4)
    pasted = there_and_back(photo, about(corner, angle, 2.5, 300), 300)
    box = covered(about(corner, angle, 2.5, 140), 140, 100, 120)  # well inside the square, however turned
    assert not box.empty
    changed, exact = pasted[box.slices], photo[box.slices]
    assert np.isfinite(pasted).all()
    assert psnr(changed, exact) > LEAST_PSNR
    assert shift_between(changed, exact) < LARGEST_SHIFT


@pytest.mark.parametrize("face", [20, 45, 110, 400, 1300, 4000])
def test_faces_from_20_to_4000_px(face: int) -> None:
    """By the published template of 512 px. A large face comes back as smooth as the square could hold it."""
    size = round(1.3 * face) + 20
    # In the template a face, from brow to chin, takes half of the side.
    points = (template("ffhq_512", 512) - 256) * (face / 256) @ matrix(0.3, 1, 0, 0)[:, :2].T + size / 2
    there = similarity(points, template("ffhq_512", 512))
    photo = chart(size, size, 4 * max(1.0, 2 / scale_of(there)))
    pasted = there_and_back(photo, there, 512)
    quarter = size // 4
    inside = np.s_[quarter:-quarter, quarter:-quarter]
    changed, exact = pasted[inside], photo[inside]
    assert psnr(changed, exact) > LEAST_PSNR
    if face > 1000:  # the slopes of a large one are needed only here and there
        changed, exact = (cv2.resize(part, (500, 500), interpolation=cv2.INTER_AREA)[..., None]
                          for part in (changed, exact))  # fmt: skip
    assert shift_between(changed, exact) < LARGEST_SHIFT
