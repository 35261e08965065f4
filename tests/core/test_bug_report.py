"""The file for a bug report: every device and model, nobody's name."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from softlight import bug_report, doctor
from softlight.bug_report import anonymous
from softlight.runtime import Runtime
from softlight.runtime.self_check import PassedChecks
from softlight_models.bundled import SHIPPED_ROLES, BundledModels
from softlight_models.store import Store
from tests.core.cli.conftest import command_line, environment
from tests.installed_models import places, runtime_with
from tests.published_networks import lama, migan
from tests.tiny_models import release_all


def test_every_installed_model_is_tried(tmp_path: Path) -> None:
    """Also the second one of a role, which nothing uses."""
    models = BundledModels(release_all(tmp_path / "weights"))
    runtime_with(tmp_path, {"lama-512": lama(), "migan-pipeline": migan()})
    make = partial(Runtime, passed_checks=PassedChecks(None))
    store = Store(places(tmp_path))
    report = doctor.examine("cpu", models, make, store, every_installed=True)
    ids = [model.id for model in report.models if model.id]
    assert sorted(ids) == ["trial-lama-512", "trial-migan-pipeline"]
    assert all(model.problem is None for model in report.models)
    text = bug_report.text_of({"cpu": report})
    for role in SHIPPED_ROLES:
        assert f"{role}: embedded" in text
    for name in ids:
        assert name in text
    assert str(tmp_path) not in text and "/" not in text.replace("4/255", "")


@pytest.mark.parametrize(
    "path",
    [
        "/srv/anna.müller/Pictures/wedding/model.onnx",
        "C:\\Users\\Anna Müller\\AppData\\Local\\softlight\\model.onnx",
        "\\\\server\\clients\\model.onnx",
        "/media/anna's disk/model.onnx",
    ],
)
def test_of_a_path_its_end_is_left(path: str) -> None:
    told = anonymous(f"The file '{path}' cannot be read; copy it again.", names=["Anna Müller", "anna"])
    assert "model.onnx" in told
    for word in ("nna", "ller", "srv", "Users", "server", "media", "wedding"):
        assert word not in told


def test_names_go_wherever_they_stand() -> None:
    told = anonymous("STUDIO-7 says: anna may not write; banana may.", names=["studio-7", "anna"])
    assert told == "… says: … may not write; banana may."


def test_what_is_wrong_is_told_without_where(tmp_path: Path) -> None:
    models = BundledModels(release_all(tmp_path / "weights"))
    (models.folder / "wrinkle-map" / "model.onnx").unlink()
    make = partial(Runtime, passed_checks=PassedChecks(None))
    report = replace(doctor.examine("cpu", models, make), notes=(f"See '{tmp_path}/a b/notes.txt'.",))
    text = bug_report.text_of({"cpu": report})
    assert "wrinkle-map" in text and "cannot be read" in text and "See 'notes.txt'." in text
    assert str(tmp_path) not in text


def test_the_command_writes_it(tmp_path: Path) -> None:
    target = tmp_path / "bug report.txt"
    command, own = command_line("doctor", "--report", target), environment(tmp_path)
    done = subprocess.run(command, env=own, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout.strip()) == (0, str(target))
    text = target.read_text("utf-8")
    assert "On cpu:" in text and "Traceback" not in text
    assert str(Path.home()) not in text
