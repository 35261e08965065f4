"""What is seen through normal layers, part by part, is what the compositor shows."""

from __future__ import annotations

import numpy as np
import pytest

from softlight.alignment import Box
from softlight.compositor import composite
from softlight.encoding import to_working
from softlight.filters.composite import Composite
from softlight.layers import Layer, LayerStack
from softlight.picture import Transfer
from tests.core.filters.conftest import PIXEL_TYPES, stored


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES)
def test_a_part_is_that_of_the_whole(
    portrait: np.ndarray, dtype: type, channels: int, transfer: Transfer
) -> None:
    picture = stored(portrait[:200, :160], dtype, channels, transfer)
    colours = picture.pixels[..., : picture.colour_channels]
    mask = np.zeros((60, 70), dtype)
    mask[10:50, 5:60] = np.iinfo(dtype).max if np.dtype(dtype).kind == "u" else 1
    layer = Layer("one", np.ascontiguousarray(colours[60:120, 40:110][::-1]), mask, offset=(40, 60))
    whole = composite(picture, LayerStack("all", (layer,)))
    expected = to_working(whole.pixels, transfer)
    for box in (Box(0, 0, 160, 200), Box(50, 70, 90, 90), Box(0, 0, 30, 30), Box(100, 110, 160, 200)):
        np.testing.assert_allclose(Composite(picture, (layer,)).seen(box), expected[box.slices], atol=2e-3)
