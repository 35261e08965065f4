"""A retoucher at Krita with two people in a photo: find them, choose faces and regions, look, run, run again.

Run:   python -m pytest -m hosts tests/hosts/test_krita_faces_desktop.py
       SOFTLIGHT_PICTURES=docs …  -k 5.2 renews krita-faces.png of the documentation
Needs: what `roots.py` needs; some 60 s for each Krita. 5.2 runs by default.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import find_root
from desktop import Box
from krita_application import KRITAS
from krita_docker import keep, names, show_docker, status, undo
from krita_sitting import Look, Sitting, sitting
from two_people import draw_two_people

pytestmark = pytest.mark.hosts

OFF = ("forehead", "glabella")


@pytest.fixture(scope="module", params=KRITAS)
def person(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sitting]:
    photo: Path = tmp_path_factory.mktemp("photo") / "two people.png"
    draw_two_people(photo)
    with sitting(find_root(request.param), photo) as found:
        yield found


def words(told: Look, name: str) -> str:
    return str(told["widgets"].get(f"softlight_{name}", {}).get("text", ""))


def chosen(told: Look) -> list[bool]:
    return [face["chosen"] for face in told["faces"]]


def layers(told: Look) -> list[dict[str, Any]]:
    return [child for one in told["picture"].get("layers", []) for child in one["children"]]


def click_face(person: Sitting, number: int) -> None:
    left, top, width, height = person.look()["faces"][number - 1]["place"]
    person.screen.click(left + width // 2, top + height // 2)


def test_two_people_by_hand(person: Sitting) -> None:
    show_docker(person)
    person.choose("Settings", "Dockers", "Layers")  # so that all of ours can be seen

    before = person.rest()["picture"]["digest"]
    assert words(person.rest(), "faces_words") == "All faces"
    person.click("softlight_find_faces")
    person.until(lambda told: chosen(told) == [True, True], "two faces")
    click_face(person, 1)
    look = person.until(lambda told: chosen(told) == [False, True], "one of them")
    assert words(look, "faces_words") == "1 of 2 faces"

    person.click("softlight_group_regions", across=0.2)
    for region in OFF:
        person.click(f"softlight_{region}_on", across=0.1)
    look = person.until(lambda told: words(told, "group_regions") == "Regions: 7 of 9", "two regions less")

    person.click("softlight_preview")
    person.until(lambda told: told["scrolled"]["filled"], "the preview")
    look = person.ended()
    assert look["picture"]["digest"] == before and names(look) == ["Background"]
    person.click("softlight_show_view")
    person.step_back()
    keep("krita-faces.png", person.shot(Box(*look["scrolled"]["docker"])))

    person.click("softlight_run")
    person.until(lambda told: "De-wrinkle" in names(told), "the result")
    look = person.ended()
    assert status(look) == "De-wrinkle is done."
    assert {layer["name"] for layer in layers(look)} <= {"De-wrinkle 2", "De-wrinkle 2 (beyond soft light)"}
    assert look["picture"]["digest"] != before

    # The other one as well, in the same group.
    person.until(lambda told: told["widgets"]["softlight_re_run"].get("enabled"), "Re-run")
    click_face(person, 1)
    person.until(lambda told: chosen(told) == [True, True], "both faces")
    person.click("softlight_re_run")
    person.until(lambda told: "De-wrinkle 1" in {layer["name"] for layer in layers(told)}, "both results")
    assert status(person.ended()) == "The group is renewed."
    first = {"De-wrinkle 2", "De-wrinkle 2 (beyond soft light)"}
    undo(person, lambda told: set() < {layer["name"] for layer in layers(told)} <= first, "the first group")
    undo(person, lambda told: told["picture"].get("digest") == before, "the photo as it was")
