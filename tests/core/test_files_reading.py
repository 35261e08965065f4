"""Files as others write them, and files that are none."""

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from softlight.errors import PictureError
from softlight.files import read_picture

RNG = np.random.default_rng(7)
RGB16 = RNG.integers(0, 65536, (70, 90, 3), np.uint16)
RGB8 = RNG.integers(0, 256, (70, 90, 3), np.uint8)


@pytest.mark.parametrize(
    "options",
    [
        {"byteorder": ">"},
        {"planarconfig": "separate"},
        {"planarconfig": "separate", "byteorder": ">", "compression": "lzw", "predictor": True},
        {"tile": (32, 32)},
        {"tile": (16, 48), "planarconfig": "separate", "compression": "zlib"},
        {"compression": "lzw"},
        {"compression": "zstd"},
        {"compression": "packbits"},
        {"rowsperstrip": 7},
        {"bigtiff": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
def test_tiff_layouts(tmp_path: Path, options: dict, dtype: str) -> None:
    pixels = RGB16.astype(dtype) if dtype != "float16" else (RGB16 / 65535).astype(dtype)
    stored = np.moveaxis(pixels, 2, 0) if options.get("planarconfig") == "separate" else pixels
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="rgb", **options)
    back = read_picture(tmp_path / "a.tif").pixels
    assert back.dtype == dtype and back.dtype.isnative and np.array_equal(back, pixels)


def test_tiff_of_a_palette_of_inverted_grey_of_one_bit_and_of_jpeg(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    palette = Image.fromarray(RGB8).quantize(16)
    palette.save(path)
    assert np.array_equal(read_picture(path).pixels, np.asarray(palette.convert("RGB")))
    tifffile.imwrite(path, RGB16[..., 0], photometric="miniswhite")
    assert np.array_equal(read_picture(path).pixels[..., 0], 65535 - RGB16[..., 0])
    bits = Image.fromarray(RGB8[..., 0]).convert("1")
    for compression in (None, "group4"):
        bits.save(path, compression=compression)
        assert np.array_equal(read_picture(path).pixels[..., 0], np.asarray(bits.convert("L")))
    smooth = Image.fromarray(RGB8[:5, :5]).resize((64, 64), Image.Resampling.BICUBIC)
    smooth.save(path, compression="jpeg", quality=95)
    with Image.open(path) as image:
        assert np.abs(read_picture(path).pixels.astype(int) - np.asarray(image.convert("RGB"))).max() <= 2


def test_tiff_alpha_is_made_straight(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    premultiplied = np.array([[[50, 100, 0, 100], [0, 0, 0, 0], [9, 8, 7, 255]]], np.uint8)
    tifffile.imwrite(path, premultiplied, photometric="rgb", extrasamples=["assocalpha"])
    straight = [[[128, 255, 0, 100], [0, 0, 0, 0], [9, 8, 7, 255]]]
    assert read_picture(path).pixels.tolist() == straight


def test_tiff_preview_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as file:
        file.write(RGB8[:8, :8], photometric="rgb", subfiletype=1)
        file.write(RGB8, photometric="rgb")
    assert np.array_equal(read_picture(path).pixels, RGB8)


@pytest.mark.parametrize(
    ("mode", "options", "becomes"),
    [
        ("1", {}, "L"),
        ("L", {}, "L"),
        ("L", {"transparency": 7}, "LA"),
        ("LA", {}, "LA"),
        ("P", {}, "RGB"),
        ("P", {"bits": 4}, "RGB"),
        ("P", {"transparency": 3}, "RGBA"),
        ("RGB", {"transparency": (1, 2, 3)}, "RGBA"),
        ("RGBA", {}, "RGBA"),
    ],
)
def test_png_kinds(tmp_path: Path, mode: str, options: dict, becomes: str) -> None:
    source = Image.fromarray(RGB8)
    source = source.quantize(16) if mode == "P" else source.convert(mode)
    source.save(tmp_path / "a.png", **options)
    with Image.open(tmp_path / "a.png") as image:
        expected = np.asarray(image.convert(becomes))
    back = read_picture(tmp_path / "a.png").pixels
    assert np.array_equal(back, expected if expected.ndim == 3 else expected[..., None])


def test_the_name_does_not_decide(tmp_path: Path) -> None:
    Image.fromarray(RGB8).save(tmp_path / "a.jpg", "PNG")
    assert np.array_equal(read_picture(tmp_path / "a.jpg").pixels, RGB8)


def test_maker_notes_and_garbage_in_exif_do_no_harm(tmp_path: Path) -> None:
    for block in (b"II*\0", b"MM\0*\0\0\0\x08\0\x05", b"II*\0\xff\xff\xff\xff", b"nonsense"):
        Image.fromarray(RGB8).save(tmp_path / "a.png", exif=b"Exif\0\0" + block)
        assert np.array_equal(read_picture(tmp_path / "a.png").pixels, RGB8)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_that_claims(width: int, height: int) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def refused(path: Path) -> str:
    with pytest.raises(PictureError) as caught:
        read_picture(path)
    text = str(caught.value)
    # One sentence: the cause with the file's name, and after a semicolon the remedy.
    assert path.name in text and text.endswith(".") and "; " in text and "\n" not in text
    return text


@pytest.mark.parametrize("size", [(2**31 - 1, 2**31 - 1), (100_000, 100_000), (23_000, 23_000), (0, 5)])
def test_absurd_headers_cost_no_memory(tmp_path: Path, size: tuple[int, int]) -> None:
    import tracemalloc

    (tmp_path / "a.png").write_bytes(png_that_claims(*size))
    tiff = tmp_path / "a.tif"
    tifffile.imwrite(tiff, RGB8, photometric="rgb")
    with tifffile.TiffFile(tiff) as file:
        width, height = (file.pages.first.tags[tag].valueoffset for tag in (256, 257))
    data = bytearray(tiff.read_bytes())
    data[width : width + 2] = data[height : height + 2] = b"\xff\xff"
    tiff.write_bytes(bytes(data))
    tracemalloc.start()
    assert str(size[0]) in refused(tmp_path / "a.png")
    assert "65535" in refused(tiff)
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def test_a_profile_that_unpacks_without_end_is_cut(tmp_path: Path) -> None:
    Image.fromarray(RGB8).save(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    bomb = chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(200 << 20), 9))
    (tmp_path / "a.png").write_bytes(data[:33] + bomb + data[33:])
    icc = read_picture(tmp_path / "a.png").encoding.icc
    assert icc is not None and len(icc) <= 64 << 20


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.97])
def test_truncated(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"cut off{suffix}"
    Image.fromarray(RGB8).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: max(20, int(len(data) * share))])
    assert "damaged or cut off" in refused(path)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_flipped_bytes_give_a_sentence_or_a_picture(tmp_path: Path, suffix: str) -> None:
    whole = tmp_path / f"whole{suffix}"
    Image.fromarray(RGB8[:24, :24]).save(whole, **({"compression": "tiff_lzw"} if suffix == ".tif" else {}))
    data, path = whole.read_bytes(), tmp_path / f"flipped{suffix}"
    rng = np.random.default_rng(1)
    for _ in range(150):
        broken = bytearray(data)
        for position in rng.integers(0, len(data) if rng.random() < 0.5 else 200, 4):
            broken[position % len(data)] ^= int(rng.integers(1, 256))
        path.write_bytes(bytes(broken))
        try:
            read_picture(path)
        except PictureError as error:
            assert path.name in str(error)


def test_missing_empty_folder_and_no_picture(tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "nowhere.png")
    assert "does not exist" in refused(tmp_path / "no folder" / "nowhere.png")
    (tmp_path / "empty.jpg").touch()
    assert "empty" in refused(tmp_path / "empty.jpg")
    assert "folder" in refused(tmp_path)
    (tmp_path / "letter.png").write_text("Dear reader, this is a letter and not a picture at all.")
    assert "not a PNG, JPEG, TIFF or WebP" in refused(tmp_path / "letter.png")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_unreadable(tmp_path: Path) -> None:
    Image.fromarray(RGB8).save(tmp_path / "a.png")
    (tmp_path / "a.png").chmod(0)
    assert "may not read" in refused(tmp_path / "a.png")


@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
def test_cmyk_is_refused_with_its_remedy(tmp_path: Path, suffix: str) -> None:
    Image.fromarray(RGB8).convert("CMYK").save(tmp_path / f"a{suffix}")
    assert refused(tmp_path / f"a{suffix}").endswith("CMYK picture; convert it to RGB first.")


@pytest.mark.parametrize("dtype", ["uint32", "int16", "float64", "complex64"])
def test_other_depths_are_refused(tmp_path: Path, dtype: str) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((4, 4), dtype))
    assert "save it with 8 or 16 bits, or as half or single float" in refused(tmp_path / "a.tif")


def test_other_tiffs_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(RGB8).convert("LAB").save(path)
    assert "Lab" in refused(path)
    tifffile.imwrite(path, np.zeros((8, 8, 6), np.uint8), photometric="rgb", planarconfig="contig")
    assert "6 channels" in refused(path)
    tifffile.imwrite(path, np.zeros((8, 8), np.uint16), photometric="cfa")
    assert "raw camera file" in refused(path)
