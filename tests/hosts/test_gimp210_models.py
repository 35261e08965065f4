"""GIMP 2.10's dialog "Models...", by mouse and keyboard, with a model on a server of this machine.

GTK is PyGObject's likeness of PyGTK, as in `test_gimp210_gui.py`.

Run:   python -m pytest -m hosts tests/hosts/test_gimp210_models.py
       SOFTLIGHT_PICTURES=docs …  renews the picture of the documentation
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from test_gimp210_gui import MODELS, Session, keep, session

from tests.model_shelf import shelf, write_entry
from tests.tiny_models import SKIN_INPAINTING, tiny_model

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]
__all__ = ["session"]

TINY = tiny_model(SKIN_INPAINTING)
LARGE = TINY + bytes(2_000_000)
"""No model, but nobody opens it here, and it takes its time."""
QUESTION = "^Models$"


def select(session: Session, window: str, title: str) -> None:
    """Select a model by typing its title in the list."""
    screen = session.screen
    screen.activate(window)
    screen.click(120, 60, window)
    screen.type(title)
    time.sleep(0.7)
    screen.key("Escape")  # closes the field that one types in
    time.sleep(0.5)


def settle(session: Session, window: str) -> None:
    """Wait until the command line has answered: the picture then stands still."""
    last = None
    for _ in range(40):
        time.sleep(0.7)
        shot = session.screen.shot(window).tobytes()
        if shot == last:
            return
        last = shot
    raise AssertionError(f"the dialog does not come to rest; {session.screen.evidence()}")


def answer(session: Session, window: str, key: str) -> None:
    """Press a button of the question that is asked above the dialog."""
    screen = session.screen

    def asked() -> list[str]:
        return [one for one in screen.windows(QUESTION) if one != window]

    question = screen.wait_for(asked, "a question")[-1]
    screen.activate(question)
    screen.key(key)
    screen.wait_for(lambda: not asked(), "the question to go")


def test_download_cancel_go_on_choose_and_remove(session: Session) -> None:
    place, screen = session.gimp.place, session.screen
    own = place.home / ".config/softlight/models.d"
    folder = place.home / ".local/share/softlight/models"
    settings = place.home / ".config/softlight/models.json"
    file: Path = folder / "large" / "large.onnx"
    with shelf() as server:
        write_entry(own, "large", server.put("large.onnx", LARGE), LARGE, title="Large inpainting")
        session.choose(MODELS)
        window = screen.window(QUESTION)
        settle(session, window)
        select(session, window, "GFPGAN 1.4")
        keep("gimp210-models.png", screen.shot(window))
        select(session, window, "Large")
        screen.key("alt+d")
        answer(session, window, "Escape")
        settle(session, window)
        assert server.ranges == [], "nothing is asked of a server before the terms were accepted"

        server.pace = 300_000
        screen.activate(window)
        screen.key("alt+d")
        answer(session, window, "alt+a")
        part = file.with_name("large.onnx.part")
        screen.wait_for(lambda: part.exists() and part.stat().st_size > 300_000, "the first bytes")
        screen.activate(window)
        screen.key("alt+a")  # Cancel
        screen.wait_for(lambda: not session.gimp.processes("download"), "the command line to end")
        settle(session, window)
        kept = part.stat().st_size
        assert not file.exists() and kept < len(LARGE)

        server.pace = 0
        screen.activate(window)
        screen.key("alt+d")  # the terms were accepted before
        screen.wait_for((file.parent / "installed.json").exists, "the model")
        assert file.read_bytes() == LARGE
        assert int(server.ranges[-1].removeprefix("bytes=").removesuffix("-")) >= kept
        settle(session, window)

    screen.key("alt+u")
    screen.wait_for(lambda: settings.exists() and '"large"' in settings.read_text(), "the choice")
    settle(session, window)
    screen.key("alt+r")
    answer(session, window, "alt+r")
    screen.wait_for(lambda: not file.exists(), "the model to go")
    settle(session, window)
    screen.key("alt+c")
    screen.gone(QUESTION)
    assert session.ask("look")["layers"], "GIMP goes on"
