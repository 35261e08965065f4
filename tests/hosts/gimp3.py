"""Real GIMP 3 without a screen, with the plug-in installed as users install it.

A script of `inside/` runs in GIMP's own Python: its function `main` takes a dictionary and returns one, both
as JSON. What it raises fails the test, with its traceback.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roots import PATIENCE, Root
from workplace import Workplace, workplace

from tests.extra_filter import overlay

INSIDE = Path(__file__).parent / "inside"
SAMPLES = Path(__file__).parents[2] / "core" / "softlight" / "samples"
VERSIONS = {"trixie": "3.0", "forky": "3.2"}
BATCH = """
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, {inside!r})
import gimp3_runner
gimp3_runner.run({script!r}, {task!r}, {answer!r})
"""


@dataclass(frozen=True)
class Gimp3:
    """A GIMP of one version in a home of its own."""

    root: Root
    place: Workplace
    version: str

    @property
    def plugin(self) -> Path:
        """Where the plug-in is installed."""
        return self.place.home / ".config" / "GIMP" / self.version / "plug-ins" / "softlight"

    def run(
        self,
        script: str,
        task: dict[str, Any] | None = None,
        *,
        timeout: float = PATIENCE,
        meanwhile: Callable[[], None] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Run `main` of a script of `inside/` in one GIMP, and return its answer.

        `meanwhile` is called in a thread of its own at the start.
        """
        answer = self.place.folder / "answer.json"
        answer.unlink(missing_ok=True)
        given = self.place.folder / "task.json"
        given.write_text(json.dumps({"folder": str(self.place.pictures), **(task or {})}), "utf-8")
        # The whole machine is below /machine in every root.
        inside = f"/machine{INSIDE}"
        code = BATCH.format(inside=inside, script=script, task=str(given), answer=str(answer))
        program = self.place.folder / "batch.py"
        program.write_text(code, "utf-8")
        helper = threading.Thread(target=meanwhile, daemon=True) if meanwhile else None
        if helper:
            helper.start()
        done = self.batch(f"exec(open({str(program)!r}).read())", "python-fu-eval", timeout, environment)
        if helper:
            helper.join(10)
        log = (done.stdout + done.stderr)[-4000:]
        assert answer.exists(), f"GIMP gave no answer (status {done.returncode}):\n{log}"
        told: dict[str, Any] = json.loads(answer.read_text("utf-8"))
        assert "traceback" not in told, f"{told['traceback']}\n{log}"
        return {**told, "log": log}

    def batch(
        self,
        code: str,
        interpreter: str,
        timeout: float = PATIENCE,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a line of code in GIMP's batch mode."""
        words = ["gimp-console", "-n", "-i", "--quit", f"--batch-interpreter={interpreter}", "-b", code]
        return self.root.run(words, {**self.place.environment, **(environment or {})}, timeout)


@contextlib.contextmanager
def gimp3(root: Root, *filters: str) -> Iterator[Gimp3]:
    """Give a GIMP with the plug-in, whose engine also knows the test's own filter, and `filters` beside."""
    with workplace() as place:
        version = VERSIONS[root.path.name]
        place.gimp_profile(version)
        place.install_plugins("--gimp")
        gimp = Gimp3(root, place, version)
        _extend(gimp, *filters)
        yield gimp


def _extend(gimp: Gimp3, *filters: str) -> None:
    """Let the installed plug-in use an engine with the extra filter; no code of the plug-in changes."""
    folder = gimp.place.folder / "overlay"
    folder.mkdir()
    added = overlay(folder, str(gimp.place.folder / "python"), *filters)
    listed = subprocess.run(added.listing, capture_output=True, check=True).stdout
    (gimp.plugin / "filters.json").write_bytes(listed)
    engine = gimp.plugin / "engine.json"
    described = json.loads(engine.read_text("utf-8"))
    described["engine"] = list(added.engine)
    engine.write_text(json.dumps(described), "utf-8")
