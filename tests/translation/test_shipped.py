"""Languages reach those who use them: they are in the wheel, and in every host that a plug-in is put into."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from softlight.plugins.contents import contents
from tests.core.plugins.conftest import KINDS, Computer, host_on
from tools.translation.catalogue import ROOT, compiled_path, languages

INSIDE = {
    "gimp": "softlight_bridge",
    "gimp210": "softlight_gimp210",
    "krita": "carried/softlight_bridge",
}
"""Folders of a plug-in in which its `translation` looks for languages."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_plugin_has_all_languages(kind: str, tmp_path: Path) -> None:
    files = contents(host_on(Computer("linux", tmp_path), kind)).files
    for language in languages():
        installed = f"{INSIDE[kind]}/locale/{language}/LC_MESSAGES/softlight.mo"
        assert files[installed] == compiled_path(language).read_bytes()


def test_the_wheel_has_all_languages(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="needs hatchling, which builds the wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    for language in languages():
        assert f"softlight_bridge/locale/{language}/LC_MESSAGES/softlight.mo" in held
