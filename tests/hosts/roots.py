"""Root file systems with the real applications inside, built once and kept.

`trixie` is Debian 13 with GIMP 3.0 and Krita 5.2, made by mmdebstrap from the mirror that this
machine's own apt is set up with, in `$SOFTLIGHT_HOSTS` or `~/.cache/softlight-hosts`. Building takes
about 85 s and 1.3 GB; an interrupted build is thrown away and started anew, a finished one is reused.

Needs: Linux, root, `mmdebstrap` (`apt-get install mmdebstrap`) and a Debian mirror.
By hand: `python tests/hosts/roots.py` builds the root file system and prints where it is.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGES = {
    "trixie": (
        "gimp,gir1.2-gimp-3.0,gir1.2-gtk-3.0,python3-gi,krita,python3-pyqt5,"
        "xvfb,xauth,xdotool,imagemagick,x11-utils,dbus,openbox"
    )
}
"""Krita only recommends python3-pyqt5, but has no scripting without it."""

LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*")


class NoHosts(Exception):
    """Real applications cannot be had here; the text says why."""


def folder() -> Path:
    """Where root file systems are kept."""
    chosen = os.environ.get("SOFTLIGHT_HOSTS")
    return Path(chosen) if chosen else Path.home() / ".cache" / "softlight-hosts"


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


@dataclass(frozen=True)
class Root:
    """A root file system that commands can be run in (chroot; nothing needs to be mounted)."""

    path: Path

    def inside(self, path: Path) -> str:
        """How `path`, below the root, is called inside."""
        return "/" + str(path.relative_to(self.path))

    @contextlib.contextmanager
    def workplace(self) -> Iterator[Path]:
        """A folder inside the root for one test, removed afterwards."""
        parent = self.path / "opt"
        place = Path(tempfile.mkdtemp(prefix="softlight-", dir=parent))
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def run(
        self, command: list[str], environment: Mapping[str, str], timeout: float = 240
    ) -> subprocess.CompletedProcess[str]:
        """Run `command` inside, with nothing of the caller's environment."""
        settings = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **environment}
        assignments = [f"{name}={value}" for name, value in settings.items()]
        return subprocess.run(
            ["chroot", str(self.path), "env", "-i", *assignments, "timeout", str(int(timeout)), *command],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )


def _missing() -> str | None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "real applications run in a root file system of their own, which only root can enter"
    if shutil.which("mmdebstrap") is None:
        return "mmdebstrap is not installed (apt-get install mmdebstrap)"
    return None


def root(suite: str = "trixie") -> Root:
    """The root file system of `suite`, built when it is not there yet.

    Raises
    ------
    NoHosts
        When it cannot be used or built here.
    """
    reason = _missing()
    if reason:
        raise NoHosts(reason)
    import fcntl  # POSIX only, and so is everything below

    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    finished = place / suite
    with (place / f"{suite}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.is_dir():
            _build(suite, finished, place / f"{suite}.part")
    return Root(finished)


def _build(suite: str, finished: Path, unfinished: Path) -> None:
    shutil.rmtree(unfinished, ignore_errors=True)
    options = [
        "--mode=root",
        "--variant=minbase",
        '--aptopt=APT::Install-Recommends "false"',
        # A mirror may be a snapshot older than its release files allow.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        '--aptopt=Acquire::Check-Date "false"',
        '--aptopt=Acquire::Languages "none"',
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT),
        f"--include={PACKAGES[suite]}",
    ]
    done = subprocess.run(
        ["mmdebstrap", *options, suite, str(unfinished), mirror()],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise NoHosts(f"mmdebstrap could not build {suite}: {done.stderr.strip()[-600:]}")
    unfinished.rename(finished)


if __name__ == "__main__":
    print(root().path)
