"""GIMP and Krita: put the plug-ins in, take them out, and see which version they start."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from softlight.cli.plugins import find
from softlight.plugins.contents import RECORD
from softlight.plugins.installing import installed
from softlight.plugins.machine import this_machine

MINUTES = 10
"""What `softlight plugins` may take: it starts each new host once and tries the engine for each."""


@dataclass(frozen=True)
class Told:
    """What came of it: one line for each thing, and whether each host was served."""

    lines: tuple[str, ...]
    works: bool


def plugins(python: Path, action: str) -> Told:
    """Run ``softlight plugins install`` or ``uninstall`` in a Python that has Softlight.

    That there is no host is no fault.
    """
    command = [str(python), "-I", "-X", "utf8", "-m", "softlight", "plugins", action, "--json"]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60 * MINUTES,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        answer = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return Told((f"'softlight plugins {action}' could not be run.",), False)
    if "hosts" not in answer:
        nobody = answer.get("exit_code") == 7 and "found for this user" in str(answer["error"])
        return Told((str(answer["error"]),), nobody)
    lines = [line for host in answer["hosts"] for line in _lines(host)]
    return Told((*lines, *map(str, answer["done"])), bool(answer["works"]))


def versions_in_use(versions: Path) -> list[Path]:
    """Return the folders below `versions` whose Python a plug-in starts."""
    used = []
    machine = this_machine()
    records = [host.target for host in find(machine, ("gimp", "krita"))] + [machine.softlight_config]
    for place in records:
        for word in _words(place):
            path = Path(word)
            if os.path.normcase(versions) in map(os.path.normcase, path.parents):
                used.append(versions / path.relative_to(versions).parts[0])
    return used


def _words(place: Path) -> Sequence[str]:
    """The commands that a plug-in starts; `place` may be the user's settings, where no host is."""
    try:
        ours = installed(place)
        if ours is not None:
            return (*ours.engine, *ours.cli)
        said: Any = json.loads((place / RECORD).read_text("utf-8"))
        return [str(word) for name in ("engine", "cli") for word in said.get(name, ())]
    except (OSError, ValueError, AttributeError, TypeError):
        return ()


def _lines(host: dict[str, Any]) -> list[str]:
    problems = [f"Problem: {text}" for text in host["problems"]]
    return [f"{host['host']}: {text}" for text in (*host["done"], *problems, *host["notes"])]
