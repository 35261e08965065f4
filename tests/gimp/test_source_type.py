"""The mark "edited with AI" in the text that GIMP keeps metadata in, for GIMP 3 and for GIMP 2.10."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softlight.files.source_type import AI_TERMS
from softlight.layers import SourceType
from softlight_gimp import source_type
from tests.gimp210.imported import marking

TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
EDITED = SourceType.EDITED_WITH_AI.value
LINE = f'  <tag name="Xmp.iptcExt.DigitalSourceType">{EDITED}</tag>\n'
PHOTO = """<?xml version='1.0' encoding='UTF-8'?>
<metadata>
  <tag name="Exif.Image.Artist">&lt;/metadata&gt;</tag>
  <namespace prefix="dc" url="http://purl.org/dc/elements/1.1/"></namespace>
  <tag name="Xmp.dc.creator">Zoë</tag>
  <namespace prefix="iptcExt" url="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"></namespace>
{}  <tag name="Xmp.xmp.Rating">4</tag>
</metadata>

"""
"""As GIMP 3.0 writes it."""
MARKS = pytest.mark.parametrize("marked", [source_type.marked, marking.marked], ids=["GIMP 3", "GIMP 2.10"])
Marked = Callable[[str, str], "str | None"]


@MARKS
def test_an_image_without_metadata(marked: Marked) -> None:
    found = marked(source_type.EMPTY, EDITED)
    assert found == f"<?xml version='1.0' encoding='UTF-8'?>\n<metadata>\n{LINE}</metadata>\n"


@MARKS
@pytest.mark.parametrize("before", ["", LINE.replace(EDITED, TERMS + "digitalCapture")])
def test_a_photo_keeps_all_else(marked: Marked, before: str) -> None:
    found = marked(PHOTO.format(before), EDITED)
    assert found is not None and found.count(LINE) == 1
    assert found.replace(LINE, "") == PHOTO.format("")
    assert found.endswith(f"{LINE}</metadata>\n\n")
    assert source_type.read(found) == EDITED and marking.says_ai(found)


@pytest.mark.parametrize("term", AI_TERMS)
def test_what_says_ai_already_is_known(term: str) -> None:
    text = PHOTO.format(LINE.replace(EDITED, TERMS + term))
    assert source_type.read(text) == TERMS + term
    assert source_type.marked(text, EDITED) is None and marking.says_ai(text)


def test_a_value_in_base64() -> None:
    packed = base64.b64encode((TERMS + "trainedAlgorithmicMedia").encode()).decode()
    line = f'  <tag name="Xmp.iptcExt.DigitalSourceType" encoding="base64">{packed}</tag>\n'
    assert source_type.read(PHOTO.format(line)) == TERMS + "trainedAlgorithmicMedia"
    assert source_type.read(PHOTO.format(line.replace(packed, "€"))) == ""


@MARKS
def test_a_text_that_is_no_metadata_is_left_alone(marked: Marked) -> None:
    assert marked("", EDITED) is None and marked("<metadata>", EDITED) is None


@pytest.mark.parametrize("wrong", ["", "print", TERMS, TERMS + "x</tag>", EDITED + "\n"])
def test_gimp_210_takes_no_other_text_for_a_term(wrong: str) -> None:
    # GIMP 3's plug-in gets it over the wire, where it was checked.
    assert marking.marked(source_type.EMPTY, wrong) is None


@given(st.text(st.sampled_from('<>&;metagnXp/"= \n\té'), max_size=60))
def test_nothing_else_is_ever_changed(around: str) -> None:
    text = PHOTO.format(f'  <tag name="Xmp.x">{around.replace("<", "&lt;")}</tag>\n')
    for marked in (source_type.marked, marking.marked):
        found = marked(text, EDITED)
        assert found is not None and found.replace(LINE, "") == text


def test_both_plug_ins_have_the_same_words() -> None:
    assert (marking.AI_TERMS, marking.VOCABULARY) == (AI_TERMS, TERMS)
    assert (marking.TAG, marking.EMPTY) == (source_type.TAG, source_type.EMPTY)
    assert re.fullmatch(r"[\x20-\x7e]+", marking.MARKED + marking.UNMARKED)
