"""The command as a studio runs it: bad files, kills, a second run, changed pictures."""

from __future__ import annotations

import json
import signal
import sys
import zipfile

import numpy as np
import pytest
from PIL import Image

from softlight.batch.chain import run_steps
from softlight.batch.recipe import read_recipe
from softlight.compositor import composite
from softlight.files import read_picture
from softlight.runtime import Runtime
from tests.core.batch.conftest import Studio

GOOD = {"a.png", "b.jpg.png", "b.png.png", "deep er/c.png"}
BAD = {"cut.jpg", "empty.tif", "text.png"}


def test_bad_files_stop_nobody_and_a_second_run_does_nothing(studio: Studio) -> None:
    first = studio.run()
    assert first.returncode == 8 and not first.stderr
    lines = first.stdout.splitlines()
    assert lines[0].startswith("4 done in ") and lines[0].endswith(" s, 0 were done before, 3 failed.")
    assert {line.partition(": ")[0] for line in lines[1:4]} == BAD
    assert (studio.out / "softlight-batch.txt").read_text("utf-8").splitlines() == lines
    made = studio.results()
    assert set(made) == GOOD
    times = {name: (studio.out / name).stat().st_mtime_ns for name in made}

    again = studio.run("--json")
    told = json.loads(again.stdout)
    assert (again.returncode, told["kept"], told["made"], told["failed"]) == (8, 4, 0, 3)
    assert {one["picture"] for one in told["pictures"] if one["error"]} == BAD
    assert {name: (studio.out / name).stat().st_mtime_ns for name in made} == times

    for name in BAD:
        (studio.pictures / name).unlink()
    Image.open(studio.pictures / "a.png").rotate(3).save(studio.pictures / "a.png")
    told = json.loads(studio.run("--json").stdout)
    assert (told["kept"], told["made"], told["failed"]) == (3, 1, 0)
    assert studio.results()["a.png"] != made["a.png"]


def test_a_result_is_what_the_steps_make(studio: Studio) -> None:
    studio.run()
    picture = read_picture(studio.pictures / "b.png")
    recipe = read_recipe(studio.recipe)
    stack = run_steps(picture, recipe.steps_for("b.png"), Runtime("cpu"))
    assert [layer.name for layer in stack.layers][-1] == "Edit attributes: Smile"
    expected = composite(picture, stack).pixels
    result = read_picture(studio.out / "b.png.png").pixels
    np.testing.assert_array_equal(result, expected)
    assert (result != picture.pixels).any()


def test_layers_of_all_steps_lie_above_the_photo(studio: Studio) -> None:
    studio.ask_for(".ora")
    studio.run()
    with zipfile.ZipFile(studio.out / "a.ora") as archive:
        root = archive.read("stack.xml").decode()
        told = json.loads(archive.read("softlight/settings.json"))
    assert root.index("Edit attributes: Smile") < root.index("De-wrinkle") < root.index("Photo")
    assert [step["filter"] for step in told["steps"]] == ["dewrinkle", "edit"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as POSIX does")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT] if sys.platform != "win32" else [])
def test_what_was_killed_goes_on_where_it_was(studio: Studio, number: signal.Signals) -> None:
    with studio.started() as process:
        assert process.stderr is not None
        # In the middle of the third good picture.
        next(line for line in process.stderr if "4 of 7: b.png" not in line and "3 of 7: " in line)
        process.send_signal(number)
        answer, rest = process.communicate()
    assert "Traceback" not in rest
    if number == signal.SIGINT:
        assert process.returncode == 130
        assert json.loads(answer)["error"].startswith("Stopped; what was done is kept")
    before = studio.results()
    done = {name: one for name, one in before.items() if not name.endswith(".part")}
    assert 0 < len(done) < 4
    told = json.loads(studio.run("--json").stdout)
    assert told["kept"] == len(done) and told["kept"] + told["made"] == 4
    after = studio.results()
    assert set(after) == GOOD, "what the kill left behind is gone"
    assert all(after[name] == one for name, one in done.items())
