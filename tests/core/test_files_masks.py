from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from softlight.errors import MaskError, PictureError
from softlight.files import read_mask
from softlight.picture import Picture

PHOTO = Picture(np.zeros((20, 30, 3), np.uint8))
STROKE = np.zeros((20, 30), np.uint8)
STROKE[5:9, 3:25] = np.linspace(10, 255, 22).astype(np.uint8)


def mask_of(tmp_path: Path, pixels: np.ndarray) -> np.ndarray:
    Image.fromarray(pixels).save(tmp_path / "mask.png")
    mask = read_mask(tmp_path / "mask.png", PHOTO)
    assert mask.shape == (20, 30)
    return mask


def test_grey_is_taken_as_it_is(tmp_path: Path) -> None:
    assert np.array_equal(mask_of(tmp_path, STROKE), STROKE)


def test_16_bits_stay_16_bits(tmp_path: Path) -> None:
    deep = STROKE.astype(np.uint16) * 257 + 3
    assert np.array_equal(mask_of(tmp_path, deep), deep)


def test_grey_as_rgb_is_the_same_mask(tmp_path: Path) -> None:
    assert np.array_equal(mask_of(tmp_path, np.stack([STROKE] * 3, axis=2)), STROKE)


def test_rgb_counts_by_luminance(tmp_path: Path) -> None:
    colours = np.zeros((20, 30, 3), np.uint8)
    colours[0, 0], colours[0, 1], colours[0, 2] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    assert mask_of(tmp_path, colours)[0, :4].tolist() == [54, 182, 18, 0]


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (200, 10, 10)])
def test_strokes_on_a_transparent_layer_count_by_alpha(tmp_path: Path, colour: tuple[int, ...]) -> None:
    painted = np.zeros((20, 30, 4), np.uint8)
    painted[..., 3] = STROKE
    painted[STROKE > 0, :3] = colour
    assert np.array_equal(mask_of(tmp_path, painted), STROKE)


def test_opaque_alpha_is_ignored(tmp_path: Path) -> None:
    opaque = np.stack([STROKE, np.full_like(STROKE, 255)], axis=2)
    assert np.array_equal(mask_of(tmp_path, opaque), STROKE)


def test_varied_colour_is_multiplied_by_alpha(tmp_path: Path) -> None:
    painted = np.zeros((20, 30, 2), np.uint8)
    painted[0, :3] = [[255, 255], [255, 51], [102, 51]]
    assert mask_of(tmp_path, painted)[0, :4].tolist() == [255, 51, 20, 0]


def test_float_masks_are_clipped_and_nan_is_outside(tmp_path: Path) -> None:
    values = np.full((20, 30), 0.25, np.float32)
    values[0, :4] = np.nan, np.inf, -3, 7
    tifffile.imwrite(tmp_path / "mask.tif", values)
    mask = read_mask(tmp_path / "mask.tif", PHOTO)
    assert mask.dtype == np.float32 and mask[0, :5].tolist() == [0, 1, 0, 1, 0.25]


def test_1_bit_and_palette_masks(tmp_path: Path) -> None:
    for mode in ("1", "P"):
        image = Image.fromarray(np.where(STROKE > 99, 255, 0).astype(np.uint8)).convert(mode)
        image.save(tmp_path / "mask.png")
        assert np.array_equal(read_mask(tmp_path / "mask.png", PHOTO) == 255, STROKE > 99)


def test_mask_of_another_size_names_both(tmp_path: Path) -> None:
    Image.fromarray(STROKE[:10]).save(tmp_path / "pinsel ü.png")
    with pytest.raises(MaskError) as caught:
        read_mask(tmp_path / "pinsel ü.png", PHOTO)
    assert str(caught.value) == (
        "The mask pinsel ü.png has 30 × 10 pixels but the photo has 30 × 20; "
        "paint it on the photo at full size."
    )
    Image.fromarray(STROKE.T.copy()).save(tmp_path / "mask.png")
    with pytest.raises(MaskError, match="turn it by 90 degrees"):
        read_mask(tmp_path / "mask.png", PHOTO)


def test_orientation_of_the_mask_is_applied_before_it_is_compared(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(np.ascontiguousarray(np.rot90(STROKE))).save(tmp_path / "mask.png", exif=exif)
    assert np.array_equal(read_mask(tmp_path / "mask.png", PHOTO), STROKE)


def test_a_mask_that_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "mask.png").write_text("not a mask, not a picture")
    with pytest.raises(PictureError, match=r"mask\.png is not a PNG"):
        read_mask(tmp_path / "mask.png", PHOTO)
