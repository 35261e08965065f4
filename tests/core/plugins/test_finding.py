"""Which hosts are found, on which computers, and where their plug-ins go."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from softlight.plugins import gimp, krita
from softlight.plugins.hosts import numbers
from softlight.plugins.machine import InstalledProgram, System, this_machine
from softlight_bridge import places
from tests.core.plugins.conftest import SYSTEMS, Computer, touch

Make = Callable[[System], Computer]


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_gimp_that_is_installed_or_has_left_settings(computer: Make, system: System) -> None:
    here = computer(system)
    program = here.gimp("3.2")
    here.gimp_profile("3.0")
    here.gimp_profile("2.10")
    (here.config / "GIMP" / "2.8").mkdir()
    (here.config / "GIMP" / "2.99").mkdir()
    (here.config / "GIMP" / "notes").mkdir()
    found = gimp.find(here.machine)
    assert [(host.label, host.kind, host.program) for host in found] == [
        ("GIMP 2.10", "gimp210", None),
        ("GIMP 3.0", "gimp", None),
        ("GIMP 3.2", "gimp", program),
    ]
    assert [host.target for host in found] == [
        here.config / "GIMP" / version / "plug-ins" / "softlight" for version in ("2.10", "3.0", "3.2")
    ]


def test_a_gimp_whose_python_lacks_its_bindings(linux: Computer) -> None:
    """As on Arch, where they are optional."""
    program = linux.gimp("3.0")
    assert gimp.find(linux.machine)[0].obstacle is None, "there is no Python beside it"
    python = touch(linux.binaries / "python3")
    assert gimp.find(linux.machine)[0].obstacle is None, "that Python does not start"
    linux.said["python3 -I -c "] = ""
    obstacle = gimp.find(linux.machine)[0].obstacle
    assert obstacle is not None
    assert obstacle.startswith(f"GIMP 3.0 at '{program}' finds no bindings for Python")
    assert "sudo apt install python3-gi gir1.2-gimp-3.0;" in obstacle
    linux.said[gimp.BINDINGS] = ""
    (host,) = gimp.find(linux.machine)
    assert (host.obstacle, host.python) == (None, python)


@pytest.mark.parametrize("system", SYSTEMS)
def test_nothing_is_found_where_nothing_is(computer: Make, system: System) -> None:
    here = computer(system)
    assert gimp.find(here.machine) == ()
    assert krita.find(here.machine) == ()


def test_the_xdg_folder_is_honoured_and_a_relative_one_is_not(linux: Computer, tmp_path: Path) -> None:
    linux.gimp("3.0")
    linux.variables["XDG_CONFIG_HOME"] = str(tmp_path / "other")
    assert gimp.find(linux.machine)[0].profile == tmp_path / "other" / "GIMP" / "3.0"
    linux.variables["XDG_CONFIG_HOME"] = "other"
    assert gimp.find(linux.machine)[0].profile == linux.home / ".config" / "GIMP" / "3.0"


@pytest.mark.parametrize(("given", "meant"), [("/somewhere/else", "/somewhere/else"), ("mine", "HOME/mine")])
def test_gimps_own_variable_moves_its_folder(linux: Computer, given: str, meant: str) -> None:
    linux.gimp("3.0")
    linux.gimp_profile("2.10")
    linux.variables["GIMP3_DIRECTORY"] = given
    found = {host.label: host.profile for host in gimp.find(linux.machine)}
    assert found == {
        "GIMP 2.10": linux.home / ".config/GIMP/2.10",
        "GIMP 3.0": Path(meant.replace("HOME", str(linux.home))),
    }


def test_a_folder_of_another_name_tells_its_version(linux: Computer, tmp_path: Path) -> None:
    folder = tmp_path / "profile"
    folder.mkdir()
    (folder / "gimprc").write_text('# GIMP gimprc\n(config-version "3.2.6")\n')
    linux.variables["GIMP3_DIRECTORY"] = str(folder)
    (host,) = gimp.find(linux.machine)
    assert (host.label, host.profile) == ("GIMP 3.2", folder)
    linux.variables["GIMP2_DIRECTORY"] = str(folder)
    assert [host.label for host in gimp.find(linux.machine)] == ["GIMP 2.10", "GIMP 3.2"]


def test_a_gimp_without_its_version_in_the_name_is_asked(linux: Computer) -> None:
    program = touch(linux.binaries / "gimp")
    linux.said["gimp --version"] = "GNU Image Manipulation Program version 3.0.4\n"
    (host,) = gimp.find(linux.machine)
    assert (host.version, host.program) == ((3, 0), program)


def test_one_gimp_under_several_names_is_one(linux: Computer) -> None:
    program = linux.gimp("3.0")
    (linux.binaries / "gimp-3").symlink_to("gimp-3.0")
    touch(linux.binaries / "gimp-console-3.0")
    touch(linux.binaries / "gimp-script-fu-interpreter-3.0")
    (host,) = gimp.find(linux.machine)
    assert host.program == program


def test_windows_list_of_programs_leads_to_a_gimp_elsewhere(computer: Make, tmp_path: Path) -> None:
    here = computer("windows")
    program = touch(tmp_path / "D" / "Gimp" / "bin" / "gimp-3.0.exe")
    here.installed.append(InstalledProgram("GIMP 3.0.4-1", "3.0.4", str(tmp_path / "D" / "Gimp")))
    (host,) = gimp.find(here.machine)
    assert (host.label, host.program) == ("GIMP 3.0", program)


@pytest.mark.parametrize("version", ["2.8", "2.99"])
def test_a_gimp_that_is_too_old(linux: Computer, version: str) -> None:
    linux.gimp(version)
    (host,) = gimp.find(linux.machine)
    assert host.obstacle is not None and f"GIMP {version} is too old" in host.obstacle


@pytest.mark.parametrize("place", ["lib/gimp/2.0", "lib64/gimp/2.0", "lib/x86_64-linux-gnu/gimp/2.0"])
def test_gimp_210_needs_gimpfu(linux: Computer, place: str) -> None:
    linux.gimp("2.10")
    (without,) = gimp.find(linux.machine)
    assert without.obstacle is not None and "built without Python (gimpfu)" in without.obstacle
    touch(linux.root / "usr" / place / "python" / "gimpfu.py")
    (with_it,) = gimp.find(linux.machine)
    assert with_it.obstacle is None


@pytest.mark.parametrize("system", SYSTEMS)
def test_krita_by_its_program(computer: Make, system: System) -> None:
    here = computer(system)
    program = here.krita("5.2.9")
    (host,) = krita.find(here.machine)
    assert (host.label, host.version, host.program) == ("Krita 5.2.9", (5, 2, 9), program)
    assert host.target == here.resources / "pykrita" / "softlight_krita"
    assert host.kritarc == here.kritarc
    assert host.obstacle is None


@pytest.mark.parametrize("system", SYSTEMS)
def test_krita_by_its_settings_alone(computer: Make, system: System) -> None:
    here = computer(system)
    here.kritarc.parent.mkdir(parents=True, exist_ok=True)
    here.kritarc.touch()
    (host,) = krita.find(here.machine)
    assert (host.label, host.program) == ("Krita", None)


def test_krita_can_be_taken_for_granted(linux: Computer) -> None:
    (host,) = krita.find(linux.machine, assumed=True)
    assert host.target == linux.home / ".local/share/krita/pykrita/softlight_krita"


def test_the_folder_that_the_user_chose_in_krita(linux: Computer) -> None:
    chosen = linux.home / "Krita resources"
    linux.kritarc.parent.mkdir(parents=True)
    linux.kritarc.write_text(f"ResourceDirectory={chosen}\n\n[python]\n", encoding="utf-8")
    (host,) = krita.find(linux.machine)
    assert host.profile == linux.resources, "Krita falls back on its own where the folder is missing"
    chosen.mkdir()
    (host,) = krita.find(linux.machine)
    assert host.profile == chosen


@pytest.mark.parametrize(
    ("version", "old"), [("4.4.8", True), ("5.0.2", True), ("5.1.5", False), ("6.0.4.1", False)]
)
def test_krita_from_5_1_on(linux: Computer, version: str, old: bool) -> None:
    linux.krita(version)
    (host,) = krita.find(linux.machine)
    assert (host.obstacle is not None) == old
    if host.obstacle:
        assert host.obstacle == f"Krita {version} is too old for Softlight; update it to Krita 5.1 or newer."


def test_krita_without_python(linux: Computer) -> None:
    linux.krita()
    plugins = linux.root / "usr/lib/x86_64-linux-gnu/kritaplugins"
    plugins.mkdir(parents=True)
    (host,) = krita.find(linux.machine)
    assert host.obstacle is not None and "built without Python" in host.obstacle
    touch(plugins / "kritapykrita.so")
    assert krita.find(linux.machine)[0].obstacle is None


@pytest.mark.parametrize(("version", "module"), [("5.2.9", "PyQt5"), ("6.0.4", "PyQt6")])
def test_krita_without_pyqt(linux: Computer, version: str, module: str) -> None:
    linux.krita(version)
    touch(linux.root / "usr/lib/x86_64-linux-gnu/kritaplugins/kritapykrita.so")
    touch(linux.binaries / "python3")
    linux.said["python3 -I -c "] = ""
    (host,) = krita.find(linux.machine)
    assert host.obstacle is not None and f"finds no {module}" in host.obstacle
    assert f"apt install python3-{module.lower()}" in host.obstacle
    linux.said[f"import {module}.QtWidgets"] = ""
    assert krita.find(linux.machine)[0].obstacle is None


@pytest.mark.parametrize(
    ("text", "version"),
    [("5.2.9", (5, 2, 9)), ("5.3.0-prealpha", (5, 3, 0)), ("6", (6,)), ("", ()), ("x", ())],
)
def test_numbers_of_a_version(text: str, version: tuple[int, ...]) -> None:
    assert numbers(text) == version


def test_softlights_own_settings_lie_where_the_bridge_looks() -> None:
    assert str(this_machine().softlight_config) == places.config_folder()
    if sys.platform == "win32":
        assert this_machine().system == "windows"
