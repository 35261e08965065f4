"""A user without rights on a Debian desktop: GIMP, Krita, a Python without its venv module, an archive.

with newcomer(root) as user:
    user.unpack(archive)
    said = user.install("--offline", user.wheelhouse)
    user.root.run(["gimp-console", ...], user.place.environment)
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from roots import Root
from workplace import Workplace, workplace

from tests.hosts.gimp3 import INSIDE

USER = 1000
PASSWD = f"root:x:0:0:root:/:/bin/sh\nzoe:x:{USER}:{USER}:Zoë:/nonexistent:/bin/sh\n"


@dataclass(frozen=True)
class UserRoot(Root):
    """A root file system in which commands run as a user, who can write to nothing but `/tmp`."""

    place: Path
    shared: tuple[Path, ...] = ()
    """Files of this machine that are there under their own names: how the network is reached."""

    def entry(self) -> tuple[str, ...]:
        return ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--")

    def walls(self) -> list[str]:
        passwd = self.place / "passwd"
        passwd.write_text(PASSWD, "utf-8")
        # Where scripts that run inside GIMP are looked for; each folder on the way must let the user through.
        seen = Path(f"/machine{INSIDE}")
        way = [
            word for path in [*reversed(seen.parents)][1:] for word in ("--perms", "0755", "--dir", str(path))
        ]
        return [
            *("--bind", str(self.path), "/"),
            *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/dev/shm"),
            *("--bind", "/tmp", "/tmp", "--tmpfs", "/run", "--tmpfs", "/machine", *way),
            *("--ro-bind", str(INSIDE), str(seen), "--ro-bind", str(passwd), "/etc/passwd"),
            *(word for path in self.shared for word in ("--ro-bind", str(path), str(path))),
            *("--remount-ro", "/", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--die-with-parent"),
        ]


@dataclass(frozen=True)
class Newcomer:
    """The user, the desktop, and the home."""

    root: UserRoot
    place: Workplace

    @property
    def unpacked(self) -> Path:
        (folder,) = (self.place.home / "Downloads").glob("softlight-*[0-9]")
        return folder

    @property
    def script(self) -> Path:
        return self.unpacked / "installers/linux/install.sh"

    @property
    def wheelhouse(self) -> str:
        return str(self.unpacked / "wheelhouse")

    @property
    def engine(self) -> Path:
        return self.place.home / ".local/share/softlight/engine"

    @property
    def command(self) -> str:
        return str(self.place.home / ".local/bin/softlight")

    def unpack(self, archive: Path) -> None:
        """The first of the two commands."""
        folder = self.place.home / "Downloads"
        folder.mkdir(exist_ok=True)
        shutil.copy(archive, folder)
        os.chown(folder, USER, USER)
        self.run("tar", "-xf", str(folder / archive.name), "-C", str(folder))
        (folder / archive.name).unlink()

    def run(self, *command: str, fails: bool = False, **environment: str) -> str:
        """Run a command as the user to its end, and return what it said."""
        done = self.root.run(command, {**self.place.environment, **environment})
        assert (done.returncode != 0) == fails, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def install(self, *options: str, fails: bool = False, **environment: str) -> str:
        """The second of the two commands."""
        return self.run("sh", str(self.script), *options, fails=fails, **environment)

    def python(self, code: str) -> str:
        """Run a line in the installed engine's Python, and return what it prints."""
        return self.run(str(self.engine / "current/bin/python"), "-I", "-c", code).strip()

    def files(self) -> set[str]:
        """All that lies in the home, but for the unpacked archive."""
        home = self.place.home
        return {str(path.relative_to(home)) for path in home.rglob("*")} - {
            str(path.relative_to(home)) for path in (home / "Downloads").rglob("*")
        }


@contextlib.contextmanager
def newcomer(root: Root, shared: Sequence[Path] = ()) -> Iterator[Newcomer]:
    """Give a user with an empty home on a desktop, and take both away."""
    with workplace() as place:
        for path in (place.folder, *place.folder.iterdir()):
            os.chown(path, USER, USER)
        yield Newcomer(UserRoot(root.path, place.folder, tuple(shared)), place)
