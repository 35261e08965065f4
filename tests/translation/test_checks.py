"""What the checks of a translation find, one fault at a time."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog

from tools.translation.checks import columns, problems, room

GOOD = [
    ("'{path}' is damaged; remove it.", "„{path}“ ist beschädigt; löschen Sie die Datei.", None),
    ("_Run", "Aus_führen", "button"),
    ("_Run", "実行(_R)", "button"),
    ("Cancelling…", "Wird abgebrochen …", None),
    ("Mask:", "蒙版：", "label"),
    ("{name} is done.", "{name}は完了しました。", None),
    ("usage: ", "Aufruf: ", None),
]
SPOILT = [
    ("{name} is hidden.", "", None, "it is not translated"),
    ("{name} is hidden.", "{nam} ist verborgen.", None, "places for values"),
    ("{name} is hidden.", "Die Ebene ist verborgen.", None, "places for values"),
    ("{name} is hidden.", "{name}, {name} ist verborgen.", None, "places for values"),
    ("invalid choice: %(value)r", "falsch: %(wert)r", None, "places for values"),
    ("usage: ", "Aufruf:", None, "spaces at its ends"),
    ("It is hidden.", "Verborgen", None, "it does not end with '.'"),
    ("Is it hidden?", "Ist es verborgen.", None, "it does not end with '?'"),
    ("Mask:", "Maske", "label", "it does not end with ':'"),
    ("Working…", "Es wird gearbeitet", None, "it does not end with '…'"),
    ("{filter} (8 bit)...", "{filter} (8 Bit)…", "menu", "it has or lacks '...'"),
    ("One\ntwo", "Eins zwei", None, "it has other line breaks"),
    ("_Run", "Ausführen", "button", "a letter for Alt"),
    ("Run", "Aus_führen", "button", "a letter for Alt"),
    ("Run", "Jetzt auf der Stelle ausführen", "button", "it takes 30 columns, and there are 14"),
    ("Run", "今すぐ実行してください", "button", "it takes 22 columns, and there are 14"),
    ("A tip.", "Ein Tipp, der " + "sehr " * 20 + "lang ist.", None, "it takes 123 columns, and there are 31"),
]


def found(english: str, translated: str, context: str | None, fuzzy: bool = False) -> list[str]:
    catalog = Catalog(locale="de")
    catalog.add(english, translated, context=context, flags={"fuzzy"} if fuzzy else ())
    return problems(catalog)


@pytest.mark.parametrize(("english", "translated", "context"), GOOD)
def test_a_good_translation_passes(english: str, translated: str, context: str | None) -> None:
    assert found(english, translated, context) == []


@pytest.mark.parametrize(("english", "translated", "context", "fault"), SPOILT)
def test_a_fault_is_found(english: str, translated: str, context: str | None, fault: str) -> None:
    assert [one for one in found(english, translated, context) if fault in one]


def test_what_fits_an_earlier_english_text_is_found() -> None:
    (one,) = found("Run again", "Ausführen", "button", fuzzy=True)
    assert one.startswith("button | Run again: the English has changed")


def test_each_form_of_a_plural_is_looked_at() -> None:
    catalog = Catalog(locale="de")
    catalog.add(("{count} face", "{count} faces"), ("{count} Gesicht", "Gesichter"))
    assert len(problems(catalog)) == 1


def test_a_sign_of_japanese_takes_two_columns() -> None:
    assert (columns("実行(_R)"), columns("Run")) == (8, 3)
    assert room("Run", "button") == 14 and room("Automatically found", "value") == 28
