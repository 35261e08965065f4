"""One picture of a batch: a fault of our own costs that picture, and leaves a log without its name."""

from pathlib import Path

import pytest

from softlight.batch import working
from softlight.batch.recipe import read_recipe
from softlight.batch.worklist import Job
from softlight.runtime import Runtime
from tests.core.cli.conftest import SAMPLES


def test_a_fault_of_ours_is_a_sentence_and_its_traceback_names_nobody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *names, **more: str(tmp_path / "log"))
    source, out = tmp_path / "Geheimnis.jpg", tmp_path / "out"
    source.write_bytes((SAMPLES / "hopper.jpg").read_bytes())
    (tmp_path / "recipe.toml").write_text('[[step]]\nfilter = "dewrinkle"\n', "utf-8")
    recipe = read_recipe(tmp_path / "recipe.toml")

    def broken(*_: object) -> None:
        raise KeyError(str(source))

    monkeypatch.setattr(working, "run_steps", broken)
    outcome = working.work(Job("Geheimnis.jpg", source, out / "Geheimnis.ora"), out, recipe, Runtime("cpu"))
    log = tmp_path / "log" / "softlight.log"
    assert outcome.problem == f"Softlight itself failed (KeyError); please report it with the log '{log}'."
    assert not list(out.iterdir())
    text = log.read_text("utf-8")
    assert "Traceback" in text and "batch" in text and "Geheimnis" not in text
