"""What lies beside CPython in a version's folder: locked packages, Softlight itself, the C++ runtime."""

from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path

from installers.requirements.matrix import WINDOWS, lock_path
from installers.windows.interpreter import VERSION, BuildError, run

MSVC = Path(__file__).with_name("msvc.txt")
RUNTIME = ("msvcp140.dll", "msvcp140_1.dll", "vcomp140.dll")
"""What the packages' modules ask for: by their tables of imports."""
LEFT_OUT = (
    "bin",
    "share",
    # onnxruntime-directml wants them for a tool that changes models, and nothing of ours does: 32 MB.
    "isympy.py",
    "mpmath*",
    "sympy*",
    # What OpenCV plays films with: 29 MB.
    "cv2/opencv_videoio_ffmpeg*.dll",
)
OURS = (
    "softlight",
    "softlight_bridge",
    "softlight_gimp",
    "softlight_gimp210",
    "softlight_krita",
    "softlight_models",
)
HEAVY = ("weights", "samples", "catalogue", "contracts")
"""Folders of ours that putting plug-ins in and taking them out does not need."""


def install_locked(target: Path, *locks: Path) -> None:
    """Unpack the wheels of locked lists for Windows into `target`, each checked by its SHA-256.

    Raises
    ------
    BuildError
    """
    run(
        *(Path(sys.executable).with_name("uv"), "pip", "install", "--quiet", "--no-config"),
        *("--target", target, "--link-mode", "copy"),
        *("--python-platform", WINDOWS.target, "--python-version", VERSION),
        *("--require-hashes", "--no-deps", "--only-binary", ":all:"),
        *(word for lock in locks for word in ("--requirement", lock)),
    )


def packages(backend: str, target: Path) -> None:
    """Fill `target` with the packages of a back end, without what is `LEFT_OUT`.

    Raises
    ------
    BuildError
    """
    install_locked(target, lock_path(backend))
    for pattern in LEFT_OUT:
        for path in target.glob(pattern):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def cpp_runtime(scratch: Path) -> dict[str, bytes]:
    """Return Microsoft's C++ runtime, to lie beside python.exe, where it is found.

    Raises
    ------
    BuildError
    """
    install_locked(scratch, MSVC)
    return {name: next(scratch.rglob(name)).read_bytes() for name in RUNTIME}


def our_wheel(source: Path, scratch: Path, epoch: int) -> Path:
    """Build Softlight's wheel out of `source` and return it.

    Raises
    ------
    BuildError
    """
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", scratch)
    run(*pip, source, SOURCE_DATE_EPOCH=str(epoch))
    found = list(scratch.glob("softlight-*.whl"))
    if len(found) != 1:
        raise BuildError(f"'{source}' gave {len(found)} wheels, not one.")
    return found[0]


def unpack_wheel(wheel: Path, target: Path) -> str:
    """Unpack Softlight's wheel and return its version."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return wheel.name.split("-")[1]


def without_weights(site_packages: Path, target: Path) -> None:
    """Copy what of Softlight works with the standard library alone: the plug-ins and what installs them."""
    for name in OURS:
        shutil.copytree(site_packages / name, target / name, ignore=shutil.ignore_patterns(*HEAVY))
