"""Which onnxruntime is installed, and what to do when it is none, two, or one that is too old.

Every onnxruntime distribution installs the same module `onnxruntime`. With two of them in one environment the
second overwrites the first, and usually only the CPU is left (onnxruntime#26996, #7748, #6183).
"""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from softlight.errors import ModelError

OLDEST = (1, 20)
"""The oldest onnxruntime whose wheels are built for numpy 2 and read IR version 10."""

REQUIREMENTS = {
    "onnxruntime-directml": "onnxruntime-directml==1.24.4",
    "onnxruntime-gpu": '"onnxruntime-gpu[cuda,cudnn]"',
    "onnxruntime-openvino": "onnxruntime-openvino",
    "onnxruntime-qnn": "onnxruntime-qnn",
    "onnxruntime-rocm": "onnxruntime-rocm",
    "onnxruntime-migraphx": "onnxruntime-migraphx",
    "onnxruntime-windowsml": "onnxruntime-windowsml",
    "onnxruntime-training": "onnxruntime-training",
    "onnxruntime": "onnxruntime",
}
"""Distributions that install the module, with what to ask pip for. Of two, the first in this order is kept:
whoever added a package for a device wanted the device."""


@dataclass(frozen=True)
class Distribution:
    """An installed distribution."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def installed() -> tuple[Distribution, ...]:
    """Return the installed distributions that provide the module `onnxruntime`."""
    found = []
    for name in REQUIREMENTS:
        try:
            found.append(Distribution(name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            continue
    return tuple(found)


def load() -> Any:
    """Import onnxruntime and return the module.

    Raises
    ------
    ModelError
        If two distributions hide each other, or none is there, or it is broken or too old; the
        sentence holds the pip command that mends it.
    """
    found = installed()
    if len(found) > 1:
        remove = _pip("uninstall", "-y", *(distribution.name for distribution in found))
        raise ModelError(
            f"{' and '.join(map(str, found))} are installed together and overwrite each other; "
            f"run `{remove}` and then `{_pip('install', _wanted(found))}`."
        )
    mend = _pip("install", "--force-reinstall", _wanted(found))
    # Since 1.31 it queues reports for Microsoft in the user's cache folder, on Linux too. Only this variable
    # keeps it from that: by the time `disable_telemetry_events` can be called, the queue has been made.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        module = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise ModelError(_why_not_importable(found, error, mend)) from None
    if not hasattr(module, "InferenceSession"):  # what uninstalling one of two packages leaves behind
        raise ModelError(f"The onnxruntime package is incomplete; run `{mend}`.")
    if _version(module.__version__) < OLDEST:
        raise ModelError(
            f"onnxruntime {module.__version__} is too old ({OLDEST[0]}.{OLDEST[1]} or newer is needed); "
            f"run `{_pip('install', '--upgrade', _wanted(found))}`."
        )
    return module


def _why_not_importable(found: tuple[Distribution, ...], error: ImportError, mend: str) -> str:
    if not found:
        return f"onnxruntime is not installed; run `{_pip('install', 'onnxruntime')}`."
    if "DLL load failed" in str(error):
        return (
            f"{found[0]} cannot load its library; install Microsoft's Visual C++ Redistributable, or run "
            f"`{_pip('install', 'msvc-runtime')}`."
        )
    return f"{found[0]} cannot be imported ({' '.join(str(error).split())}); run `{mend}`."


def _wanted(found: tuple[Distribution, ...]) -> str:
    return REQUIREMENTS[found[0].name] if found else "onnxruntime"


def _pip(*words: str) -> str:
    python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    return " ".join((python, "-m", "pip", *words))


def _version(text: str) -> tuple[int, int]:
    major, minor = text.split(".")[:2]
    return int(major), int(minor)
