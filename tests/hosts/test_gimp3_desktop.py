"""A retoucher at GIMP 3.0 and 3.2, by mouse and keyboard: paint, look, run, undo, cancel, run again, bake.

Run:   python -m pytest -m hosts tests/hosts/test_gimp3_desktop.py
       SOFTLIGHT_PICTURES=docs …  renews the pictures of the documentation
Needs: what `roots.py` needs; some 70 s for GIMP 3.0, with `all_hosts` 150 s each.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import find_root
from desktop import Box
from gimp3_sitting import AFTER, BEFORE, PREVIEW, SPLIT, VIEW, WINDOW, Sitting, sitting
from numpy.typing import NDArray
from PIL import Image
from test_gimp3 import ROOTS

pytestmark = pytest.mark.hosts

STROKES = [
    [(206, 152), (225, 148), (245, 146), (265, 146), (285, 147), (300, 150), (318, 156)],
    [(240, 240), (233, 249), (227, 258), (221, 268)],
    [(222, 278), (225, 292), (221, 305)],
    [(297, 240), (303, 251), (309, 261), (315, 271)],
    [(311, 280), (312, 292), (317, 304)],
    [(203, 213), (215, 213), (228, 210), (242, 205)],
    [(286, 204), (298, 209), (310, 210), (326, 208)],
]
"""Over the wrinkles of the sample's face, in its pixels."""


@pytest.fixture(scope="module", params=ROOTS)
def person(request: pytest.FixtureRequest) -> Iterator[Sitting]:
    with sitting(find_root(request.param)) as found:
        found.take_brush()
        yield found


def keep(name: str, picture: Image.Image) -> None:
    """Keep a picture for the documentation, if it is wanted."""
    folder = os.environ.get("SOFTLIGHT_PICTURES")
    if folder:
        # 256 colours of its own are enough for windows and one photo, and take a third of the bytes.
        small = picture.quantize(256, dither=Image.Dither.FLOYDSTEINBERG)
        small.save(Path(folder) / name, optimize=True)


def names(told: dict[str, Any]) -> list[str]:
    return [layer["name"] for layer in told["tree"]]


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two looks saw the same layers and pixels."""
    return one["tree"] == other["tree"] and one["exact"] == other["exact"]


def becomes(person: Sitting, expected: dict[str, Any]) -> None:
    """Wait until the picture has exactly the layers and pixels that were seen before."""
    person.screen.wait_for(lambda: same(person.look(), expected), "what was seen before")


def coloured(picture: NDArray[np.int64]) -> float:
    """The share of pixels with a strong colour."""
    return float((np.ptp(picture, axis=2) > 40).mean())


def test_paint_look_run_undo(person: Sitting) -> None:
    person.begin()
    photo = person.look()["photo"]
    keep_menu(person)
    person.menu("n")
    person.screen.wait_for(lambda: len(person.look()["tree"]) == 2, "the brush mask")
    assert person.look()["selected"] == ["Softlight brush mask"]
    person.paint(STROKES, person.photo_at())
    painted = person.look()
    assert not np.array_equal(painted["seen"], Image.open(person.photo)), "strokes can be seen"
    keep_window("gimp-painted.png", person)

    person.menu("d")
    dialog = person.dialog()
    split = person.previewed(dialog)
    keep("gimp-dialog.png", person.screen.shot(dialog))
    shown, last = {}, split
    for name, button in {"before": BEFORE, "after": AFTER, "view": VIEW, "split": SPLIT}.items():
        person.click(*button, dialog)
        shown[name] = last = person.preview_other_than(last, dialog)
    assert np.array_equal(shown["split"], split)
    middle = PREVIEW.width // 2
    assert np.array_equal(split[60:-60, : middle - 20], shown["before"][60:-60, : middle - 20])
    assert np.array_equal(split[60:-60, middle + 20 :], shown["after"][60:-60, middle + 20 :])
    retouched = np.abs(shown["after"] - shown["before"]).max(axis=2) > 12
    assert 0.003 < retouched.mean() < 0.3
    assert 0.001 < coloured(shown["view"]) < 0.2 < coloured(split), "marks on a grey photo"
    person.run_dialog()

    done = person.look()
    assert names(done) == ["Softlight brush mask", "De-wrinkle", "Background"]
    assert not done["tree"][0]["visible"], "the strokes have done their work"
    assert done["selected"] == ["De-wrinkle"] and done["photo"] == photo
    with Image.open(person.photo) as file:
        original = np.asarray(file.convert("RGB")).astype(int)
    changed = np.abs(done["seen"] - original).max(axis=2)
    assert changed.max() > 20 and 0 < (changed > 0).mean() < 0.15
    keep_window("gimp-layers.png", person)

    person.press("ctrl+z")
    becomes(person, painted)
    assert person.look()["photo"] == photo, "one step has taken all of it back"
    person.press("ctrl+y")
    becomes(person, done)
    # GIMP selects a layer's mask now, and the result is found by it.
    person.menu("r")
    person.dialog()


def keep_menu(person: Sitting) -> None:
    """Keep a picture of the menu."""
    if not os.environ.get("SOFTLIGHT_PICTURES"):
        return
    person.open_menu()
    keep("gimp-menu.png", person.screen.shot().crop((395, 22, 1010, 722)))
    person.screen.key("Escape", "Escape", "Escape")


def keep_window(name: str, person: Sitting) -> None:
    """Keep a picture of photo and layers, in a window that is not larger than it has to be."""
    if not os.environ.get("SOFTLIGHT_PICTURES"):
        return
    person.ask("expand")
    person.screen.place_window(person.window, Box(0, 0, 1280, 800))
    time.sleep(1)
    box = person.screen.box(person.window)
    right = box.left + box.width
    # The panel with the layers is made wider, and all of the photo shown beside it.
    person.screen.drag([(right - 234, 420), (right - 300, 420), (right - 400, 420)])
    person.press("shift+ctrl+j")
    time.sleep(1)
    keep(name, person.screen.shot(person.window))
    person.screen.place_window(person.window, WINDOW)
    time.sleep(1)


def test_cancel_and_run_after_all(person: Sitting) -> None:
    person.begin(scale=3, marked=True)
    before = person.look()
    person.menu("d")
    dialog = person.dialog()
    person.screen.key("alt+p")  # no preview: the job itself shall take its time
    person.screen.key("alt+u")
    person.screen.wait_for(lambda: not person.can_run(dialog), "the run to begin")
    person.screen.key("alt+c")
    person.screen.wait_for(lambda: person.can_run(dialog), "the dialog to stay, with the settings")
    cancelled = person.look()
    assert same(cancelled, before) and not cancelled["changed"]
    person.screen.activate(dialog)
    person.run_dialog()
    assert names(person.look()) == ["De-wrinkle", "Background"]


def test_run_again_and_bake(person: Sitting) -> None:
    person.begin(marked=True)
    person.menu("d")
    person.dialog()
    person.screen.key("alt+t")  # S_t_rength
    person.screen.key("ctrl+a")
    person.screen.type("0.8")
    person.screen.key("Tab")
    person.run_dialog()
    first = person.look()
    assert [one["strength"] for one in first["settings"]] == [0.8]

    person.menu("r")
    person.dialog()
    person.screen.key("alt+t", "ctrl+a")
    person.screen.type("0.3")
    person.screen.key("Tab")
    person.run_dialog()
    second = person.look()
    assert names(second) == ["De-wrinkle", "Background"]
    assert [one["strength"] for one in second["settings"]] == [0.3]
    assert second["photo"] == first["photo"]
    person.press("ctrl+z")
    becomes(person, first)
    person.press("ctrl+y")
    becomes(person, second)

    person.menu("b")
    person.screen.wait_for(lambda: person.look()["tree"][0]["mode"] == "normal", "the normal layer")
    baked = person.look()
    assert names(baked) == ["De-wrinkle", "Background"] and baked["tree"][0]["children"] is None
    assert np.array_equal(baked["seen"], second["seen"])
    person.press("ctrl+z")
    becomes(person, second)


@pytest.mark.all_hosts
def test_values_are_remembered_and_reset(person: Sitting) -> None:
    person.begin(marked=True)
    person.menu("d")
    person.dialog()
    person.screen.key("alt+t", "ctrl+a")
    person.screen.type("0.6")
    person.screen.key("Tab")
    person.run_dialog()
    remembered = person.gimp.plugin.parents[1] / "plug-in-settings"
    kept = remembered / "GimpProcedureConfigRun-plug-in-softlight-dewrinkle.last"
    person.screen.wait_for(kept.exists, "the file with the values")

    person.begin(marked=True)
    person.menu("d")
    person.dialog()
    person.run_dialog()
    assert [one["strength"] for one in person.look()["settings"]] == [0.6]

    person.begin(marked=True)
    person.menu("d")
    person.dialog()
    person.screen.key("alt+r", "Down", "Down", "Return")  # Reset > to factory defaults
    person.run_dialog()
    assert [one["strength"] for one in person.look()["settings"]] == [1.0]

    person.begin(marked=True)
    person.press("ctrl+f")  # repeats the last filter without a dialog
    person.screen.wait_for(lambda: len(person.look()["tree"]) == 2, "the repeated run")
    assert not person.screen.windows("^De-wrinkle")


KINDS = [
    *[f"{kind}_{curve}" for kind in ("U8", "U16", "HALF", "FLOAT") for curve in ("LINEAR", "NON_LINEAR")],
    "U32_NON_LINEAR",
    "DOUBLE_LINEAR",
]


@pytest.mark.all_hosts
def test_undo_is_exact_in_every_precision(person: Sitting) -> None:
    for kind in [*KINDS, "grey"]:
        how = {"grey": True} if kind == "grey" else {"precision": kind}
        person.begin(marked=True, **how)
        before = person.look()
        person.ask("glow")
        assert not same(person.look(), before)
        person.press("ctrl+z")
        becomes(person, before)


@pytest.mark.all_hosts
def test_quick_mask(person: Sitting) -> None:
    person.begin()
    at = person.photo_at()
    person.press("shift+q", "x")  # white paints
    person.paint(STROKES[:1], at)
    person.menu("d")
    dialog = person.dialog()
    person.previewed(dialog)
    person.run_dialog()
    done = person.look()
    person.press("x")
    assert "De-wrinkle" in names(done)


def test_what_cannot_be_done_is_said(person: Sitting) -> None:
    person.begin(hidden=True)
    before = person.look()
    person.menu("d")
    person.message()
    assert same(person.look(), before)
    assert not person.screen.windows("^De-wrinkle")


def test_entries_are_grey_for_indexed_pictures(person: Sitting) -> None:
    person.begin(indexed=True, marked=True)
    person.menu("d")
    time.sleep(2)
    person.screen.key("Escape", "Escape")
    assert [title for title in person.screen.titles().values() if "Indexed" not in title] == []


def begin_a_run(person: Sitting) -> str:
    """Run what takes some seconds, without a preview: so a sentence in the dialog is the run's."""
    person.menu("d")
    dialog = person.dialog()
    person.screen.key("alt+p", "alt+u")
    time.sleep(1.5)
    assert person.screen.windows("^De-wrinkle"), "the picture was to be closed before the end"
    return dialog


def goes_on_after(person: Sitting, dialog: str) -> None:
    """The dialog says that the picture is gone, also when it is asked to run again, and GIMP goes on."""
    person.screen.wait_for(lambda: person.says(dialog), "the sentence")
    person.screen.activate(dialog)
    person.screen.key("alt+u", "Escape")
    person.screen.gone("^De-wrinkle")
    person.begin(marked=True)
    person.menu("d")
    person.dialog()
    person.run_dialog()
    assert names(person.look()) == ["De-wrinkle", "Background"]


@pytest.mark.all_hosts
def test_closing_the_picture_while_it_is_worked_on(person: Sitting) -> None:
    person.begin(scale=3, marked=True)
    dialog = begin_a_run(person)
    person.ask("close")
    goes_on_after(person, dialog)


@pytest.mark.all_hosts
def test_closing_the_picture_before_the_engine_asks_for_it(person: Sitting) -> None:
    person.begin(marked=True)
    person.menu("d")
    person.dialog()  # so that the engine runs
    person.run_dialog()
    person.begin(scale=3, marked=True)
    with person.gimp.place.engine_stands_still():
        dialog = begin_a_run(person)
        person.ask("close")
    goes_on_after(person, dialog)
