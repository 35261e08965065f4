"""What became of the pictures, through kills and changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from softlight.batch import journal
from softlight.batch.journal import Outcome
from softlight.batch.recipe import Recipe, Step
from softlight.batch.worklist import Job
from softlight.errors import SettingsError

RECIPE = Recipe((Step("edit", {"smile": 0.5}),), ".png")


def finished(tmp_path: Path, name: str = "ü b.png") -> tuple[Job, Outcome]:
    job = Job(name, tmp_path / name, tmp_path / "out" / name)
    job.target.parent.mkdir(exist_ok=True)
    job.source.write_bytes(b"photo")
    job.target.write_bytes(b"result")
    source = journal.stamp(job.source)
    return job, Outcome(name, name, "", ("a note",), 1.5, RECIPE.digest(name), source, 6)


def test_outcomes_come_back(tmp_path: Path) -> None:
    job, outcome = finished(tmp_path)
    journal.add(tmp_path, replace(outcome, problem="It failed at first."))
    journal.add(tmp_path, outcome)
    assert journal.read(tmp_path) == {job.name: outcome}


def test_a_line_that_was_cut_off_is_none(tmp_path: Path) -> None:
    _, first = finished(tmp_path, "1.png")
    _, second = finished(tmp_path, "2.png")
    journal.add(tmp_path, first)
    path = tmp_path / journal.NAME
    path.write_bytes(path.read_bytes() + b'{"picture": "2.png", "outp')
    journal.add(tmp_path, second)
    assert journal.read(tmp_path) == {"1.png": first, "2.png": second}


def test_done_is_what_would_come_out_again(tmp_path: Path) -> None:
    job, outcome = finished(tmp_path)
    assert journal.is_done(job, RECIPE, {job.name: outcome})
    assert not journal.is_done(job, RECIPE, {})
    assert not journal.is_done(job, RECIPE, {job.name: replace(outcome, problem="Failed.")})
    assert not journal.is_done(job, replace(RECIPE, output=".tif"), {job.name: outcome})
    job.target.write_bytes(b"cut")
    assert not journal.is_done(job, RECIPE, {job.name: outcome})
    job.target.write_bytes(b"result")
    job.source.write_bytes(b"another photo")
    assert not journal.is_done(job, RECIPE, {job.name: outcome})


def test_two_batches_do_not_write_to_one_folder(tmp_path: Path) -> None:
    refused = pytest.raises(SettingsError, match="^Another batch is writing to ")
    with journal.held(tmp_path), refused, journal.held(tmp_path):
        pass
    with journal.held(tmp_path):
        pass
