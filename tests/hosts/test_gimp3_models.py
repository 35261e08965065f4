"""A retoucher in GIMP's dialog "Models…", by mouse and keyboard, with models on a server of this machine.

Run:   python -m pytest -m hosts tests/hosts/test_gimp3_models.py
       SOFTLIGHT_PICTURES=docs …  renews the picture of the documentation
Needs: what `roots.py` needs; some 60 s for GIMP 3.0, with `all_hosts` twice that.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import find_root
from gimp3_sitting import Sitting, sitting
from test_gimp3 import ROOTS
from test_gimp3_desktop import keep, names

from tests.model_shelf import Shelf, shelf, write_entry
from tests.tiny_models import SKIN_INPAINTING, tiny_model

pytestmark = pytest.mark.hosts

TINY = tiny_model(SKIN_INPAINTING)
LARGE = TINY + bytes(3_000_000)
"""No model, but nobody opens it here, and it takes its time."""


@dataclass(frozen=True)
class Models:
    """Somebody before GIMP, and the models that they can have."""

    person: Sitting
    server: Shelf

    @property
    def own(self) -> Path:
        """The user's own catalogue entries."""
        return self.person.gimp.place.home / ".config/softlight/models.d"

    @property
    def folder(self) -> Path:
        """Where models are installed."""
        return self.person.gimp.place.home / ".local/share/softlight/models"

    @property
    def settings(self) -> dict[str, Any]:
        path = self.person.gimp.place.home / ".config/softlight/models.json"
        return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}

    def file(self, model: str) -> Path:
        return self.folder / model / f"{model}.onnx"

    def open(self) -> str:
        """Open the dialog, and wait for the models in it."""
        screen = self.person.screen
        self.person.menu("m")
        window = screen.window("^Models$")
        screen.activate(window)
        # The list is written in light letters on dark.
        screen.wait_for(lambda: np.ptp(self._list(window)) > 100, "the list of models")
        return window

    def select(self, window: str, title: str) -> None:
        """Select a model by typing its title in the list."""
        screen = self.person.screen
        screen.activate(window)
        self.person.click(200, 55, window)
        screen.type(title)
        time.sleep(0.5)
        screen.key("Escape")  # closes the field that one types in

    def accept(self, letter: str) -> None:
        """Accept the terms that are shown, and go on with the button of this letter."""
        screen = self.person.screen
        screen.activate(screen.window("^Terms of use"))
        screen.key(f"alt+{letter}")
        time.sleep(0.5)
        assert screen.windows("^Terms of use"), "not before they were accepted"
        screen.key("alt+a", f"alt+{letter}")
        screen.gone("^Terms of use")

    def download(self, window: str, title: str) -> None:
        """Begin a download."""
        self.select(window, title)
        self.person.screen.key("alt+d")
        self.accept("d")

    def close(self, window: str) -> None:
        screen = self.person.screen
        screen.activate(window)
        screen.key("alt+c")
        screen.gone("^Models$")

    def idle(self, window: str) -> None:
        """Wait until the engine has answered: what is grey meanwhile can be pressed again."""
        screen = self.person.screen
        screen.activate(window)
        screen.wait_for(lambda: self._import_folder(window).max() > 180, "the engine's answer")

    def details(self, window: str) -> Any:
        """What is seen beside the list."""
        return np.asarray(self.person.screen.shot(window))[:300, 720:]

    def _import_folder(self, window: str) -> Any:
        return np.asarray(self.person.screen.shot(window))[450:472, 900:1015]

    def _list(self, window: str) -> Any:
        return np.asarray(self.person.screen.shot(window)).astype(int)[60:200, 20:300]


@pytest.fixture(scope="module", params=ROOTS)
def gimp(request: pytest.FixtureRequest) -> Iterator[Models]:
    """With the catalogue alone."""
    with sitting(find_root(request.param)) as person, shelf() as server:
        person.begin()
        yield Models(person, server)


@pytest.fixture(scope="module")
def models(gimp: Models) -> Models:
    """With models that can be had here."""
    own, server = gimp.own, gimp.server
    write_entry(own, "tiny", server.put("tiny.onnx", TINY), TINY)
    write_entry(
        own, "large", server.put("large.onnx", LARGE), LARGE, title="Large restoration",
        role="face-restoration", contract="face-restoration-512",
    )  # fmt: skip
    write_entry(
        own, "limited", server.put("limited.onnx", TINY), TINY, title="Limited inpainting",
        limit="non-commercial",
    )  # fmt: skip
    write_entry(own, "unknown", None, None, title="Unknown inpainting")
    return gimp


def resumed_at(server: Shelf) -> int:
    """At which byte the last answer of the server began."""
    return int(server.ranges[-1].removeprefix("bytes=").removesuffix("-") or 0)


def rests(part: Path) -> bool:
    """Whether a file does not grow for a second."""
    size = part.stat().st_size
    time.sleep(1.0)
    return part.stat().st_size == size


def test_the_catalogue_can_be_read(gimp: Models) -> None:
    screen, window = gimp.person.screen, gimp.open()
    empty = gimp.details(window)
    gimp.select(window, "GFPGAN 1.4")
    assert not np.array_equal(gimp.details(window), empty)
    # Down the list and up again: what stands below it is then in the picture too.
    screen.key(*["Down"] * 8, *["Up"] * 8)
    keep("gimp-models.png", screen.shot(window))
    screen.key("alt+d")
    asked = screen.window("^Terms of use")
    screen.activate(asked)
    keep("gimp-terms.png", screen.shot(asked))
    screen.key("alt+c")
    screen.gone("^Terms of use")
    assert not gimp.folder.exists(), "nothing was asked of a server"
    gimp.close(window)


def test_one_is_downloaded_and_removed(models: Models) -> None:
    screen, file = models.person.screen, models.file("tiny")
    window = models.open()
    models.download(window, "Tiny")
    screen.wait_for((file.parent / "installed.json").exists, "the model")
    assert file.read_bytes() == TINY
    models.idle(window)

    models.select(window, "Softlight skin")
    screen.key("alt+u")
    screen.wait_for(lambda: models.settings.get("choices"), "the choice")
    models.idle(window)
    screen.key("alt+u")  # Use the best
    screen.wait_for(lambda: not models.settings["choices"], "the choice to go")
    models.idle(window)

    models.select(window, "Tiny")
    screen.key("alt+r")
    screen.activate(screen.window("^Remove model"))
    screen.key("alt+r")
    screen.wait_for(lambda: not file.exists(), "the model to go")
    models.idle(window)
    models.close(window)


def test_a_cancelled_download_goes_on(models: Models) -> None:
    screen, file = models.person.screen, models.file("large")
    window = models.open()
    models.server.pace = 600_000
    models.download(window, "Large")
    part = file.with_name("large.onnx.part")
    screen.wait_for(lambda: part.exists() and part.stat().st_size > 300_000, "the first bytes")
    screen.activate(window)
    screen.key("alt+a")
    models.idle(window)
    screen.wait_for(lambda: rests(part), "the download to stop")
    kept = part.stat().st_size
    assert kept < len(LARGE) and not file.exists(), "it was cancelled"
    models.server.pace = 0
    models.download(window, "Large")
    screen.wait_for((file.parent / "installed.json").exists, "the model")
    assert file.read_bytes() == LARGE and resumed_at(models.server) >= kept
    models.close(window)


def test_an_engine_killed_in_mid_download(models: Models) -> None:
    screen, file = models.person.screen, models.file("large")
    window = models.open()
    if file.exists():
        models.select(window, "Large")
        screen.key("alt+r")
        screen.activate(screen.window("^Remove model"))
        screen.key("alt+r")
        screen.wait_for(lambda: not file.exists(), "the model to go")
        models.idle(window)
    models.server.pace = 600_000
    models.download(window, "Large")
    part = file.with_name("large.onnx.part")
    screen.wait_for(lambda: part.exists() and part.stat().st_size > 300_000, "the first bytes")
    engine = models.person.gimp.place.engine_process()
    assert engine is not None
    os.kill(engine, signal.SIGKILL)
    models.idle(window)
    assert screen.windows("^Models$"), "the dialog stays, and says so"
    kept = part.stat().st_size
    models.server.pace = 0
    models.download(window, "Large")
    screen.wait_for((file.parent / "installed.json").exists, "the model")
    assert file.read_bytes() == LARGE and resumed_at(models.server) >= kept > 300_000
    models.close(window)


def test_closing_the_dialog_cancels(models: Models) -> None:
    screen, file = models.person.screen, models.file("tiny")
    window = models.open()
    models.server.hold = 0
    models.download(window, "Tiny")
    screen.wait_for(file.parent.exists, "the download to begin")
    models.close(window)
    models.server.hold = None
    time.sleep(1.5)
    assert not file.exists(), "nobody waits for it any more"
    models.close(models.open())


def test_settings_are_kept(models: Models) -> None:
    screen, window = models.person.screen, models.open()
    models.select(window, "Limited")
    screen.key("alt+d")  # is grey
    time.sleep(0.5)
    assert not screen.windows("^Terms of use")
    screen.key("alt+n")
    screen.wait_for(lambda: models.settings.get("non-commercial"), "the setting")
    models.idle(window)
    models.download(window, "Limited")
    screen.wait_for(models.file("limited").exists, "the model")
    models.idle(window)
    screen.key("alt+o")
    screen.wait_for(lambda: models.settings.get("offline"), "the setting")
    models.idle(window)
    screen.key("alt+o")
    screen.wait_for(lambda: not models.settings["offline"], "the setting")
    models.idle(window)  # The boxes take no clicks while a setting is written.
    screen.key("alt+n")
    screen.wait_for(lambda: not models.settings["non-commercial"], "the setting")
    models.close(window)


def test_a_file_that_nobody_knows_is_imported(models: Models) -> None:
    screen, window = models.person.screen, models.open()
    content = tiny_model(SKIN_INPAINTING, gain=0.5)
    file = models.person.gimp.place.pictures / "unknown.onnx"
    file.write_bytes(content)
    screen.key("alt+f")
    chooser = screen.window("^Import a model")
    screen.activate(chooser)
    screen.key("slash")  # opens a field for a path
    time.sleep(1.0)
    screen.key("ctrl+a")
    screen.type(str(file))
    time.sleep(1.0)
    screen.key("Return")
    screen.gone("^Import a model")
    for _ in range(2):
        asked = screen.wait_for(
            lambda: screen.windows("^Unknown file") or screen.windows("^Terms of use"), "a question"
        )
        if screen.windows("^Unknown file"):
            screen.activate(asked[-1])
            screen.key("alt+m")
            screen.gone("^Unknown file")
        else:
            models.accept("i")
    screen.wait_for(models.file("unknown").exists, "the model")
    assert models.file("unknown").read_bytes() == content
    models.idle(window)
    models.close(window)


def test_what_was_chosen_is_used_at_once(models: Models) -> None:
    person, screen = models.person, models.person.screen
    first = dewrinkled(person)
    engine = person.gimp.place.engine_process()
    window = models.open()
    models.download(window, "Tiny")
    screen.wait_for((models.file("tiny").parent / "installed.json").exists, "the model")
    models.idle(window)
    models.select(window, "Tiny")
    screen.key("alt+u")
    screen.wait_for(lambda: models.settings.get("choices"), "the choice")
    models.idle(window)
    models.close(window)
    second = dewrinkled(person)
    assert not np.array_equal(first, second)
    assert person.gimp.place.engine_process() == engine, "without a new engine"


def dewrinkled(person: Sitting) -> Any:
    """What is seen after De-wrinkle worked on the sample's face."""
    person.begin(marked=True)
    person.menu("d")
    person.dialog()
    person.run_dialog()
    told = person.look()
    assert names(told) == ["De-wrinkle", "Background"]
    return told["seen"]


def test_it_opens_without_a_picture(models: Models) -> None:
    models.person.ask("close")
    models.close(models.open())
    models.person.begin()
    assert names(models.person.look()) == ["Background"]
