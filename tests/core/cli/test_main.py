"""What holds for every command: results and failures, for people and for machines."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import softlight.cli
import softlight.cli.demo
from softlight.cli.console import Console
from softlight.picture import Picture
from tests.core.cli.conftest import Job, Run


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def fail_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(options: object, console: Console) -> int:
        raise error

    monkeypatch.setattr(softlight.cli.demo, "run", run)


def test_a_defect_goes_into_the_log_without_the_pictures_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *names, **more: str(tmp_path / "log"))
    secret = tmp_path / "Geheimnis"
    fail_with(KeyError(f"nothing for {secret / 'Geheimnis.png'}"), monkeypatch)
    assert softlight.cli.main(["demo", "--out", str(secret)]) == 70
    log = tmp_path / "log" / "softlight.log"
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        f"softlight: Softlight itself failed (KeyError); please report it with the log '{log}'.\n"
    )
    text = log.read_text("utf-8")
    assert "Traceback (most recent call last)" in text and "KeyError" in text and "softlight 0." in text
    assert "Geheimnis" not in text


def test_a_defect_is_told_when_no_log_can_be_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *names, **more: str(blocked / "log"))
    fail_with(ZeroDivisionError(), monkeypatch)
    assert softlight.cli.main(["demo"]) == 70
    assert "its log could not be kept" in capsys.readouterr().err


def test_too_little_memory_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_with(MemoryError(), monkeypatch)
    assert softlight.cli.main(["demo"]) == 6
    assert capsys.readouterr().err.startswith("softlight: There is not enough memory for this picture;")


def test_progress_is_one_line_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    console = Console(as_json=False)
    console.progress(0.1, "a long description")
    console.part(0.5, 1.0)
    console.progress(0.5, "short")
    console.result({}, [])
    first, second = " 10%  a long description", " 75%  short"
    shown = "\r" + first + "\r" + second.ljust(len(first)) + "\r" + " " * len(second) + "\r"
    assert screen.getvalue() == shown


def test_progress_is_silent_where_no_terminal_is(capsys: pytest.CaptureFixture[str]) -> None:
    Console(as_json=False).progress(0.5, "work")
    assert capsys.readouterr() == ("", "")


def test_progress_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(as_json=True)
    console.part(0.5, 1.0)
    console.progress(0.5, "žlutý")
    assert json.loads(capsys.readouterr().err) == {"progress": 0.75, "text": "žlutý"}


def test_only_the_last_part_says_that_it_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(as_json=True)
    for end in (0.5, 1.0):
        console.part(0.0, end)
        console.progress(1.0, "Done")
    assert json.loads(capsys.readouterr().err) == {"progress": 1.0, "text": "Done"}


def test_notes_go_to_stderr_and_results_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    Console(as_json=False).result({}, ["result.png"], ["The CPU is used."])
    assert capsys.readouterr() == ("result.png\n", "softlight: The CPU is used.\n")


def test_before_and_after_stand_side_by_side() -> None:
    left = Picture(np.full((2, 3, 3), 7, np.uint16))
    right = Picture(np.full((2, 3, 3), 9, np.uint16))
    both = softlight.cli.demo.side_by_side(left, right).pixels
    assert both.shape == (2, 3 + softlight.cli.demo.GAP + 3, 3) and both.dtype == np.uint16
    assert [both[0, x, 0] for x in (2, 3, 10, 11)] == [7, 65535, 65535, 9]


def test_a_result_for_machines(softlight: Run, job: Job) -> None:
    done = softlight(*job.arguments("--json", "--strength", "0.5"))
    assert done.returncode == 0, done.stdout
    answer = json.loads(done.stdout)
    assert answer["status"] == "done" and answer["output"] == str(job.out)
    assert answer["settings"]["strength"] == 0.5
    assert [layer["blend"] for layer in answer["layers"]][:1] == ["soft-light"]
    shares = [json.loads(line)["progress"] for line in done.stderr.splitlines()]
    assert shares == sorted(shares) and shares[0] >= 0 and shares[-1] <= 1


def test_only_what_was_painted_changes(softlight: Run, job: Job) -> None:
    assert softlight(*job.arguments()).returncode == 0
    before, after = (np.asarray(Image.open(path).convert("RGB")).astype(int) for path in (job.photo, job.out))
    mask = np.asarray(Image.open(job.mask))
    reach = np.asarray(Image.fromarray(mask).resize((512, 512)).point(lambda value: 255 * (value > 0)))
    rows, columns = np.nonzero(reach)
    changed = np.argwhere((before != after).any(axis=2))
    assert len(changed) > 100
    assert (changed.min(axis=0) > np.array([rows.min(), columns.min()]) - 8).all()
    assert (changed.max(axis=0) < np.array([rows.max(), columns.max()]) + 8).all()


def test_demo(softlight: Run, tmp_path: Path) -> None:
    done = softlight("demo", "--out", tmp_path / "new" / "demo", "--provider", "cpu")
    assert (done.returncode, done.stderr) == (0, "")
    written = [Path(line) for line in done.stdout.splitlines()[1:]]
    assert sorted(path.name for path in written) == sorted(
        f"{name}{what}"
        for name in ("hopper", "astronaut")
        for what in ("-before.png", "-after.png", "-before-after.png", ".ora")
    )
    assert all(path.is_absolute() and path.stat().st_size > 10_000 for path in written)


def test_demo_into_a_file_is_refused(softlight: Run, tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    done = softlight("demo", "--out", tmp_path / "taken")
    assert done.returncode == 3
    assert done.stderr == f"softlight: '{tmp_path / 'taken'}' is a file; choose a folder for the results.\n"


def test_the_version(softlight: Run) -> None:
    done = softlight("--version")
    assert (done.returncode, done.stdout) == (0, "softlight 0.1.0\n")


def test_doctor_says_that_all_models_work(softlight: Run) -> None:
    done = softlight("doctor", "--provider", "cpu")
    assert done.returncode == 0, done.stdout
    assert done.stderr == ""
    assert "All models work." in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="folders as Linux has them")
def test_doctor_names_the_engines_log_and_what_is_wrong_with_its_settings(
    softlight: Run, tmp_path: Path
) -> None:
    settings = tmp_path / "softlight" / "settings.toml"
    settings.parent.mkdir()
    settings.write_text("[engine]\nidle_minutes = -1\n")
    done = softlight("doctor", "--provider", "cpu", XDG_CONFIG_HOME=str(tmp_path))
    assert done.returncode == 0
    assert f"Settings     {settings}\n" in done.stdout
    assert "\nLog          " in done.stdout and "softlight/log/engine.log\n" in done.stdout
    assert f"{settings}: idle_minutes takes 0 to 1440.\n" in done.stdout


def test_doctor_for_machines(softlight: Run) -> None:
    done = softlight("doctor", "--provider", "cpu", "--json")
    answer = json.loads(done.stdout)
    assert answer["works"] is True
    assert {model["role"] for model in answer["models"]} >= {"wrinkle-map", "skin-inpainting"}


def test_doctor_finds_what_is_missing(softlight: Run, tmp_path: Path) -> None:
    (tmp_path / "onnxruntime.py").touch()
    done = softlight("doctor", "--provider", "cpu", PYTHONPATH=str(tmp_path))
    assert done.returncode == 5
    assert "pip install" in done.stdout
    assert "Traceback" not in done.stderr
