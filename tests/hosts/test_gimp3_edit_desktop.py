"""A retoucher in GIMP 3.0 and 3.2 who edits attributes: sliders at hand, a preview, a run, one undo.

Run:   python -m pytest -m hosts tests/hosts/test_gimp3_edit_desktop.py
       SOFTLIGHT_PICTURES=docs …  -k 3.0 renews gimp-edit.png of the documentation
Needs: what `roots.py` needs; some 40 s each.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import find_root
from gimp3_sitting import SPLIT, Sitting, sitting
from test_gimp3 import ROOTS
from test_gimp3_desktop import becomes, keep, names, same

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]

TITLE = "^Edit attributes"
SMILE = 800, 117
"""Where the first slider shows its number: its group is open."""


@pytest.fixture(scope="module", params=ROOTS)
def person(request: pytest.FixtureRequest) -> Iterator[Sitting]:
    with sitting(find_root(request.param)) as found:
        yield found


def test_smile_run_undo(person: Sitting) -> None:
    person.begin()
    before = person.look()
    person.menu("e")
    dialog = person.screen.window(TITLE)
    person.screen.activate(dialog)
    plain = person.previewed(dialog)
    person.click(*SMILE, dialog)
    person.screen.key("ctrl+a")
    person.screen.type("0.8")
    person.screen.key("Tab")
    person.preview_other_than(plain, dialog)
    assert same(person.look(), before), "nothing is changed by looking"
    person.click(*SPLIT, dialog)
    keep("gimp-edit.png", person.screen.shot(dialog))

    person.screen.key("alt+u")
    person.screen.gone(TITLE)
    done = person.look()
    assert names(done) == ["Edit attributes", "Background"] and done["photo"] == before["photo"]
    assert [(one["filter"], one["smile"]) for one in done["settings"]] == [("edit", 0.8)]
    person.press("ctrl+z")
    becomes(person, before)
