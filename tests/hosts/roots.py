"""Root file systems with the real applications inside, built once and kept.

Each is a Debian release with GIMP or Krita, made by mmdebstrap from the mirror that this machine's own apt
is set up with, in `$SOFTLIGHT_HOSTS` or `~/.cache/softlight-hosts`: about 100 s and 1.3 GB each. A finished
one is reused, an interrupted or outdated one is thrown away and built anew.

Commands run inside through bubblewrap, with this machine's `/tmp` in place of theirs, so that a file there
has one name on both sides, and with the whole machine below `/machine`: from there an engine starts in its
own Python.

Needs: Linux, root, `mmdebstrap`, `bubblewrap` and a Debian mirror.
By hand: `python tests/hosts/roots.py [NAME...]` builds them, all by default, and prints where they are.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any


class NoHosts(Exception):
    """Real applications cannot be had here; the text says why."""


@dataclass(frozen=True)
class Recipe:
    """What mmdebstrap makes a root file system from."""

    suites: tuple[str, ...]
    """The Debian release, and others that packages are taken from where they are asked for by name."""
    packages: tuple[str, ...]

    def __str__(self) -> str:
        """One line for each thing that a root file system depends on."""
        return "\n".join((*self.suites, *self.packages, *LEFT_OUT))


LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*")
DESKTOP = ("xvfb", "xauth", "xdotool", "imagemagick", "x11-utils", "dbus", "openbox", "fonts-dejavu-core")
GIMP_3 = ("gimp", "gir1.2-gimp-3.0", "gir1.2-gtk-3.0", "python3-gi")
# Krita only recommends PyQt, but has no scripting without it.
KRITA_5 = ("krita", "python3-pyqt5")
# Wine 10; Python 3.13 calls CopyFile2, which the 8 of bookworm does not have.
WINE = ("wine", "wine64", "xvfb", "xdotool", "imagemagick", "fonts-dejavu-core")
KRITA_6 = ("krita/experimental", "krita-data/experimental", "python3-pyqt6")

RECIPES: Mapping[str, Recipe] = {
    "trixie": Recipe(("trixie",), (*GIMP_3, *KRITA_5, *DESKTOP)),  # GIMP 3.0, Krita 5.2
    "bookworm": Recipe(("bookworm",), (*KRITA_5, *DESKTOP)),  # Krita 5.1
    "forky": Recipe(("forky",), (*GIMP_3, *KRITA_5, *DESKTOP)),  # GIMP 3.2, Krita 5.3
    "sid": Recipe(("sid", "experimental"), (*KRITA_6, *DESKTOP)),  # Krita 6
    "wine": Recipe(("trixie",), WINE),  # no host: the Windows installer
}
PATIENCE = 900.0
"""Seconds for what a command does inside; most take less than 60."""
STAMP = "etc/softlight-root"
"""Lies in each root file system and holds what it was built from."""


@dataclass(frozen=True)
class Root:
    """A root file system that commands can be run in."""

    path: Path

    def start(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        output: IO[bytes] | int = subprocess.DEVNULL,
        errors: IO[bytes] | int = subprocess.STDOUT,
    ) -> subprocess.Popen[bytes]:
        """Start `command` inside, in a process group of its own, with nothing of the caller's environment."""
        settings = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **environment}
        assignments = [word for item in settings.items() for word in ("--setenv", *item)]
        return subprocess.Popen(
            ["bwrap", *self.walls(), "--clearenv", *assignments, "--", *self.entry(), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        )

    def walls(self) -> list[str]:
        """Return bwrap's options for what is seen inside."""
        return _walls(self.path)

    def entry(self) -> tuple[str, ...]:
        """Return the words before each command that make it somebody else's than root's."""
        return ()

    def run(
        self, command: Sequence[str], environment: Mapping[str, str], timeout: float = PATIENCE
    ) -> subprocess.CompletedProcess[str]:
        """Run `command` inside to its end; after `timeout` seconds it is killed, and its code is -9."""
        # Files, since what the command leaves running (an engine) would hold a pipe open.
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            process = self.start(command, environment, output, errors)
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                pass
            finally:
                end(process, signal.SIGKILL)
            texts = []
            for file in (output, errors):
                file.seek(0)
                texts.append(file.read().decode("utf-8", "replace"))
        return subprocess.CompletedProcess(list(command), process.returncode, *texts)


def end(process: subprocess.Popen[Any], how: signal.Signals = signal.SIGTERM, patience: float = 10) -> None:
    """End a process started by `Root.start` with all of its group, at the latest after `patience` seconds."""
    for signal_sent in (how, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal_sent)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def _walls(path: Path) -> list[str]:
    """Return bubblewrap's options: what a command inside sees."""
    return [
        *("--bind", str(path), "/"),
        *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/dev/shm"),
        *("--bind", "/tmp", "/tmp"),
        *("--bind", "/", "/machine", "--cap-add", "CAP_SYS_CHROOT"),
        "--die-with-parent",
    ]


def folder() -> Path:
    """Where root file systems are kept."""
    chosen = os.environ.get("SOFTLIGHT_HOSTS")
    return Path(chosen) if chosen else Path.home() / ".cache" / "softlight-hosts"


def root(name: str) -> Root:
    """The root file system called `name` in `RECIPES`, built when it is not there yet.

    Raises
    ------
    NoHosts
        When it cannot be used or built here.
    """
    recipe = RECIPES[name]
    return kept(name, str(recipe), lambda path: bootstrap(recipe, path))


def kept(name: str, made_from: str, build: Callable[[Path], None]) -> Root:
    """Return the root file system `name` if it was built from what `made_from` says, else build it.

    `build` fills a folder that does not exist yet, and may raise `NoHosts`. Of several processes that ask at
    once, one builds and the others wait.
    """
    _check_machine()
    import fcntl  # POSIX only, and so is everything below

    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    finished, unfinished = place / name, place / f"{name}.part"
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _stamp(finished) != made_from:
            shutil.rmtree(finished, ignore_errors=True)
            shutil.rmtree(unfinished, ignore_errors=True)
            try:
                build(unfinished)
                (unfinished / STAMP).write_text(made_from, "utf-8")
                unfinished.rename(finished)
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
    return Root(finished)


def _stamp(path: Path) -> str | None:
    try:
        return (path / STAMP).read_text("utf-8")
    except OSError:
        return None


def _check_machine() -> None:
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        raise NoHosts("real applications run in a root file system of their own, which only root can build")
    for program, package in (("mmdebstrap", "mmdebstrap"), ("bwrap", "bubblewrap")):
        if shutil.which(program) is None:
            raise NoHosts(f"{package} is not installed (apt-get install {package})")
    tried = subprocess.run(["bwrap", *_walls(Path("/")), "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        raise NoHosts(f"bubblewrap cannot run here: {tried.stderr.strip()}")


def bootstrap(recipe: Recipe, path: Path) -> None:
    """Fill `path`, which does not exist yet, with what `recipe` says.

    Raises
    ------
    NoHosts
        When mmdebstrap fails; the text is the end of what it said.
    """
    options = [
        "--mode=root",
        "--variant=minbase",
        '--aptopt=APT::Install-Recommends "false"',
        # A mirror may be a snapshot older than its release files allow.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        '--aptopt=Acquire::Check-Date "false"',
        '--aptopt=Acquire::Languages "none"',
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT),
        f"--include={','.join(recipe.packages)}",
    ]
    address = mirror()
    sources = [f"deb {address} {suite} main" for suite in recipe.suites]
    done = subprocess.run(
        # What mmdebstrap mounts in the folder goes with it: a killed one would leave a folder that cannot be
        # removed.
        ["unshare", "--mount", "mmdebstrap", *options, recipe.suites[0], str(path), *sources],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise NoHosts(f"mmdebstrap could not build {path.stem}: {done.stderr.strip()[-600:]}")


def mirror() -> str:
    """The Debian mirror of this machine's own apt configuration.

    Raises
    ------
    NoHosts
        When apt names no mirror for the release that runs here.
    """
    try:
        release = dict(
            line.split("=", 1)
            for line in Path("/etc/os-release").read_text("utf-8").splitlines()
            if "=" in line
        )
        targets = subprocess.run(
            ["apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)", "Created-By: Packages"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoHosts(f"this machine's apt cannot be asked for a Debian mirror: {error}") from error
    codename = release.get("VERSION_CODENAME", "").strip('"')
    for line in targets.splitlines():
        suite, _, address = line.partition(" ")
        # The security archive has the same packages under another suite name, third parties their own.
        if suite == codename:
            return address.rstrip("/")
    raise NoHosts("apt is set up with no Debian mirror for the release of this machine")


if __name__ == "__main__":
    for wanted in sys.argv[1:] or RECIPES:
        print(root(wanted).path)
