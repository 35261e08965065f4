"""What a preview looks like, against colour that is known."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest

from softlight.display import BACKGROUND, fitting, for_display, shrink
from softlight.encoding import from_unit, perceptual_to_linear
from softlight.picture import ColourEncoding, Picture, Transfer

RAMP = np.stack(np.meshgrid(np.linspace(0, 1, 32), np.linspace(0, 1, 32)), axis=-1).astype(np.float32)
COLOURS = np.concatenate([RAMP, np.full((32, 32, 1), 0.4, np.float32)], axis=2)
AS_U8 = from_unit(COLOURS, np.uint8)


def shown(
    pixels: np.ndarray, transfer: Transfer = Transfer.PERCEPTUAL, icc: bytes | None = None
) -> np.ndarray:
    return for_display(Picture(pixels, ColourEncoding(transfer, icc)), (pixels.shape[1], pixels.shape[0]))


def off_by(found: np.ndarray, expected: np.ndarray) -> int:
    return int(np.abs(found.astype(int) - expected.astype(int)).max())


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float16, np.float32])
@pytest.mark.parametrize("icc", [None, imagecodecs.cms_profile("srgb")], ids=["untagged", "sRGB"])
def test_srgb_is_shown_as_it_is(dtype: type, icc: bytes | None) -> None:
    # A half has 11 bits, and may round to the other side.
    exact = icc is None and dtype is not np.float16
    assert off_by(shown(from_unit(COLOURS, dtype), icc=icc), AS_U8) <= (0 if exact else 1)


@pytest.mark.parametrize("dtype", [np.uint16, np.float16, np.float32])
def test_linear_light_is_shown_on_a_display_curve(dtype: type) -> None:
    stored = from_unit(perceptual_to_linear(COLOURS), dtype)
    assert off_by(shown(stored, Transfer.LINEAR), AS_U8) <= 1


def linear_profile() -> bytes:
    """sRGB's primaries with an identity curve, as GIMP and Krita make it."""
    return bytes(imagecodecs.cms_profile("rgb", gamma=1.0, whitepoint=D65, primaries=SRGB))


D65 = (0.3127, 0.3290, 1.0)
SRGB = (0.64, 0.33, 1.0, 0.30, 0.60, 1.0, 0.15, 0.06, 1.0)


def test_linear_values_with_a_linear_profile_and_curved_values_with_it_look_the_same() -> None:
    profile = linear_profile()
    light = perceptual_to_linear(COLOURS)
    assert off_by(shown(light, Transfer.LINEAR, profile), AS_U8) <= 1
    # GIMP blends, and so sends, on a display curve whatever its profile says.
    assert off_by(shown(COLOURS, Transfer.PERCEPTUAL, profile), AS_U8) <= 1
    # And linear light under a profile with a curve.
    assert off_by(shown(light, Transfer.LINEAR, imagecodecs.cms_profile("srgb")), AS_U8) <= 1


@pytest.mark.parametrize(
    ("stored", "seen"),
    [((0.3, 0.8, 0.25), (0, 205, 42)), ((0.5,) * 3, (129,) * 3), ((0.5, 0.6, 0.55), (116, 154, 141))],
)
def test_a_wide_profile_is_converted(stored: tuple[float, ...], seen: tuple[int, ...]) -> None:
    # By hand: gamma 563/256, AdobeRGB (1998)'s matrix, sRGB's inverse matrix and curve; its greens go beyond.
    wide = imagecodecs.cms_profile("adobergb")
    found = shown(np.full((4, 4, 3), stored, np.float32), icc=wide)
    assert off_by(found, np.broadcast_to(seen, found.shape)) <= 1


@pytest.mark.parametrize("icc", [None, b"nonsense", b"\0" * 200, imagecodecs.cms_profile("srgb")[:300]])
def test_grey_and_broken_profiles_are_shown_anyway(icc: bytes | None) -> None:
    grey = from_unit(RAMP[..., :1], np.uint16)
    np.testing.assert_array_equal(shown(grey, icc=icc), np.repeat(from_unit(RAMP[..., :1], np.uint8), 3, 2))


def test_transparent_parts_show_the_background() -> None:
    pixels = np.concatenate([COLOURS, np.zeros((32, 32, 1), np.float32)], axis=2)
    assert (shown(pixels) == round(float(BACKGROUND) * 255)).all()
    pixels[..., 3] = 1
    np.testing.assert_array_equal(shown(pixels), AS_U8)


def test_not_a_number_and_infinity_do_not_spread() -> None:
    pixels = COLOURS.copy()
    pixels[3, 3], pixels[4, 4], pixels[5, 5] = np.nan, np.inf, -np.inf
    found = shown(pixels)
    good = np.isfinite(pixels).all(axis=2)
    np.testing.assert_array_equal(found[good], AS_U8[good])
    assert (found[4, 4] == 255).all() and (found[5, 5] == 0).all()


def test_it_fits_and_is_never_enlarged() -> None:
    assert fitting(4000, 3000, (400, 400)) == (400, 300)
    assert fitting(40, 30, (400, 400)) == (40, 30)
    assert fitting(100000, 1, (400, 400)) == (400, 1)


def test_shrinking_is_an_average() -> None:
    board = np.indices((64, 64)).sum(axis=0) % 2 * np.uint8(255)
    np.testing.assert_allclose(shrink(board.astype(np.uint8), (8, 8)), 0.5, atol=0.003)
