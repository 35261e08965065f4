"""What is stored with a group: it comes back, GIMP 3's plug-in reads it too, and damage is one sentence."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softlight_gimp import records as theirs
from softlight_gimp210 import records
from softlight_gimp210.rasters import Mask
from softlight_gimp210.refusals import Refusal

DAMAGED = "What Softlight stored with this group is damaged; run the filter anew instead."


@st.composite
def any_record(draw: st.DrawFn) -> records.Record:
    width, height = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    x, y = draw(st.integers(0, 20)), draw(st.integers(0, 20))
    pixels = draw(st.binary(min_size=width * height, max_size=width * height))
    settings = draw(st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.text(max_size=5)))
    settings["filter"] = draw(st.sampled_from(["dewrinkle", "soft_glow"]))
    size = x + width + draw(st.integers(0, 3)), y + height + draw(st.integers(0, 3))
    mask = draw(st.just(Mask(width, height, (x, y), pixels)) | st.none())
    return records.Record(settings, draw(st.sampled_from(["below", "layer"])), size, mask)


SOUND = records.Record({"filter": "dewrinkle"}, "below", (10, 8), Mask(2, 3, (1, 2), bytes(range(6))))


@given(any_record())
def test_a_record_comes_back(record: records.Record) -> None:
    text = records.to_text(record)
    assert text.isascii()
    assert records.from_text(text) == record
    assert records.from_text(text + "\0") == record, "gimpfu adds a zero byte to what it attaches"


def test_gimp_3_reads_what_2_10_wrote_and_the_other_way_round() -> None:
    read = theirs.from_text(records.to_text(SOUND))
    assert (read.settings, read.input, read.picture_size) == SOUND[:3]
    assert bytes(read.mask.raster.data) == SOUND.mask.data
    assert (read.mask.origin, read.mask.raster.width) == (SOUND.mask.origin, SOUND.mask.width)
    assert records.from_text(theirs.to_text(read)) == SOUND


def test_gimp_3_reads_whole_faces_and_the_other_way_round() -> None:
    whole = SOUND._replace(mask=None)
    read = theirs.from_text(records.to_text(whole))
    assert read.mask is None and read.settings == whole.settings
    assert records.from_text(theirs.to_text(read)) == whole


def changed(**parts: Any) -> str:
    return json.dumps({**json.loads(records.to_text(SOUND)), **parts})


def mask(origin: list[int], size: list[int], data: bytes) -> dict[str, Any]:
    return {"origin": origin, "size": size, "zlib": base64.b64encode(zlib.compress(data)).decode()}


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "3", "null", "{", '{"version": 1}', changed(version="x"), changed(settings=3),
        changed(settings={}), changed(picture=[10]), changed(mask=None), changed(version=2, mask=3),
        changed(mask={**SOUND.settings}),
        changed(mask=mask([1, 2], [2, 3], b"12345")),
        changed(mask=mask([1, 2], [2, 3], b"1234567")),
        changed(mask=mask([1, 2], [1 << 20, 1 << 20], b"")),
        changed(mask=mask([1, 2], [0, 3], b"")),
        changed(mask=mask([-1, 2], [2, 3], b"123456")),
        changed(mask=mask([9, 2], [2, 3], b"123456")),
        changed(mask={"origin": [1, 2], "size": [2, 3], "zlib": "AAAA"}),
        changed(mask={"origin": [1, 2], "size": [2, 3], "zlib": "A"}),
        changed(mask=mask([1, 2], [2, 3], bytes(1 << 22))),
    ],
)  # fmt: skip
def test_a_damaged_record_is_one_sentence(text: str) -> None:
    with pytest.raises(Refusal) as refusal:
        records.from_text(text)
    assert str(refusal.value) == DAMAGED


def test_a_newer_record_is_one_sentence() -> None:
    with pytest.raises(Refusal, match="made by a newer version of Softlight; update Softlight"):
        records.from_text(changed(version=3))
