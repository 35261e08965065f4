"""Which folds cloth has of its own: soft valleys are found, seams and stripes are not."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipes need torch")
pytest.importorskip("cv2")
pytest.importorskip("onnxruntime")

from training import label_cloth

SIDE = 160
CLOTH = np.ones((SIDE, SIDE), np.float32)


def found(tone: np.ndarray, cloth: np.ndarray = CLOTH) -> np.ndarray:
    """The folds of a row of tones, 0..1, repeated down a picture."""
    rows = np.tile(tone, (SIDE, 1))[..., None] * np.ones(3)
    return label_cloth.folds(np.rint(255 * rows).astype(np.uint8), cloth)[SIDE // 2]


def across() -> np.ndarray:
    return np.arange(SIDE) - SIDE / 2


@pytest.mark.parametrize("sigma", [5, 8, 12])
def test_soft_folds_are_found_where_they_are(sigma: float) -> None:
    folded = found(0.5 * (1 - 0.25 * np.exp(-(across() ** 2) / (2 * sigma**2))))
    assert folded[SIDE // 2] > 0.9
    assert folded[:10].max() < 0.1


def test_smooth_cloth_in_uneven_light_has_none() -> None:
    assert found(0.3 + 0.3 * (across() / SIDE + 0.5)).max() < 0.1


def test_seams_stripes_and_lapels_are_no_folds() -> None:
    x = across()
    assert found(np.where(np.abs(x) < 1.5, 0.15, 0.5)).max() < 0.1
    assert found(np.where(x % 20 < 3, 0.7, 0.4)).max() < 0.1
    assert found(np.where(x < 0, 0.2, 0.6)).max() < 0.1


def test_what_is_no_cloth_has_no_folds() -> None:
    tone = 0.5 * (1 - 0.25 * np.exp(-(across() ** 2) / 128))
    assert not found(tone, np.zeros_like(CLOTH)).any()
