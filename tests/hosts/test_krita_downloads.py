"""Real Krita while a model is downloaded: its window goes on, filters run, and it may be quit.

Run:   python -m pytest -m hosts tests/hosts/test_krita_downloads.py
Needs: what `roots.py` needs; some 60 s for each Krita. 5.2 runs by default.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import find_root
from krita_application import KRITAS, Played, extend, install, play
from test_krita_faults import PHOTO, mask
from workplace import workplace

from tests.model_shelf import shelf, write_entry

pytestmark = pytest.mark.hosts

PACE = 10_000_000
"""Bytes a second: a good line."""
SHORT, LONG = 2 * PACE, 30 * PACE


@pytest.fixture(scope="module", params=KRITAS)
def krita(request: pytest.FixtureRequest) -> Iterator[Played]:
    root = find_root(request.param)
    with workplace() as place, shelf() as server:
        folder = install(place, "krita_driver")
        extend(place, folder / "softlight_krita")
        own = Path(place.environment["XDG_CONFIG_HOME"]) / "softlight" / "models.d"
        server.pace = PACE
        for name, size in (("short", SHORT), ("long", LONG)):
            content = bytes(range(256)) * (size // 256)
            write_entry(own, name, server.put(f"{name}.onnx", content), content)
        picture = shutil.copy(PHOTO, place.pictures)
        marked = place.folder / "mask.raw"
        marked.write_bytes(mask())
        played = play(
            root, place, "krita_downloads", SOFTLIGHT_PICTURE=str(picture), SOFTLIGHT_MASK=str(marked)
        )
        begun = Path(place.environment["XDG_DATA_HOME"]) / "softlight" / "models" / "long"
        played.found["left"] = [path.name for path in begun.iterdir()]
        yield played


def test_krita_does_not_wait_for_a_download(krita: Played) -> None:
    assert krita.found["short"] == ["It is there.", False]
    print(f"Krita's window stood still for {1000 * krita.found['longest']:.0f} ms at most")
    assert krita.found["longest"] < SHORT / PACE / 2, "it takes two seconds, and Krita was there meanwhile"


def test_a_filter_runs_beside_a_download(krita: Played) -> None:
    assert krita.found["filter"] == ["Soft glow is done.", False]
    still_at_it, collecting = krita.found["beside"]
    assert still_at_it and not collecting, "a thread of ours lives on after the filter's"
    sentence, failed = krita.found["cancelled"]
    assert sentence.startswith("Cancelled") and not failed
    assert krita.found["collecting"]


def test_krita_quits_in_the_middle_of_a_download(krita: Played) -> None:
    assert krita.found["busy_at_the_end"]
    assert krita.exit_code == 0
    assert not (krita.out / "crash.txt").read_text("utf-8")
    assert "Traceback" not in krita.log
    assert krita.quitting < 15
    assert "long.onnx.part" in krita.found["left"] and "long.onnx" not in krita.found["left"]
