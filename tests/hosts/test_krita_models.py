"""CMYK, L*a*b*, XYZ and YCbCr pictures in real Krita 5.2: the crop is converted, a normal layer comes back.

Soft glow, the tests' own filter, works on the picture as sRGB, so that what must be seen is known there.
Krita converts the photo, the result and, for the comparison, the whole picture: each of them rounds.

Run:   python -m pytest -m hosts tests/hosts/test_krita_models.py
Needs: what `roots.py` needs; 30 s.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from krita_application import Played, extend, install, play
from numpy.typing import NDArray
from roots import Root
from workplace import workplace

from softlight.compositor import composite
from softlight.layers import BlendMode, Layer, LayerStack
from softlight.picture import Picture

pytestmark = pytest.mark.hosts

WIDTH, HEIGHT = 96, 64
LEFT, TOP, RIGHT, BOTTOM = 20, 10, 70, 50
"""What is selected."""
AMOUNT = 0.5
ENCODINGS = {
    "CMYKA-U8": ("cmyk.icm", 5, np.uint8, 0.02),
    "CMYKA-U16": ("cmyk.icm", 5, np.uint16, 0.01),
    "LABA-U8": ("Lab-D50-Identity-elle-V2.icc", 4, np.uint8, 0.02),
    "LABA-U16": ("Lab-D50-Identity-elle-V2.icc", 4, np.uint16, 1e-3),
    "LABA-F32": ("Lab-D50-Identity-elle-V2.icc", 4, np.float32, 1e-3),
    "XYZA-U16": ("XYZ-D50-Identity-elle-V4.icc", 4, np.uint16, 2e-3),
    "XYZA-F32": ("XYZ-D50-Identity-elle-V4.icc", 4, np.float32, 1e-3),
    "YCbCrA-U8": ("bt709-6_ycbcr_v4.icc", 4, np.uint8, 0.02),
    "YCbCrA-U16": ("bt709-6_ycbcr_v4.icc", 4, np.uint16, 2e-3),
}
"""Profile, channels, how values are stored, and how far sRGB values may be off, of 0..1."""


def photo() -> NDArray[np.uint16]:
    """Muted ramps, which every printer's profile holds, as blue, green, red, alpha."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    ramps = np.stack([0.3 + 0.15 * x / WIDTH, 0.3 + 0.15 * y / HEIGHT, 0.35 + 0.1 * x / WIDTH], axis=2)
    return np.dstack([np.rint(ramps * 65535), np.full((HEIGHT, WIDTH), 65535)]).astype(np.uint16)


def mask() -> NDArray[np.uint8]:
    values = np.zeros((HEIGHT, WIDTH), np.uint8)
    values[TOP:BOTTOM, LEFT:RIGHT] = 255
    return values


@pytest.fixture(scope="module")
def krita(trixie: Root) -> Iterator[Played]:
    def prepare(out: Path) -> None:
        encodings = [[*name.split("-"), about[0]] for name, about in ENCODINGS.items()]
        values = {"amount": AMOUNT, "radius": None, "tint": "neutral", "only_dark": False}
        (out / "task.json").write_text(json.dumps({"encodings": encodings, "values": values}), "utf-8")
        (out / "photo.raw").write_bytes(photo().tobytes())
        (out / "mask.raw").write_bytes(mask().tobytes())

    with workplace() as place:
        folder = install(place, "krita_driver")
        extend(place, folder / "softlight_krita")
        yield play(trixie, place, "krita_models", prepare)


def glowing(stored: NDArray[np.uint16]) -> NDArray[np.float32]:
    """The reference compositor's picture of `stored`, values of 0..1."""
    seen = (stored / np.float32(65535)).astype(np.float32)
    b = np.full(seen.shape, 0.5 + AMOUNT / 2, np.float32)
    layer = Layer("", b, mask() / np.float32(255), BlendMode.SOFT_LIGHT, 1.0)
    return composite(Picture(seen), LayerStack("", (layer,))).pixels


@pytest.mark.parametrize("name", ENCODINGS)
def test_the_result_is_a_converted_normal_layer(krita: Played, name: str) -> None:
    told = dict(zip(ENCODINGS, krita.found["cells"], strict=True))[name]
    _, channels, dtype, allowed = ENCODINGS[name]
    assert told["converted"] and told["said"] == ["Soft glow is done.", False]
    (group,) = told["layers"][1:]
    assert [layer["blend"] for layer in group["children"]] == ["normal"]
    before, after = (
        np.fromfile(krita.out / f"{name}-{when}.raw", dtype).reshape(HEIGHT, WIDTH, channels)
        for when in ("before", "after")
    )
    outside = mask() == 0
    assert (before[outside] == after[outside]).all()
    seen = {
        when: np.fromfile(krita.out / f"{name}-{when}-srgb.raw", np.uint16).reshape(HEIGHT, WIDTH, 4)[..., :3]
        for when in ("before", "after")
    }
    off = np.abs(seen["after"] / 65535 - glowing(seen["before"]))[~outside].max()
    print(f"{name}: {off:.1e} of 1")
    assert np.abs(seen["after"].astype(float) - seen["before"])[~outside].min() > 0.03 * 65535
    assert off <= allowed
    assert told["unchanged"] and told["undone"]
    assert told["open"] == 1
