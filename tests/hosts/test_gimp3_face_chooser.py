"""A retoucher in GIMP 3.0 and 3.2 who paints nothing: choose faces and regions, look, run, undo, run again.

Run:   python -m pytest -m hosts tests/hosts/test_gimp3_face_chooser.py
       SOFTLIGHT_PICTURES=docs …  renews the pictures of the documentation
Needs: what `roots.py` needs; some 100 s each.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import find_root
from gimp3_sitting import AFTER, SPLIT, VIEW, Sitting, sitting
from PIL import Image
from test_gimp3 import ROOTS
from test_gimp3_desktop import becomes, coloured, keep, names, same
from two_people import draw_two_people

pytestmark = pytest.mark.hosts

FACES = (586, 217), (674, 217)
"""Where the two thumbnails are in the dialog."""
SECOND_REGION = (568, 327)
"""Where its check box is, once the regions are shown."""


@pytest.fixture(scope="module", params=ROOTS)
def person(request: pytest.FixtureRequest) -> Iterator[Sitting]:
    with sitting(find_root(request.param)) as found:
        yield found


@pytest.fixture
def people(person: Sitting) -> Path:
    """A photo of two people, open in GIMP and with nothing marked."""
    photo = person.gimp.place.pictures / "zwei Köpfe.png"
    draw_two_people(photo)
    show(person, photo)
    return photo


def show(person: Sitting, photo: Path) -> None:
    person.begin()
    person.ask("restart", photo=str(photo))


def filter_dialog(person: Sitting, letter: str = "d") -> str:
    person.menu(letter)
    return person.dialog()


def lit(person: Sitting, dialog: str) -> list[bool]:
    """Which of the faces are shown in colour; those that are left out are grey."""
    shot = np.asarray(person.screen.shot(dialog)).astype(int)
    return [coloured(shot[y - 20 : y + 20, x - 20 : x + 20]) > 0.1 for x, y in FACES]


def until_lit(person: Sitting, dialog: str, *expected: bool) -> None:
    person.screen.wait_for(lambda: lit(person, dialog) == list(expected), f"faces {expected}")


def test_choose_faces_and_regions_look_run_undo(person: Sitting, people: Path) -> None:
    before = person.look()
    dialog = filter_dialog(person)
    until_lit(person, dialog, True, True)
    person.previewed(dialog)
    person.click(*VIEW, dialog)
    person.screen.key("alt+g")  # Re_g_ions
    person.screen.wait_for(lambda: coloured(person.preview(dialog)) < 0.2, "the map over a grey photo")
    keep("gimp-faces.png", person.screen.shot(dialog))
    mapped = person.preview(dialog)
    assert same(person.look(), before), "nothing is changed by looking"

    person.click(*FACES[0], dialog)
    until_lit(person, dialog, False, True)
    person.click(*SECOND_REGION, dialog)
    person.screen.wait_for(lambda: np.abs(person.preview(dialog) - mapped).max() > 60, "the map of one face")
    person.click(*SPLIT, dialog)
    person.run_dialog()
    done = person.look()
    (settings,) = done["settings"]
    assert (settings["faces"], settings["forehead"], settings["glabella"]) == ("2", 1.0, 0.0)
    assert names(done) == ["De-wrinkle", "Background"]
    assert all("2" in child["name"] for child in done["tree"][0]["children"])
    left = done["size"][0] // 2
    assert np.array_equal(done["seen"][:, :left], before["seen"][:, :left])
    assert not np.array_equal(done["seen"], before["seen"]) and done["photo"] == before["photo"]
    person.press("ctrl+z")
    becomes(person, before)
    person.press("ctrl+y")
    becomes(person, done)

    dialog = filter_dialog(person, "r")
    until_lit(person, dialog, False, True)
    person.click(*SECOND_REGION, dialog)  # The regions are shown, since one of them is off.
    person.click(*FACES[0], dialog)
    until_lit(person, dialog, True, True)
    person.run_dialog()
    again = person.look()
    (settings,) = again["settings"]
    assert (settings["faces"], settings["glabella"]) == ("all", 1.0)
    assert len(again["tree"][0]["children"]) > len(done["tree"][0]["children"])


def test_another_picture_begins_with_all_faces(person: Sitting, people: Path) -> None:
    dialog = filter_dialog(person)
    until_lit(person, dialog, True, True)
    person.click(*FACES[1], dialog)
    person.run_dialog()
    assert [one["faces"] for one in person.look()["settings"]] == ["1"]
    show(person, people)
    dialog = filter_dialog(person)
    until_lit(person, dialog, True, True)


def test_at_least_one_face_has_to_be_chosen(person: Sitting, people: Path) -> None:
    dialog = filter_dialog(person)
    until_lit(person, dialog, True, True)
    for face in FACES:
        person.click(*face, dialog)
    until_lit(person, dialog, False, False)
    person.screen.wait_for(lambda: person.says(dialog), "the sentence")
    person.click(*FACES[0], dialog)
    until_lit(person, dialog, True, False)
    person.screen.wait_for(lambda: not person.says(dialog), "the sentence to go")


def test_whole_faces_instead_of_a_mask(person: Sitting, people: Path) -> None:
    person.menu("n")
    person.screen.wait_for(lambda: len(person.look()["tree"]) == 2, "the brush mask")
    dialog = filter_dialog(person)
    person.screen.wait_for(lambda: person.says(dialog), "that the mask is empty")
    assert lit(person, dialog) == [False, False], "there is no chooser beside a mask"
    person.screen.key("alt+m", "End")  # _M_ask: whole faces
    until_lit(person, dialog, True, True)
    person.previewed(dialog)


def test_no_face_is_said_in_the_dialog(person: Sitting) -> None:
    photo = person.gimp.place.pictures / "nobody.png"
    Image.effect_noise((600, 400), 30).convert("RGB").save(photo)
    show(person, photo)
    before = person.look()
    dialog = filter_dialog(person)
    person.screen.wait_for(lambda: person.says(dialog), "the sentence")
    assert lit(person, dialog) == [False, False]
    person.screen.key("alt+u")
    person.screen.wait_for(lambda: person.says(dialog), "the sentence again")
    assert same(person.look(), before)


def test_closing_the_dialog_while_faces_are_looked_for(person: Sitting, people: Path) -> None:
    dialog = filter_dialog(person)  # so that the engine runs
    until_lit(person, dialog, True, True)
    person.screen.key("Escape")
    person.screen.gone("^De-wrinkle")
    with person.gimp.place.engine_stands_still():
        dialog = filter_dialog(person)
        person.screen.key("Escape")
        person.screen.gone("^De-wrinkle")
    dialog = filter_dialog(person)
    until_lit(person, dialog, True, True)
    person.click(*AFTER, dialog)
    person.previewed(dialog)
