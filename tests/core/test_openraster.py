"""The .ora file against the specification (openraster.org), read with nothing of ours."""

import io
import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageCms

from softlight.compositor import composite, quantise
from softlight.encoding import from_unit, to_unit
from softlight.files import read_picture, write_stack
from softlight.files.openraster import CLIPPED, SIXTEEN_BITS
from softlight.layers import BlendMode, Layer, LayerStack
from softlight.picture import ColourEncoding, Metadata, Picture

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def scene(dtype: type, channels: int) -> tuple[Picture, LayerStack]:
    rng = np.random.default_rng(4)
    pixels = from_unit(rng.uniform(0, 1, (300, 400, channels)).astype(np.float32), dtype)
    colours = 1 if channels < 3 else 3
    mask = np.zeros((90, 80), np.float32)
    mask[20:60, 10:50] = np.linspace(0.1, 1, 40, dtype=np.float32)
    layers = (
        Layer(
            "Weiche Züge & <Licht>",
            rng.uniform(0.2, 0.8, (90, 80, colours)).astype(np.float32),
            mask,
            BlendMode.SOFT_LIGHT,
            0.5,
            (30, 40),
        ),
        Layer("pores", rng.uniform(0, 1, (90, 80, colours)).astype(np.float32), mask, offset=(-30, 270)),
        Layer("nothing", np.zeros((5, 5, colours), np.float32), np.zeros((5, 5), np.float32)),
    )
    metadata = Metadata(dpi=(300.0, 300.0))
    return Picture(pixels, ColourEncoding(icc=SRGB), metadata), LayerStack(
        "De-wrinkle", layers, {"strength": 0.5}
    )


def unpacked(archive: zipfile.ZipFile, name: str, folder: Path) -> Picture:
    return read_picture(archive.extract(name, folder))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_structure_and_pixels(tmp_path: Path, dtype: type, channels: int) -> None:
    picture, stack = scene(dtype, channels)
    path = tmp_path / "a b ü.ora"
    notes = write_stack(path, picture, stack)
    assert notes == {np.uint8: (), np.uint16: (SIXTEEN_BITS,), np.float32: (CLIPPED,)}[dtype]
    # The kind is told from the bytes at 38: the first member is "mimetype", stored, without extra fields.
    assert path.read_bytes()[30:54] == b"mimetypeimage/openraster"
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        root = ElementTree.fromstring(archive.read("stack.xml"))
        assert {"mergedimage.png", "Thumbnails/thumbnail.png", "data/photo.png"} < set(names)
        assert json.loads(archive.read("softlight/settings.json")) == {"strength": 0.5}
        with Image.open(io.BytesIO(archive.read("Thumbnails/thumbnail.png"))) as thumbnail:
            assert thumbnail.size == (256, 192)
        assert root.tag == "image" and root.attrib == {
            "version": "0.0.5", "w": "400", "h": "300", "xres": "300", "yres": "300"
        }  # fmt: skip
        (top,) = root
        group, photo = top
        assert (group.tag, group.get("name"), photo.tag, photo.get("src")) == (
            "stack", "De-wrinkle", "layer", "data/photo.png"
        )  # fmt: skip
        assert [layer.get("name") for layer in group] == ["nothing", "pores", "Weiche Züge & <Licht>"]
        assert {element.get("composite-op") for element in root.iter() if element.tag == "layer"} == {
            "svg:src-over"
        }
        soft = group[2].attrib
        assert (soft["x"], soft["y"], soft["opacity"]) == ("40", "60", "0.5")
        stored = unpacked(archive, "data/photo.png", tmp_path)
        assert stored.encoding.icc == SRGB
        depth = np.uint16 if dtype is np.float32 else dtype
        assert np.array_equal(stored.pixels, from_unit(to_unit(picture.pixels), depth))
        crop = unpacked(archive, soft["src"], tmp_path)
        assert crop.pixels.shape == (40, 40, picture.colour_channels + 1) and crop.encoding.icc == SRGB
        merged = unpacked(archive, "mergedimage.png", tmp_path).pixels
        # By the rules of the format alone: source-over, the lowest first, in float64.
        top_level = np.iinfo(depth).max
        colour = stored.pixels[..., : picture.colour_channels] / top_level
        for element in reversed(group):
            layer = unpacked(archive, element.get("src", ""), tmp_path).pixels / top_level
            x, y = int(element.get("x", "")), int(element.get("y", ""))
            part = colour[max(y, 0) : y + len(layer), max(x, 0) : x + layer.shape[1]]
            alpha = layer[..., -1:] * float(element.get("opacity", ""))
            part += (layer[..., :-1] - part) * alpha
    if channels in (1, 3):
        assert np.abs(merged[..., : picture.colour_channels] / top_level - colour).max() <= 1.001 / top_level
    seen = composite(stored, quantise(stack, depth)).pixels
    assert np.abs(merged.astype(int) - seen).max() <= 2
    untouched = np.ones((300, 400), bool)
    untouched[60:100, 40:80] = untouched[290:, :20] = False
    assert np.array_equal(merged[untouched], stored.pixels[untouched])


def test_transparent_photo_stays_transparent(tmp_path: Path) -> None:
    pixels = np.full((10, 10, 4), 255, np.uint8)
    pixels[:, 5:, 3] = 0
    layer = Layer("l", np.zeros((10, 10, 3), np.float32), np.ones((10, 10), np.float32))
    write_stack(tmp_path / "a.ora", Picture(pixels), LayerStack("s", (layer,)))
    with zipfile.ZipFile(tmp_path / "a.ora") as archive:
        merged = unpacked(archive, "mergedimage.png", tmp_path).pixels
        stored = unpacked(archive, "data/layer000.png", tmp_path).pixels
    assert (merged[..., 3] == pixels[..., 3]).all()
    assert stored.shape == (10, 10, 4) and not stored[:, 5:].any() and (stored[:, :5, 3] == 255).all()


def test_extreme_pictures_and_names(tmp_path: Path) -> None:
    for shape in ((1, 1, 1), (3, 2000, 3), (2000, 3, 4)):
        layer = Layer(
            "\x00\x1b\uffff", np.zeros((1, 1, 1 if shape[2] < 3 else 3), np.float32), np.ones((1, 1))
        )
        write_stack(tmp_path / "a.ora", Picture(np.zeros(shape, np.uint16)), LayerStack("\n", (layer,)))
        with zipfile.ZipFile(tmp_path / "a.ora") as archive:
            ElementTree.fromstring(archive.read("stack.xml"))
            assert unpacked(archive, "mergedimage.png", tmp_path).pixels.shape == shape
