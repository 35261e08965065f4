"""A retoucher at Krita who edits attributes: turn the docker to it, set a slider, look, run, undo.

Run:   python -m pytest -m hosts tests/hosts/test_krita_edit_desktop.py
       SOFTLIGHT_PICTURES=docs …  -k 5.2 renews krita-edit.png of the documentation
Needs: what `roots.py` needs; some 60 s for each Krita.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import find_root
from desktop import Box
from krita_application import KRITAS
from krita_sitting import Sitting, sitting
from test_krita_desktop import PHOTO, keep, make_room, names, shown, undo

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]


@pytest.fixture(scope="module", params=KRITAS)
def person(request: pytest.FixtureRequest) -> Iterator[Sitting]:
    with sitting(find_root(request.param), PHOTO) as found:
        yield found


def test_smile_run_undo(person: Sitting) -> None:
    person.choose("Tools", "Scripts", "Softlight", "Show docker")
    person.until(lambda told: shown(told, "softlight_run"), "the docker")
    make_room(person)
    person.choose("Settings", "Dockers", "Layers")  # so that all of ours can be seen
    before = person.rest()["picture"]["digest"]
    person.click("softlight_filter")
    person.screen.key("Home", "Down", "Return")  # It is the second one by the alphabet.
    # Its groups are open: without another click the slider is there.
    person.until(lambda told: shown(told, "softlight_smile"), "Edit attributes")
    person.click("softlight_smile", across=0.8)  # where its number is
    person.screen.key("ctrl+a")
    person.screen.type("80")
    person.screen.key("Tab")
    person.click("softlight_preview")
    person.until(lambda told: told["scrolled"]["filled"], "the preview")
    look = person.ended()
    assert look["picture"]["digest"] == before and names(look) == ["Background"]
    person.step_back()
    keep("krita-edit.png", person.shot(Box(*look["scrolled"]["docker"])))

    person.click("softlight_run")
    person.until(lambda told: "Edit attributes" in names(told), "the result")
    assert person.ended()["picture"]["digest"] != before
    undo(person, lambda told: told["picture"].get("digest") == before, "the photo as it was")
