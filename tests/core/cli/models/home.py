"""A new user's folders, and ``softlight models`` in them."""

from __future__ import annotations

import json
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.core.cli.conftest import command_line, environment
from tests.model_store.models_in_hand import network

FILL = network("skin-inpainting")
BIG = network("skin-inpainting", note="big") + b"\xa2\x06" + b"\x80\x80\x80\x01" + bytes(1 << 21)
"""With 2 MiB in a field that nobody knows."""
MODEL = 5
"""The exit status of a model that is missing or wrong."""


@dataclass
class Home:
    """A new user's folders, and the command line in them."""

    place: Path

    @property
    def models(self) -> Path:
        return self.place / "data" / "softlight" / "models"

    @property
    def entries(self) -> Path:
        return self.place / "config" / "softlight" / "models.d"

    def run(self, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command_line("models", *arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            env={**environment(self.place), **variables},
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def done(self, *arguments: object) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def told(self, *arguments: object) -> dict[str, Any]:
        """What machines are told."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stdout
        answer: dict[str, Any] = json.loads(done.stdout)
        assert answer["status"] == "done"
        return answer

    def refused(self, *arguments: object, status: int = MODEL) -> str:
        done = self.run(*arguments)
        assert (done.returncode, done.stdout) == (status, ""), done
        sentence = done.stderr.splitlines()[-1]
        assert sentence.startswith("softlight: ") and sentence.endswith("."), sentence
        assert "; " in sentence
        return sentence.removeprefix("softlight: ")

    def stopped(self, how: signal.Signals, *arguments: object) -> subprocess.CompletedProcess[str]:
        """What comes of an action that gets a signal when a third of it is done."""
        with subprocess.Popen(
            command_line("models", *arguments, "--json"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment(self.place),
        ) as process:
            assert process.stderr is not None
            next(line for line in process.stderr if json.loads(line)["progress"] > 0.3)
            process.send_signal(how)
            answer, rest = process.communicate(timeout=120)
        assert "Traceback" not in rest, rest
        return subprocess.CompletedProcess(process.args, process.returncode, answer, rest)

    def state(self, model: str) -> dict[str, Any]:
        return next(each for each in self.told("list")["models"] if each["id"] == model)
