"""A retoucher at Krita who edits attributes: turn the docker to it, set a slider, look, run, undo.

Run:   python -m pytest -m hosts tests/hosts/test_krita_edit_desktop.py
       SOFTLIGHT_PICTURES=docs …  -k 5.2 renews krita-edit.png of the documentation
Needs: what `roots.py` needs; some 60 s for each Krita.
"""

from __future__ import annotations

import pytest
from desktop import Box
from krita_docker import keep, names, shown, undo
from krita_sitting import Sitting

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]


def test_smile_run_undo(retoucher: Sitting) -> None:
    before = retoucher.rest()["picture"]["digest"]
    retoucher.click("softlight_filter")
    retoucher.screen.key("Home", "Down", "Return")  # It is the second one by the alphabet.
    # Its groups are open: without another click the slider is there.
    retoucher.until(lambda told: shown(told, "softlight_smile"), "Edit attributes")
    retoucher.click("softlight_smile", across=0.8)  # where its number is
    retoucher.screen.key("ctrl+a")
    retoucher.screen.type("80")
    retoucher.screen.key("Tab")
    retoucher.click("softlight_preview")
    retoucher.until(lambda told: told["scrolled"]["filled"], "the preview")
    look = retoucher.ended()
    assert look["picture"]["digest"] == before and names(look) == ["Background"]
    retoucher.step_back()
    keep("krita-edit.png", retoucher.shot(Box(*look["scrolled"]["docker"])))

    retoucher.click("softlight_run")
    retoucher.until(lambda told: "Edit attributes" in names(told), "the result")
    assert retoucher.ended()["picture"]["digest"] != before
    undo(retoucher, lambda told: told["picture"].get("digest") == before, "the photo as it was")
