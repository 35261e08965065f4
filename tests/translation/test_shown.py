"""Sentences that were made in English, in another language: by the bridge, and by GIMP 2.10's own plug-in."""

from __future__ import annotations

import gettext
import importlib.util
import os
import re
import string
import time
from collections.abc import Callable
from gettext import NullTranslations
from pathlib import Path
from types import ModuleType
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softlight_bridge.translation import LEAST, shown
from tools.translation.catalogue import TEMPLATE, read
from tools.translation.pseudo import pseudo

pytestmark = pytest.mark.usefixtures("spoken")

PLACE = re.compile(r"\{(\w+)\}")
MESSAGES = [one.id for one in read(TEMPLATE) if isinstance(one.id, str) and one.id and not one.context]
PLAIN = [one for one in MESSAGES if not PLACE.search(one)]
TEMPLATES = [
    one
    for one in MESSAGES
    if PLACE.search(one) and sum(sign.isalpha() for sign in PLACE.sub("", one)) >= LEAST
]
# What is special to regular expressions and to str.format, and letters of several scripts; no spaces, colons
# and quotes, since "a: b" is taken apart and two values beside each other cannot be told apart.
VALUES = st.text(string.digits + "azß漢é.*+?$^|\\(){}[]#&~%_", min_size=1, max_size=12).map("v{}".format)


@pytest.fixture(scope="module")
def gimp210(locales: Path, spoken: None) -> ModuleType:
    """GIMP 2.10's `translation` in that language: a copy, beside the one that other tests use."""
    spec = importlib.util.find_spec("softlight_gimp210.translation")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with mock.patch.dict(os.environ, {"LANGUAGE": "de"}), mock.patch("gettext.translation", _from(locales)):
        spec.loader.exec_module(module)
    return module


def _from(locales: Path) -> Callable[..., NullTranslations]:
    original = gettext.translation
    return lambda domain, _, languages, **options: original(domain, str(locales), languages, **options)


def test_there_are_many() -> None:
    assert len(PLAIN) > 300 and len(TEMPLATES) > 200


@given(st.data())
def test_a_template_with_values_becomes_its_translation_with_them(data: st.DataObject) -> None:
    template = data.draw(st.sampled_from(TEMPLATES))
    values = {name: data.draw(VALUES) for name in PLACE.findall(template)}
    assert shown(template.format(**values)) == pseudo(template).format(**values)


def test_every_template_is_found(gimp210: ModuleType) -> None:
    for template in TEMPLATES:
        values = {name: f"wert{number}" for number, name in enumerate(PLACE.findall(template))}
        made, expected = template.format(**values), pseudo(template).format(**values)
        assert shown(made) == expected
        assert gimp210.shown(made) == expected


def test_every_text_without_values_is_found(gimp210: ModuleType) -> None:
    for message in PLAIN:
        assert shown(message) == gimp210.shown(message) == pseudo(message)


@given(st.text())
def test_what_no_template_fits_stays_as_it_is(text: str) -> None:
    made = "q" + text.replace(" ", "").replace(":", "")
    assert shown(made) == made


def test_a_file_is_not_translated_and_a_clause_is() -> None:
    template = next(one for one in TEMPLATES if "'{path}'" in one and len(PLACE.findall(one)) == 1)
    word = next(one for one in PLAIN if one.isalpha())
    assert shown(template.format(path=word)) == pseudo(template).format(path=word)
    assert shown(word) == pseudo(word) != word


@pytest.mark.parametrize(
    "name",
    [
        "De-wrinkle 2",
        "De-wrinkle 2 (beyond soft light)",
        "Face restore (background)",
        "Edit attributes: Smile 2",
    ],
)
def test_names_of_layers(name: str, gimp210: ModuleType) -> None:
    found = shown(name)
    assert "¶" in found and "De-wrinkle" not in found and "Smile" not in found and "Face" not in found
    assert re.sub(r"\D", "", found) == re.sub(r"\D", "", name)
    assert gimp210.shown(name) == found


def test_a_long_text_is_given_up_soon() -> None:
    """A traceback or a log that somebody puts into a sentence must not hold a host for seconds."""
    began = time.process_time()
    text = "'x' cannot be (read) because of; " * 300
    assert shown(text) == text
    assert time.process_time() - began < 5
