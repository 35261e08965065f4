"""Make the archive of a release for Linux and macOS: ``python -m installers.release [--out FOLDER]``.

It holds the installers, Softlight's own wheel, and the wheel of a pip, so that it needs nothing but a Python
and a network; with ``--wheelhouse``, all packages for this system and one Python, and no network either.
It needs `pip` and a package index.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

from installers.requirements.matrix import PIP, ROOT, lock_path

COMMAND = "python -m installers.release"
CARRIED = (
    "installers/unix",
    "installers/linux",
    "installers/macos",
    "installers/requirements",
    "docs/install-linux.md",
    "docs/install-macos.md",
    "LICENSE",
)
"""What of the repository is in it. Without `pyproject.toml` the installers take the wheel beside them."""


def release(out: Path, wheelhouse: str | None = None, python: str | None = None) -> Path:
    """Write the archive into a folder and return its path.

    Parameters
    ----------
    out : Path
        Made where it is missing.
    wheelhouse : str, optional
        The back end whose packages are added, in a folder ``wheelhouse``.
    python : str, optional
        For which Python, as in "3.13"; this one by default.

    Raises
    ------
    subprocess.CalledProcessError
        When a wheel cannot be had; the reason has been printed.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    name = f"softlight-{project['version']}"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as temporary:
        folder = Path(temporary) / name
        folder.mkdir()
        for carried in CARRIED:
            _copy(ROOT / carried, folder / carried)
        _pip("wheel", "--no-deps", f"--wheel-dir={folder}", str(ROOT))
        _download(PIP, folder)
        if wheelhouse is not None:
            _download(wheelhouse, folder / "wheelhouse", *([f"--python-version={python}"] if python else []))
        archive = out / f"{name}-unix{'-' + wheelhouse if wheelhouse else ''}.tar.gz"
        finished = Path(temporary) / archive.name
        with tarfile.open(finished, "w:gz") as file:
            file.add(folder, name)
        finished.replace(archive)
    return archive


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    else:
        shutil.copy(source, target)


def _download(name: str, folder: Path, *options: str) -> None:
    """Get the wheels of a list for this system, each checked by its SHA-256."""
    checked = ["--only-binary=:all:", "--require-hashes", f"--requirement={lock_path(name)}"]
    _pip("download", *checked, f"--dest={folder}", *options)


def _pip(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *words], check=True)


def main() -> int:
    """Make the archive, print its path, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog=COMMAND, description="Make the archive of a release for Linux and macOS."
    )
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="the folder it goes to (dist)")
    parser.add_argument("--wheelhouse", choices=["cpu", "cuda"], help="add all packages of this back end")
    parser.add_argument("--python", metavar="X.Y", help="the Python that they are for (this one)")
    options = parser.parse_args()
    try:
        print(release(options.out, options.wheelhouse, options.python))
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
