"""What is stored with a group comes back as it was, and nothing else is taken for it."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softlight_bridge.messages import Raster
from softlight_gimp.masks import FORMAT, Mask
from softlight_gimp.records import Record, from_text, to_text
from softlight_gimp.refusals import Refusal

SETTINGS = {"filter": "dewrinkle", "strength": 0.8, "face_size": None, "target": "wrinkles"}
DAMAGED, NEWER = "damaged; run the filter anew", "newer version of Softlight"


def record(width: int = 3, height: int = 2, data: bytes = b"\0\x80\xff\1\2\3") -> Record:
    return Record(SETTINGS, "below", (640, 480), Mask(Raster(width, height, FORMAT, data), (-5, 17)))


@given(st.integers(1, 9), st.integers(1, 9), st.data())
def test_it_comes_back_as_it_was(width: int, height: int, data: st.DataObject) -> None:
    pixels = data.draw(st.binary(min_size=width * height, max_size=width * height))
    stored = record(width, height, pixels)
    assert from_text(to_text(stored)) == stored


def test_whole_faces_have_no_mask_and_are_not_for_older_plugins() -> None:
    stored = record()._replace(mask=None)
    assert from_text(to_text(stored)) == stored
    assert (json.loads(to_text(record()))["version"], json.loads(to_text(stored))["version"]) == (1, 2)


def test_it_is_text_that_gimp_can_keep() -> None:
    text = to_text(record()._replace(settings={**SETTINGS, "note": "Zoë"}))
    assert text.isascii()
    assert from_text(text).settings["note"] == "Zoë"


def changed(**parts: Any) -> str:
    stored = json.loads(to_text(record()))
    for name, value in parts.items():
        holder = stored if name in stored else stored["mask"]
        holder[name] = value
    return json.dumps(stored)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "not JSON",
        changed(zlib="AAAA"),
        changed(zlib="%%%"),
        changed(size=[3, 3]),
        changed(size=[0, 0]),
        changed(size=[1 << 20, 1 << 20]),
        changed(size=[-3, -2]),
        changed(size=None),
        changed(origin=[1]),
        changed(picture="large"),
        changed(settings={}),
        changed(settings=7),
        changed(mask=None),
        changed(version=2, mask=3),
        changed(zlib=base64.b64encode(zlib.compress(bytes(10**8))).decode("ascii")),
    ],
    ids=range(18),
)
def test_what_is_damaged_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(Refusal, match=DAMAGED):
        from_text(text)


def test_what_a_later_version_wrote_is_left_to_it() -> None:
    with pytest.raises(Refusal, match=NEWER):
        from_text(changed(version=3))
