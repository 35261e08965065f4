"""What the tests of the installers for Linux and macOS start from."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from roots import NoHosts, Root, root

from installers.release import release

PYTHON = "3.13"
"""That of Debian 13, in which its module ensurepip is missing."""


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with all wheels for Debian 13, or a skip where they cannot be had."""
    try:
        return release(tmp_path_factory.mktemp("release"), "cpu", PYTHON)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"the wheels cannot be had: {error}")


@pytest.fixture(scope="session")
def trixie() -> Root:
    """Debian 13 with GIMP and Krita."""
    try:
        return root("trixie")
    except NoHosts as reason:
        pytest.skip(str(reason))
