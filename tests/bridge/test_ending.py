"""When the engine ends by itself, and what it leaves: nothing."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from softlight_bridge import places
from softlight_bridge.client import end_engine
from softlight_bridge.errors import EngineStopped
from tests.bridge.ground import Ground, alive, altered_engine, eventually, grey, trial_job


def files_left(ground: Ground) -> set[str]:
    return {path.name for path in ground.runtime.iterdir()}


def test_idle_engines_end_and_tidy_up(ground: Ground) -> None:
    engine = ground.engine("--idle", "0.02")
    engine.run(trial_job(seconds=2), grey)
    pid = ground.pid()
    eventually(lambda: not alive(pid))
    assert files_left(ground) == {"engine.lock"}
    assert "ends: unused for 0.02 minutes" in ground.log
    assert engine.run(trial_job(), grey).layers


def test_the_idle_time_is_a_setting(ground: Ground) -> None:
    config = Path(places.config_folder())
    config.mkdir(parents=True)
    (config / "settings.toml").write_text("[engine]\nidle_minutes = 0.01\n")
    ground.engine().run(trial_job(), grey)
    eventually(lambda: not ground.engines())
    assert "ends: unused for 0.01 minutes" in ground.log


def test_sigterm_ends_it_tidily_in_the_middle_of_a_job(ground: Ground) -> None:
    pids = []

    def end(done: float, text: str) -> None:
        if text == "Working" and not pids:
            pids.append(ground.pid())
            os.kill(pids[0], signal.SIGTERM)

    with pytest.raises(EngineStopped):
        ground.engine().run(trial_job(seconds=60), grey, end)
    eventually(lambda: not alive(pids[0]))
    assert files_left(ground) == {"engine.lock"}


def test_a_logout_ends_it(ground: Ground) -> None:

    ground.engine().run(trial_job(), grey)
    pid = ground.pid()
    shutil.rmtree(ground.folder / "run")
    eventually(lambda: not alive(pid))
    assert "ends: its files are gone from the runtime folder" in ground.log


def test_the_end_of_the_session_ends_it_in_the_middle_of_a_job(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As logind tells it, while another login keeps the runtime folder."""
    session = ground.folder / "c7"
    session.touch()
    monkeypatch.setenv("XDG_SESSION_ID", session.name)
    engine = altered_engine(
        f"import pathlib, softlight.engine.lifetime as life; life.SESSIONS = pathlib.Path('{ground.folder}')"
    )

    def log_out(done: float, text: str) -> None:
        if text == "Working":
            session.unlink(missing_ok=True)

    with pytest.raises(EngineStopped):
        engine.run(trial_job(seconds=60), grey, log_out)
    eventually(lambda: not ground.engines())
    assert files_left(ground) == {"engine.lock"}
    assert "ends: the session has ended" in ground.log


def test_an_engine_whose_folder_was_made_anew_leaves_it_alone(ground: Ground) -> None:

    engine = ground.engine()
    engine.run(trial_job(), grey)
    old = ground.pid()
    shutil.rmtree(ground.runtime)
    assert engine.run(trial_job(), grey).layers
    new = ground.pid()
    assert new != old
    eventually(lambda: not alive(old))
    assert files_left(ground) == {"engine.lock", "engine.sock", "engine.json", "key"}
    assert engine.run(trial_job(), grey).layers and ground.pid() == new


def test_it_can_be_asked_to_end_and_finishes_its_job_first(ground: Ground) -> None:
    assert end_engine() is False
    engine = ground.engine()
    asked = []

    def ask(done: float, text: str) -> None:
        if text == "Working" and not asked:
            asked.append(end_engine())

    assert engine.run(trial_job(seconds=1), grey, ask).layers
    assert asked == [True]
    eventually(lambda: not ground.engines())
    assert "ends: asked to end" in ground.log
