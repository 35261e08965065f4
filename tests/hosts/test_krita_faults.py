"""Real Krita when something goes wrong in the middle of a job; and a hundred jobs in a row.

Run:   python -m pytest -m hosts tests/hosts/test_krita_faults.py
Needs: what `roots.py` needs. The faults take 60 s for each Krita, and 5.2 runs by default; a hundred runs
       (`all_hosts`) take 90 s.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import find_root
from krita_application import KRITAS, Played, extend, install, play
from roots import Root
from workplace import workplace

import softlight

pytestmark = pytest.mark.hosts

PHOTO = Path(softlight.__file__).parent / "samples" / "hopper.jpg"
SIZE = 512, 600
STOPPED = "Softlight's engine stopped in the middle of the job; nothing was changed"
LEAK = 10.0
"""Megabytes by which the second fifty runs may lie above the first; a result of theirs has 0.4."""


def mask() -> bytes:
    """The middle of the picture: even 5.1's result, the smallest, is more than a socket holds."""
    marked = np.zeros(SIZE[::-1], np.uint8)
    marked[60:480, 130:400] = 255
    return marked.tobytes()


@pytest.fixture(scope="module", params=KRITAS)
def krita(request: pytest.FixtureRequest) -> Iterator[Played]:
    root = find_root(request.param)
    with workplace() as place:
        install(place, "krita_driver")
        picture = shutil.copy(PHOTO, place.pictures)
        marked = place.folder / "mask.raw"
        marked.write_bytes(mask())
        yield play(root, place, "krita_faults", SOFTLIGHT_PICTURE=str(picture), SOFTLIGHT_MASK=str(marked))


@pytest.mark.parametrize("stage", ["transfer", "run", "return"])
def test_an_engine_that_dies_costs_one_sentence(krita: Played, stage: str) -> None:
    sentence, failed, unchanged = krita.found["killed"][stage]
    assert failed and unchanged
    assert sentence.startswith(STOPPED) and "engine.log" in sentence


def test_an_engine_that_dies_as_it_starts(krita: Played) -> None:
    # The client may not have noticed, and have started another: then there is a result.
    sentence, failed, unchanged = krita.found["killed"]["start"]
    assert failed == unchanged
    assert sentence == "De-wrinkle is done." or "engine" in sentence


def test_the_next_run_starts_another_engine(krita: Played) -> None:
    assert krita.found["next"] == ["De-wrinkle is done.", False]
    assert krita.found["layers"] == ["Background", "De-wrinkle"]
    assert krita.found["undone"]


def test_cancel_leaves_the_picture_as_it_was(krita: Played) -> None:
    sentence, failed, unchanged = krita.found["cancelled"]
    assert sentence.startswith("Cancelled") and not failed and unchanged
    assert krita.found["then"] == ["De-wrinkle is done.", False]


def test_a_picture_that_changes_meanwhile(krita: Played) -> None:
    sentence, failed = krita.found["scaled"]
    assert failed and sentence.startswith("The picture's size or colour space changed meanwhile")
    assert krita.found["scaled_layers"] == ["Background"]
    sentence, failed = krita.found["layer_gone"]
    assert failed and sentence.startswith("The layer below the result is gone")
    assert krita.found["layer_gone_layers"] == ["other"]


def test_a_picture_that_is_closed_meanwhile(krita: Played) -> None:
    sentence, failed = krita.found["closed"]
    assert failed and sentence.startswith("The picture was closed before the result was there")
    assert krita.found["open"] == 0
    assert krita.found["after_all"] == ["De-wrinkle is done.", False]


def test_python_collects_no_garbage_beside_an_engines_thread(krita: Played) -> None:
    assert krita.found["collecting"] == [False, True]


def test_krita_quits_in_the_middle_of_a_job(krita: Played) -> None:
    assert krita.found["busy_at_the_end"]
    assert krita.exit_code == 0
    assert not (krita.out / "crash.txt").read_text("utf-8")
    assert "Traceback" not in krita.log
    assert krita.quitting < 15


@pytest.mark.all_hosts
def test_a_hundred_runs_leave_nothing_behind(trixie: Root) -> None:
    with workplace() as place:
        folder = install(place, "krita_driver")
        extend(place, folder / "softlight_krita")
        picture = shutil.copy(PHOTO, place.pictures)
        marked = place.folder / "mask.raw"
        marked.write_bytes(mask())
        played = play(
            trixie,
            place,
            "krita_many",
            SOFTLIGHT_PICTURE=str(picture),
            SOFTLIGHT_MASK=str(marked),
            SOFTLIGHT_RUNS="100",
        )
    assert played.found["said"] == [["Soft glow is done.", False]]
    assert played.found["annotations"] < 40
    for process in ("krita", "engine"):
        sizes = played.found[process]
        early, late = min(sizes[20:60]), min(sizes[60:])
        print(f"{process}: {sizes[0]:.0f} MB after the first run, {early:.0f} early, {late:.0f} late")
        assert late - early < LEAK
