"""A filter that Softlight does not have, added to a copy of the core as a developer would: as one folder.

It appears in the command line, in `filters.json`, in the engine and in the hosts, and none of them knows it.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import softlight

NAME, LABEL = "soft_glow", "Soft glow"
MARKED = "marked_glow"
"""Does the same, and its results say that AI edited the picture."""
HERE = Path(__file__).parent

BOOTSTRAP = """\
import runpy, sys
sys.path.insert(0, {core!r})
sys.argv[0] = {module!r}
runpy.run_module({module!r}, run_name="__main__", alter_sys=True)
"""


class Overlay(NamedTuple):
    """A copy of the core with the extra filter."""

    core: Path
    """The folder that holds the copied package."""
    engine: tuple[str, ...]
    """The command that starts its engine."""
    cli: tuple[str, ...]
    """The command that starts its command line; arguments follow."""
    listing: tuple[str, ...]
    """The command that prints its ``filters.json``."""


def overlay(folder: Path, python: str = sys.executable, *others: str) -> Overlay:
    """Copy the core into `folder`, add the filter's folder to it, and return how the copy is started.

    Parameters
    ----------
    folder : Path
        Exists; the copy takes about 4 MB.
    python : str
        What starts the copy: the Python of an environment in which Softlight is installed, or a script that
        calls it.
    others : str
        Filters to be added beside Soft glow, such as `MARKED`.
    """
    core = folder / "core"
    original = Path(softlight.__file__).parent
    shutil.copytree(original, core / "softlight", ignore=shutil.ignore_patterns("__pycache__"))
    for name in (NAME, *others):
        shutil.copytree(
            HERE / name, core / "softlight" / "filters" / name, ignore=shutil.ignore_patterns("__pycache__")
        )

    def command(name: str, module: str) -> tuple[str, ...]:
        script = folder / f"{name}.py"
        script.write_text(BOOTSTRAP.format(core=str(core), module=module), encoding="utf-8")
        return python, "-I", str(script)

    return Overlay(
        core,
        engine=command("engine", "softlight.engine"),
        cli=command("cli", "softlight"),
        listing=command("listing", "softlight.filters.listing"),
    )
