"""The plug-in as a zip, unpacked by hand into the folder of plug-ins of real GIMPs.

Run:   python -m pytest -m hosts tests/hosts/test_gimp_unzipped.py
Needs: what `roots.py` needs; some 20 s for each GIMP. 3.0 runs by default.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from conftest import find_gimp210, find_root
from gimp3 import SAMPLES, VERSIONS, Gimp3
from workplace import Workplace

import softlight
from softlight.plugins.archives import archive, pack
from softlight.plugins.hosts import Kind
from tests.extra_filter import NAME, overlay

pytestmark = pytest.mark.hosts

GIMPS = [
    pytest.param("trixie", id="GIMP 3.0"),
    pytest.param("forky", id="GIMP 3.2", marks=pytest.mark.all_hosts),
]
NO_ENGINE = (
    "Softlight's engine, which does the work of this plug-in, is not installed for you; install it by "
    "Softlight's installer or by the commands of its README, then start GIMP again."
)


def zipped(kind: Kind, place: Workplace) -> Path:
    pack([kind], place.pictures)
    return place.pictures / archive(kind).name


def unzip(path: Path, folder: Path) -> None:
    """Unpack as `unzip` does, which keeps permissions and times; Python's zipfile keeps neither."""
    if shutil.which("unzip"):
        subprocess.run(["unzip", "-q", str(path), "-d", str(folder)], check=True)
        return
    with zipfile.ZipFile(path) as opened:
        opened.extractall(folder)
        for entry in opened.infolist():
            (folder / entry.filename).chmod(entry.external_attr >> 16 & 0o777)


def run(gimp: Gimp3) -> dict[str, Any]:
    return gimp.run("gimp3_unzipped", {"photo": f"/machine{SAMPLES / 'hopper.jpg'}"})


@pytest.mark.parametrize("name", GIMPS)
def test_unzipped_and_used(name: str, place: Workplace) -> None:
    gimp = Gimp3(find_root(name), place, VERSIONS[name])
    plugins = place.gimp_profile(gimp.version) / "plug-ins"
    plugins.mkdir()
    path = zipped("gimp", place)

    with zipfile.ZipFile(path) as opened:
        opened.extractall(plugins)
    assert run(gimp)["procedures"] == [], "GIMP passes over a script that may not run"
    told = place.softlight("plugins", "status", "--gimp").stdout
    assert f"'{gimp.plugin / 'softlight.py'}' is not executable, so GIMP skips it; run " in told
    shutil.rmtree(gimp.plugin)

    unzip(path, plugins)
    found = run(gimp)
    assert (found["status"], found["said"], found["layers"]) == ("EXECUTION_ERROR", NO_ENGINE, ["Background"])
    assert "Traceback" not in found["log"]
    told = place.softlight("plugins", "status", "--gimp").stdout
    assert "It came as a file and does not know where the engine is; run 'softlight plugins install'." in told

    # Softlight is installed for Krita alone; nobody touches this plug-in.
    place.softlight("plugins", "install", "--krita")
    place.point_at_this_python()
    found = run(gimp)
    assert (found["status"], found["layers"]) == ("SUCCESS", ["De-wrinkle", "Background"]), found["said"]
    assert f"Took over Softlight {softlight.__version__}" in place.install_plugins("--gimp")
    assert run(gimp)["status"] == "SUCCESS"
    assert place.softlight("plugins", "uninstall", "--gimp").returncode == 0
    assert list(plugins.iterdir()) == []


@pytest.mark.all_hosts
@pytest.mark.parametrize("name", GIMPS)
def test_gimp_asks_again_when_the_time_has_changed_be_it_to_an_earlier_one(
    name: str, place: Workplace
) -> None:
    """So two versions must never have one date; which of them is the later does not matter."""
    gimp = Gimp3(find_root(name), place, VERSIONS[name])
    plugins = place.gimp_profile(gimp.version) / "plug-ins"
    plugins.mkdir()
    unzip(zipped("gimp", place), plugins)
    before = run(gimp)["procedures"]
    script = gimp.plugin / "softlight.py"
    time = script.stat().st_mtime
    listed = subprocess.run(overlay(place.folder).listing, capture_output=True, check=True).stdout
    (gimp.plugin / "filters.json").write_bytes(listed)
    assert run(gimp)["procedures"] == before
    os.utime(script, (time - 86400, time - 86400))
    (new,) = set(run(gimp)["procedures"]) - set(before)
    assert NAME.replace("_", "-") in new


@pytest.mark.all_hosts
def test_unzipped_into_gimp_210(place: Workplace) -> None:
    gimp = find_gimp210(place)
    plugins = gimp.plugin.parent
    assert place.softlight("plugins", "uninstall", "--gimp").returncode == 0
    unzip(zipped("gimp210", place), plugins)
    found, log = gimp.run("gimp210_refusals", "run_once")
    assert (found["outcome"], found["unchanged"]) == ("execution error", True)
    assert f"De-wrinkle (8 bit)-Warning: {NO_ENGINE}" in log and "Traceback" not in log

    place.softlight("plugins", "install", "--krita")
    place.point_at_this_python()
    found, log = gimp.run("gimp210_refusals", "run_once")
    assert (found["outcome"], found["digest"]) == ("layers", True), log
    assert f"Took over Softlight {softlight.__version__}" in place.install_plugins("--gimp")
