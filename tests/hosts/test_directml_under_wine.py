"""Every model loads and runs in Windows' onnxruntime-directml 1.24.4, through our own runtime.

wine has no GPU: DirectML is listed by this onnxruntime and cannot start, so that the networks must end up on
the CPU, with a note. That is what happens on a Windows machine without DirectX 12; nothing is scripted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from softlight.runtime.models import embedded
from softlight.runtime.self_check import compare
from softlight_models.bundled import SHIPPED_ROLES, BundledModels
from softlight_models.contracts.describe import MODEL
from tests.hosts.windows_python import WindowsPython
from tests.tiny_models import release_all

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("golden_on_windows.py")
SHIPPED = BundledModels()

pytestmark = pytest.mark.hosts


@dataclass(frozen=True)
class Run:
    """What our runtime did on Windows with the models of one folder."""

    models: BundledModels
    results: Path
    report: dict[str, Any]
    printed: str


def run_on(plain_windows: WindowsPython, models: BundledModels, results: Path) -> Run:
    arguments = [ROOT / "core", ROOT / "model_store", models.folder, results]
    printed = plain_windows.run(SCRIPT, arguments)
    report = json.loads((results / "report.json").read_text(encoding="utf-8"))
    return Run(models, results, report, printed)


@pytest.fixture(scope="module")
def shipped(plain_windows: WindowsPython, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_on(plain_windows, SHIPPED, tmp_path_factory.mktemp("shipped"))


@pytest.fixture(scope="module")
def tiny(plain_windows: WindowsPython, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("tiny")
    return run_on(plain_windows, BundledModels(release_all(folder / "weights of Zoë")), folder)


def agreement_with_golden(run: Run, role: str) -> str | None:
    """Return `None` if the outputs on Windows agree with the golden tile, else how they differ."""
    golden = embedded(run.models, role).networks[MODEL].golden
    assert golden is not None
    with np.load(run.results / f"{role}.npz", allow_pickle=False) as outputs:
        agreement = compare({name: outputs[name] for name in outputs.files}, golden.outputs, golden.spans)
    return None if agreement.passes else str(agreement)


@pytest.mark.parametrize("role", SHIPPED_ROLES)
def test_a_released_model_runs_and_agrees(shipped: Run, role: str) -> None:
    (model,) = [model for model in shipped.report["models"] if model["role"] == role]
    assert model["problem"] is None
    assert agreement_with_golden(shipped, role) is None


@pytest.mark.parametrize("role", SHIPPED_ROLES)
def test_a_tiny_model_runs_and_agrees(tiny: Run, role: str) -> None:
    assert agreement_with_golden(tiny, role) is None


def test_it_is_the_directml_package_on_windows(tiny: Run) -> None:
    assert tiny.report["system"].startswith("Windows")
    assert tiny.report["onnxruntime"] == ["onnxruntime-directml 1.24.4"]
    assert "DmlExecutionProvider" in tiny.report["available"]


def test_directml_is_listed_but_the_session_tells_the_truth(tiny: Run) -> None:
    assert tiny.report["works"] is True
    assert {model["device"] for model in tiny.report["models"]} == {"cpu"}
    assert len(tiny.report["notes"]) == len(SHIPPED_ROLES)
    for note in tiny.report["notes"]:
        assert note.endswith("model runs on the CPU: DirectML finds no graphics device with DirectX 12.")


def test_doctor_prints_on_windows(tiny: Run) -> None:
    assert tiny.printed.rstrip().endswith("All models work.")
    assert "weights of Zoë" in tiny.printed


def test_passed_checks_are_kept_on_windows(tiny: Run) -> None:
    keys = json.loads((tiny.results / "self-checks.json").read_text(encoding="utf-8"))
    assert len(keys) == len(SHIPPED_ROLES)
    assert all(" onnxruntime 1.24.4 cpu " in key for key in keys)
