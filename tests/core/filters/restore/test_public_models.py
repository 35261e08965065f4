"""Other people's restorers in Face restore: real weights by contract, through the store."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from softlight.compositor import composite
from softlight.filters.restore.filter import restore
from softlight.filters.restore.settings import Grain, RestoreSettings
from softlight.picture import Picture
from tests.core.filters.conftest import changed
from tests.installed_models import real_weights, runtime_with
from tests.published_networks import told_face_restorer

PLAIN = RestoreSettings(grain=Grain.NONE, background=False)
STAND_INS = {
    "face-restoration-256": "lsdirC3_as_gpen_256.onnx",
    "face-restoration-512": "lsdirC3_as_gfpgan_512.onnx",
    "codeformer-512": "lsdirC3_as_codeformer_512.onnx",
}
FACE = np.s_[160:320, 190:330]
"""In the portrait of Hopper."""


@pytest.fixture(scope="module")
def noisy(portrait: np.ndarray) -> Picture:
    noise = np.random.default_rng(5).normal(0, 12, portrait.shape)
    return Picture(np.clip(portrait + noise, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("contract", STAND_INS)
def test_a_face_comes_home_from_every_square(
    tmp_path: Path, contract: str, noisy: Picture, portrait: np.ndarray
) -> None:
    """The stand-ins halve and enlarge: noise goes; a face that came back aside would have double edges."""
    runtime = runtime_with(tmp_path, {contract: real_weights(STAND_INS[contract])})
    stack = restore(noisy, None, replace(PLAIN, fidelity=0.0), runtime)
    assert stack.layers, stack.notes
    after = composite(noisy, stack).pixels

    def error(image: np.ndarray) -> float:
        soft = cv2.GaussianBlur(image.astype(np.float32) - portrait, (0, 0), 2)
        return float(np.square(soft[FACE]).mean())

    moved = [error(np.roll(after, by, axis)) for axis in (0, 1) for by in (-2, 2)]
    assert error(after) < 0.5 * min(moved)
    fine = [cv2.Laplacian(one[250:280, 215:245].astype(np.float32), -1) for one in (after, noisy.pixels)]
    if (
        contract != "face-restoration-256"
    ):  # in its square the face is smaller: only the correction comes home
        assert fine[0].std() < 0.6 * fine[1].std(), "noise goes from the cheek"
    assert not changed(noisy, stack)[:60, :60].any()


def test_fidelity_is_codeformers_weight(tmp_path: Path, noisy: Picture) -> None:
    runtime = runtime_with(tmp_path, {"codeformer-512": real_weights(STAND_INS["codeformer-512"])})
    kept, made = (
        composite(noisy, restore(noisy, None, replace(PLAIN, fidelity=fidelity), runtime)).pixels[FACE]
        for fidelity in (1.0, 0.0)
    )
    moved = [np.abs(one.astype(int) - noisy.pixels[FACE]).mean() for one in (kept, made)]
    assert moved[0] < 0.6 and moved[1] > 3


@pytest.mark.parametrize(("contract", "file"), [("upscale-x4", "4xLSDIRCompactC3_fp32.onnx")])
def test_an_upscaler_restores_the_background_at_its_own_size(
    tmp_path: Path, contract: str, file: str, noisy: Picture, portrait: np.ndarray
) -> None:
    networks = {contract: real_weights(file), "softlight-face-restoration": told_face_restorer()}
    stack = restore(noisy, None, replace(PLAIN, background=True), runtime_with(tmp_path, networks))
    after = composite(noisy, stack).pixels
    coat = np.s_[480:590, 20:160]
    error = [np.square(one[coat].astype(np.float32) - portrait[coat]).mean() for one in (after, noisy.pixels)]
    assert error[0] < 0.8 * error[1]
