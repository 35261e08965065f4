"""Krita in its window, with our plug-in installed as a user installs it, and a scenario that runs inside."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from desktop import desktop
from roots import Root
from workplace import Workplace

from softlight.plugins.kritarc import with_plugin
from tests.extra_filter import overlay

INSIDE = Path(__file__).parent / "inside"
PATIENCE = 1200.0
"""Seconds for a whole scenario."""
ENDING = 120.0
"""Seconds that Krita may take to quit."""
KRITAS = (
    pytest.param("trixie", id="5.2"),
    pytest.param("bookworm", id="5.1", marks=pytest.mark.all_hosts),
    pytest.param("forky", id="5.3", marks=pytest.mark.all_hosts),
    pytest.param("sid", id="6.0", marks=pytest.mark.all_hosts),
)
"""The roots with a Krita; a default run takes 5.2 alone."""


class Played(NamedTuple):
    """What a scenario found."""

    found: dict[str, Any]
    """`found.json`."""
    out: Path
    """The folder with what else it wrote."""
    log: str
    """What Krita printed."""
    exit_code: int
    quitting: float
    """Seconds from the end of the scenario to the end of Krita."""


def install(place: Workplace, *plugins: str) -> Path:
    """Install our plug-in and the test's own, and return the folder that Krita's plug-ins lie in."""
    place.install_plugins("--krita")
    return add(place, *plugins)


def add(place: Workplace, *plugins: str) -> Path:
    """Install plug-ins of the test's own, and return the folder that Krita's plug-ins lie in."""
    folder = place.home / ".local/share/krita/pykrita"
    folder.mkdir(parents=True, exist_ok=True)
    kritarc = place.home / ".config/kritarc"
    kritarc.parent.mkdir(exist_ok=True)
    for name in plugins:
        shutil.copytree(INSIDE / name, folder / name)
        shutil.move(folder / name / f"{name}.desktop", folder / f"{name}.desktop")
        kritarc.write_bytes(with_plugin(kritarc.read_bytes() if kritarc.exists() else b"", name))
    return folder


def extend(place: Workplace, plugin: Path, *filters: str) -> None:
    """Let the installed plug-in use an engine with the tests' own filter, and `filters` beside it.

    No code of the plug-in changes.
    """
    folder = place.folder / "overlay"
    folder.mkdir()
    added = overlay(folder, str(place.folder / "python"), *filters)
    (plugin / "filters.json").write_bytes(
        subprocess.run(added.listing, capture_output=True, check=True).stdout
    )
    settings = plugin / "engine.json"
    described = json.loads(settings.read_text("utf-8"))
    described["engine"] = list(added.engine)
    settings.write_text(json.dumps(described), "utf-8")


def play(
    root: Root,
    place: Workplace,
    scenario: str,
    prepare: Callable[[Path], None] | None = None,
    **environment: str,
) -> Played:
    """Start Krita, run the scenario `inside/NAME.py`, and wait until Krita has quit.

    Parameters
    ----------
    root : Root
    place : Workplace
        With the plug-ins installed.
    scenario : str
        Name without ``.py``.
    prepare : callable
        Puts files for the scenario into its folder.
    environment : str
        For the scenario.

    Raises
    ------
    AssertionError
        When it finds a defect, or does not end.
    """
    out = place.folder / scenario
    out.mkdir()
    for name in (scenario, "krita_tools"):
        shutil.copy(INSIDE / f"{name}.py", place.folder)
    if prepare is not None:
        prepare(out)
    with desktop(root, place) as screen:
        process = screen.start(
            ["krita", "--nosplash"],
            SOFTLIGHT_SCENARIO=str(place.folder / f"{scenario}.py"),
            SOFTLIGHT_OUT=str(out),
            **environment,
        )
        told = out / "found.json"
        screen.wait_for(
            lambda: told.exists() or process.poll() is not None, f"the end of {scenario}", PATIENCE
        )
        ended = time.monotonic()
        screen.wait_for(lambda: process.poll() is not None, "Krita to quit", ENDING)
        log = screen.log.read_text("utf-8", "replace")
        assert told.exists(), (
            f"Krita ended with {process.returncode} before {scenario} did: {crash(out)}\n{log}"
        )
        found = json.loads(told.read_text("utf-8"))
        assert "defect" not in found, found["defect"]
        return Played(found, out, log, process.returncode, time.monotonic() - ended)


def crash(out: Path) -> str:
    """What Python's fault handler wrote, if anything."""
    path = out / "crash.txt"
    return path.read_text("utf-8", "replace")[:3000] if path.exists() else ""
