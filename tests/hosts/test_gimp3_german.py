"""GIMP 3 set to German: the menu, the dialogs, an error, the names of layers; and no text left English.

Run:   python -m pytest -m hosts tests/hosts/test_gimp3_german.py
       SOFTLIGHT_PICTURES=docs …  renews gimp-dialog-de.png of the documentation
Needs: what `roots.py` needs; some 30 s for each GIMP. 3.0 runs by default.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Iterator

import pytest
from conftest import find_root
from german import german, key_of, plain, speak_german, untranslated
from gimp3 import INSIDE, Gimp3
from gimp3_sitting import Sitting, sitting
from test_gimp3 import ROOTS
from test_gimp3_desktop import keep

pytestmark = pytest.mark.hosts

DEWRINKLE, GLOW = "plug-in-softlight-dewrinkle", "plug-in-softlight-soft-glow"
RUN_AGAIN, BAKE = "plug-in-softlight-rerun", "plug-in-softlight-bake"
GIMPS_OWN = {
    "Cancel",
    "Close",
    "Reset",
    "Load Saved Settings",
    'Load settings saved with "Save Settings" button',
    "Save Settings",
    "Store current settings for later reuse",
}
"""Words of GIMP's own, which its own translators have put into German; the root has no languages."""


@pytest.fixture(scope="module", params=ROOTS)
def person(request: pytest.FixtureRequest) -> Iterator[Sitting]:
    root = find_root(request.param)

    def prepare(gimp: Gimp3) -> None:
        settings = gimp.plugin.parents[1] / "gimprc"
        settings.write_text(settings.read_text("utf-8") + '(language "de")\n', "utf-8")
        speak_german(gimp.plugin / "softlight_bridge" / "locale")
        for python in (root.path / "usr/lib").glob("python3.*"):
            packages = gimp.place.home / ".local/lib" / python.name / "site-packages"
            packages.mkdir(parents=True)
            shutil.copy(INSIDE / "gimp3_texts" / "usercustomize.py", packages)

    with sitting(root, prepare=prepare) as found:
        yield found


def test_the_menu(person: Sitting) -> None:
    labels = person.ask("labels")
    assert untranslated(labels.values()) == [labels[GLOW]], "but for a filter of the tests' own"
    assert plain(labels[DEWRINKLE]) == f"_{german('De-wrinkle', 'menu')}…"
    assert plain(labels[BAKE]) == german("_Bake into a normal layer", "menu")


def test_a_dialog_and_its_layers(person: Sitting) -> None:
    person.begin(marked=True)
    name = german("De-wrinkle", "menu")
    with dialog(person, DEWRINKLE, name) as window:
        person.previewed(window)
        texts = person.screen.wait_for(lambda: said(person, name), "what the dialog says")
        assert untranslated(texts) == [text for text in texts if text in GIMPS_OWN]
        for english, context in (("Strength", "label"), ("_Preview", "button"), ("automatic", "value")):
            told = german(english, context).replace("_", "")
            assert any(told in plain(text).replace("_", "") for text in texts), told
        keep("gimp-dialog-de.png", person.screen.shot(window))
        person.screen.activate(window)
        person.screen.key(f"alt+{key_of('R_un', 'button')}")
    group, background = person.look()["tree"]
    assert plain(group["name"]) == name and background["name"] == "Background"
    assert untranslated(layer["name"] for layer in group["children"]) == []

    # As it would be called if it had been made in English; what made it stands in its parasite.
    person.ask("rename", name="De-wrinkle")
    assert person.ask("open_dialog", procedure=RUN_AGAIN, plain=True)["status"] == "SUCCESS"
    again = person.look()["tree"][0]
    assert again["name"] == "De-wrinkle"
    assert [one["name"] for one in again["children"]] == [one["name"] for one in group["children"]]
    assert person.ask("open_dialog", procedure=BAKE, plain=True)["status"] == "SUCCESS"
    assert person.look()["tree"][0]["children"] is None


def test_an_error(person: Sitting) -> None:
    person.begin(hidden=True)
    told = person.ask("open_dialog", procedure=DEWRINKLE, plain=True)
    expected = "The layer '{name}' is hidden; show it, or select the photo's layer."
    name = person.look()["tree"][0]["name"]
    assert plain(told["message"]) == german(expected, name=name)


@pytest.mark.parametrize(
    ("procedure", "title", "context"),
    [("plug-in-softlight-edit", "Edit attributes", "menu"), ("plug-in-softlight-models", "Models", "title")],
)
def test_other_dialogs(person: Sitting, procedure: str, title: str, context: str) -> None:
    person.begin()
    name = german(title, context)
    with dialog(person, procedure, name) as window:
        texts = person.screen.wait_for(lambda: said(person, name), "what the dialog says")
        person.screen.activate(window)
        person.screen.key("Escape")
    assert untranslated(texts) == [text for text in texts if text in GIMPS_OWN]


@contextlib.contextmanager
def dialog(person: Sitting, procedure: str, name: str) -> Iterator[str]:
    """Open a dialog, and wait in the end until it has closed."""
    person.let("open_dialog", procedure=procedure)
    window = person.screen.window(f"^{re.escape(name)}")
    try:
        yield window
    except AssertionError:
        person.screen.activate(window)
        person.screen.key("Escape")
        raise
    person.screen.gone(f"^{re.escape(name)}")
    person.screen.wait_for((person.folder / "answer.json").exists, "the end of the dialog")


def said(person: Sitting, name: str) -> list[str]:
    """All texts of the dialog of this name."""
    path = person.folder / "texts.json"
    told = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return [text for title, texts in told.items() if plain(title) == name for text in texts]
