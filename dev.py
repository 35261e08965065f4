#!/usr/bin/env python3
"""The commands of this repository: `python3 dev.py demo`, `test`, `hosts` and `manual`.

It needs Python and nothing else: it makes its own environment inside the checkout. This file keeps to syntax
that any Python can parse, 2.7 included, so that one that is too old can say so.
"""

import sys

OLDEST_PYTHON = (3, 11)
if sys.version_info < OLDEST_PYTHON:
    sys.exit(
        "dev.py: this is Python %d.%d, and Softlight needs %d.%d or newer; "
        "install it from python.org and start dev.py with it." % (sys.version_info[:2] + OLDEST_PYTHON)
    )

import argparse  # noqa: E402
import hashlib  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import platform  # noqa: E402
import shutil  # noqa: E402
import subprocess  # noqa: E402

ROOT = os.path.dirname(os.path.abspath(__file__))
STAMP = "softlight-dev.json"
"""Lies in each environment that this file made: what is installed there, and from what."""

USAGE = """\
python3 dev.py demo [--backend cpu|directml|cuda] [--out FOLDER]
       python3 dev.py test [pytest's arguments]
       python3 dev.py hosts [pytest's arguments]
       python3 dev.py manual"""
DESCRIPTION = """\
demo   remove the wrinkles from the two sample portraits, and say where the pictures are
test   check lint, format and types, then run the tests, in GIMP 3.0, Krita 5.1 and Krita 5.2 too
hosts  run only the tests that drive real applications, in every GIMP and Krita and under wine
manual build the manual of docs/ as a site in build/manual, and say where it is

The first run makes an environment in this folder and installs what is needed into it (about 400 MB)."""


def main(arguments):
    """Run one command and return its exit status."""
    parser = argparse.ArgumentParser(
        usage=USAGE,
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("command", choices=["demo", "test", "hosts", "manual"])
    parser.add_argument("--backend", choices=["cpu", "directml", "cuda"], help="which onnxruntime to install")
    options, rest = parser.parse_known_args(arguments)
    windows = sys.platform == "win32"
    backend = options.backend or ("directml" if windows and options.command == "demo" else "cpu")
    if backend == "directml" and not windows:
        stop("DirectML exists on Windows only; choose --backend cpu or --backend cuda here.")

    if options.command == "demo":
        python = environment(backend, {backend})
        return run([python, "-m", "softlight", "demo"] + rest, os.getcwd())
    if options.command == "manual":
        python = environment(backend, {backend, "docs"})
        return run([python, "-m", "tools.manual", os.path.join(ROOT, "build", "manual")])
    python = environment(backend, {backend, "test"})
    if options.command == "hosts":
        return run([python, "-m", "pytest", "-m", "hosts"] + rest)
    return check(python, rest)


def check(python, pytest_arguments):
    """Run every check in turn, the quick ones first, and stop at the first that fails."""
    steps = [
        ("lint", ["ruff", "check", "."]),
        ("format", ["ruff", "format", "--check", "."]),
        ("types", ["mypy"]),
        # Two processes: real applications, which mostly wait, beside all other tests (tests/conftest.py).
        ("tests", ["pytest", "-n", "2"] + pytest_arguments),
    ]
    for name, step in steps:
        say("%s: %s" % (name, " ".join(step)))
        status = run([python, "-m"] + step)
        if status != 0:
            # pytest's own closing line stays the last one.
            if name != "tests":
                say("%s failed; the checks after it were not run." % name)
            return status
    return 0


def environment(backend, extras):
    """Return the Python of an up-to-date environment, made or completed where necessary.

    There is one environment per back end, because two onnxruntime packages in one disable each other.
    """
    folder = os.path.join(ROOT, ".venv" if backend == "cpu" else ".venv-" + backend)
    python = python_of(folder)
    wanted = fingerprint()
    stamp = read_stamp(folder)
    if os.path.isdir(folder) and stamp is None:
        stop("%s exists, but dev.py did not make it; move it away or delete it, then start again." % folder)
    fresh = stamp is not None and stamp.get("made_from") == wanted and os.path.exists(python)
    if fresh and extras <= set(stamp.get("extras", [])):
        return python
    if not fresh:
        make_environment(folder, renewed=stamp is not None)
    else:
        extras = extras | set(stamp["extras"])
    write_stamp(folder, {"made_from": "unfinished"})
    say("installing what Softlight needs (a few minutes the first time)")
    what = ".[%s]" % ",".join(sorted(extras))
    status = run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-e", what])
    if status != 0:
        stop("installing failed for the reason that pip gives above; put it right and start again.")
    write_stamp(folder, {"made_from": wanted, "extras": sorted(extras)})
    return python


def make_environment(folder, renewed):
    """Make an empty environment in `folder`, instead of what lies there."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        stop(
            "this Python comes without its venv module; on Debian and Ubuntu install it with "
            "'sudo apt install python3-venv', elsewhere take Python from python.org."
        )
    if renewed:
        say("pyproject.toml or Python changed, or the last try was broken off: making %s anew" % folder)
        try:
            shutil.rmtree(folder)
        except OSError as error:
            stop("%s cannot be replaced (%s); close what uses it and start again." % (folder, error))
    else:
        say("making an environment in %s" % folder)
    try:
        os.makedirs(folder)
        write_stamp(folder, {"made_from": "unfinished"})
    except OSError as error:
        stop("%s cannot be made: %s." % (folder, error))
    # The interpreter behind an activated environment, because that environment may be the one replaced.
    status = run([getattr(sys, "_base_executable", None) or sys.executable, "-m", "venv", folder])
    if status != 0:
        stop("Python's venv module failed for the reason given above.")


def fingerprint():
    """Return a digest of all that an environment depends on: pyproject.toml, this Python, this folder."""
    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        project = file.read()
    parts = [project, platform.python_version(), platform.machine(), sys.platform, ROOT]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else part.encode("utf-8", "surrogateescape"))
        digest.update(b"\0")
    return digest.hexdigest()


def python_of(folder):
    """Return where the environment in `folder` keeps its Python."""
    if sys.platform == "win32":
        return os.path.join(folder, "Scripts", "python.exe")
    return os.path.join(folder, "bin", "python")


def read_stamp(folder):
    """Return what `write_stamp` left, an empty dict for an unreadable one, `None` where there is none."""
    try:
        with open(os.path.join(folder, STAMP), encoding="utf-8") as file:
            stamp = json.load(file)
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(folder, stamp):
    """Note in `folder` what is installed there."""
    with open(os.path.join(folder, STAMP), "w", encoding="utf-8") as file:
        json.dump(stamp, file)


def run(command, folder=ROOT):
    """Run a command in `folder` and return its exit status."""
    clean = dict(os.environ, PYTHONNOUSERSITE="1")
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"):
        clean.pop(name, None)
    return subprocess.call(command, cwd=folder, env=clean)


def say(text):
    """Tell the user what happens next."""
    sys.stdout.write("dev.py: " + text + "\n")
    sys.stdout.flush()


def stop(text):
    """Leave with one sentence."""
    sys.exit("dev.py: " + text)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
