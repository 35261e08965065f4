"""A model that is downloaded, chosen, spoilt or removed decides the next job, without a new engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from softlight_bridge.client import Engine
from softlight_bridge.messages import Box, Job, PixelFormat, Raster, Result
from tests.bridge.conftest import make_ground
from tests.bridge.ground import REAL_ENGINE, Ground
from tests.model_shelf import shelf, write_entry
from tests.tiny_models import SKIN_INPAINTING, tiny_model

SIDE = 64
TINY = tiny_model(SKIN_INPAINTING)
ROLE = "skin-inpainting"
JOB = Job(
    filter="dewrinkle",
    settings={"target": "everything"},
    picture_size=(SIDE, SIDE),
    format=PixelFormat("RGB", "u8"),
    transfer="perceptual",
    icc=None,
    mask=Raster(8, 8, PixelFormat("Y", "u8"), b"\xff" * 64),
    mask_origin=(28, 28),
    layer_format=PixelFormat("RGBA", "u8"),
    mask_depth="u8",
    blends=("normal",),
)


@pytest.fixture
def ground(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    yield from make_ground(monkeypatch)


def photo(box: Box) -> Raster:
    """Skin with a dark line."""
    pixels = bytearray(b"\xc8\xa0\x90" * (box.width * box.height))
    row = (SIDE // 2 - box.top) * box.width * 3
    pixels[row : row + box.width * 3] = b"\x50\x30\x28" * box.width
    return Raster(box.width, box.height, JOB.format, pixels)


def pixels(result: Result) -> list[bytes]:
    return [bytes(layer.pixels.data) for layer in result.layers]


def test_each_job_uses_the_model_of_the_moment(ground: Ground) -> None:
    engine = Engine(REAL_ENGINE, "Test 1.0")
    with shelf() as server:
        own = Path(os.environ["XDG_CONFIG_HOME"]) / "softlight" / "models.d"
        write_entry(own, "tiny", server.put("tiny.onnx", TINY), TINY)
        embedded = engine.run(JOB, photo)
        assert pixels(embedded) == pixels(engine.run(JOB, photo))
        process = ground.pid()

        (file,) = Path(engine.download_models(["tiny"], ["tiny"]).folder).rglob("tiny.onnx")
    tiny = engine.run(JOB, photo)
    assert pixels(tiny) != pixels(embedded) and not any("tiny" in note.lower() for note in tiny.notes)

    engine.choose_model(ROLE, f"softlight-{ROLE}")
    assert pixels(engine.run(JOB, photo)) == pixels(embedded)
    engine.choose_model(ROLE, "tiny")
    assert pixels(engine.run(JOB, photo)) == pixels(tiny)

    content = bytearray(TINY)
    content[-1] ^= 1
    file.write_bytes(content)
    spoilt = engine.run(JOB, photo)
    assert pixels(spoilt) == pixels(embedded), "a file that was changed is not opened"
    assert any("Tiny inpainting" in note for note in spoilt.notes), "and the user is told"
    file.write_bytes(TINY)
    assert pixels(engine.run(JOB, photo)) == pixels(tiny), "nothing was deleted"

    engine.remove_model("tiny")
    assert pixels(engine.run(JOB, photo)) == pixels(embedded)
    assert ground.pid() == process
