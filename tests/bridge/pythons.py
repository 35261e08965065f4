"""The other Pythons on this machine, old and new, for what must hold between them."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from pathlib import Path

BRIDGE = Path(__file__).parents[2] / "plugins" / "bridge"
VERSIONS = tuple(f"3.{minor}" for minor in range(8, 16))


@functools.cache
def other_python(version: str) -> str | None:
    """Return a Python of this version that starts, or None."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = [shutil.which(f"python{version}"), *root.glob(f"versions/{version}.*/bin/python{version}")]
    for candidate in map(str, filter(None, candidates)):
        done = subprocess.run([candidate, "-I", "-c", "pass"], capture_output=True, check=False)
        if done.returncode == 0:
            return candidate
    return None
