"""Holes are filled as each published network would, whatever it calls, scales and orders its tensors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from softlight.errors import Cancelled
from softlight.roles import skin_inpainting
from softlight_models.contracts import CONTRACTS
from tests.installed_models import install
from tests.published_networks import TINT, lama, migan

LEVEL = 1 / 255
Ran = Callable[[str, str, str], None]


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """Skin with a slope, and another mean in each channel."""
    slope = np.linspace(0, 0.2, 512, dtype=np.float32)
    return np.stack([0.6 + 0 * slope, 0.4 + slope, 0.3 + slope / 2], axis=-1) * np.ones(
        (512, 1, 1), np.float32
    )


@pytest.fixture(scope="module")
def hole() -> np.ndarray:
    found = np.zeros((512, 512), bool)
    found[200:260, 100:180] = True
    return found


NETWORKS = {
    "lama": ("lama-512", lama(), TINT, 5e-4),
    "lama-other-names": ("lama-512", lama("input_1", "input_2", "result", "batch"), TINT, 5e-4),
    "lama-opencv": ("lama-512-bgr", lama(), TINT[::-1], 5e-4),
    "migan": ("migan-pipeline", migan(), TINT, LEVEL),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_hole_gets_the_mean_of_what_is_known(
    tmp_path: Path, picture: np.ndarray, hole: np.ndarray, name: str, ran: Ran
) -> None:
    contract, content, tint, allowed = NETWORKS[name]
    model = install(tmp_path, contract, content)
    spoiled = np.where(hole[..., None], np.float32(1), picture)
    filled = skin_inpainting.fill(model, spoiled, hole)
    expected = picture[~hole].astype(np.float64).mean(axis=0) + tint
    assert filled.dtype == np.float32
    np.testing.assert_allclose(filled[hole], np.broadcast_to(expected, filled[hole].shape), atol=allowed)
    ran(
        contract,
        "generated",
        "a hole gets the mean of what is known, in the right place, range and order",
    )


@pytest.mark.parametrize("name", ["lama", "migan"])
@pytest.mark.parametrize("size", [(90, 333), (700, 1100)])
def test_pictures_of_any_size(tmp_path: Path, size: tuple[int, int], name: str) -> None:
    """Smaller than the network's square, and larger."""
    contract, content, tint, allowed = NETWORKS[name]
    model = install(tmp_path, contract, content)
    image = np.full((*size, 3), 0.5, np.float32)
    hole = np.zeros(size, bool)
    hole[size[0] // 2 - 20 : size[0] // 2 + 20, 20:-20] = True
    filled = skin_inpainting.fill(model, image, hole)
    assert filled.shape == (*size, 3)
    np.testing.assert_allclose(
        filled[hole], np.broadcast_to(0.5 + np.array(tint), filled[hole].shape), atol=allowed
    )


def test_work_can_be_stopped_before_each_tile(tmp_path: Path) -> None:
    model = install(tmp_path, "lama-512", lama())
    image, hole = np.zeros((512, 1500, 3), np.float32), np.zeros((512, 1500), bool)
    hole[100:200, 10:-10] = True
    ticks: list[int] = []
    skin_inpainting.fill(model, image, hole, lambda: ticks.append(1))
    assert len(ticks) == 4

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        skin_inpainting.fill(model, image, hole, stop)


def test_no_hole_asks_for_no_network(tmp_path: Path) -> None:
    """MI-GAN's pipeline fails where nothing is to be filled."""
    model = install(tmp_path, "migan-pipeline", migan())
    filled = skin_inpainting.fill(model, np.ones((600, 600, 3), np.float32), np.zeros((600, 600), bool))
    assert not filled.any()


def test_every_contract_of_the_role_has_its_adapter() -> None:
    known = {contract.name for contract in CONTRACTS if contract.role == "skin-inpainting"}
    assert set(skin_inpainting.ADAPTERS) == known
