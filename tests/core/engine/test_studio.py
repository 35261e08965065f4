"""What the engine takes for the same job, of which it gives the finished layers again."""

from __future__ import annotations

import numpy as np
import pytest

from softlight.engine import studio
from softlight_bridge.messages import Job, PixelFormat, Raster

SIDE = 60
MASK = np.full((SIDE, SIDE), 255, np.uint8)
FAINT = np.where(np.arange(SIDE) < 20, 255, 128).astype(np.uint8) + np.zeros_like(MASK)
JOB = Job(
    filter="dewrinkle",
    settings={"target": "everything"},
    picture_size=(SIDE, SIDE),
    format=PixelFormat("RGB", "u8"),
    transfer="perceptual",
    icc=None,
    mask=Raster(SIDE, SIDE, PixelFormat("Y", "u8"), MASK.tobytes()),
    mask_origin=(0, 0),
    layer_format=PixelFormat("RGBA", "u8"),
    mask_depth="u8",
    blends=("normal", "soft-light"),
)


def digest(job: Job, grey: int = 64, models: str = "") -> bytes:
    request = studio.prepare(job)
    size = request.box.width * request.box.height * job.format.pixel_bytes
    pixels = Raster(request.box.width, request.box.height, job.format, bytes([grey]) * size)
    return studio._digest(request, pixels, models)


@pytest.mark.parametrize(
    "change",
    [
        {"icc": b"a profile"},
        {"transfer": "linear"},
        {"format": PixelFormat("BGR", "u8")},
        {"mask": JOB.mask._replace(data=FAINT.tobytes())},
        {"settings": {"target": "everything", "strength": 0.5}},
        {"settings": {"target": "wrinkles"}},
    ],
    ids="-".join,
)
def test_whatever_changes_the_layers_makes_another_job(change: dict[str, object]) -> None:
    assert digest(JOB._replace(**change)) != digest(JOB)


def test_other_pixels_make_another_job() -> None:
    assert digest(JOB, 65) != digest(JOB)


def test_another_model_makes_another_job() -> None:
    assert digest(JOB, models="skin-inpainting 1f") != digest(JOB)


def test_how_the_host_wants_its_layers_does_not() -> None:
    wish = JOB._replace(layer_format=PixelFormat("BGRA", "u16"), mask_depth=None, blends=("normal",))
    assert digest(wish) == digest(JOB)
