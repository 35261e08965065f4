"""Questions and progress on a terminal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.core.cli.conftest import command_line, environment
from tests.core.cli.models.home import BIG, FILL, MODEL, Home
from tests.model_shelf import Shelf, write_entry

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="folders and terminals as Linux has them")


class Terminal:
    """The command line on a terminal of its own."""

    def __init__(self, home: Home, *arguments: object) -> None:
        import pty

        ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            command_line("models", *arguments),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment(home.place),
            start_new_session=True,
        )
        os.close(theirs)
        self._ours = ours
        self.text = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                part = os.read(self._ours, 4096)
            except OSError:
                return
            if not part:
                return
            self.text += part.decode()

    def wait_for(self, text: str) -> None:
        until = time.monotonic() + 120
        while text not in self.text:
            assert time.monotonic() < until, self.text
            time.sleep(0.02)

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def end(self) -> int:
        status = self.process.wait(120)
        self._reader.join(120)  # reading fails when nobody is left on the other side
        os.close(self._ours)
        return status


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", MODEL), ("\n", MODEL), ("\x03", MODEL)])
def test_a_terminal_is_asked(home: Home, server: Shelf, answer: str, status: int) -> None:
    write_entry(home.entries, "tiny", server.put("tiny.onnx", FILL), FILL)
    terminal = Terminal(home, "download", "tiny")
    terminal.wait_for("Do you accept these terms of Tiny inpainting? [y/N] ")
    assert "CC0-1.0: free for any use" in terminal.text and server.ranges == []
    if answer == "\x03":
        terminal.process.send_signal(signal.SIGINT)
        status = 130
    else:
        terminal.type(answer)
    assert terminal.end() == status, terminal.text
    assert (home.models / "tiny" / "tiny.onnx").exists() is (status == 0)
    assert "Traceback" not in terminal.text
    if status == 0:
        assert "Tiny inpainting is installed." in terminal.text


def test_both_questions_of_an_import_are_asked(home: Home, tmp_path: Path) -> None:
    write_entry(home.entries, "tiny", None, None)
    file = tmp_path / "tiny.onnx"
    file.write_bytes(FILL)
    terminal = Terminal(home, "import", file)
    terminal.wait_for("Do you trust it? [y/N] ")
    terminal.type("y\n")
    terminal.wait_for("Do you accept these terms of Tiny inpainting? [y/N] ")
    terminal.type("yes\n")
    assert terminal.end() == 0, terminal.text
    assert home.state("tiny")["active"]


def test_progress_is_shown_on_a_terminal(home: Home, server: Shelf) -> None:
    write_entry(home.entries, "big", server.put("big.onnx", BIG), BIG)
    server.pace = 4e6
    terminal = Terminal(home, "download", "big", "--accept-licence")
    assert terminal.end() == 0
    assert re.search(r"\d+%  \S.*: \d\S* [kM]B of 2.1 MB", terminal.text), terminal.text
