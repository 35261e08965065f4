"""ABPN's blend layer comes at the photo's size, in its own range, and ends without an edge."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from softlight.roles.skin_retouch import blend_layer
from softlight.runtime import Model
from tests.installed_models import install
from tests.published_networks import TINT, abpn

Ran = Callable[[str, str, str], None]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return install(tmp_path_factory.mktemp("abpn"), "abpn-512", abpn())


@pytest.mark.parametrize("size", [(512, 512), (1500, 1300), (200, 260)])
def test_the_layer_is_what_the_network_says(model: Model, size: tuple[int, int], ran: Ran) -> None:
    slope = np.linspace(0.2, 0.8, size[1], dtype=np.float32)
    face = np.stack([slope, slope[::-1], 0 * slope], axis=-1) * np.ones((size[0], 1, 1), np.float32)
    layer = blend_layer(model, face)
    expected = np.clip(0.25 + 0.5 * face + np.array(TINT), 0, 1)
    inside = np.s_[size[0] // 8 : -size[0] // 8, size[1] // 8 : -size[1] // 8]
    assert layer.shape == face.shape and layer.dtype == np.float32
    np.testing.assert_allclose(layer[inside], expected[inside], atol=2e-3)
    ran("abpn-512", "generated", "its blend layer comes back at the photo's size, in its range and order")


def test_the_layer_is_neutral_at_its_edges(model: Model) -> None:
    layer = blend_layer(model, np.ones((300, 400, 3), np.float32))
    for edge in (layer[0], layer[-1], layer[:, 0], layer[:, -1]):
        assert np.all(edge == 0.5)
    assert np.abs(np.diff(layer, axis=0)).max() < 0.03 and np.abs(np.diff(layer, axis=1)).max() < 0.03
