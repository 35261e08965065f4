"""GIMP 2.10 set to German: the menu, help, the names of layers, and an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import find_gimp210
from german import german, plain, speak_german, untranslated
from workplace import workplace

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]

HELP = "Remove the wrinkles of whole faces, or those that a brush marked, and keep the skin's own pores."


@pytest.fixture(scope="module")
def told() -> Iterator[tuple[dict[str, Any], str]]:
    """What GIMP told, and what it printed."""
    with workplace() as place:
        host = find_gimp210(place)
        settings = host.plugin.parents[1] / "gimprc"
        settings.write_text(settings.read_text("utf-8") + '(language "de")\n', "utf-8")
        speak_german(host.plugin / "softlight_gimp210" / "locale")
        found, log = host.run("gimp210_german", "german")
        assert "Traceback" not in log
        yield found, log


def test_the_menu_and_its_help(told: tuple[dict[str, Any], str]) -> None:
    found, _ = told
    assert untranslated(found["menu"]) == []
    name = german("De-wrinkle", "menu")
    entry = german("{filter} (8 bit)...", filter=name)
    assert entry in [plain(path).rpartition("/")[2] for path in found["menu"]]
    assert plain(found["help"]).startswith(german(HELP))
    # gimpfu adds the first, which no user sees.
    assert untranslated(found["arguments"][1:]) == []


def test_layers(told: tuple[dict[str, Any], str]) -> None:
    found, _ = told
    name = german("De-wrinkle", "menu")
    assert plain(found["group"]) == name
    assert untranslated(found["children"]) == []
    # It is found by what is stored with it, whatever it is called.
    assert found["again"] == ["De-wrinkle", "Background"]
    assert untranslated(found["again_children"]) == []


def test_an_error(told: tuple[dict[str, Any], str]) -> None:
    _, log = told
    sentence = "The layer '{name}' is hidden; show it, or click the photo's layer."
    assert german(sentence, name="Background") in plain(log)
