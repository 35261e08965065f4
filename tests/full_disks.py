"""Disks that are full, and what writing on them must leave behind: nothing."""

import contextlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from softlight.errors import PictureError


@contextlib.contextmanager
def mounted(folder: Path, options: str = "size=64k") -> Iterator[Path]:
    """A file system of its own in memory: the one way to a full or read-only disk that stops root as well."""
    folder.mkdir()
    try:
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "softlight-test", str(folder)],
            capture_output=True,
            check=False,
        )
    except OSError as error:
        pytest.skip(f"no mount here: {error}")
    if made.returncode != 0:
        pytest.skip(f"only root may mount a small disk: {made.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def refused(path: Path, write: Callable[[], object]) -> str:
    """The sentence of the failure; and nothing has changed in the folder."""
    before = {entry: entry.read_bytes() for entry in path.parent.iterdir()}
    with pytest.raises(PictureError) as caught:
        write()
    assert {entry: entry.read_bytes() for entry in path.parent.iterdir()} == before
    text = str(caught.value)
    assert text.endswith(".") and "; " in text and "\n" not in text
    return text
