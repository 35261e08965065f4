import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softlight.soft_light import blend, out_of_reach, solve

shades = st.floats(0, 1, width=32)


def as_pixels(*values: float) -> np.ndarray:
    return np.array([[values]], np.float32)


@pytest.mark.parametrize(
    ("photo", "b", "expected"),
    # By hand from (1 - 2 B) in^2 + 2 B in.
    [(0.5, 1.0, 0.75), (0.5, 0.0, 0.25), (0.25, 0.75, 0.34375), (0.8, 0.25, 0.72), (0.3, 0.5, 0.3)],
)
def test_blend_is_the_formula_of_the_paper(photo: float, b: float, expected: float) -> None:
    assert blend(as_pixels(photo), as_pixels(b)) == pytest.approx(expected, abs=1e-7)


@given(shades, st.floats(-4, 5, width=32))
def test_blend_agrees_with_the_unfactored_formula(photo: float, b: float) -> None:
    unfactored = (1 - 2 * b) * photo**2 + 2 * b * photo
    assert blend(as_pixels(photo), as_pixels(b)).item() == pytest.approx(unfactored, abs=2e-6)


@given(shades)
def test_neutral_changes_no_bit(photo: float) -> None:
    assert blend(as_pixels(photo), as_pixels(0.5)).item() == photo
    assert solve(as_pixels(photo), as_pixels(photo)).item() == 0.5


@given(st.floats(2**-13, 1 - 2**-13, width=32), shades)
def test_solve_inverts_blend(photo: float, result: float) -> None:
    b = solve(as_pixels(photo), as_pixels(result))
    assert blend(as_pixels(photo), b).item() == pytest.approx(result, abs=1e-6)


@given(shades)
def test_black_and_white_never_move(result: float) -> None:
    assert solve(as_pixels(0, 1), as_pixels(result, result)).tolist() == [[[0.5, 0.5]]]


@pytest.mark.parametrize("levels", [255, 65535])
@given(data=st.data())
def test_out_of_reach_is_what_a_stored_layer_misses(levels: int, data: st.DataObject) -> None:
    photo = as_pixels(data.draw(st.integers(0, levels)) / levels)
    result = as_pixels(data.draw(st.integers(0, levels)) / levels)
    stored = np.rint(np.clip(solve(photo, result), 0, 1) * levels) / np.float32(levels)
    miss = abs(blend(photo, stored) - result).item() * levels
    # The two float32 sums may differ in the last bit: at 65535 levels that is 0.01 of a level.
    if abs(miss - 0.5) > 0.02:
        assert out_of_reach(photo, result, levels).item() == (miss > 0.5)


@pytest.mark.parametrize("levels", [255, 65535])
def test_everything_between_the_parabolas_is_within_reach(levels: int) -> None:
    photo = np.linspace(0, 1, 1000, dtype=np.float32)[:, None, None]
    share = np.linspace(0, 1, 101, dtype=np.float32)[None, :, None]
    within = photo**2 + share * (2 * photo - 2 * photo**2)
    assert not out_of_reach(photo, within, levels).any()


def test_one_channel_out_of_reach_takes_the_pixel() -> None:
    photo, result = as_pixels(0.5, 0.5, 1.0), as_pixels(0.6, 0.4, 0.9)
    assert out_of_reach(photo, result, 255).tolist() == [[True]]
    assert out_of_reach(photo[..., :2], result[..., :2], 255).tolist() == [[False]]
