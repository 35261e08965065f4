import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageCms

from softlight.encoding import (
    finite,
    from_unit,
    from_working,
    linear_to_perceptual,
    perceptual_to_linear,
    to_unit,
    to_working,
    transfer_of,
)
from softlight.picture import Transfer


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_integer_survives(dtype: type) -> None:
    every = np.arange(np.iinfo(dtype).max + 1, dtype=dtype)
    assert (from_unit(to_unit(every), dtype) == every).all()


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_floats_survive_with_everything_outside_0_to_1(dtype: type) -> None:
    values = np.array([-3, -0.0, 1e-6, 0.1, 1, 7.5, 6e4, np.inf, -np.inf, np.nan], dtype)
    assert np.array_equal(from_unit(to_unit(values), dtype), values, equal_nan=True)


def test_integers_are_rounded_and_clipped_not_truncated_and_wrapped() -> None:
    assert from_unit(np.array([-1, 0.9, 254.6, 300], np.float32) / 255, np.uint8).tolist() == [0, 1, 255, 255]


def test_half_does_not_overflow_to_infinity() -> None:
    assert from_unit(np.array([1e9, -1e9], np.float32), np.float16).tolist() == [65504, -65504]


@given(st.floats(-8, 8, width=32))
def test_srgb_curve_is_inverted_beyond_0_to_1(value: float) -> None:
    there = linear_to_perceptual(np.array([value], np.float32))
    assert np.sign(there[0]) == np.sign(value)
    assert perceptual_to_linear(there)[0] == pytest.approx(value, rel=2e-6, abs=1e-7)


def test_srgb_curve_golden_values() -> None:
    # IEC 61966-2-1: mid grey of 18 % is 118 of 255, half the code range is 21.4 % of light.
    assert linear_to_perceptual(np.array([0.18, 0.002], np.float32)) == pytest.approx([0.46135612, 0.02584])
    assert perceptual_to_linear(np.array([0.5], np.float32)) == pytest.approx([0.21404114])


@pytest.mark.parametrize("transfer", list(Transfer))
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float16, np.float32])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_pixels_return_from_working_values(transfer: Transfer, dtype: type, channels: int) -> None:
    rng = np.random.default_rng(5)
    unit = rng.uniform(0, 1, (9, 11, channels)).astype(np.float32)
    pixels = from_unit(unit, dtype)
    working = to_working(pixels, transfer)
    assert working.shape == (9, 11, 3) and working.dtype == np.float32
    colours = 1 if channels < 3 else 3
    back = from_unit(from_working(working, transfer, colours), dtype)
    if np.dtype(dtype).kind == "u":
        assert (back == pixels[..., :colours]).all()
    else:
        assert back == pytest.approx(pixels[..., :colours], rel=1e-3 if dtype is np.float16 else 3e-6)


@given(st.lists(st.tuples(*[st.integers(0, 8)] * 2), min_size=1, max_size=20))
def test_what_is_not_finite_poisons_no_neighbour(places: list[tuple[int, int]]) -> None:
    pixels = np.full((9, 9, 3), 0.25, np.float32)
    for index, (y, x) in enumerate(places):
        pixels[y, x, index % 3] = (np.nan, np.inf, -np.inf)[index % 3]
    good = finite(pixels)
    assert good is not None and {(y, x) for y, x in np.argwhere(~good)} == set(places)
    assert (to_working(pixels, Transfer.PERCEPTUAL) == np.float32(0.25)).all()


def test_finite_crops_cost_no_array() -> None:
    assert finite(np.zeros((2, 2, 3), np.uint16)) is None
    assert finite(np.zeros((2, 2, 3), np.float32)) is None
    assert np.isfinite(to_working(np.full((2, 2, 3), np.nan, np.float32), Transfer.LINEAR)).all()


def profile(*curves: bytes, names: tuple[bytes, ...] = (b"rTRC", b"gTRC", b"bTRC")) -> bytes:
    table, body = b"", b""
    start = 132 + 12 * len(curves)
    for name, curve in zip(names, curves):
        table += struct.pack(">4sII", name, start + len(body), len(curve))
        body += curve
    return bytes(128) + struct.pack(">I", len(curves)) + table + body


def curv(*entries: int) -> bytes:
    return b"curv" + bytes(4) + struct.pack(f">I{len(entries)}H", len(entries), *entries)


def para(kind: int, *numbers: float) -> bytes:
    return (
        b"para" + bytes(4) + struct.pack(f">HH{len(numbers)}i", kind, 0, *(round(n * 65536) for n in numbers))
    )


IDENTITIES = [
    curv(),
    curv(0x100),
    curv(0, 32768, 65535),
    para(0, 1.0),
    para(3, 1.0, 1.0, 0.0, 1.0, 0.04045),
    para(4, 1.0, 1.0, 0.0, 1.0, 0.04045, 0.0, 0.0),
]
CURVES = [
    curv(0x233),
    curv(0, 14000, 65535),
    para(0, 2.2),
    para(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
    para(9, 1.0),
]


@pytest.mark.parametrize("curve", IDENTITIES)
def test_linear_profiles_are_known(curve: bytes) -> None:
    assert transfer_of(profile(curve, curve, curve)) is Transfer.LINEAR
    assert transfer_of(profile(curve, names=(b"kTRC",))) is Transfer.LINEAR


@pytest.mark.parametrize("curve", CURVES)
def test_one_display_curve_makes_a_profile_perceptual(curve: bytes) -> None:
    assert transfer_of(profile(curv(), curv(), curve)) is Transfer.PERCEPTUAL


def test_real_and_broken_profiles() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert transfer_of(srgb) is Transfer.PERCEPTUAL
    assert transfer_of(None) is Transfer.PERCEPTUAL
    for broken in (b"", b"no profile", srgb[:150], profile(b"curv"), profile(), profile(para(3, 1.0))):
        assert transfer_of(broken) is Transfer.PERCEPTUAL
