"""The mark "edited with AI" in real GIMP 2.10: in the image's metadata, in the .xcf, and in what is exported.

Run:   python -m pytest -m hosts tests/hosts/test_gimp210_mark.py
Needs: what `gimpfu_root.py` needs; some 40 s.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import find_gimp210
from gimp210 import extend
from marked_photos import marked_photos
from workplace import workplace

from softlight.files import read_picture
from softlight_gimp.source_type import TAG
from tests.core.xmp_packets import EDITED, TERMS, said_in
from tests.extra_filter import MARKED

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]

LINE = f'<tag name="{TAG}">{{}}</tag>'
KINDS = "jpg", "png", "tif", "webp"
NOTE = "The image's metadata now say that it was edited with AI"


@pytest.fixture(scope="module")
def told() -> Iterator[dict[str, Any]]:
    with workplace() as place:
        gimp = find_gimp210(place)
        extend(gimp, MARKED)
        marked_photos(place.pictures)
        found, log = gimp.run("gimp210_scenes", "marks")
        assert "Traceback" not in log, log
        files = [place.pictures / f"{name}.{kind}" for name in ("plain", "said", "made") for kind in KINDS]
        found["files"] = {path.name: read_picture(path).metadata.xmp for path in files}
        yield found


def test_the_image_is_marked_and_keeps_it_in_its_own_file(told: dict[str, Any]) -> None:
    assert told["said"]["before"] == [LINE.format(TERMS + "digitalCapture")]
    for name in ("plain", "said", "new"):
        assert told[name]["once"] == told[name]["twice"] == [LINE.format(EDITED)], name
    assert told["plain"]["xcf"] == told["said"]["xcf"] == [LINE.format(EDITED)]


@pytest.mark.parametrize("kind", ["jpg", "png", "tif"])
def test_what_is_exported_says_so(told: dict[str, Any], kind: str) -> None:
    for name in ("plain", "said"):
        xmp = told["files"][f"{name}.{kind}"]
        assert said_in(xmp) == [EDITED]
        assert ("Ü".encode() in xmp and b"Wedding" in xmp) == (name == "said"), "what it said before"
    assert said_in(told["files"][f"made.{kind}"]) == [TERMS + "trainedAlgorithmicMedia"]


def test_webp_leaves_it_out_unless_the_user_switches_it_on(told: dict[str, Any]) -> None:
    assert told["files"]["plain.webp"] is None


def test_a_stronger_word_is_never_weakened(told: dict[str, Any]) -> None:
    line = [LINE.format(TERMS + "trainedAlgorithmicMedia")]
    assert told["made"]["before"] == told["made"]["once"] == told["made"]["xcf"] == line


def test_without_the_mark_the_image_says_what_it_said(told: dict[str, Any]) -> None:
    assert told["off"]["before"] == told["off"]["once"] == told["off"]["twice"] == told["said"]["before"]


def test_the_layers_are_there_and_the_user_is_told_once(told: dict[str, Any]) -> None:
    for name in ("plain", "said", "made", "off", "new"):
        group, _ = told[name]["tree"]
        assert (group["name"], len(group["children"])) == ("Marked glow", 1), name
        first, second = told[name]["notes"]
        assert (NOTE in first) == (name in ("plain", "said", "new")) and not second
