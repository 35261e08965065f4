"""Pixels without a library: what is written others read, and what others wrote is read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from softlight.files import write_stack
from softlight.layers import BlendMode, Layer, LayerStack, SourceType
from softlight.picture import Picture
from softlight_gimp210 import rasters

NOISE = np.random.default_rng(27)
MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


@pytest.mark.parametrize("channels", MODES)
@pytest.mark.parametrize("rows_at_once", [1, 3, 100])
@pytest.mark.parametrize("level", [0, 1])
def test_a_png_holds_every_pixel(tmp_path: Path, channels: int, rows_at_once: int, level: int) -> None:
    pixels = NOISE.integers(0, 256, (7, 5, channels), np.uint8)
    path = tmp_path / "photo.png"
    pieces = [pixels[top : top + rows_at_once].tobytes() for top in range(0, 7, rows_at_once)]
    rasters.write_png(str(path), (5, 7), channels, pieces, level)
    with Image.open(path) as opened:
        assert opened.mode == MODES[channels]
        assert np.array_equal(np.asarray(opened).reshape(pixels.shape), pixels)


def test_a_png_carries_the_profile(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    rasters.write_png(str(tmp_path / "photo.png"), (1, 1), 3, [b"abc"], 0, profile)
    with Image.open(tmp_path / "photo.png") as opened:
        assert opened.info["icc_profile"] == profile


@given(st.integers(1, 9), st.integers(1, 9), st.data())
def test_a_mask_is_cropped_to_what_is_painted_and_widened_again(
    width: int, height: int, drawn: st.DataObject
) -> None:
    painted = drawn.draw(st.sets(st.tuples(st.integers(0, height - 1), st.integers(0, width - 1))))
    mask = np.zeros((height, width), np.uint8)
    for place in painted:
        mask[place] = 1 + (place[0] * width + place[1]) % 255
    found = rasters.cropped(mask.tobytes(), width, (0, 0))
    if not painted:
        assert found is None
        return
    assert found is not None
    rows, columns = np.nonzero(mask)
    assert found.origin == (columns.min(), rows.min())
    assert (found.width, found.height) == (np.ptp(columns) + 1, np.ptp(rows) + 1)
    assert b"".join(rasters.widened(found, width, height)) == mask.tobytes()


def test_a_cropped_mask_knows_where_it_came_from() -> None:
    found = rasters.cropped(b"\0\0\0\0\7\0", 3, (10, 20))
    assert found == rasters.Mask(1, 1, (11, 21), b"\7")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_stack(tmp_path / "a.layers", PHOTO, STACK)
    return tmp_path / "a.layers"


PHOTO = Picture(NOISE.integers(0, 256, (20, 30, 3), np.uint8))
STACK = LayerStack(
    "Zoë's",
    tuple(
        Layer(
            f"layer {number}", NOISE.integers(0, 256, (6, 8, 3), np.uint8),
            NOISE.choice(np.array([0, 128, 255], np.uint8), (6, 8)), blend, 0.5, (number, 3),
        )
        for number, blend in enumerate(BlendMode)
    ),
)  # fmt: skip


def test_a_stack_comes_through_with_alpha_where_its_mask_is(folder: Path) -> None:
    found = rasters.read_stack(str(folder))
    assert found.group == "Zoë's"
    for layer, written in zip(found.layers, STACK.layers, strict=True):
        assert (layer.name, layer.blend, layer.opacity) == (written.name, written.blend.value, 0.5)
        assert (layer.offset, layer.width, layer.height) == (written.offset, 8, 6)
        assert layer.mask == written.mask.tobytes()
        pixels = np.frombuffer(layer.pixels, np.uint8).reshape(6, 8, 4)
        assert np.array_equal(pixels[..., 3], np.where(written.mask > 0, 255, 0))
        assert np.array_equal(pixels[..., :3][written.mask > 0], written.pixels[written.mask > 0])


def test_what_a_picture_must_say_comes_through(folder: Path, tmp_path: Path) -> None:
    assert rasters.read_stack(str(folder)).source_type is None
    write_stack(tmp_path / "b.layers", PHOTO, replace(STACK, source_type=SourceType.EDITED_WITH_AI))
    assert rasters.read_stack(str(tmp_path / "b.layers")).source_type == SourceType.EDITED_WITH_AI.value
    contents = folder / "stack.json"
    older = json.loads(contents.read_text("utf-8"))
    del older["source_type"]
    contents.write_text(json.dumps(older), "utf-8")
    assert rasters.read_stack(str(folder)).source_type is None


def test_a_stack_of_another_kind_is_not_read(folder: Path) -> None:
    contents = folder / "stack.json"
    stored = json.loads(contents.read_text("utf-8"))
    for wrong in ({"format": "other"}, {"version": 2}):
        contents.write_text(json.dumps({**stored, **wrong}), "utf-8")
        with pytest.raises(ValueError):
            rasters.read_stack(str(folder))


def test_a_stack_whose_pixels_are_cut_short_is_not_read(folder: Path) -> None:
    pixels = next(folder.glob("*.raw"))
    pixels.write_bytes(pixels.read_bytes()[:-1])
    with pytest.raises(ValueError):
        rasters.read_stack(str(folder))


def test_a_stack_of_16_bits_is_not_read(tmp_path: Path) -> None:
    deep = Layer("", np.zeros((2, 2, 3), np.uint16), np.zeros((2, 2), np.uint16))
    write_stack(tmp_path / "a.layers", Picture(np.zeros((2, 2, 3), np.uint16)), LayerStack("", (deep,)))
    with pytest.raises(ValueError):
        rasters.read_stack(str(tmp_path / "a.layers"))


@pytest.mark.parametrize("channels", [1, 3])
def test_alpha_comes_after_the_colours(channels: int) -> None:
    pixels, alpha = NOISE.integers(0, 256, (5, channels), np.uint8), NOISE.integers(0, 256, 5, np.uint8)
    joined = rasters.with_alpha(pixels.tobytes(), channels, alpha.tobytes())
    assert joined == np.column_stack([pixels, alpha]).tobytes()
