"""Show the installer for Linux on a Debian that was just made, with a network: times, sizes, what is left.

Run:   python tests/installers/show_linux.py [--cuda] [--kills 10] [--root FOLDER]
Needs: what `tests/hosts/roots.py` needs, a package index and some minutes; with --cuda 1.7 GB of downloads.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TOP = Path(__file__).parents[2]
sys.path[:0] = [str(TOP), str(TOP / "tests/hosts")]

from roots import DESKTOP, GIMP_3, KRITA_5, Recipe, Root, bootstrap, end  # noqa: E402

from installers.release import release  # noqa: E402
from tests.full_disks import mounted  # noqa: E402
from tests.installers.newcomer import Newcomer, newcomer  # noqa: E402
from tests.installers.portraits import in_gimp, in_krita  # noqa: E402

NETWORK = {name: os.environ[name] for name in ("PIP_CERT", "PIP_INDEX_URL") if name in os.environ}
"""How this machine reaches its package index; elsewhere empty."""
SHARED = [Path("/etc/resolv.conf"), *map(Path, (NETWORK[name] for name in NETWORK if name == "PIP_CERT"))]


PROVIDERS = """
from softlight.runtime import installation
found = installation.load()
print(found.__version__, found.get_available_providers())
"""


def timed(what: str, do: Callable[[], Any]) -> Any:
    start = time.monotonic()
    result = do()
    print(f"{what}: {time.monotonic() - start:.1f} s", flush=True)
    return result


def size(path: Path) -> str:
    said = subprocess.run(["du", "-sm", path], capture_output=True, text=True, check=True).stdout
    return f"{said.split()[0]} MB"


def show_gimp(user: Newcomer) -> None:
    told, command = in_gimp(user, "done.xcf")
    print(f"  GIMP's layers: {told['tree']}\n  photo unchanged: {told['photo unchanged']}")
    print(f"  the engine that ran: {' '.join(command)}")
    shutil.copy(user.place.pictures / "merged.png", "/tmp/softlight-show-gimp.png")


def show_krita(user: Newcomer) -> None:
    print(f"  Krita's layers: {in_krita(user)}")


def killed(user: Newcomer, times: int, longest: float, draw: random.Random) -> None:
    """Kill installations at moments drawn over their whole length; the engine must work each time."""
    for number in range(times):
        process = user.root.start(["sh", str(user.script)], {**user.place.environment, **NETWORK})
        wait = longest * (number + draw.random()) / times
        time.sleep(wait)
        over = process.poll() is not None
        # Even times the script with all that it started, odd times the script alone.
        if number % 2 == 0:
            end(process, signal.SIGKILL)
        else:
            for child in user.place.processes():
                words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
                if words[0] == b"sh" and b"install.sh" in words[1]:
                    os.kill(child, signal.SIGKILL)
            time.sleep(1)
            end(process, signal.SIGKILL)
        left = sorted(path.name.partition("-")[0] for path in user.engine.iterdir())
        works = user.run(user.command, "--version").strip()
        status = user.run(user.command, "plugins", "status").count("and its engine starts")
        print(
            f"  killed after {wait:.1f} s{' (it was over)' if over else ''}: "
            f"{works}, {status} hosts; left {left}"
        )
        assert status == 2


def full_disk(user: Newcomer) -> None:
    """An installation whose disk fills up meanwhile, and one that sees beforehand that it is too full."""
    with mounted(user.place.folder / "small", "size=1000m,mode=777") as disk:
        words = {"XDG_DATA_HOME": str(disk), **NETWORK}
        filler = threading.Timer(2.0, lambda: (disk / "filler").write_bytes(bytes(800_000_000)))
        filler.start()
        print("  " + user.install(fails=True, **words).splitlines()[-1])
        filler.join()
        print(f"  left: {[path.name for path in disk.iterdir()]}")
        print("  " + user.install(fails=True, **words).splitlines()[-1])
        print(f"  left: {[path.name for path in disk.iterdir()]}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cuda", action="store_true")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--root", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        fresh = options.root or Path(temporary) / "debian"
        if options.root is None:
            recipe = Recipe(("trixie",), (*GIMP_3, *KRITA_5, *DESKTOP))
            timed("a fresh Debian 13 with GIMP and Krita", lambda: bootstrap(recipe, fresh))
        archive = timed("the archive", lambda: release(Path(temporary) / "dist"))
        print(f"  {archive.name}: {archive.stat().st_size / 1e6:.1f} MB")
        with newcomer(Root(fresh), SHARED) as user:
            venv = ["/usr/bin/python3", "-c", "import sys, ensurepip"]
            print(f"  Python without ensurepip: {user.run(*venv, fails=True).splitlines()[-1]}")
            timed("first command, tar", lambda: user.unpack(archive))
            before = user.files()
            start = time.monotonic()
            print(user.install(**NETWORK))
            longest = time.monotonic() - start
            print(f"second command, install.sh: {longest:.1f} s; engine {size(user.engine)}")
            timed("De-wrinkle in GIMP", lambda: show_gimp(user))
            timed("De-wrinkle in Krita", lambda: show_krita(user))
            timed("kill -9", lambda: killed(user, options.kills, longest, random.Random(9)))
            if options.cuda:
                said = timed("--backend cuda", lambda: user.install("--backend", "cuda", **NETWORK))
                print(said.splitlines()[0], f"\n  engine {size(user.engine)}")
                print("  " + user.python(PROVIDERS))
                print(user.run(user.command, "doctor").splitlines()[-1])
                timed("--backend cpu again", lambda: user.install("--backend", "cpu", **NETWORK))
                print("  " + user.python(PROVIDERS))
            timed("full disk", lambda: full_disk(user))
            timed("--uninstall", lambda: print(user.install("--uninstall")))
            left = sorted(user.files() - before)
            print(
                f"left in the home: {len(left)}, of which with our name: "
                f"{[path for path in left if 'softlight' in path]}"
            )
            print("  " + "\n  ".join(path for path in left if path.count("/") <= 2))


if __name__ == "__main__":
    main()
