"""The self-examination, on real CPU sessions and with faults."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from softlight import doctor
from softlight.errors import ModelError
from softlight.runtime import Runtime
from softlight.runtime.self_check import PassedChecks
from softlight_models.bundled import SHIPPED_ROLES, BundledModels
from softlight_models.store import Store
from tests.core.runtime.scripted_onnxruntime import DML, Device, Outputs, ScriptedOnnxruntime
from tests.installed_models import install, places
from tests.published_networks import abpn, lama
from tests.tiny_models import ROLES_OF_PIXELS, release_all


@pytest.fixture
def models(tmp_path: Path) -> BundledModels:
    return BundledModels(release_all(tmp_path / "weights"))


def examine(models: BundledModels, provider: Any = "cpu", **settings: Any) -> doctor.Report:
    make_runtime = partial(Runtime, passed_checks=PassedChecks(None), **settings)
    return doctor.examine(provider, models, make_runtime)


def test_a_sound_installation(models: BundledModels) -> None:
    report = examine(models)
    assert report.works and report.exit_code == 0
    assert [model.role for model in report.models] == sorted(SHIPPED_ROLES)
    for model in report.models:
        tiny = model.role in ROLES_OF_PIXELS
        assert (model.verified, model.device, model.ir_version) == (True, "cpu", 8)
        assert model.opset == (17 if tiny else 18)
        assert model.psnr is not None and model.psnr > 70
        assert model.max_error is not None and model.max_error < 1e-3
        assert model.milliseconds is not None and model.milliseconds > 0
    assert "CPUExecutionProvider" in report.providers
    assert len(report.onnxruntime) == 1


def test_the_text_and_the_json_say_the_same(models: BundledModels) -> None:
    report = examine(models)
    table = json.loads(json.dumps(doctor.report_json(report), allow_nan=False))
    text = doctor.report_text(report)
    assert table["works"] is True and text.endswith("All models work.")
    for model in table["models"]:
        assert model["role"] in text and model["path"] in text and f"{model['psnr']:.1f} dB" in text
    assert table["onnxruntime"][0] in text


@pytest.mark.parametrize(
    ("harm", "problem"),
    [("model.onnx", "cannot be read"), ("golden.npz", "cannot be read"), ("model.toml", "is missing")],
)
def test_a_missing_file_is_named_and_the_rest_is_tried(
    models: BundledModels, harm: str, problem: str
) -> None:
    (models.folder / "wrinkle-map" / harm).unlink()
    report = examine(models)
    (broken,) = (model for model in report.models if model.role == "wrinkle-map")
    assert report.exit_code == ModelError.exit_code
    assert not broken.verified and broken.device is None
    assert problem in str(broken.problem)
    assert [model.role for model in report.models if model.problem] == ["wrinkle-map"]
    assert str(broken.problem) in doctor.report_text(report)


def test_a_gpu_that_is_wrong_is_told_but_everything_works(models: BundledModels) -> None:
    def zeros(nth: int, outputs: Outputs) -> Outputs:
        return [np.zeros_like(output) for output in outputs]

    report = examine(models, "auto", onnxruntime=ScriptedOnnxruntime({DML: Device(run=zeros)}))
    assert report.works
    assert {model.device for model in report.models} == {"cpu"}
    assert DML in report.providers
    assert len(report.notes) == len(SHIPPED_ROLES) and report.notes[0] in doctor.report_text(report)


def test_a_device_that_fails_during_the_examination(models: BundledModels) -> None:
    def reset(nth: int, outputs: Outputs) -> Outputs:
        if nth >= 2:
            raise RuntimeError("887A0006 The GPU will not respond to more commands")
        return outputs

    report = examine(models, "auto", onnxruntime=ScriptedOnnxruntime({DML: Device(run=reset)}))
    assert report.works
    assert {model.device for model in report.models} == {"cpu"}


def test_no_usable_onnxruntime(models: BundledModels) -> None:
    def refuse(*_: object, **__: object) -> Runtime:
        raise ModelError("onnxruntime is not installed; run `pip`.")

    report = doctor.examine("auto", models, refuse)
    assert report.exit_code == ModelError.exit_code
    assert all(model.verified and model.problem for model in report.models)
    assert doctor.report_text(report).endswith("onnxruntime is not installed; run `pip`.")
    json.dumps(doctor.report_json(report), allow_nan=False)


# --- installed models ---


def with_store(folder: Path, models: BundledModels) -> doctor.Report:
    make_runtime = partial(Runtime, passed_checks=PassedChecks(None))
    return doctor.examine("cpu", models, make_runtime, Store(places(folder)))


def test_installed_models_are_tried_beside_the_embedded_ones(tmp_path: Path, models: BundledModels) -> None:
    install(tmp_path, "lama-512", lama())
    report = with_store(tmp_path, models)
    assert report.works
    assert [(model.role, model.id) for model in report.models] == [
        *((role, None) for role in sorted(SHIPPED_ROLES)),
        ("skin-inpainting", "trial-lama-512"),
    ]
    installed = report.models[-1]
    assert (installed.licence, installed.device, installed.psnr) == ("CC0-1.0", "cpu", None)
    assert installed.milliseconds is not None and installed.milliseconds > 0
    assert "licence CC0-1.0, installed" in doctor.report_text(report)
    json.dumps(doctor.report_json(report), allow_nan=False)


def test_an_installed_model_that_cannot_be_used_is_told(tmp_path: Path, models: BundledModels) -> None:
    with pytest.raises(AssertionError, match="does not fit"):
        install(tmp_path, "lama-512", abpn())
    report = with_store(tmp_path, models)
    assert not report.works
    assert report.models[-1].problem == "It cannot be used; the notes say why."
    assert any("does not fit its contract lama-512" in note for note in report.notes)


def test_a_changed_file_is_a_note(tmp_path: Path, models: BundledModels) -> None:
    install(tmp_path, "lama-512", lama())
    (tmp_path / "models" / "trial-lama-512" / "model.onnx").write_bytes(b"something else")
    report = with_store(tmp_path, models)
    assert {model.id for model in report.models} == {None}
    assert any("was changed after it was installed" in note for note in report.notes)
