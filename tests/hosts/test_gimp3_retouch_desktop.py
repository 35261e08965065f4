"""A retoucher in GIMP 3.0 and 3.2 who retouches skin: the dialog, its preview, a run, and one undo.

Run:   python -m pytest -m hosts tests/hosts/test_gimp3_retouch_desktop.py
       SOFTLIGHT_PICTURES=docs …  -k 3.0 renews gimp-retouch.png of the documentation
Needs: what `roots.py` needs; some 40 s each.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import find_root
from gimp3_sitting import AFTER, SPLIT, Sitting, sitting
from test_gimp3 import ROOTS
from test_gimp3_desktop import becomes, keep, names, same

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]

TITLE = "^Skin retouch"


@pytest.fixture(scope="module", params=ROOTS)
def person(request: pytest.FixtureRequest) -> Iterator[Sitting]:
    with sitting(find_root(request.param)) as found:
        yield found


def test_look_run_undo(person: Sitting) -> None:
    person.begin()
    before = person.look()
    person.menu("s")
    person.screen.key("Return")  # The tests' own Soft glow has the same letter, and comes after it.
    dialog = person.screen.window(TITLE)
    person.screen.activate(dialog)
    person.previewed(dialog)
    assert same(person.look(), before), "nothing is changed by looking"
    person.screen.click(*AFTER, dialog)
    person.screen.click(*SPLIT, dialog)
    keep("gimp-retouch.png", person.screen.shot(dialog))

    person.screen.key("alt+u")
    person.screen.gone(TITLE)
    done = person.look()
    assert names(done) == ["Skin retouch", "Background"] and done["photo"] == before["photo"]
    assert [one["filter"] for one in done["settings"]] == ["retouch"]
    person.press("ctrl+z")
    becomes(person, before)
