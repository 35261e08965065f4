"""Real GIMP 3.0 and 3.2 with an engine that dies, or that is not there; a hundred runs; and Script-Fu.

Run:   python -m pytest -m hosts tests/hosts/test_gimp3_faults.py
Needs: what `roots.py` needs; some 60 s, and a hundred runs (`all_hosts`) 100 s more.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import find_root
from gimp3 import SAMPLES, Gimp3, gimp3
from test_gimp3 import ROOTS

pytestmark = pytest.mark.hosts
FRAIL = Path(__file__).with_name("frail_engine.py")
STAGES = "start", "transfer", "run", "return"


@pytest.fixture(scope="module", params=ROOTS)
def gimp(request: pytest.FixtureRequest) -> Iterator[Gimp3]:
    with gimp3(find_root(request.param)) as found:
        shutil.copy(SAMPLES / "hopper.jpg", found.place.pictures)
        yield found


@pytest.fixture
def photo(gimp: Gimp3) -> str:
    return str(gimp.place.pictures / "hopper.jpg")


@pytest.fixture
def frail(gimp: Gimp3) -> Iterator[Path]:
    """Let the plug-in use an engine that dies at the stage which this file names."""
    settings = gimp.plugin / "engine.json"
    before = settings.read_text("utf-8")
    described = json.loads(before)
    stage, core = gimp.place.folder / "stage", gimp.place.folder / "overlay" / "core"
    described["engine"][2:] = [str(FRAIL), str(core), str(stage)]
    settings.write_text(json.dumps(described), "utf-8")
    yield stage
    settings.write_text(before, "utf-8")
    gimp.place.end_processes()


def test_an_engine_that_dies_costs_one_sentence(gimp: Gimp3, photo: str, frail: Path) -> None:
    # `start` is first: later an engine is there already.
    task = {"case": "engine_killed", "photo": photo, "stage": str(frail), "stages": list(STAGES)}
    told = gimp.run("gimp3_faults", task)
    for stage in STAGES:
        found = told[stage]
        assert found["had effect"], stage
        assert found["status"] == "EXECUTION_ERROR", stage
        began = (
            "could not start" if stage == "start" else "stopped in the middle of the job; nothing was changed"
        )
        assert began in found["message"] and "engine.log" in found["message"]
        assert found["untouched"] and found["as before"], stage


def test_without_an_engine_the_remedy_is_named(gimp: Gimp3, photo: str) -> None:
    settings = gimp.plugin / "engine.json"
    elsewhere = gimp.place.home / ".config" / "softlight" / "engine.json"
    with hidden(settings), hidden(elsewhere):
        told = gimp.run("gimp3_faults", {"case": "without_engine", "photo": photo})
    assert told["status"] == "EXECUTION_ERROR"
    assert told["message"].endswith("or by the commands of its README, then start GIMP again.")


@contextlib.contextmanager
def hidden(path: Path) -> Iterator[None]:
    if not path.exists():
        yield
        return
    aside = path.with_suffix(".aside")
    path.rename(aside)
    try:
        yield
    finally:
        aside.rename(path)


def script_fu(gimp: Gimp3, photo: str, lines: str) -> tuple[int, str]:
    """Run Script-Fu with `image` loaded; the exit status, and what was printed."""
    code = f"""
    (let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "{photo}")))
           (drawables (car (gimp-image-get-layers image))))
      {lines})"""
    done = gimp.batch(code, "plug-in-script-fu-eval")
    return done.returncode, done.stdout + done.stderr


def test_script_fu_runs_a_filter(gimp: Gimp3, photo: str) -> None:
    saved = gimp.place.pictures / "aus Script-Fu.xcf"
    status, log = script_fu(
        gimp,
        photo,
        f"""
      (gimp-image-select-rectangle image CHANNEL-OP-REPLACE 200 150 100 40)
      (plug-in-softlight-dewrinkle #:run-mode RUN-NONINTERACTIVE #:image image #:drawables drawables
                                   #:strength 0.5)
      (gimp-file-save RUN-NONINTERACTIVE image "{saved}")
    """,
    )
    assert status == 0, log
    assert saved.exists() and "softlight-result" in saved.read_bytes().decode("latin-1")


def test_script_fu_gets_an_error(gimp: Gimp3, photo: str) -> None:
    status, log = script_fu(
        gimp,
        photo,
        "(plug-in-softlight-dewrinkle #:run-mode RUN-NONINTERACTIVE #:image image #:drawables drawables "
        '#:softlight-mask "selection")',
    )
    assert status != 0
    assert "Nothing is selected" in log


@pytest.mark.all_hosts
def test_a_hundred_runs_leave_no_trace(gimp: Gimp3, photo: str) -> None:
    # One heap that gives back what is free: what GIMP keeps then is what it uses.
    heap = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "65536"}
    task = {"case": "many_runs", "photo": photo, "runs": 100}
    engine: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.5):
            process = gimp.place.engine_process()
            if process is not None:
                engine.append(resident(process))

    told = gimp.run("gimp3_faults", task, environment=heap, meanwhile=watch)
    over.set()
    assert told["layers"] == 2
    # The smallest of some runs: in between, GIMP draws what has changed and takes 300 MB more. Each of the
    # three kinds of run fills GIMP's caches once, by 70 MB.
    early, late = min(told["sizes"][3:50]), min(told["sizes"][50:])
    seconds = sum(told["times"]) / len(told["times"])
    print(
        f"GIMP: {early:.0f} MB in the first half of the runs, {late:.0f} in the second; {seconds:.2f} s each"
    )
    assert late - early < 5
    third = len(engine) // 3
    first, last = max(engine[third : 2 * third]), max(engine[2 * third :])
    print(f"engine: at most {first:.0f} MB in the second third of the time, {last:.0f} MB in the last")
    assert last - first < 5


def resident(process: int) -> float:
    """MB that a process holds; 0 when it has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
