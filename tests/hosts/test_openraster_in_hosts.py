"""An .ora file of ours, opened in real GIMP 3 and real Krita, without a screen.

Run:   python -m pytest -m hosts tests/hosts/test_openraster_in_hosts.py
Needs: Linux, root, mmdebstrap and a Debian mirror; the first run builds a root file system (`roots.py`), each
       application then opens all its files in some 10 s. Where something is missing, the tests are skipped
       and say what.

The rule of agreement: host against the reference compositor, at most 2 levels of 255 at 8 bits and 4 of
65535 at 16. What the hosts' own OpenRaster loaders make impossible is measured and asserted as what it is:
GIMP opens every file with 8 bits and mixes half masks in linear light, Krita keeps opacity in a byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from applications import Opened, open_in_gimp, open_in_krita
from PIL import ImageCms
from roots import Root

from softlight.compositor import bake, composite, quantise
from softlight.encoding import from_unit, linear_to_perceptual, perceptual_to_linear, to_unit
from softlight.files import write_stack
from softlight.layers import BlendMode, Layer, LayerStack
from softlight.picture import ColourEncoding, Picture

pytestmark = pytest.mark.hosts

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
RETOUCH, VIOLENT = 0.15, 0.5
"""How far B strays from its neutral 0.5. It changes up to 28 levels of 255 (a strong retouch), and 86."""
NAMES = ["Glanz – weich", "Falten & <Poren>"]


def scene(dtype: type, reach: float, icc: bytes | None) -> tuple[Picture, LayerStack]:
    """Coloured ramps under two overlapping soft-light layers: masks 0, half and 1, opacities 1 and half."""
    rng = np.random.default_rng(2)
    y, x = np.mgrid[0:120, 0:160].astype(np.float32)
    ramps = np.stack([x / 160, y / 120, (x + y) / 280], axis=2) * 0.9 + 0.05
    mask = np.zeros((80, 90), np.float32)
    mask[:30], mask[30:60] = 1, 0.5
    b = 0.5 + reach * rng.uniform(-1, 1, (80, 90, 3)).astype(np.float32)
    layers = (
        Layer(NAMES[1], b, mask, BlendMode.SOFT_LIGHT, 1.0, (10, 10)),
        Layer(NAMES[0], b, mask, BlendMode.SOFT_LIGHT, 0.5, (60, 30)),
    )
    return Picture(from_unit(ramps, dtype), ColourEncoding(icc=icc)), LayerStack("De-wrinkle", layers)


def shape_of(tree: dict[str, Any]) -> list[Any]:
    """Names, places and sizes, with groups as nested lists."""

    def told(layer: dict[str, Any]) -> Any:
        if layer["children"] is not None:
            return [layer["name"], [told(child) for child in layer["children"]]]
        return layer["name"], (layer["x"], layer["y"]), (layer["width"], layer["height"])

    return [told(layer) for layer in tree["layers"]]


def assert_structure(opened: Opened) -> None:
    assert (opened.tree["width"], opened.tree["height"]) == (160, 120)
    # Only the crop with a mask: 60 of the 80 rows.
    assert shape_of(opened.tree) == [
        ["De-wrinkle", [(NAMES[0], (60, 30), (90, 60)), (NAMES[1], (10, 10), (90, 60))]],
        ("Photo", (0, 0), (160, 120)),
    ]
    every = [*opened.tree["layers"], *opened.tree["layers"][0]["children"]]
    assert {layer["mode"] for layer in every} == {"normal"} and all(layer["visible"] for layer in every)


def difference(host: np.ndarray, expected: np.ndarray) -> int:
    return int(np.abs(host.astype(int) - expected.astype(int)).max())


Scene = tuple[type, float, bytes | None]
"""Type of the values, reach of B, ICC profile."""
IN_KRITA: tuple[Scene, ...] = tuple(product((np.uint8, np.uint16), (RETOUCH, VIOLENT), (None, SRGB)))
IN_GIMP: tuple[Scene, ...] = tuple(one for one in IN_KRITA if one[1:] != (VIOLENT, SRGB))


def written(folder: Path, scenes: Sequence[Scene]) -> list[Path]:
    """The files of scenes."""
    files = [folder / f"ein Bild ü {number}.ora" for number in range(len(scenes))]
    for file, one in zip(files, scenes):
        write_stack(file, *scene(*one))
    return files


@pytest.fixture(scope="module")
def in_krita(trixie: Root, tmp_path_factory: pytest.TempPathFactory) -> dict[Scene, Opened]:
    files = written(tmp_path_factory.mktemp("krita"), IN_KRITA)
    return dict(zip(IN_KRITA, open_in_krita(trixie, files)))


@pytest.fixture(scope="module")
def in_gimp(trixie: Root, tmp_path_factory: pytest.TempPathFactory) -> dict[Scene, Opened]:
    files = written(tmp_path_factory.mktemp("gimp"), IN_GIMP)
    return dict(zip(IN_GIMP, open_in_gimp(trixie, files)))


@pytest.mark.parametrize("icc", [None, SRGB], ids=["untagged", "sRGB"])
@pytest.mark.parametrize("reach", [RETOUCH, VIOLENT])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_krita(in_krita: dict[Scene, Opened], dtype: type, reach: float, icc: bytes | None) -> None:
    picture, stack = scene(dtype, reach, icc)
    opened = in_krita[dtype, reach, icc]
    assert_structure(opened)
    assert opened.pixels.dtype == dtype
    assert opened.tree["opened_as"] == "U8"
    upper, lower = opened.tree["layers"][0]["children"]
    assert (upper["opacity"], lower["opacity"]) == (127, 255)
    stored = replace(stack.layers[1], opacity=127 / 255)
    expected = composite(picture, quantise(replace(stack, layers=(stack.layers[0], stored)), dtype))
    assert difference(opened.pixels, expected.pixels) <= (2 if dtype is np.uint8 else 4)
    if dtype is np.uint8:
        assert difference(opened.pixels, composite(picture, quantise(stack, dtype)).pixels) <= 2


@pytest.mark.parametrize("icc", [None, SRGB], ids=["untagged", "sRGB"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_gimp_agrees_on_a_retouch(in_gimp: dict[Scene, Opened], dtype: type, icc: bytes | None) -> None:
    picture, stack = scene(dtype, RETOUCH, icc)
    opened = in_gimp[dtype, RETOUCH, icc]
    assert_structure(opened)
    assert opened.tree["precision"] == "u8-non-linear"
    assert [layer["opacity"] for layer in opened.tree["layers"][0]["children"]] == [50, 100]
    expected = from_unit(to_unit(composite(picture, quantise(stack, dtype)).pixels), np.uint8)
    assert difference(opened.pixels // 257, expected) <= 2


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_gimp_mixes_half_masks_in_linear_light(in_gimp: dict[Scene, Opened], dtype: type) -> None:
    picture, stack = scene(dtype, VIOLENT, None)
    host = in_gimp[dtype, VIOLENT, None].pixels // 257
    expected = from_unit(to_unit(composite(picture, quantise(stack, dtype)).pixels), np.uint8)
    alone_and_full = slice(10, 30), slice(10, 100)
    assert difference(host[alone_and_full], expected[alone_and_full]) <= 2
    outside = np.ones(host.shape[:2], bool)
    outside[10:70, 10:100] = outside[30:90, 60:150] = False
    assert difference(host[outside], expected[outside]) <= 1
    # Not by our rule, but by one that is understood: the same layers mixed in linear light.
    linear = perceptual_to_linear(to_unit(picture.pixels))
    for layer in quantise(bake(picture, stack), dtype).layers:
        (x, y), (height, width) = layer.offset, layer.mask.shape
        below = linear[y : y + height, x : x + width]
        top = perceptual_to_linear(to_unit(layer.pixels))
        below += (top - below) * (to_unit(layer.mask) * layer.opacity)[..., None]
    assert difference(host, from_unit(linear_to_perceptual(linear), np.uint8)) <= 2
    assert 2 < difference(host, expected) <= 12
