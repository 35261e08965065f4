"""What comes through bridge and engine is bit for bit what the filter returns for the whole photo."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from PIL import Image

from softlight.compositor import bake, quantise
from softlight.encoding import from_unit, perceptual_to_linear
from softlight.filters.registry import load
from softlight.filters.specification import settings_from_arguments
from softlight.layers import BlendMode, LayerStack
from softlight.picture import ColourEncoding, Picture, Transfer
from softlight.runtime import Runtime
from softlight_bridge.client import Engine
from softlight_bridge.messages import Box, Job, PixelFormat, Raster
from tests.bridge.conftest import make_ground
from tests.bridge.ground import REAL_ENGINE

DTYPES = {"u8": np.uint8, "u16": np.uint16, "f16": np.float16, "f32": np.float32}
ORDER = {
    "Y": [0],
    "YA": [0, 1],
    "RGB": [0, 1, 2],
    "RGBA": [0, 1, 2, 3],
    "BGR": [2, 1, 0],
    "BGRA": [2, 1, 0, 3],
}
SAMPLES = files("softlight") / "samples"
BLENDS = ("normal", "soft-light")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        for _ in make_ground(monkeypatch):
            yield Engine(REAL_ENGINE, "Test 1.0")


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    return Runtime()


def opened(name: str, mode: str) -> np.ndarray:
    with (SAMPLES / name).open("rb") as file:
        return np.asarray(Image.open(file).convert(mode))


def photo(channels: str, depth: str, transfer: Transfer) -> Picture:
    """The sample portrait as a host's document."""
    values = opened("hopper.jpg", "RGB").astype(np.float32) / 255
    if channels.startswith("Y"):
        values = values.mean(axis=2, keepdims=True)
    if transfer is Transfer.LINEAR:
        values = perceptual_to_linear(values)
    if channels.endswith("A"):
        ramp = np.linspace(0, 1, values.shape[1], dtype=np.float32)
        values = np.concatenate([values, np.broadcast_to(ramp[:, None], (*values.shape[:2], 1))], axis=2)
    return Picture(from_unit(values, DTYPES[depth]), ColourEncoding(transfer))


def stroke(depth: str) -> np.ndarray:
    """One nasolabial fold of the sample's mask, at a depth."""
    mask = np.zeros_like(opened("hopper-mask.png", "L"))
    mask[215:290, 300:345] = opened("hopper-mask.png", "L")[215:290, 300:345]
    assert 300 < (mask > 0).sum() < 4000
    return from_unit(mask.astype(np.float32) / 255, DTYPES[depth])


def job_of(
    picture: Picture, mask: np.ndarray, channels: str, layer: PixelFormat, mask_depth: str | None,
    blends: tuple[str, ...] = BLENDS, **settings: Any,
) -> Job:  # fmt: skip
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    left, top = int(columns[0]), int(rows[0])
    crop = np.ascontiguousarray(mask[top : rows[-1] + 1, left : columns[-1] + 1])
    depth = next(name for name, dtype in DTYPES.items() if dtype == picture.pixels.dtype.type)
    mask_form = PixelFormat("Y", next(name for name, dtype in DTYPES.items() if dtype == mask.dtype.type))
    return Job(
        "dewrinkle", settings, (picture.width, picture.height), PixelFormat(channels, depth),
        picture.encoding.transfer.value, picture.encoding.icc,
        Raster(crop.shape[1], crop.shape[0], mask_form, crop.tobytes()), (left, top),
        layer, mask_depth, blends,
    )  # fmt: skip


def reader(picture: Picture, channels: str, asked: list[Box] | None = None) -> Any:
    def read(box: Box) -> Raster:
        if asked is not None:
            asked.append(box)
        part = picture.pixels[box.top : box.top + box.height, box.left : box.left + box.width]
        data = np.ascontiguousarray(part[..., ORDER[channels]]).tobytes()
        depth = next(name for name, dtype in DTYPES.items() if dtype == picture.pixels.dtype.type)
        return Raster(box.width, box.height, PixelFormat(channels, depth), data)

    return read


def direct(picture: Picture, mask: np.ndarray, runtime: Runtime, **arguments: Any) -> LayerStack:
    wanted = load("dewrinkle")
    settings = settings_from_arguments(wanted.spec, wanted.settings_type, arguments)
    settled = wanted.settle(mask, settings, (picture.width, picture.height))
    return wanted.run(picture, mask, settled, runtime, lambda done, text: None)


def array(raster: Raster) -> np.ndarray:
    shape = (raster.height, raster.width, -1)
    return np.frombuffer(raster.data, DTYPES[raster.format.depth]).reshape(shape)


@pytest.mark.parametrize(
    ("channels", "depth", "transfer", "layer", "mask_depth"),
    [
        ("RGB", "u8", Transfer.PERCEPTUAL, "RGBA", "u8"),
        ("BGRA", "u8", Transfer.PERCEPTUAL, "BGRA", "u8"),
        ("BGRA", "u16", Transfer.LINEAR, "BGRA", "u8"),
        ("RGBA", "f16", Transfer.LINEAR, "RGBA", "f16"),
        ("RGB", "f32", Transfer.PERCEPTUAL, "RGBA", "f32"),
        ("Y", "u8", Transfer.PERCEPTUAL, "YA", "u8"),
        ("YA", "u16", Transfer.PERCEPTUAL, "YA", "u16"),
        ("YA", "f32", Transfer.LINEAR, "YA", "u8"),
        ("Y", "u16", Transfer.PERCEPTUAL, "BGRA", "u8"),
    ],
)
def test_bit_for_bit(
    engine: Engine,
    runtime: Runtime,
    channels: str,
    depth: str,
    transfer: Transfer,
    layer: str,
    mask_depth: str,
) -> None:
    picture, mask = photo(channels, depth, transfer), stroke("u8" if depth == "u8" else "f32")
    job = job_of(picture, mask, channels, PixelFormat(layer, depth), mask_depth, target="everything")
    asked: list[Box] = []
    result = engine.run(job, reader(picture, channels, asked))
    stack = direct(picture, mask, runtime, target="everything")

    assert len(asked) == 1 and asked[0].width < picture.width and asked[0].height < picture.height
    assert result.group == stack.name == "De-wrinkle" and result.settings == dict(stack.settings)
    assert len(result.layers) == len(stack.layers) >= 1
    expected, masks = quantise(stack, DTYPES[depth]), quantise(stack, DTYPES[mask_depth])
    full = 1 if depth.startswith("f") else np.iinfo(DTYPES[depth]).max
    for got, want, masked in zip(result.layers, expected.layers, masks.layers, strict=True):
        assert (got.name, got.blend, got.opacity) == (want.name, want.blend.value, want.opacity)
        assert got.box[:2] == want.offset and got.box[2:] == (want.mask.shape[1], want.mask.shape[0])
        assert got.mask is not None
        np.testing.assert_array_equal(array(got.mask)[..., 0], masked.mask)
        shown = masked.mask > 0
        assert shown.any()
        pixels = array(got.pixels)
        np.testing.assert_array_equal(pixels[..., -1], np.where(shown, full, 0))
        colour = (
            want.pixels if layer != "BGRA" else np.repeat(want.pixels, 4 - want.pixels.shape[2], 2)[..., ::-1]
        )
        np.testing.assert_array_equal(pixels[..., :-1][shown], colour[..., : pixels.shape[2] - 1][shown])
        assert not pixels[~shown].any()


@pytest.mark.parametrize("blends", [BLENDS, ("normal",)])
def test_without_masks_alpha_is_the_mask_and_without_soft_light_the_layer_is_baked(
    engine: Engine, runtime: Runtime, blends: tuple[str, ...]
) -> None:
    picture, mask = photo("BGRA", "u16", Transfer.PERCEPTUAL), stroke("u16")
    job = job_of(picture, mask, "BGRA", PixelFormat("BGRA", "u16"), None, blends, strength=0.5)
    result = engine.run(job, reader(picture, "BGRA"))
    stack = direct(picture, mask, runtime, strength=0.5)
    wanted = quantise(stack if len(blends) == 2 else bake(picture, stack), np.uint16)
    assert [layer.blend for layer in result.layers] == [layer.blend.value for layer in wanted.layers]
    for got, want in zip(result.layers, wanted.layers, strict=True):
        assert got.mask is None and got.opacity == 0.5
        np.testing.assert_array_equal(array(got.pixels)[..., 3], want.mask)
        shown = want.mask > 0
        np.testing.assert_array_equal(array(got.pixels)[shown][..., 2::-1], want.pixels[shown])
    if len(blends) == 1:
        assert {layer.blend for layer in result.layers} == {BlendMode.NORMAL.value}


def test_a_run_after_its_preview_does_no_work_twice(engine: Engine) -> None:
    picture, mask = photo("RGB", "u8", Transfer.PERCEPTUAL), stroke("u8")
    job = job_of(picture, mask, "RGB", PixelFormat("RGBA", "u8"), "u8", feather=0.05)
    texts: list[str] = []
    shown = engine.preview(job, reader(picture, "RGB"), (300, 300), lambda done, text: texts.append(text))
    assert "Removing wrinkles" in texts
    assert shown.view_label == "Wrinkle map" and shown.view is not None
    box = shown.box
    before = array(shown.before)
    np.testing.assert_array_equal(
        before, picture.pixels[box.top : box.top + box.height, box.left : box.left + box.width]
    )
    assert (array(shown.after) != before).any()
    # Most of a view is the dimmed, grey photo; what was found is not grey.
    colourful = np.ptp(array(shown.view), axis=2) > 0
    assert 0 < colourful.mean() < 0.5
    texts.clear()
    result = engine.run(job, reader(picture, "RGB"), lambda done, text: texts.append(text))
    assert result.layers and "Removing wrinkles" not in texts
    changed = engine.run(
        job._replace(settings={}), reader(picture, "RGB"), lambda done, text: texts.append(text)
    )
    assert changed.layers and "Removing wrinkles" in texts


def test_sentences_of_the_filter_come_through(engine: Engine) -> None:
    from softlight_bridge.errors import EngineError

    picture, mask = photo("RGB", "u8", Transfer.PERCEPTUAL), stroke("u8")
    job = job_of(picture, mask, "RGB", PixelFormat("RGBA", "u8"), "u8")
    empty = job.mask._replace(data=bytes(len(job.mask.data)))
    with pytest.raises(EngineError, match="The mask is empty; paint over the wrinkles first") as caught:
        engine.run(job._replace(mask=empty), reader(picture, "RGB"))
    assert caught.value.kind == "MaskError"
