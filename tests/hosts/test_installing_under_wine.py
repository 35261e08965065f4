"""`softlight plugins` in Windows' Python: its folders, its registry, its files in use.

wine stands in for Windows; GIMP and Krita are there by name only. The user is called Zoë.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from roots import Root
from windows_python import WindowsPython
from workplace import Workplace, workplace

import softlight
from softlight.plugins.archives import archive

pytestmark = pytest.mark.hosts

ROOT = Path(__file__).parents[2]
PACKAGES = [
    ROOT / name for name in ("core", "model_store", "plugins/bridge", "plugins/gimp", "plugins/krita")
]
GIMP = "GIMP/3.0/plug-ins/softlight"
KRITA = "krita/pykrita"


@pytest.fixture(scope="module")
def home() -> Iterator[Workplace]:
    with workplace() as place:
        yield place


@pytest.fixture(scope="module")
def told(plain_windows: WindowsPython, home: Workplace) -> dict[str, Any]:
    windows = plain_windows.for_user(home.folder, PACKAGES)
    output = windows.run(Path(__file__).parent / "inside" / "plugins_on_windows.py", [])
    found: dict[str, Any] = json.loads(output.splitlines()[-1])
    windows.leave()
    return found


def test_both_hosts_are_found_in_the_folders_of_windows(told: dict[str, Any]) -> None:
    status, text = told["before"]
    assert status == 7
    assert text.splitlines() == [
        "GIMP 3.0",
        "  Problem: It is not installed; run 'softlight plugins install'.",
        "Krita 5.2.9",
        "  Problem: It is not installed; run 'softlight plugins install'.",
    ]
    assert told["roaming"].endswith(r"Zoë\AppData\Roaming")
    assert told["config"].endswith(r"AppData\Local\softlight")


def test_the_plug_ins_are_installed(told: dict[str, Any]) -> None:
    status, text = told["installed"]
    assert status == 0, text
    assert "executable" not in text
    wanted = {f"{GIMP}/softlight.py", f"{GIMP}/softlight_bridge/client.py", f"{GIMP}/engine.json"}
    wanted |= {
        f"{KRITA}/softlight_krita.desktop",
        f"{KRITA}/softlight_krita/carried/softlight_bridge/client.py",
    }
    assert wanted <= set(told["files"])
    assert "[python]\nenable_softlight_krita=true\nenable_other=true" in told["kritarc"]
    status, text = told["status"]
    assert status == 0, text
    assert [host["problems"] for host in json.loads(text)["hosts"]] == [[], []]
    assert told["again"][0] == 0


def test_a_file_in_use_keeps_the_old_version_whole(told: dict[str, Any]) -> None:
    status, text = told["in use"]
    assert status == 7
    assert "is in use or may not be changed; close GIMP and Krita, then try again." in text
    assert told["entry then"] == "# older"
    assert told["files then"] == told["files"]
    assert told["free again"][0] == 0, told["free again"][1]
    assert "softlight" in told["entry afterwards"]


def test_nothing_is_left(told: dict[str, Any]) -> None:
    assert told["removed"][0] == 0, told["removed"][1]
    assert told["left"] == [[], []]
    assert told["kritarc after"] == "a=1\r\n\r\n[python]\r\nenable_other=true\r\n"


def test_a_zip_is_the_same_and_is_imported_and_taken_over(
    plain_windows: WindowsPython, trixie: Root, place: Workplace
) -> None:
    """By Krita's own importer, whose module is the same for all systems."""
    windows = plain_windows.for_user(place.folder, PACKAGES)
    importer = trixie.path / "usr/share/krita/pykrita/plugin_importer/plugin_importer.py"
    output = windows.run(Path(__file__).parent / "inside" / "krita_zip_on_windows.py", [importer])
    windows.leave()
    told = json.loads(output.splitlines()[-1])
    ours = [archive(kind) for kind in ("krita", "gimp", "gimp210")]
    assert told["packed"] == {one.name: hashlib.sha256(one.content).hexdigest() for one in ours}
    assert told["imported"] == ["softlight_krita"]
    said, status = told["alone"]
    assert said.startswith(
        "Softlight's engine, which does the work of this plug-in, is not installed for you"
    )
    assert "It came as a file and does not know where the engine is" in status
    assert "No GIMP was found" in told["no gimp"]
    command, status = told["with engine"]
    assert command.endswith("-I -m softlight.engine") and "and its engine starts" in status
    assert f"Took over Softlight {softlight.__version__}, which came as a file" in told["taken over"]
    assert "Removed Softlight" in told["removed"]
    assert told["left"] == []
