"""A retoucher at Krita who retouches skin: turn the docker to it, look, run, undo.

Run:   python -m pytest -m hosts tests/hosts/test_krita_retouch_desktop.py
       SOFTLIGHT_PICTURES=docs …  -k 5.2 renews krita-retouch.png of the documentation
Needs: what `roots.py` needs; some 60 s for each Krita.
"""

from __future__ import annotations

import pytest
from desktop import Box
from krita_docker import keep, names, shown, status, undo
from krita_sitting import Sitting

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]


def test_look_run_undo(retoucher: Sitting) -> None:
    before = retoucher.rest()["picture"]["digest"]
    retoucher.click("softlight_filter")
    retoucher.screen.key("End", "Return")  # It is the last one by the alphabet.
    retoucher.until(lambda told: shown(told, "softlight_group_corrections"), "Skin retouch")
    retoucher.click("softlight_group_corrections", across=0.2)
    retoucher.click("softlight_preview")
    retoucher.until(lambda told: told["scrolled"]["filled"], "the preview")
    look = retoucher.ended()
    assert look["picture"]["digest"] == before and names(look) == ["Background"]
    retoucher.step_back()
    keep("krita-retouch.png", retoucher.shot(Box(*look["scrolled"]["docker"])))

    retoucher.click("softlight_run")
    retoucher.until(lambda told: "Skin retouch" in names(told), "the result")
    look = retoucher.ended()
    assert status(look) == "Skin retouch is done." and look["picture"]["digest"] != before
    undo(retoucher, lambda told: told["picture"].get("digest") == before, "the photo as it was")
