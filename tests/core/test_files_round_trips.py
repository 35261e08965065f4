"""What is written comes back: pixels, profile and metadata, in every format, depth and channel count."""

import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from softlight.files import read_picture, write_picture
from softlight.picture import ColourEncoding, Metadata, Picture, Transfer

DEPTHS = {
    ".png": (np.uint8, np.uint16),
    ".tif": (np.uint8, np.uint16, np.float16, np.float32),
    ".webp": (np.uint8,),
    ".jpg": (np.uint8,),
}
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><tiff:Orientation>6</tiff:Orientation>é</x:xmpmeta>'.encode()
EXIF, GPS = 34665, 34853


def camera_exif(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[271], exif[274], exif[33432] = "Kamera AG", orientation, "Nobody"
    exif[EXIF] = {36867: "2020:02:29 12:00:00", 37386: (50, 1), 37500: b"maker note"}
    exif[GPS] = {1: "N", 2: (47.0, 22.0, 30.0)}
    return exif.tobytes()[6:]


def taken_apart(block: bytes | None) -> dict:
    assert block is not None
    exif = Image.Exif()
    exif.load(block)
    first = {tag: exif[tag] for tag in (271, 33432)}
    return {**first, **{k: v for k, v in exif.get_ifd(EXIF).items() if k != 37500}, **exif.get_ifd(GPS)}


def random_picture(dtype: type, channels: int, seed: int = 0, size: tuple[int, int] = (21, 34)) -> Picture:
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "u":
        pixels = rng.integers(0, np.iinfo(dtype).max + 1, (*size, channels)).astype(dtype)
    else:
        pixels = rng.normal(0.5, 1, (*size, channels)).astype(dtype)
    return Picture(pixels, ColourEncoding(icc=SRGB), Metadata(camera_exif(), XMP, (300.0, 240.0)))


CASES = [
    (suffix, dtype, channels)
    for suffix, depths in DEPTHS.items()
    for dtype in depths
    for channels in (1, 2, 3, 4)
    if suffix != ".jpg" or channels in (1, 3)
]


@pytest.mark.parametrize(("suffix", "dtype", "channels"), CASES)
def test_everything_comes_back(tmp_path: Path, suffix: str, dtype: type, channels: int) -> None:
    picture = random_picture(dtype, channels)
    path = tmp_path / f"zwei Wörter 写真{suffix}"
    write_picture(path, picture)
    back = read_picture(path)
    assert back.pixels.dtype == dtype
    if suffix == ".webp" and channels < 3:  # WebP has no grey
        grey, alpha = picture.pixels[..., :1], picture.pixels[..., 1:]
        assert (back.pixels == np.concatenate([grey, grey, grey, alpha], axis=2)).all()
    elif suffix != ".jpg":
        assert np.array_equal(back.pixels, picture.pixels)
    else:
        assert back.pixels.shape == picture.pixels.shape
    assert back.encoding == ColourEncoding(Transfer.PERCEPTUAL, SRGB)
    assert taken_apart(back.metadata.exif) == taken_apart(picture.metadata.exif)
    assert back.metadata.xmp == XMP.replace(b">6<", b">1<")
    assert back.metadata.dpi == (None if suffix == ".webp" else pytest.approx((300, 240), abs=0.02))
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_jpeg_is_close_and_without_chroma_subsampling(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    smooth = Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8)).resize(
        (96, 96), Image.Resampling.BICUBIC
    )
    picture = Picture(np.asarray(smooth))
    write_picture(tmp_path / "a.jpeg", picture)
    back = read_picture(tmp_path / "a.jpeg")
    assert np.abs(back.pixels.astype(int) - picture.pixels).mean() < 1.5
    with Image.open(tmp_path / "a.jpeg") as image:
        assert {layer[1:3] for layer in image.layer} == {(1, 1)}


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([case for case in CASES if case[0] in (".png", ".tif")]),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.integers(0, 9),
)
def test_any_size_comes_back(
    tmp_path_factory: pytest.TempPathFactory, case: tuple, size: tuple[int, int], seed: int
) -> None:
    suffix, dtype, channels = case
    path = tmp_path_factory.mktemp("any") / f"a{suffix}"
    picture = random_picture(dtype, channels, seed, size)
    write_picture(path, picture)
    assert np.array_equal(read_picture(path).pixels, picture.pixels)


def test_nan_and_infinities_come_back(tmp_path: Path) -> None:
    for dtype in (np.float16, np.float32):
        pixels = np.array([[[np.nan, np.inf, -np.inf], [-2, 0, 6e4]]], dtype)
        write_picture(tmp_path / "a.tif", Picture(pixels))
        assert np.array_equal(read_picture(tmp_path / "a.tif").pixels, pixels, equal_nan=True)


def test_plain_pictures_gain_nothing(tmp_path: Path) -> None:
    for suffix in DEPTHS:
        write_picture(tmp_path / f"a{suffix}", Picture(np.full((5, 6, 3), 99, np.uint8)))
        back = read_picture(tmp_path / f"a{suffix}")
        assert back.encoding == ColourEncoding() and back.metadata.xmp is None
        assert back.metadata.exif is None and back.metadata.dpi is None


@pytest.mark.parametrize("size", [(200, 30000), (1, 1)])
def test_extreme_sizes_come_back(tmp_path: Path, size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    for suffix in (".png", ".tif", ".jpg"):
        write_picture(tmp_path / f"a{suffix}", Picture(pixels))
        assert read_picture(tmp_path / f"a{suffix}").pixels.shape == pixels.shape


def test_more_megapixels_than_pillow_opens(tmp_path: Path) -> None:
    # Pillow's Image.open refuses beyond 179 megapixels, and a photo of one colour is quick to write.
    Image.new("L", (20000, 9100), 80).save(tmp_path / "a.jpg")
    assert read_picture(tmp_path / "a.jpg").pixels.shape == (9100, 20000, 1)


def turned(upright: np.ndarray, orientation: int) -> np.ndarray:
    """What a camera stores so that a viewer that obeys the tag shows `upright`, by the table of EXIF 2.32."""
    rows_are, columns_are = {
        1: ("top", "left"),
        2: ("top", "right"),
        3: ("bottom", "right"),
        4: ("bottom", "left"),
        5: ("left", "top"),
        6: ("right", "top"),
        7: ("right", "bottom"),
        8: ("left", "bottom"),
    }[orientation]
    stored = upright
    if "right" in (rows_are, columns_are):
        stored = stored[:, ::-1]
    if "bottom" in (rows_are, columns_are):
        stored = stored[::-1]
    return stored if rows_are in ("top", "bottom") else stored.swapaxes(0, 1)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", list(DEPTHS))
def test_orientation_is_applied_once(tmp_path: Path, suffix: str, orientation: int) -> None:
    upright = np.zeros((48, 64, 3), np.uint8)
    upright[:8, :, 0], upright[:, :8, 1] = 255, 255
    path = tmp_path / f"a{suffix}"
    stored = np.ascontiguousarray(turned(upright, orientation))
    if suffix == ".tif":
        tifffile.imwrite(path, stored, photometric="rgb", extratags=[(274, 3, 1, orientation, True)])
    else:
        options = {".jpg": {"quality": 95, "subsampling": 0}, ".webp": {"lossless": True}}.get(suffix, {})
        Image.fromarray(stored).save(path, exif=b"Exif\0\0" + camera_exif(orientation), **options)
    for _ in range(2):  # a second round must not turn it again
        picture = read_picture(path)
        assert picture.pixels.shape == upright.shape
        assert np.abs(picture.pixels.astype(int) - upright).max() <= (12 if suffix == ".jpg" else 0)
        write_picture(path, picture)


def test_linear_profile_makes_a_linear_picture(tmp_path: Path) -> None:
    curve = b"curv" + bytes(8)
    table = b"".join(struct.pack(">4sII", tag, 168, 12) for tag in (b"rTRC", b"gTRC", b"bTRC"))
    icc = bytes(128) + struct.pack(">I", 3) + table + curve
    picture = Picture(np.full((4, 4, 3), 0.2, np.float32), ColourEncoding(icc=icc))
    write_picture(tmp_path / "a.tif", picture)
    assert read_picture(tmp_path / "a.tif").encoding == ColourEncoding(Transfer.LINEAR, icc)
