"""Krita set to German: the docker and the models, an error, the names of layers; and no text left English.

Run:   python -m pytest -m hosts tests/hosts/test_krita_german.py
       SOFTLIGHT_PICTURES=docs …  renews krita-docker-de.png of the documentation
Needs: what `roots.py` needs; some 25 s for each Krita. 5.2 runs by default.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import find_root
from german import german, plain, speak_german, untranslated
from gimp3 import SAMPLES
from krita_application import KRITAS, Played, install, play
from PIL import Image
from test_krita_desktop import keep
from workplace import workplace

pytestmark = pytest.mark.hosts


@pytest.fixture(scope="module", params=KRITAS)
def krita(request: pytest.FixtureRequest) -> Iterator[Played]:
    root = find_root(request.param)
    with workplace() as place:
        plugin = install(place, "krita_driver") / "softlight_krita"
        speak_german(plugin / "carried" / "softlight_bridge" / "locale")
        # What Krita writes when its language is changed in its settings.
        (place.home / ".config" / "klanguageoverridesrc").write_text("[Language]\nkrita=de\n", "utf-8")
        picture = shutil.copy(SAMPLES / "hopper.jpg", place.pictures)
        yield play(root, place, "krita_language", SOFTLIGHT_PICTURE=str(picture))


def names(layers: list[dict[str, Any]]) -> list[str]:
    return [layer["name"] for layer in layers]


def every(layers: list[dict[str, Any]]) -> list[str]:
    return [name for layer in layers for name in (layer["name"], *every(layer["children"]))]


def test_kritas_language_is_found(krita: Played) -> None:
    assert krita.found["qt"][0].startswith("de")


def test_the_menu(krita: Played) -> None:
    actions = krita.found["actions"]
    assert untranslated(actions) == []
    assert plain(actions[0]) == german("De-wrinkle", "menu")
    assert plain(actions[1]) == german("Paint mask", "menu")


def test_the_docker_and_the_models(krita: Played) -> None:
    for page, texts in krita.found["texts"].items():
        assert untranslated(texts) == [], page
    texts = [plain(text) for text in krita.found["texts"]["dewrinkle"]]
    for english, context in (("Run", "button"), ("Mask:", "label"), ("Before", "choice")):
        assert german(english, context) in texts
    with Image.open(krita.out / "docker.png") as picture:
        keep("krita-docker-de.png", picture.convert("RGB"))


def test_an_error(krita: Played) -> None:
    sentence, failed = krita.found["refused"]
    expected = german("'{name}' is hidden; show it in the Layers docker first.", name="Background")
    assert failed and plain(sentence) == expected


def test_layers_and_a_group_of_one_language_in_another(krita: Played) -> None:
    photo, group = krita.found["layers"]
    assert plain(group["name"]) == german("De-wrinkle", "menu")
    assert untranslated(every([group])) == []
    assert plain(krita.found["run"][0]) == german("{label} is done.", label=german("De-wrinkle", "menu"))
    # Re-run by somebody who speaks English, and baked by one who speaks German.
    assert krita.found["again"] == ["The group is renewed.", False]
    assert names(krita.found["again_layers"]) == [photo["name"], "De-wrinkle"]
    assert not krita.found["bake"][1]
    (_, baked) = krita.found["baked"]
    assert plain(baked["name"]) == german("{name} (baked)", name="De-wrinkle")


def test_krita_ends_well(krita: Played) -> None:
    assert krita.exit_code == 0
