"""Show that the locked requirements install everywhere: ``python -m installers.requirements.check``.

For each list, system and Python of the matrix `uv` resolves the list from the package index, with checksums
and wheels alone, without installing anything. The table says how much a user downloads. It needs `uv`, a
package index and the library `packaging`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence

from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import parse_wheel_filename

from installers.requirements.matrix import OLDEST_MACOS, Platform, cells, lock_path

COMMAND = "python -m installers.requirements.check"


class DoesNotResolve(Exception):
    """uv's own words on what is missing."""


def download_size(name: str, platform: Platform, python: str) -> int:
    """Resolve a list for one system and Python, and return the bytes of its wheels.

    Raises
    ------
    DoesNotResolve
        When a wheel is missing or has another checksum.
    """
    target = [f"--python-platform={platform.target}", f"--python-version={python}", "--only-binary=:all:"]
    with tempfile.TemporaryDirectory() as empty:
        listed = ["--require-hashes", f"--requirements={lock_path(name)}"]
        _uv("install", "--dry-run", f"--target={empty}", *listed, *target)
    said = _uv("compile", str(lock_path(name)), "--no-deps", "--format=pylock.toml", *target)
    order = {tag: place for place, tag in enumerate(_tags(platform, python))}
    return sum(_chosen(package["wheels"], order)["size"] for package in tomllib.loads(said)["packages"])


def _uv(*words: str) -> str:
    environment = {**os.environ, "MACOSX_DEPLOYMENT_TARGET": OLDEST_MACOS}
    done = subprocess.run(
        ["uv", "pip", *words, "--no-config"], capture_output=True, env=environment, check=False
    )
    if done.returncode != 0:
        raise DoesNotResolve(done.stderr.decode())
    return done.stdout.decode()


def _chosen(wheels: Sequence[dict[str, object]], order: dict[Tag, int]) -> dict[str, int]:
    """Return the wheel that an installer takes: the one of the first tag that it prefers."""
    found = []
    for wheel in wheels:
        filename = str(wheel["url"]).rpartition("/")[2].replace("%2B", "+")
        places = [order[tag] for tag in parse_wheel_filename(filename)[3] if tag in order]
        if places:
            found.append((min(places), wheel["size"]))
    if not found:
        raise DoesNotResolve(f"No wheel fits among {wheels}.")
    return {"size": int(str(min(found)[1]))}


def _tags(platform: Platform, python: str) -> list[Tag]:
    version = tuple(int(number) for number in python.split("."))
    if platform.system == "win32":
        platforms = ["win_amd64"]
    elif platform.system == "darwin":
        major, minor = OLDEST_MACOS.split(".")
        platforms = list(mac_platforms((int(major), int(minor)), platform.machine))
    else:
        newest = int(platform.target.rpartition("_")[2])
        platforms = [f"manylinux_2_{glibc}_{platform.machine}" for glibc in range(newest, 4, -1)]
        platforms += [f"manylinux{year}_{platform.machine}" for year in ("2014", "2010", "1")]
    interpreter = f"cp{version[0]}{version[1]}"
    return [*cpython_tags(version, platforms=platforms), *compatible_tags(version, interpreter, platforms)]


def main() -> int:
    """Print the table as Markdown and return the exit status."""
    print("| list | platform | Python | download |\n|---|---|---|---|", flush=True)
    failed = 0
    for name, platform, python in cells():
        try:
            outcome = f"{download_size(name, platform, python) / 1e6:.1f} MB"
        except DoesNotResolve as error:
            outcome, failed = f"does not resolve: {' '.join(str(error).split())}", failed + 1
        print(f"| {name} | {platform.name} | {python} | {outcome} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
