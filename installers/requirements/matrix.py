"""Which locked requirements there are, and where each of them must install from wheels alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
CONSTRAINTS = FOLDER / "constraints.txt"

PYTHONS = ("3.11", "3.12", "3.13", "3.14")


@dataclass(frozen=True)
class Platform:
    """A system that wheels are made for.

    Parameters
    ----------
    name : str
        For people.
    target : str
        What ``uv --python-platform`` calls it.
    system, machine : str
        ``sys_platform`` and ``platform_machine`` of the markers in a list of requirements.
    pythons : tuple of str
    """

    name: str
    target: str
    system: str
    machine: str
    pythons: tuple[str, ...] = field(default=PYTHONS)


WINDOWS = Platform("win_amd64", "x86_64-pc-windows-msvc", "win32", "AMD64")
LINUX = Platform("manylinux_2_28 x86_64", "x86_64-manylinux_2_28", "linux", "x86_64")
LINUX_ARM = Platform("manylinux_2_28 aarch64", "aarch64-manylinux_2_28", "linux", "aarch64")
MAC = Platform("macOS 14 arm64", "aarch64-apple-darwin", "darwin", "arm64")
# The last onnxruntime with a wheel for Intel Macs, 1.23.2, has none for Python 3.14.
MAC_INTEL = Platform("macOS 14 x86_64", "x86_64-apple-darwin", "darwin", "x86_64", PYTHONS[:-1])
OLDEST_MACOS = "14.0"
"""The oldest that wheels of onnxruntime (arm64) and opencv (x86_64) are made for."""

BACKENDS = {
    "cpu": (WINDOWS, LINUX, LINUX_ARM, MAC, MAC_INTEL),
    "directml": (WINDOWS,),
    "cuda": (WINDOWS, LINUX),
}
"""The back ends, each an extra of the project, and where they are to be had."""

BUILD = "build"
"""The list of what builds Softlight's own wheel; it must install wherever a back end does."""


def lock_path(name: str) -> Path:
    """Return the locked list of a back end, or of `BUILD`."""
    return FOLDER / f"{name}.txt"


def cells() -> Iterator[tuple[str, Platform, str]]:
    """Yield every list, platform and Python that belong together."""
    for backend, platforms in BACKENDS.items():
        for platform in platforms:
            for python in platform.pythons:
                yield backend, platform, python
    for platform in BACKENDS["cpu"]:
        for python in platform.pythons:
            yield BUILD, platform, python
