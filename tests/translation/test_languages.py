"""The languages that are shipped: whole, unspoilt, and what programs read is what translators wrote."""

from __future__ import annotations

import pytest

from tools.translation.catalogue import (
    FOLDER,
    TEMPLATE,
    catalogue,
    compiled,
    compiled_path,
    languages,
    read,
    renewed,
    written,
)
from tools.translation.checks import problems
from tools.translation.sources import texts

REQUIRED = ("de", "es", "fr", "ja", "zh_CN")
RENEW = "run 'python -m tools.translation'"


def test_the_template_has_the_texts_of_the_sources() -> None:
    assert TEMPLATE.read_bytes() == written(catalogue(texts())), RENEW


def test_all_required_languages_are_there() -> None:
    assert set(REQUIRED) <= set(languages())


@pytest.mark.parametrize("language", languages())
def test_a_language_has_the_texts_of_the_template(language: str) -> None:
    path = FOLDER / f"{language}.po"
    assert path.read_bytes() == written(renewed(language, read(TEMPLATE))), RENEW


@pytest.mark.parametrize("language", languages())
def test_programs_read_what_translators_wrote(language: str) -> None:
    assert compiled_path(language).read_bytes() == compiled(language), RENEW


@pytest.mark.parametrize("language", REQUIRED)
def test_nothing_is_missing_or_spoilt(language: str) -> None:
    assert problems(read(FOLDER / f"{language}.po")) == []
