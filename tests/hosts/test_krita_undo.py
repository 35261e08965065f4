"""Undo and redo of a run, a Re-run and a Bake in real Krita: each is one step for the user.

Run:   python -m pytest -m hosts tests/hosts/test_krita_undo.py
Needs: what `roots.py` needs; some 40 s for each Krita. 5.2 runs by default.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import find_root
from krita_application import KRITAS, Played, install, play
from PIL import Image
from workplace import workplace

import softlight

pytestmark = pytest.mark.hosts

PHOTO = Path(softlight.__file__).parent / "samples" / "hopper.jpg"
BROW = slice(140, 155), slice(230, 290)
"""Rows and columns of a stroke on the forehead: little, so that it is quick."""


@pytest.fixture(scope="module", params=KRITAS)
def krita(request: pytest.FixtureRequest) -> Iterator[Played]:
    root = find_root(request.param)
    with workplace() as place:
        install(place, "krita_driver")
        picture = shutil.copy(PHOTO, place.pictures)
        with Image.open(picture) as photo:
            marked = np.zeros((photo.height, photo.width), np.uint8)
        marked[BROW] = 255
        mask = place.folder / "mask.raw"
        mask.write_bytes(marked.tobytes())
        yield play(root, place, "krita_undo", SOFTLIGHT_PICTURE=str(picture), SOFTLIGHT_MASK=str(mask))


def layers(krita: Played) -> list[Any]:
    """Names of the layers and opacities of their own ones, after each step forwards."""
    return [state[0] for state in krita.found["states"]]


def test_the_steps_differ(krita: Played) -> None:
    photo, run, again, baked = layers(krita)
    assert photo == [["Background", []]]
    assert [name for name, _ in run] == [name for name, _ in again] == ["Background", "De-wrinkle"]
    assert set(run[1][1]) == {255} and set(again[1][1]) == {128}
    assert [name for name, _ in baked] == ["Background", "De-wrinkle (baked)"]


def test_each_is_one_undo(krita: Played) -> None:
    assert krita.found["undone"] == krita.found["states"][-2::-1]


def test_each_is_one_redo(krita: Played) -> None:
    assert krita.found["redone"] == krita.found["states"][1:]


def test_undo_after_redo_does_the_same(krita: Played) -> None:
    assert krita.found["undone_again"] == krita.found["undone"]


def test_krita_ends_well(krita: Played) -> None:
    assert krita.exit_code == 0 and "Traceback" not in krita.log
    assert not (krita.out / "crash.txt").read_text("utf-8")
