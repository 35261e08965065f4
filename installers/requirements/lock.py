"""Make the locked requirements anew: ``python -m installers.requirements.lock [--upgrade]``.

They are what `pyproject.toml` asks for, resolved for every system and Python at once, with the SHA-256 of
every wheel. A version that is locked already stays while it fits; with ``--upgrade`` the newest are taken.
It needs `uv` and a package index.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tomllib

from installers.requirements.matrix import BACKENDS, BUILD, CONSTRAINTS, PYTHONS, ROOT, lock_path

COMMAND = "python -m installers.requirements.lock"


def lock(name: str, upgrade: bool) -> None:
    """Write one list.

    Parameters
    ----------
    name : str
        A back end, or `BUILD`.
    upgrade : bool
        Take the newest versions.

    Raises
    ------
    subprocess.CalledProcessError
        When uv finds no versions that fit; it has said why.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    if name == BUILD:
        source, asked = ["-"], "\n".join(project["build-system"]["requires"])
    else:
        source, asked = ["pyproject.toml", "--extra", name], ""
    options = [
        "--universal",
        "--generate-hashes",
        f"--python-version={PYTHONS[0]}",
        # Nothing may be compiled on a user's machine, and a source distribution may do anything at all there.
        "--only-binary=:all:",
        # One version for all Pythons, where there is one: what is tested is what is installed.
        "--fork-strategy=fewest",
        f"--constraints={CONSTRAINTS.relative_to(ROOT).as_posix()}",
        "--no-config",
        "--no-emit-find-links",
        f"--custom-compile-command={COMMAND}",
        f"--output-file={lock_path(name).relative_to(ROOT).as_posix()}",
        "--quiet",
        *(["--upgrade"] if upgrade else []),
    ]
    subprocess.run(["uv", "pip", "compile", *source, *options], cwd=ROOT, input=asked.encode(), check=True)


def main() -> int:
    """Write all lists and return the exit status."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Make the locked requirements anew.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    upgrade = parser.parse_args().upgrade
    if shutil.which("uv") is None:
        print("lock: uv is needed; install it with 'pip install uv'.", file=sys.stderr)
        return 1
    try:
        for name in (*BACKENDS, BUILD):
            lock(name, upgrade)
    except subprocess.CalledProcessError:
        print("lock: the lists could not be made, for the reason above.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
