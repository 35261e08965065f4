"""De-wrinkle on the area that it asks for gives, bit for bit, what it gives on the whole photo."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from softlight.errors import MaskError
from softlight.filters.dewrinkle import plan as dewrinkle_plan
from softlight.filters.dewrinkle.filter import FILTER
from softlight.filters.dewrinkle.settings import DewrinkleSettings, Target
from softlight.picture import Picture, Transfer
from softlight.runtime import Runtime
from tests.core.filters.conftest import PIXEL_TYPES, stored
from tests.core.filters.on_its_area import Box, assert_same, compare_on_area


def compare(picture: Picture, mask: np.ndarray, settings: DewrinkleSettings, runtime: Runtime) -> Box:
    return compare_on_area(FILTER, picture, mask, settings, runtime)


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES)
def test_of_every_pixel_type(
    portrait: np.ndarray, brush: np.ndarray, runtime: Runtime, dtype: type, channels: int, transfer: Transfer
) -> None:
    painted = brush.copy()
    painted[:, 262:] = 0
    compare(stored(portrait, dtype, channels, transfer), painted, DewrinkleSettings(), runtime)


@pytest.mark.parametrize("size", [(256, 303), (512, 606), (1100, 1302)])
@pytest.mark.parametrize("target", Target)
def test_at_every_size(
    portrait: np.ndarray, brush: np.ndarray, runtime: Runtime, size: tuple[int, int], target: Target
) -> None:
    picture = Picture(np.asarray(Image.fromarray(portrait).resize(size, Image.Resampling.BICUBIC)))
    mask = np.asarray(Image.fromarray(brush).resize(size))
    left, top, right, bottom = compare(
        picture, mask, DewrinkleSettings(target=target, protect=False), runtime
    )
    assert (right - left) * (bottom - top) < 0.8 * size[0] * size[1]


@pytest.mark.parametrize("shift", [0, 1, 2, 3])
def test_wherever_the_blocks_begin(
    portrait: np.ndarray,
    brush: np.ndarray,
    runtime: Runtime,
    shift: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Borders of blocks are rounded; from the photo's edge they would be rounded otherwise than in a part."""
    monkeypatch.setattr(dewrinkle_plan, "BLOCK", 130)
    pixels = np.pad(portrait, ((shift, 0), (shift, 0), (0, 0)), mode="edge")
    mask = np.pad(brush, ((shift, 0), (shift, 0)))
    compare(Picture(pixels), mask, DewrinkleSettings(face_size=85), runtime)


@pytest.mark.parametrize("edge", ["left", "top", "right", "bottom"])
def test_at_the_pictures_edges(portrait: np.ndarray, brush: np.ndarray, runtime: Runtime, edge: str) -> None:
    """The picture is cut through the forehead, so that the brush runs out of it."""
    rows, columns = np.flatnonzero(brush.any(axis=1)), np.flatnonzero(brush.any(axis=0))
    middle = int(rows.mean()), int(columns.mean())
    kept = {
        "left": np.s_[:, middle[1] :],
        "right": np.s_[:, : middle[1]],
        "top": np.s_[rows[0] + 12 :],
        "bottom": np.s_[: middle[0]],
    }[edge]
    compare(Picture(portrait[kept].copy()), brush[kept].copy(), DewrinkleSettings(face_size=85), runtime)


def test_with_a_mask_wider_than_the_face(portrait: np.ndarray, runtime: Runtime) -> None:
    """The size of a wholly painted face is capped by the picture's; a part must not cap it by its own."""
    mask = np.zeros(portrait.shape[:2], np.uint8)
    cv2.ellipse(mask, (256, 250), (150, 180), 0, 0, 360, 255, -1)
    pixels = np.pad(portrait, ((0, 0), (300, 300), (0, 0)), mode="edge")
    mask = np.pad(mask, ((0, 0), (300, 300)))
    for target in Target:
        compare(Picture(pixels), mask, DewrinkleSettings(target=target), runtime)


def test_running_again_with_the_stored_settings_gives_the_same(
    portrait: np.ndarray, brush: np.ndarray, runtime: Runtime
) -> None:
    picture = Picture(portrait)
    first = FILTER.run(picture, brush, DewrinkleSettings(), runtime, lambda done, text: None)
    size = first.settings["face_size"]
    again = FILTER.run(picture, brush, DewrinkleSettings(face_size=size), runtime, lambda done, text: None)
    assert_same(again, first, (0, 0))


def test_an_empty_mask_has_no_area() -> None:
    with pytest.raises(MaskError, match="empty"):
        FILTER.settle(np.zeros((5, 5), np.uint8), DewrinkleSettings(), (5, 5))
    with pytest.raises(MaskError, match="empty"):
        FILTER.area(np.zeros((5, 5), np.uint8), DewrinkleSettings(face_size=100))
