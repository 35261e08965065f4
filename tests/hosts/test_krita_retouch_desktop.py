"""A retoucher at Krita who retouches skin: turn the docker to it, look, run, undo.

Run:   python -m pytest -m hosts tests/hosts/test_krita_retouch_desktop.py
       SOFTLIGHT_PICTURES=docs …  -k 5.2 renews krita-retouch.png of the documentation
Needs: what `roots.py` needs; some 60 s for each Krita.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import find_root
from desktop import Box
from krita_application import KRITAS
from krita_sitting import Sitting, sitting
from test_krita_desktop import PHOTO, keep, make_room, names, shown, status, undo

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]


@pytest.fixture(scope="module", params=KRITAS)
def person(request: pytest.FixtureRequest) -> Iterator[Sitting]:
    with sitting(find_root(request.param), PHOTO) as found:
        yield found


def test_look_run_undo(person: Sitting) -> None:
    person.choose("Tools", "Scripts", "Softlight", "Show docker")
    person.until(lambda told: shown(told, "softlight_run"), "the docker")
    make_room(person)
    person.choose("Settings", "Dockers", "Layers")  # so that all of ours can be seen
    before = person.rest()["picture"]["digest"]
    person.click("softlight_filter")
    person.screen.key("End", "Return")  # It is the last one by the alphabet.
    person.until(lambda told: shown(told, "softlight_group_corrections"), "Skin retouch")
    person.click("softlight_group_corrections", across=0.2)
    person.click("softlight_preview")
    person.until(lambda told: told["scrolled"]["filled"], "the preview")
    look = person.ended()
    assert look["picture"]["digest"] == before and names(look) == ["Background"]
    person.step_back()
    keep("krita-retouch.png", person.shot(Box(*look["scrolled"]["docker"])))

    person.click("softlight_run")
    person.until(lambda told: "Skin retouch" in names(told), "the result")
    look = person.ended()
    assert status(look) == "Skin retouch is done." and look["picture"]["digest"] != before
    undo(person, lambda told: told["picture"].get("digest") == before, "the photo as it was")
