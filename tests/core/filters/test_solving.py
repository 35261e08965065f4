"""A soft-light layer at the photo's depth brings it to its result, or says where it does not."""

from __future__ import annotations

import numpy as np
import pytest

from softlight.filters.solving import solve, solver
from softlight.soft_light import blend


def pairs(kind: type, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """A photo and a result with everything that may happen, black and white too; shape (60, 50, 3)."""
    random = np.random.default_rng(seed)
    photo, result = random.random((2, 60, 50, 3), np.float32)
    result[:30] = photo[:30] + 0.1 * (result[:30] - 0.5)
    photo[::7], photo[1::7] = 0, 1
    if np.dtype(kind).kind == "u":
        top = np.iinfo(kind).max
        return tuple(np.rint(np.clip(values, 0, 1) * top).astype(kind) for values in (photo, result))
    return photo, result


def test_looking_up_gives_what_the_formula_gives() -> None:
    photo, result = pairs(np.uint8)
    for found, computed in zip(solver(photo.dtype)(photo, result), solve(photo, result), strict=True):
        assert found.dtype == computed.dtype
        np.testing.assert_array_equal(found, computed)


@pytest.mark.parametrize(("kind", "tolerance"), [(np.uint8, 0.5), (np.uint16, 0.5), (np.float32, 1e-5)])
def test_what_is_not_missed_is_reached(kind: type, tolerance: float) -> None:
    photo, result = pairs(kind)
    b, missed = solver(photo.dtype)(photo, result)
    top = np.iinfo(kind).max if np.dtype(kind).kind == "u" else 1
    error = np.abs(blend(photo / top, b / top) - result / top).max(axis=-1) * top
    assert b.dtype == kind
    assert 0.2 < missed.mean() < 0.9
    assert error[~missed].max() <= tolerance * 1.01 < error[missed].max()
    assert error[missed].min() > tolerance * 0.99


def test_pixels_that_are_not_finite_are_missed_without_a_warning() -> None:
    photo, result = pairs(np.float32)
    photo[5, 5, 1], result[5, 5, 1] = np.inf, np.inf
    b, _ = solve(photo, result)
    assert np.isfinite(b).all()
