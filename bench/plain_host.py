"""A host that has the photo in memory and no window, for the benchmarks: the bridge alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
HOSTS = ROOT / "tests" / "hosts"
sys.path[:0] = [str(ROOT), str(HOSTS), str(HOSTS / "inside")]

from workplace import Workplace  # noqa: E402

from softlight_bridge.messages import Box, Job, PixelFormat, Raster  # noqa: E402


def scene(megapixels: float, stroke: float) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
    """The sample at `megapixels` with 16 bits, and its mask, made so wide that it paints `stroke` MP."""
    with as_file(files("softlight") / "samples") as samples:
        photo = cv2.imread(str(samples / "hopper.jpg"))[..., ::-1]
        mask = cv2.imread(str(samples / "hopper-mask.png"), cv2.IMREAD_GRAYSCALE)
    assert photo is not None and mask is not None
    factor = (megapixels * 1e6 / mask.size) ** 0.5
    size = round(mask.shape[1] * factor), round(mask.shape[0] * factor)
    large = cv2.resize(photo.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    inside, outside = (
        cv2.distanceTransform(np.uint8(part), cv2.DIST_L2, 5) for part in (mask > 0, mask == 0)
    )
    distance = cv2.resize(outside - inside, size, interpolation=cv2.INTER_LINEAR)
    widest = np.partition(distance.ravel(), round(stroke * 1e6))[round(stroke * 1e6)]
    painted = np.where(distance < widest, np.uint8(255), np.uint8(0))
    return np.asarray(np.rint(np.clip(large, 0, 255) * 257), np.uint16), painted


class PlainHost:
    """Holds a photo and a mask, and asks for De-wrinkle on them."""

    def __init__(self, photo: NDArray[np.uint16], painted: NDArray[np.uint8]) -> None:
        self.photo, self.form = photo, PixelFormat("RGB", "u16")
        rows, columns = np.nonzero(painted.any(axis=1))[0], np.nonzero(painted.any(axis=0))[0]
        self.origin = int(columns[0]), int(rows[0])
        self.mask = painted[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]

    def read(self, box: Box) -> Raster:
        crop = self.photo[box.top : box.top + box.height, box.left : box.left + box.width]
        return Raster(box.width, box.height, self.form, crop.tobytes())

    def job(self, number: int) -> Job:
        height, width = self.mask.shape
        level = self.mask // 255 * np.uint8(255 - number)
        return Job(
            filter="dewrinkle",
            settings={},
            picture_size=(self.photo.shape[1], self.photo.shape[0]),
            format=self.form,
            transfer="perceptual",
            icc=None,
            mask=Raster(width, height, PixelFormat("Y", "u8"), level.tobytes()),
            mask_origin=self.origin,
            layer_format=PixelFormat("RGBA", "u16"),
            mask_depth="u16",
            blends=("normal", "soft-light"),
        )


@contextmanager
def at_home(place: Workplace) -> Iterator[None]:
    """Let this process's bridge meet the engine in `place`."""
    before = dict(os.environ)
    os.environ.update(place.environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
