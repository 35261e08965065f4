"""The mark "edited with AI" in real GIMP 3: in the image's metadata, in the .xcf, and in what is exported.

Run:   python -m pytest -m hosts tests/hosts/test_gimp3_mark.py
Needs: what `roots.py` needs; some 40 s for each GIMP. 3.0 runs by default.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import find_root
from gimp3 import gimp3
from gimp3_sitting import sitting
from marked_photos import marked_photos
from test_gimp3 import ROOTS

from softlight.files import read_picture
from softlight_gimp.source_type import TAG
from tests.core.xmp_packets import EDITED, TERMS, said_in
from tests.extra_filter import MARKED

pytestmark = pytest.mark.hosts

LINE = f'<tag name="{TAG}">{{}}</tag>'
KINDS = "jpg", "png", "tif", "webp"
NOTE = "The image's metadata now say that it was edited with AI"


@pytest.fixture(scope="module", params=ROOTS)
def told(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """What GIMP told, with the exported files' XMP and pixels."""
    with gimp3(find_root(request.param), MARKED) as gimp:
        folder = gimp.place.pictures
        found = gimp.run("gimp3_mark", {"photos": marked_photos(folder)})
        found["files"] = {path.name: read(path) for path in folder.iterdir() if path.suffix != ".xcf"}
        yield found


def read(path: Path) -> tuple[bytes, np.ndarray]:
    picture = read_picture(path)
    return picture.metadata.xmp or b"", picture.pixels


def test_the_image_is_marked_and_keeps_it_in_its_own_file(told: dict[str, Any]) -> None:
    assert told["plain"]["before"] == [] and told["new"]["before"] == []
    assert told["said"]["before"] == [LINE.format(TERMS + "digitalCapture")]
    for name in ("plain", "said", "new"):
        assert told[name]["once"] == told[name]["twice"] == [LINE.format(EDITED)], name
    assert told["plain"]["xcf"] == told["said"]["xcf"] == [LINE.format(EDITED)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["plain", "said"])
def test_what_is_exported_says_so(told: dict[str, Any], name: str, kind: str) -> None:
    xmp, pixels = told["files"][f"{name}.{kind}"]
    assert said_in(xmp) == [EDITED]
    assert ("Ü".encode() in xmp and b"Wedding" in xmp) == (name == "said"), "what it said before"
    if kind == "tif":
        return  # GIMP writes the layers as pages, the photo first
    lighter = pixels[..., :3].astype(int) - told["files"][f"{name} before.jpg"][1]
    assert lighter[200:400, 150:350].mean() > 5 > 1 > abs(lighter[:100].mean()), "the layers are in it"


def test_a_stronger_word_is_never_weakened(told: dict[str, Any]) -> None:
    line = [LINE.format(TERMS + "trainedAlgorithmicMedia")]
    assert told["made"]["before"] == told["made"]["once"] == told["made"]["xcf"] == line
    for kind in KINDS:
        assert said_in(told["files"][f"made.{kind}"][0]) == [TERMS + "trainedAlgorithmicMedia"]


def test_without_the_mark_the_image_says_what_it_said(told: dict[str, Any]) -> None:
    for name in ("switched off", "soft glow"):
        assert told[name]["once"] == told[name]["twice"] == told["said"]["before"]


def test_the_layers_are_there_all_the_same(told: dict[str, Any]) -> None:
    for name in ("plain", "said", "made", "new", "switched off"):
        group, photo = told[name]["tree"]
        assert (group["name"], photo["children"]) == ("Marked glow", None)
        assert len(group["children"]) == 1


def test_the_user_is_told_once_for_each_image(told: dict[str, Any]) -> None:
    assert told["log"].count(NOTE) == 3, "plain, said, new: " + told["log"]
    assert "did not take the mark" not in told["log"]
    assert told["option"].replace("_", "") == "Save XMP", "the name that the note gives"


def test_a_script_that_does_not_ask_gets_no_xmp(told: dict[str, Any]) -> None:
    # Hence the words of the note; here nothing was marked, but the photo has a packet.
    assert told["files"]["by default.jpg"][0] == b""


@pytest.mark.parametrize("root", ROOTS)
def test_one_undo_takes_the_mark_away_with_the_layers(root: str) -> None:
    with sitting(find_root(root), MARKED) as person:
        person.begin(marked=True)
        before = person.look()
        assert person.ask("metadata")["source types"] == []
        person.ask("glow", filter="plug-in-softlight-marked-glow")
        assert person.ask("metadata")["source types"] == [LINE.format(EDITED)]
        assert len(person.look()["tree"]) == 2
        for key, layers, lines in (("ctrl+z", 1, []), ("ctrl+y", 2, [LINE.format(EDITED)])):
            person.press(key)
            person.screen.wait_for(lambda layers=layers: len(person.look()["tree"]) == layers, key)
            assert person.ask("metadata")["source types"] == lines
        person.press("ctrl+z")
        person.screen.wait_for(lambda: person.look()["exact"] == before["exact"], "the picture as it was")
