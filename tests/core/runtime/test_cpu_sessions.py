"""Real sessions on the CPU, without any script."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from softlight.errors import ModelError
from softlight.runtime import Runtime, Session
from softlight.runtime.self_check import PassedChecks
from softlight_models.bundled import BundledModels
from softlight_models.contracts.pixels import WRINKLE_MAP
from tests.tiny_models import random_tiles

ROLE = "wrinkle-map"
TILE = random_tiles(WRINKLE_MAP, seed=3)


@pytest.fixture(scope="module")
def session(models: BundledModels) -> Session:
    return Runtime(models=models, passed_checks=PassedChecks(None)).session(ROLE)


def test_the_golden_tile_agrees(session: Session) -> None:
    agreement = session.check()
    assert session.rung.name == "cpu"
    assert agreement.passes
    assert agreement.psnr > 70  # the rounding of the golden tile to half precision


def test_any_size_of_the_contract_and_any_batch(session: Session) -> None:
    whole = session.run(**TILE)["map"]
    part = session.run(image=TILE["image"][:, :, :48, :80])["map"]
    pair = session.run(image=np.concatenate([TILE["image"], TILE["image"]]))["map"]
    np.testing.assert_allclose(part[:, :, :-1, :-1], whole[:, :, :47, :79], atol=1e-6)
    np.testing.assert_allclose(pair[1:], whole, atol=1e-6)


@pytest.mark.parametrize(
    ("arrays", "error", "text"),
    [
        ({"picture": TILE["image"]}, TypeError, "takes image, not picture"),
        ({}, TypeError, "takes image"),
        ({"image": TILE["image"].astype(np.float64)}, TypeError, "float64; float32 is due"),
        ({"image": TILE["image"][:, :2]}, ValueError, r"\(batch, 3, height, width\) is due"),
        ({"image": TILE["image"][0]}, ValueError, "is due"),
        ({"image": TILE["image"][:, :, :, :250]}, ValueError, "250 x 256; .* multiples of 16"),
        ({"image": TILE["image"][:, :, :0]}, ValueError, "is due"),
        ({"image": np.where(TILE["image"] > 0.5, np.nan, TILE["image"])}, ValueError, "NaN or infinity"),
    ],
)
def test_arrays_that_break_the_contract(session: Session, arrays, error, text) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=text):
        session.run(**arrays)


@pytest.fixture
def damaged(models: BundledModels, tmp_path: Path) -> BundledModels:
    return BundledModels(Path(shutil.copytree(models.folder, tmp_path / "weights")))


@pytest.mark.parametrize("file", ["model.onnx", "golden.npz", "model.toml"])
def test_a_missing_file_is_one_sentence(damaged: BundledModels, file: str) -> None:
    (damaged.folder / ROLE / file).unlink()
    runtime = Runtime(models=damaged, passed_checks=PassedChecks(None))
    with pytest.raises(ModelError, match="reinstall Softlight") as raised:
        runtime.session(ROLE)
    assert raised.value.__suppress_context__


def test_a_tampered_model_never_reaches_onnxruntime(damaged: BundledModels) -> None:
    path = damaged.path(ROLE)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match="not the one that was released"):
        Runtime(models=damaged, passed_checks=PassedChecks(None)).session(ROLE)


def test_one_damaged_model_leaves_the_others_usable(damaged: BundledModels) -> None:
    damaged.path(ROLE).write_bytes(b"")
    runtime = Runtime(models=damaged, passed_checks=PassedChecks(None))
    with pytest.raises(ModelError, match="cut short"):
        runtime.session(ROLE)
    assert runtime.session("skin-inpainting").check().passes
