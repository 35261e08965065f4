"""CMYK, L*a*b*, XYZ and YCbCr pictures in real Krita 5.2: the crop is converted, a normal layer comes back.

Soft glow, the tests' own filter, works on the picture as RGB, where its light is known. What must be seen is
that light as Krita converts it: the tables of a printer's profile alone are off by 3 % there and back.

Run:   python -m pytest -m hosts tests/hosts/test_krita_models.py
Needs: what `roots.py` needs; 30 s.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from krita_application import Played, extend, install, play
from numpy.typing import NDArray
from roots import Root
from workplace import workplace

pytestmark = pytest.mark.hosts

WIDTH, HEIGHT = 96, 64
LEFT, TOP, RIGHT, BOTTOM = 20, 10, 70, 50
"""What is selected."""


class Stored(NamedTuple):
    """How Krita stores such a picture, and by how much a value may be off."""

    profile: str
    channels: int
    kind: type[Any]
    allowed: float


ENCODINGS = {
    "CMYKA-U8": Stored("Chemical proof", 5, np.uint8, 1),
    "CMYKA-U16": Stored("Chemical proof", 5, np.uint16, 16),
    "LABA-U8": Stored("Lab identity built-in", 4, np.uint8, 1),
    "LABA-U16": Stored("Lab identity built-in", 4, np.uint16, 8),
    "LABA-F32": Stored("Lab identity built-in", 4, np.float32, 1e-4),
    "XYZA-U16": Stored("XYZ identity built-in", 4, np.uint16, 8),
    "XYZA-F32": Stored("XYZ identity built-in", 4, np.float32, 1e-4),
    "YCbCrA-U8": Stored("", 4, np.uint8, 1),
    "YCbCrA-U16": Stored("", 4, np.uint16, 8),
}
"""An empty profile is Krita's own choice.

CMYK with 16 bits was measured to be 10 of 65535 off, 0.015 %: where the light in RGB is rounded to 16 bits
the other way, that level passes the tables of the printer's profile. LAB and XYZ were 0 and 1 off.
"""


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
        encodings = [[*name.split("-"), stored.profile] for name, stored in ENCODINGS.items()]
        values = {"amount": 0.5, "radius": None, "tint": "neutral", "only_dark": False}
        (out / "task.json").write_text(json.dumps({"encodings": encodings, "values": values}), "utf-8")
        (out / "photo.raw").write_bytes(photo().tobytes())
        (out / "mask.raw").write_bytes(mask().tobytes())

    with workplace() as place:
        folder = install(place, "krita_driver")
        extend(place, folder / "softlight_krita")
        yield play(trixie, place, "krita_models", prepare)


@pytest.mark.parametrize("name", ENCODINGS)
def test_the_result_is_a_converted_normal_layer(krita: Played, name: str) -> None:
    told = dict(zip(ENCODINGS, krita.found["cells"], strict=True))[name]
    assert told["converted"] and told["said"] == ["Soft glow is done.", False]
    (group,) = told["layers"][1:]
    assert [layer["blend"] for layer in group["children"]] == ["normal"]
    stored = ENCODINGS[name]
    before, after, expected = (
        np.fromfile(krita.out / f"{name}-{what}.raw", stored.kind)
        .reshape(HEIGHT, WIDTH, stored.channels)
        .astype(np.float64)
        for what in ("before", "after", "expected")
    )
    inside = mask() > 0
    assert (before[~inside] == after[~inside]).all()
    off, light = (np.abs(after - other)[inside].max() for other in (expected, before))
    print(f"{name}, {told['profile']}: {off:.1e} off, {light:.1e} of light")
    assert light > 10 * stored.allowed
    assert off <= stored.allowed
    assert told["unchanged"] and told["undone"]
    assert told["open"] == 1
