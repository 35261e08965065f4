"""What has the colour of a face's skin, at any depth and brightness."""

from __future__ import annotations

import numpy as np
import pytest

from softlight.alignment import Box
from softlight.filters.pyramid.cells import Cells
from softlight.filters.retouch.skin_colour import likeness
from softlight.picture import Picture, Transfer
from tests.core.filters.conftest import PIXEL_TYPES, stored

SKIN, SHADE, PAPER, TREE = (200, 150, 130), (110, 83, 72), (240, 240, 238), (200, 160, 40)
CELLS = Cells(Box(0, 0, 256, 128), 2)
KNOWN = np.zeros((64, 128), np.float32)
KNOWN[:, :32] = 1


@pytest.fixture(scope="module")
def stripes() -> np.ndarray:
    """Four stripes of 64 px: skin that is known, skin in the shade, paper and a tree, all with grain."""
    colours = np.repeat(np.array([SKIN, SHADE, PAPER, TREE], float), 64, axis=0)
    grain = np.random.default_rng(3).normal(0, 4, (128, 256, 1))
    return np.clip(colours + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES)
def test_skin_in_the_shade_is_skin_and_paper_is_not(
    stripes: np.ndarray, dtype: type, channels: int, transfer: Transfer
) -> None:
    found = likeness(stored(stripes, dtype, channels, transfer), CELLS, KNOWN)
    assert found.shape == KNOWN.shape and found.dtype == np.float32
    _, shade, paper, tree = (found[:, start + 8 : start + 24] for start in range(0, 128, 32))
    assert shade.mean() > 0.8
    expected = 1 if channels < 3 else 0
    assert (paper == expected).all() and (tree == expected).all()


def test_without_enough_skin_all_colours_are_as_good(stripes: np.ndarray) -> None:
    assert (likeness(Picture(stripes), CELLS, 0 * KNOWN) == 1).all()
