"""The ground that the tests of the real applications stand on: roots, homes, desktops."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from desktop import desktop
from PIL import Image
from roots import STAMP, Root, kept
from workplace import Workplace, workplace

pytestmark = pytest.mark.hosts


def test_a_command_sees_nothing_of_the_callers_environment(
    trixie: Root, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    told = trixie.run(["env"], place.environment).stdout
    assert "PYTHONPATH" not in told
    assert f"XDG_RUNTIME_DIR={place.folder}/run" in told


def test_files_have_one_name_on_both_sides(trixie: Root, place: Workplace) -> None:
    trixie.run(["sh", "-c", f"date > '{place.pictures}/Datum'"], place.environment)
    assert (place.pictures / "Datum").stat().st_size > 0


def test_this_python_starts_from_inside_a_root(trixie: Root, place: Workplace) -> None:
    place.point_at_this_python()
    program = "import sys, numpy; print(sys.prefix)"
    command = [str(place.folder / "python"), "-I", "-c", program]
    inside = trixie.run(command, place.environment)
    assert inside.stdout.strip() == sys.prefix, inside.stderr
    here = subprocess.run(command, capture_output=True, text=True, check=False)
    assert here.stdout.strip() == sys.prefix, here.stderr


def test_a_command_that_hangs_is_killed(trixie: Root, place: Workplace) -> None:
    done = trixie.run(["sh", "-c", "echo begun; sleep 100"], place.environment, timeout=0.5)
    assert (done.returncode, done.stdout) == (-9, "begun\n")
    # What the kernel kills with its namespace is gone a moment later.
    end = time.monotonic() + 5
    while place.processes() and time.monotonic() < end:
        time.sleep(0.02)
    assert place.processes() == []


def test_a_process_left_over_is_ended_with_its_home(trixie: Root) -> None:
    with workplace() as place:
        # The shell stays until the other one is itself: a process that is being started has no environment.
        begin = "setsid sleep 100 & until grep -qa '^sleep' /proc/$!/cmdline; do sleep 0.02; done"
        trixie.run(["sh", "-c", begin], place.environment)
        assert len(place.processes()) == 1
    assert place.processes() == []
    assert not place.folder.exists()


def test_a_process_that_will_not_end_is_a_failure(trixie: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workplace.PATIENCE", 0.5)
    stubborn = "trap '' TERM; echo deaf > $HOME/deaf; while :; do sleep 0.1; done"
    with pytest.raises(AssertionError, match="had to be killed"), workplace() as place:
        trixie.start(["sh", "-c", stubborn], place.environment)
        while not (place.home / "deaf").exists():
            time.sleep(0.02)
    assert place.processes() == []


def test_an_outdated_root_is_built_anew_and_a_broken_build_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trixie: Root
) -> None:
    monkeypatch.setenv("SOFTLIGHT_HOSTS", str(tmp_path))
    built = []

    def build(path: Path) -> None:
        (path / STAMP).parent.mkdir(parents=True)
        built.append(path)

    def broken(path: Path) -> None:
        build(path)
        raise RuntimeError

    assert kept("one", "first", build).path == kept("one", "first", build).path
    assert len(built) == 1
    with pytest.raises(RuntimeError):
        kept("one", "second", broken)
    assert not (tmp_path / "one").exists() and not (tmp_path / "one.part").exists()
    kept("one", "second", build)
    assert len(built) == 3


def test_the_desktop_clicks_types_and_sees(trixie: Root, place: Workplace) -> None:
    Image.new("RGB", (300, 200), (10, 200, 30)).save(place.pictures / "grün.png")
    with desktop(trixie, place, 800, 600) as screen:
        screen.start(["display", "-title", "a green one", str(place.pictures / "grün.png")])
        window = screen.window("a green one")
        screen.activate(window)
        assert (np.asarray(screen.shot(window))[50, 50] == (10, 200, 30)).all()
        screen.key("q")
        screen.gone("a green one")
        with pytest.raises(AssertionError, match="waited 0 s for a window called 'never'; see /"):
            screen.window("never", timeout=0.1)
