"""The real command line, as a process of its own."""

from __future__ import annotations

import importlib.resources
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SAMPLES = Path(str(importlib.resources.files("softlight"))) / "samples"

Run = Callable[..., subprocess.CompletedProcess[str]]


def command_line(*arguments: object) -> list[str]:
    """How the command line is started in the environment that the tests run in."""
    return [sys.executable, "-m", "softlight", *map(str, arguments)]


def environment(tmp_path: Path) -> dict[str, str]:
    """The caller's environment, with all that Softlight keeps in the test's own folder."""
    own = {f"XDG_{kind}_HOME": str(tmp_path / kind.lower()) for kind in ("CACHE", "STATE", "CONFIG", "DATA")}
    caller = {name: value for name, value in os.environ.items() if name != "SOFTLIGHT_MODELS"}
    return {**caller, **own}


@pytest.fixture
def softlight(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run ``softlight ARGUMENTS`` to its end."""
    place = tmp_path_factory.mktemp("environment")

    def run(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command_line(*arguments),
            capture_output=True,
            encoding="utf-8",
            env={**environment(place), **variables},
            check=False,
        )

    return run


@dataclass(frozen=True)
class Job:
    """A sound photo and mask in a folder, and a name for the result."""

    folder: Path
    photo: Path
    mask: Path
    out: Path

    def arguments(self, *more: object) -> tuple[object, ...]:
        return ("dewrinkle", self.photo, "--mask", self.mask, "-o", self.out, "--provider", "cpu", *more)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """The astronaut, its brush mask, and a flat result to be."""
    photo, mask = tmp_path / "photo.png", tmp_path / "mask.png"
    shutil.copy(SAMPLES / "astronaut.png", photo)
    shutil.copy(SAMPLES / "astronaut-mask.png", mask)
    return Job(tmp_path, photo, mask, tmp_path / "result.png")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own of 64 KiB, for root on Linux."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = mount("-t", "tmpfs", "-o", "size=64k", "softlight-test", folder)
    if not mounted:
        pytest.skip("needs root on Linux, and leave to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def mount(*arguments: object) -> bool:
    """Mount something, and say whether that was possible."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True, check=False).returncode == 0
