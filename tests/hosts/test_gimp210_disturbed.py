"""GIMP 2.10 when something goes wrong: refusals, deaths at any moment, missing and damaged files."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import find_gimp210
from gimp210 import Gimp210
from workplace import workplace

from tests.full_disks import mounted

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]

COMMAND_LINE, PLUGIN, KEEPER = "dewrinkle", "plug-ins/softlight/softlight.py", "keeper.py"
"""Words that the command lines of the three processes of a job have in them, and no other's."""

SENTENCES = {
    "bad_choice": "The argument 'target' takes a number from 0 to 1, not 7.",
    "bad_number": "The setting 'strength' takes a number from 0 to 1, not 3.5.",
    "channel": "A channel is active; click the photo's layer, then run again.",
    "damaged_record": "What Softlight stored with this group is damaged; run the filter anew instead.",
    "empty_brush_mask": "The layer 'Softlight brush mask' is empty; paint on it over the place first.",
    "floating": "A floating selection is not anchored yet; anchor it (Ctrl+H), then run again.",
    "hidden": "The layer 'Background' is hidden; show it, or click the photo's layer.",
    "layer_alone_of_a_group": "'Layer Group' is a group; look at all that is visible below instead, "
    "or click a layer in it.",
    "layer_mask": "A layer mask is active; click the layer's own thumbnail, then run again.",
    "locked_group": "The group 'Layer Group' is locked; unlock its pixels, then run again.",
    "newer_record": "This group was made by a newer version of Softlight; update Softlight to run it again.",
    "no_brush_mask": "There is no brush mask; take Filters > Softlight > New brush mask and paint over "
    "the place.",
    "no_face": "No face was found in the photo; paint over the wrinkles to remove them.",
    "no_face_numbers": "The setting 'faces' takes 'all', or the numbers of faces from left to right, such as "
    "'1,3', not 'left'.",
    "no_such_face": "There is no face 7, as the photo shows one; choose 1, or all.",
    "everything_of_whole_faces": "Without a brush only wrinkles can be removed; paint over what shall go, or "
    "choose wrinkles.",
    "no_selection": "Nothing is selected; select the place first (Quick Mask works too).",
    "nothing_to_rerun": "No Softlight group is active; click the group that shall be run again.",
}


@pytest.fixture(scope="module")
def installed() -> Iterator[Gimp210]:
    with workplace() as place:
        host = find_gimp210(place)
        yield host


@pytest.fixture
def gimp(installed: Gimp210) -> Iterator[Gimp210]:
    """GIMP with a plug-in whose files may be spoiled."""
    files = [installed.plugin / name for name in ("engine.json", "filters.json")]
    sound = [file.read_bytes() for file in files]
    yield installed
    for file, contents in zip(files, sound):
        file.write_bytes(contents)
    for answer in installed.out.glob("*.json"):
        answer.unlink()


def messages(log: str) -> list[str]:
    """What the plug-in told the user."""
    assert "Traceback" not in log
    return re.findall(r"^(?:De-wrinkle|Re-run) \(8 bit\)-Warning: (.*)$", log, re.MULTILINE)


def refused(gimp: Gimp210) -> str:
    """Run once; the call failed, the picture is as it was, nothing is left. Return the one sentence."""
    found, log = gimp.run("gimp210_refusals", "run_once")
    assert (found["outcome"], found["unchanged"]) == ("execution error", True)
    (sentence,) = messages(log)
    assert_nothing_left(gimp)
    return sentence


def assert_nothing_left(gimp: Gimp210) -> None:
    deadline = time.monotonic() + 60
    while (gimp.left_over() or gimp.place.processes()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert gimp.left_over() == []
    assert gimp.place.processes() == []


def change(gimp: Gimp210, **settings: Any) -> None:
    path = gimp.plugin / "engine.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **settings}), "utf-8")


def test_every_refusal_is_one_sentence_and_a_failed_call(gimp: Gimp210) -> None:
    found, log = gimp.run("gimp210_refusals", "refusals")
    said = dict(re.findall(r"CASE (\w+)\n+(?:De-wrinkle|Re-run) \(8 bit\)-Warning: (.*)\n", log))
    assert said == SENTENCES
    assert found == {case: {"outcome": "execution error", "unchanged": True} for case in SENTENCES}
    assert "Traceback" not in log
    assert_nothing_left(gimp)


def test_the_command_line_dies_in_the_middle(gimp: Gimp210) -> None:
    process = gimp.start("gimp210_refusals", "twice")
    (victim,) = gimp.wait_for_process(COMMAND_LINE)
    os.kill(victim, signal.SIGKILL)
    process.wait(120)
    first, second = gimp.answer("twice")
    assert (first["outcome"], first["unchanged"]) == ("execution error", True)
    assert second["outcome"] == "layers", "the next call works"
    assert_nothing_left(gimp)


def test_what_is_said_when_the_command_line_dies(gimp: Gimp210) -> None:
    killer = gimp.place.folder / "killer"
    killer.write_text("#!/bin/sh\nkill -9 $$\n")
    killer.chmod(0o755)
    change(gimp, cli=[str(killer)])
    assert refused(gimp) == (
        "Softlight's computation was ended from outside (status -9); the picture is as it was, run it again."
    )


def test_gimp_kills_the_plug_in(gimp: Gimp210) -> None:
    """As Cancel does, which in GIMP 2.10 is SIGKILL: the job ends and its files go all the same."""
    process = gimp.start("gimp210_refusals", "run_once")
    gimp.wait_for_process(COMMAND_LINE)
    assert len(gimp.left_over()) == 1
    assert gimp.left_over()[0].stat().st_mode & 0o777 == 0o700
    (victim,) = [each for each in gimp.processes(PLUGIN) if each not in gimp.processes(KEEPER)]
    os.kill(victim, signal.SIGKILL)
    process.wait(60)
    found = gimp.answer("run_once")
    assert (found["outcome"] != "layers", found["unchanged"]) == (True, True)
    assert_nothing_left(gimp)


def test_all_of_gimp_dies(gimp: Gimp210) -> None:
    process = gimp.start("gimp210_refusals", "run_once")
    gimp.wait_for_process(COMMAND_LINE)
    for victim in gimp.processes("gimp-console"):
        os.kill(victim, signal.SIGKILL)
    process.wait(60)
    assert_nothing_left(gimp)


def test_the_keeper_dies(gimp: Gimp210) -> None:
    process = gimp.start("gimp210_refusals", "run_once")
    gimp.wait_for_process(COMMAND_LINE)
    for victim in gimp.processes(KEEPER):
        os.kill(victim, signal.SIGKILL)
    process.wait(60)
    found = gimp.answer("run_once")
    assert (found["outcome"], found["unchanged"]) == ("execution error", True)
    assert_nothing_left(gimp)


def test_logout_ends_the_keeper_in_order(gimp: Gimp210) -> None:
    process = gimp.start("gimp210_refusals", "run_once")
    gimp.wait_for_process(COMMAND_LINE)
    for victim in gimp.processes(KEEPER):
        os.kill(victim, signal.SIGTERM)
    process.wait(60)
    assert gimp.answer("run_once")["unchanged"]
    assert_nothing_left(gimp)


def test_the_command_line_is_missing(gimp: Gimp210) -> None:
    change(gimp, cli=["/nowhere/softlight Zoë"])
    assert refused(gimp) == (
        "Softlight cannot be started: '/nowhere/softlight Zoë', No such file or directory. "
        "Run 'softlight plugins install' again."
    )


@pytest.mark.parametrize("contents", [None, "{", '{"engine": ["x"]}'])
def test_engine_json_is_missing_or_damaged(gimp: Gimp210, contents: str | None) -> None:
    path = gimp.plugin / "engine.json"
    path.unlink()
    if contents is not None:
        path.write_text(contents)
    assert refused(gimp) == (
        f"Softlight's file '{path}' is missing or damaged. Run 'softlight plugins install' again."
    )


def test_the_answer_cannot_be_read(gimp: Gimp210) -> None:
    change(gimp, cli=["/bin/true"])
    assert refused(gimp) == (
        "Softlight's answer cannot be read; plug-in and program differ. "
        "Run 'softlight plugins install' again."
    )


def test_the_disk_for_temporary_files_is_full(gimp: Gimp210) -> None:
    shutil.rmtree(gimp.temporary)
    with mounted(gimp.temporary):
        sentence = refused(gimp)
    assert re.fullmatch(
        rf"The picture could not be handed over in '{gimp.temporary}/softlight-\w+' "
        r"\(No space left on device\); make room there, then run again\.",
        sentence,
    )


def test_gimps_own_environment_does_not_reach_the_command_line(gimp: Gimp210) -> None:
    process = gimp.start("gimp210_refusals", "run_once")
    (worker,) = gimp.wait_for_process(COMMAND_LINE)
    names = {
        pair.partition(b"=")[0].decode() for pair in Path(f"/proc/{worker}/environ").read_bytes().split(b"\0")
    }
    process.wait(60)
    assert not {name for name in names if name.startswith(("PYTHON", "LD_", "GIMP", "GEGL", "BABL"))}
    assert {"HOME", "PATH", "XDG_RUNTIME_DIR"} <= names
    assert gimp.answer("run_once")["outcome"] == "layers"


def test_a_list_of_filters_that_cannot_be_read_is_one_sentence(gimp: Gimp210) -> None:
    (gimp.plugin / "filters.json").write_text("{")
    (gimp.plugin / "softlight.py").touch()  # GIMP asks a plug-in anew when its file has changed
    done = gimp.root.run(["gimp-console-2.10", "-n", "-i", "-b", "(gimp-quit 0)"], gimp.environment)
    log = done.stdout + done.stderr
    assert (
        f"softlight: Softlight's list of filters '{gimp.plugin}/filters.json' is missing or damaged; "
        "run 'softlight plugins install' again."
    ) in log
    assert "Traceback" not in log
