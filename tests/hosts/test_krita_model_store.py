"""Somebody at Krita who gets models: list, terms, download, cancel, go on, choose, remove, import, settings.

Run:   python -m pytest -m hosts tests/hosts/test_krita_model_store.py
       SOFTLIGHT_PICTURES=docs …  -k 5.2 renews krita-models.png of the documentation
Needs: what `roots.py` needs; some 90 s for each Krita. 5.2 runs by default.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from conftest import find_root
from desktop import Box
from krita_application import KRITAS
from krita_docker import PHOTO, keep, make_room, names, shown
from krita_sitting import Look, Sitting, sitting
from onnx import numpy_helper
from test_krita_desktop import STROKES, painted
from workplace import Workplace

from softlight_models.contracts.pixels import SKIN_INPAINTING
from tests.model_shelf import Shelf, shelf, write_entry
from tests.tiny_models import tiny_model

pytestmark = pytest.mark.hosts

ROLE = "Skin inpainting"
OWN, LARGE = "Softlight skin inpainting", "Large inpainting"
LIMITED, UNKNOWN = "Limited inpainting", "Unknown inpainting"
SHOWN = "Face restoration", "GFPGAN 1.4"
"""What the picture for the documentation shows."""
BALLAST = 6_000_000
"""Bytes that nothing in the network uses: a download must take its time."""
FOUND = "found somewhere.onnx"
WHEEL = 5
"""The button of a mouse that rolls a list on."""


@dataclass(frozen=True)
class Shopper:
    """Somebody at the docker's page of models."""

    person: Sitting
    server: Shelf

    @property
    def installed(self) -> Path:
        return Path(self.person.place.environment["XDG_DATA_HOME"]) / "softlight" / "models"

    def until(self, happened: Callable[[Look], Any], what: str) -> Look:
        return self.person.until(happened, what)

    def press(self, name: str) -> None:
        self.person.click(f"softlight_models_{name}")

    def answer(self, name: str = "yes") -> None:
        """Click on something in the dialog that asks."""
        # A box to be ticked is as wide as its dialog, but takes clicks near its words only.
        self.person.click(f"softlight_question_{name}", across=0.05 if name == "agreed" else 0.5)

    def said(self, sentence: str) -> Look:
        return self.until(lambda told: status(told) == sentence, sentence)

    def pick(self, title: str) -> Look:
        """Click on a row, which the wheel brings into sight."""
        told = self.until(lambda told: row(told, title), f"the row {title}")
        tree = told["widgets"]["softlight_models_tree"]["place"]
        while (row(told, title)["place"] or [0, 0, 0, 0])[3] < row(told, title)["height"]:
            self.person.screen.click(tree[0] + tree[2] // 2, tree[1] + tree[3] // 2, button=WHEEL)
            told = self.until(lambda told: row(told, title), f"the row {title}")
        left, top, width, height = row(told, title)["place"]
        self.person.screen.click(left + width // 2, top + height // 2)
        return self.until(lambda told: row(told, title)["selected"], f"{title} to be selected")

    def stands(self, title: str, state: str) -> Look:
        return self.until(lambda told: state_of(told, title) == state, f"{title} to be {state}")

    def begin_download(self) -> None:
        self.press("download")
        self.answer("agreed")
        self.answer()

    def in_mid_download(self) -> None:
        self.until(lambda told: " of 6 MB" in status(told), "progress in megabytes")


def row(told: Look, title: str) -> dict[str, Any] | None:
    """The row of a model; or of a role, whatever model does it."""
    found = [one for one in told["models"] if heading(one) == title]
    found += [one for one in told["models"] if heading(one).startswith(f"{title}:")]
    return next(iter(found), None)


def heading(one: dict[str, Any]) -> str:
    return str(one["words"].splitlines()[0])


def state_of(told: Look, title: str) -> str:
    """How a model stands, in the words of its row; empty while there is none."""
    rows = [one["words"].splitlines() for one in told["models"] if heading(one) == title]
    return str(rows[0][1].split(" · ")[0]) if rows else ""


def text(told: Look, name: str) -> str:
    return str(told["widgets"][f"softlight_{name}"]["text"])


def status(told: Look) -> str:
    return text(told, "models_status")


def enabled(told: Look, name: str) -> bool:
    return bool(told["widgets"].get(f"softlight_{name}", {}).get("enabled"))


def large_model() -> bytes:
    model = onnx.load_from_string(tiny_model(SKIN_INPAINTING))
    ballast = np.random.default_rng(3).normal(size=BALLAST // 4).astype(np.float32)
    model.graph.initializer.append(numpy_helper.from_array(ballast, "ballast"))
    return bytes(model.SerializeToString())


@pytest.fixture(scope="module", params=KRITAS)
def shopper(request: pytest.FixtureRequest) -> Iterator[Shopper]:
    with shelf() as server:

        def prepare(place: Workplace) -> None:
            own = Path(place.environment["XDG_CONFIG_HOME"]) / "softlight" / "models.d"
            large, tiny = large_model(), tiny_model(SKIN_INPAINTING, gain=2.0)
            write_entry(own, "large", server.put("large.onnx", large), large, title=LARGE)
            url = server.put("limited.onnx", tiny)
            write_entry(own, "limited", url, tiny, title=LIMITED, limit="non-commercial")
            write_entry(own, "unknown", None, None, title=UNKNOWN)
            (place.home / FOUND).write_bytes(tiny_model(SKIN_INPAINTING, gain=3.0))

        with sitting(find_root(request.param), PHOTO, prepare) as person:
            yield Shopper(person, server)


def test_a_model_is_downloaded_by_hand(shopper: Shopper) -> None:
    person, server = shopper.person, shopper.server
    person.choose("Tools", "Scripts", "Softlight", "Models…")
    shopper.until(lambda told: row(told, ROLE), "the models")
    make_room(person)
    assert not (shopper.installed / "large").exists()
    shopper.pick(SHOWN[0])
    look = shopper.pick(SHOWN[1])
    keep("krita-models.png", person.shot(Box(*look["scrolled"]["docker"])))
    shopper.pick(SHOWN[0])
    shopper.pick(ROLE)
    look = shopper.pick(LARGE)
    for fact in (LARGE, "Tests, 2026", "A test runs.", "Size: 6.0 MB", "CC0-1.0", "free for any use"):
        assert fact in text(look, "models_details")
    assert enabled(look, "models_download") and not enabled(look, "models_use")

    # Nothing is asked of a server before the terms were accepted.
    shopper.press("download")
    look = shopper.until(lambda told: shown(told, "softlight_question_yes"), "the terms")
    for fact in (LARGE, "Size: 6.0 MB", "Licence: CC0-1.0", "Use: free for any use", "Free for any use."):
        assert fact in text(look, "question_terms")
    assert not enabled(look, "question_yes")
    shopper.answer("no")
    shopper.until(lambda told: not shown(told, "softlight_question_yes"), "the dialog to close")
    assert server.ranges == []

    # Krita is not kept waiting: a stroke is painted while the server holds the rest back.
    server.hold = BALLAST // 4
    shopper.begin_download()
    shopper.in_mid_download()
    shopper.press("back")
    before = person.rest()["picture"]["digest"]
    person.paint(STROKES[:1])
    person.until(lambda told: told["picture"].get("digest") not in (None, before), "the stroke")
    person.click("softlight_models")
    shopper.in_mid_download()
    shopper.press("cancel")
    shopper.said("Cancelled; what was downloaded so far is kept for the next time.")
    shopper.stands(LARGE, "incomplete")

    # The engine dies in the middle; then the rest alone is fetched.
    shopper.begin_download()
    shopper.in_mid_download()
    process = person.place.engine_process()
    assert process is not None
    os.kill(process, signal.SIGKILL)
    look = shopper.until(lambda told: "engine stopped" in status(told), "a sentence")
    assert "what was downloaded so far is kept" in status(look)
    server.hold = None
    shopper.begin_download()
    shopper.said(f"{LARGE} is installed.")
    look = shopper.stands(LARGE, "in use")
    assert row(look, f"{ROLE}: {LARGE}") and server.ranges[-1].startswith("bytes=")
    assert (shopper.installed / "large" / "large.onnx").read_bytes() == server.files["/large.onnx"]


def test_the_next_run_uses_the_chosen_model(shopper: Shopper) -> None:
    person = shopper.person
    shopper.press("back")
    person.click("softlight_paint_mask")
    person.until(lambda told: "Softlight brush mask" in names(told), "the brush mask")
    person.paint(STROKES[:2])
    person.until(painted, "the paint")
    person.click("softlight_run")
    person.until(lambda told: "De-wrinkle" in names(told), "the result")
    by_large = person.ended()["picture"]["digest"]
    person.step_back()
    person.click("softlight_models")
    shopper.pick(OWN)
    shopper.press("use")
    shopper.stands(OWN, "in use, your choice")
    shopper.stands(LARGE, "installed")
    shopper.press("back")
    person.click("softlight_re_run")
    person.until(lambda told: told["picture"].get("digest") not in (None, by_large), "another result")
    person.ended()
    person.click("softlight_models")
    look = shopper.stands(OWN, "in use, your choice")
    assert text(look, "models_use") == "Use best"
    shopper.press("use")
    shopper.stands(LARGE, "in use")


def test_settings_decide_what_may_be_had(shopper: Shopper) -> None:
    person = shopper.person
    look = shopper.pick(LIMITED)
    assert state_of(look, LIMITED) == "not allowed" and not enabled(look, "models_download")
    assert "not for commercial use" in text(look, "models_details")
    switch(shopper, "Allow models that are not for commercial use")
    shopper.stands(LIMITED, "not installed")
    switch(shopper, "Stay offline")
    shopper.until(lambda told: not enabled(told, "models_download"), "offline to forbid it")
    switch(shopper, "Stay offline")
    shopper.until(lambda told: enabled(told, "models_download"), "a download to be possible")
    shopper.begin_download()
    shopper.said(f"{LIMITED} is installed.")
    shopper.press("verify")
    shopper.said(f"{LIMITED} is what was installed.")
    shopper.press("remove")
    shopper.answer()
    shopper.said(f"{LIMITED} is removed.")
    assert not (shopper.installed / "limited" / "limited.onnx").exists()
    person.rest()


def test_a_file_is_imported_by_keyboard(shopper: Shopper) -> None:
    person = shopper.person
    shopper.pick(UNKNOWN)
    shopper.press("import")
    shopper.until(lambda told: shown(told, "softlight_question_path"), "the dialog")
    person.screen.type(str(person.place.home / FOUND))
    person.screen.key("Return")
    look = shopper.until(lambda told: shown(told, "softlight_question_model"), "to be asked for trust")
    assert FOUND in text(look, "question_text")
    shopper.answer()
    shopper.answer("agreed")
    shopper.answer()
    shopper.until(lambda told: state_of(told, UNKNOWN) in ("in use", "installed"), "the import")
    assert (shopper.installed / "unknown" / "unknown.onnx").is_file()


def switch(shopper: Shopper, option: str) -> None:
    """Click on an entry of the settings' menu."""
    shopper.press("settings")
    look = shopper.until(
        lambda told: any(option in menu["places"] for menu in told["popups"]), f"the entry {option}"
    )
    left, top, width, height = next(
        menu["places"][option] for menu in look["popups"] if option in menu["places"]
    )
    shopper.person.screen.click(left + width // 2, top + height // 2)
    shopper.until(lambda told: not told["popups"], "the menu to close")
    shopper.until(lambda told: enabled(told, "models_settings"), "the setting")
