"""One sentence and a real error status for everything that cannot be worked on, and the picture untouched.

Run:   python -m pytest -m hosts tests/hosts/test_gimp3_refusals.py
Needs: what `roots.py` needs; some 40 s each for GIMP 3.0 and 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import find_root
from gimp3 import gimp3
from test_gimp3 import ROOTS

pytestmark = pytest.mark.hosts

STATE, CALL = "EXECUTION_ERROR", "CALLING_ERROR"
ANSWERS = {
    "nothing_marked": (
        STATE,
        "Say first where to work: select the place (Quick Mask works too), or take Filters > Softlight > New "
        "brush mask and paint over it.",
    ),
    "no_selection_asked_for": (
        STATE,
        "Nothing is selected; select the place first (Quick Mask works too).",
    ),
    "no_brush_mask_asked_for": (
        STATE,
        "There is no brush mask; take Filters > Softlight > New brush mask and paint over the place.",
    ),
    "brush_mask_empty": (
        STATE,
        "The layer 'Softlight brush mask' is empty; paint on it over the place first.",
    ),
    "quick_mask_empty": (STATE, "Quick Mask is empty; paint with white over the place first."),
    "none_selected": (STATE, "No layer is selected; select the photo's layer, then run again."),
    "several_selected": (
        STATE,
        "Several layers are selected; select only the photo's layer: the result goes directly above it.",
    ),
    "no_layer": (STATE, "This picture has no layer; open a photo first."),
    "layer_mask_selected": (
        STATE,
        "A layer mask is selected; click the layer's own thumbnail, then run again.",
    ),
    "channel_selected": (STATE, "A channel is selected; select the photo's layer, then run again."),
    "hidden": (STATE, "The layer 'Background' is hidden; show it, or select the photo's layer."),
    "in_a_hidden_group": (STATE, "The layer 'Retouch' is hidden; show it, or select the photo's layer."),
    "in_a_locked_group": (STATE, "The group 'Retouch' is locked; unlock its pixels, then run again."),
    "group_alone": (
        STATE,
        "'Retouch' is a group; look at everything below instead, or select a layer in it.",
    ),
    "floating": (
        STATE,
        "A floating selection is not anchored yet; anchor it (Ctrl+H), then run again.",
    ),
    "indexed": (STATE, "This picture has indexed colours; convert it with Image > Mode > RGB first."),
    "number_between": (CALL, "'Radius' takes 0 (it is then found) or 1 to 64 px, not 0.5."),
    "no_skin": (
        STATE,
        "There is no skin under the mask; paint over the wrinkles, or choose everything painted.",
    ),
    "no_face": (STATE, "No face was found in the photo; paint over the wrinkles to remove them."),
    "no_face_chosen": (CALL, "No face is chosen under 'Faces'; choose one at least."),
    "no_face_numbers": (
        STATE,
        "The setting 'faces' takes 'all', or the numbers of faces from left to right, such as '1,3', not "
        "'left'.",
    ),
    "all_regions_off": (STATE, "All regions are switched off; switch on those that shall change."),
    "everything_of_whole_faces": (
        STATE,
        "Without a brush only wrinkles can be removed; paint over what shall go, or choose wrinkles.",
    ),
    "run_again_without_group": (
        STATE,
        "No group of Softlight is selected; select the group that a filter made, or a layer in it.",
    ),
    "run_again_two_groups": (STATE, "Several groups of Softlight are selected; select one of them."),
    "run_again_no_json": (
        CALL,
        "'settings' is no JSON object: Expecting value: line 1 column 1 (char 0).",
    ),
    "run_again_unknown_setting": (
        CALL,
        "'settings' takes a JSON object of these settings: amount, radius, tint, only_dark.",
    ),
    "run_again_wrong_kind": (
        CALL,
        "'settings' has no value for 'amount' that it takes: \"much\".",
    ),
    "run_again_out_of_range": (CALL, "'settings' has no value for 'amount' that it takes: 7."),
    "run_again_damaged": (
        STATE,
        "What Softlight stored with this group is damaged; run the filter anew instead.",
    ),
    "run_again_newer": (
        STATE,
        "This group was made by a newer version of Softlight; update Softlight to run it again.",
    ),
    "run_again_unknown_filter": (
        STATE,
        "This group was made by the filter 'age', which this version of Softlight does not have; update "
        "Softlight to run it again.",
    ),
    "run_again_resized": (
        STATE,
        "The picture has another size than when this group was made, so that its mask does not fit; run it "
        "again with a selection or a brush mask.",
    ),
    "run_again_on_faces": (STATE, "Soft glow works where a brush painted; paint a mask first."),
    "run_again_locked": (STATE, "The group 'Soft glow' is locked; unlock its pixels, then run again."),
    "bake_without_group": (
        STATE,
        "No group of Softlight is selected; select the group that a filter made, or a layer in it.",
    ),
    "bake_hidden": (STATE, "'Soft glow' is hidden, so that there is nothing to bake; show it first."),
    "bake_locked": (STATE, "The group 'Soft glow' is locked; unlock its pixels, then run again."),
    "bake_emptied": (
        STATE,
        "'Soft glow' has nothing on the canvas, so that there is nothing to bake.",
    ),
}
WORK = ["works_locked", "works_group", "works_text", "works_quick_mask", "works_brush_mask"]


@pytest.fixture(scope="module", params=ROOTS)
def told(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """What each case answered, all in one GIMP."""
    with gimp3(find_root(request.param)) as gimp:
        yield gimp.run("gimp3_refusals")


@pytest.mark.parametrize("case", ANSWERS)
def test_one_sentence_and_nothing_changed(told: dict[str, Any], case: str) -> None:
    status, sentence = ANSWERS[case]
    assert (told[case]["status"], told[case]["message"]) == (status, sentence)
    assert told[case]["untouched"]


@pytest.mark.parametrize("case", WORK)
def test_what_users_expect_to_work(told: dict[str, Any], case: str) -> None:
    assert told[case]["status"] == "SUCCESS", told[case]["message"]


def test_every_case_is_expected(told: dict[str, Any]) -> None:
    assert set(told) - {"log"} == {*ANSWERS, *WORK}
