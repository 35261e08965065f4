"""What the docker answers in real Krita when the picture is in no state to be worked on: one sentence each.

Nothing may change: no layer, no pixel, no selection, no annotation, and the picture is not even "modified".

Run:   python -m pytest -m hosts tests/hosts/test_krita_refusals.py
Needs: what `roots.py` needs; 30 s for each Krita. 5.2 runs by default.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import find_root
from krita_application import KRITAS, Played, extend, install, play
from workplace import workplace

import softlight

pytestmark = pytest.mark.hosts

PHOTO = Path(softlight.__file__).parent / "samples" / "hopper.jpg"
NO_PICTURE = "There is no picture; open a photo first."
NO_GROUP = "No Softlight group is chosen; choose the group that a filter made in the Layers docker."
OWN_LAYER = "choose the photo's own layer in the Layers docker."
EMPTY_MASK = "The brush mask is empty; paint over the place on its layer first."
SENTENCES = {
    "no picture: run": NO_PICTURE,
    "no picture: preview": NO_PICTURE,
    "no picture: run_again": NO_PICTURE,
    "no picture: paint_mask": NO_PICTURE,
    "no picture: toggle_result": NO_PICTURE,
    "nothing_selected": ("Nothing is selected; select the place, or click 'Paint mask' and paint over it."),
    "selected_off_the_canvas": "The selection is empty or lies outside of the picture; select the place.",
    "no_brush_mask": "There is no brush mask yet; click 'Paint mask' and paint over the place.",
    "an_empty_brush_mask": EMPTY_MASK,
    "nothing_below_the_brush_mask": "There is no layer below the brush mask; put the photo's layer below it.",
    "no_layer": "No layer is chosen; choose the photo's layer in the Layers docker.",
    "several_layers": "Several layers are chosen; choose the photo's layer alone.",
    "a_hidden_layer": "'photo' is hidden; show it in the Layers docker first.",
    "a_locked_layer": "'photo' is locked; unlock it in the Layers docker first.",
    "a_layer_in_a_hidden_group": "'group' is hidden; show it in the Layers docker first.",
    "a_layer_in_a_locked_group": "'group' is locked; unlock it in the Layers docker first.",
    "a_lowest_pass_through_group": (
        "Krita shows nothing of the pass-through group 'group' once it holds a second layer, as no layer "
        "lies below it; put an empty layer below it, or turn pass through off."
    ),
    "a_group": f"'group' is a group; {OWN_LAYER}",
    "a_vector_layer": f"'shapes' is a vector layer; {OWN_LAYER}",
    "a_file_layer": f"'file' is a file layer; {OWN_LAYER}",
    "a_clone_layer": f"'clone' is a clone layer; {OWN_LAYER}",
    "a_filter_layer": f"'filter' is a filter layer; {OWN_LAYER}",
    "a_filter_mask": f"'mask' is a filter mask; {OWN_LAYER}",
    "a_transparency_mask": f"'mask' is a transparency mask; {OWN_LAYER}",
    "an_animated_layer": "'photo' is animated; copy the frame to a still layer, and choose that.",
    "no_group_to_run_again": NO_GROUP,
    "no_group_to_bake": NO_GROUP,
    "no_group_to_hide": NO_GROUP,
    "a_group_without_its_photo": "There is no photo below the group 'Soft glow'; put its layer there again.",
    "a_damaged_record": NO_GROUP,
    "a_result_that_shows_nothing": (
        "The group 'Soft glow' shows nothing that could be baked; make it visible first."
    ),
}
WITHOUT_MASKS = {"a_transparency_mask": SENTENCES["a_filter_mask"]}
"""5.1's scripts cannot make a transparency mask; the case takes a filter mask there."""


@pytest.fixture(scope="module", params=KRITAS)
def krita(request: pytest.FixtureRequest) -> Iterator[Played]:
    root = find_root(request.param)
    with workplace() as place:
        folder = install(place, "krita_driver")
        extend(place, folder / "softlight_krita")
        picture = shutil.copy(PHOTO, place.pictures)
        yield play(root, place, "krita_refusals", SOFTLIGHT_PICTURE=picture)


def test_every_refusal_is_one_sentence_and_changes_nothing(krita: Played) -> None:
    expected = {**SENTENCES, **(WITHOUT_MASKS if krita.found["version"].startswith("5.1") else {})}
    assert krita.found["cases"] == {case: [text, True, True] for case, text in expected.items()}


def test_without_a_picture_the_buttons_are_off(krita: Played) -> None:
    assert krita.found["buttons"] == [False] * 4
