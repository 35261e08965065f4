"""Plug-ins put into hosts and taken out, on every system."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import softlight
from softlight.errors import PluginError
from softlight.filters.listing import listing
from softlight.plugins import gimp, krita
from softlight.plugins.installing import install, installed, remove_config, uninstall, write_config
from softlight.plugins.machine import System
from softlight.plugins.status import problems
from tests.core.plugins.conftest import KINDS, SYSTEMS, Computer, Make, host_on, touch, tree


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_installed_twice_and_removed(computer: Make, system: System, kind: str) -> None:
    here = computer(system)
    host = host_on(here, kind)
    before = tree(here.root)
    done = install(host, here.machine)
    assert done[0] == f"Installed Softlight {softlight.__version__} in '{host.target}'."
    assert problems(host, here.machine) == ()
    once = tree(here.root)
    again = install(host, here.machine)
    version = softlight.__version__
    assert again[0] == f"Renewed Softlight {version} in '{host.target}'."
    assert tree(here.root) == once
    gone = uninstall(host)
    assert gone[0] == f"Removed Softlight {softlight.__version__} from '{host.target}'."
    assert tree(here.root) == before
    assert uninstall(host) == ()


def test_what_lies_in_gimp_3(linux: Computer) -> None:
    host = host_on(linux, "gimp")
    install(host, linux.machine)
    files = tree(host.target)
    assert {"softlight.py", "filters.json", "engine.json", "softlight_gimp/__init__.py"} <= files.keys()
    assert "softlight_bridge/client.py" in files
    assert files["filters.json"] == listing()
    assert "softlight_gimp/softlight.py" not in files
    assert not [name for name in files if name.endswith((".pyc", "__pycache__"))]
    assert (host.target / "softlight.py").stat().st_mode & 0o111 == 0o111
    assert host.target.name == "softlight", "GIMP wants the folder to be called like the script"


def test_the_python_of_the_distribution_runs_it(linux: Computer) -> None:
    """With pyenv or conda the first python3 on the PATH is another one, and GIMP would start that."""
    host = host_on(linux, "gimp")
    install(host, linux.machine)
    script = host.target / "softlight.py"
    plain = script.read_bytes()
    assert plain.startswith(b"#!/usr/bin/env python3\n")
    install(replace(host, python=Path("/usr/bin/python3")), linux.machine)
    assert script.read_bytes() == plain.replace(b"/usr/bin/env python3", b"/usr/bin/python3", 1)
    # A kernel would take what follows the blank for an argument.
    install(replace(host, python=Path("/my programs/python3")), linux.machine)
    assert script.read_bytes() == plain


def test_what_lies_in_gimp_210(linux: Computer) -> None:
    host = host_on(linux, "gimp210")
    install(host, linux.machine)
    files = tree(host.target)
    assert {"softlight.py", "filters.json", "engine.json", "softlight_gimp210/__init__.py"} <= files.keys()
    assert (host.target / "softlight.py").stat().st_mode & 0o111 == 0o111


def test_what_lies_in_krita(linux: Computer) -> None:
    host = host_on(linux, "krita")
    install(host, linux.machine)
    files = tree(host.profile)
    assert "pykrita/softlight_krita.desktop" in files
    assert "actions/softlight_krita.action" in files
    inner = {"__init__.py", "engine.json", "filters.json", "carried/softlight_bridge/client.py"}
    assert {f"pykrita/softlight_krita/{name}" for name in inner} <= files.keys()
    assert not [name for name in files if name.startswith("pykrita/softlight_krita/") and "desktop" in name]
    description = files["pykrita/softlight_krita.desktop"]
    assert description is not None and b"X-KDE-Library=softlight_krita" in description
    assert linux.kritarc.read_bytes() == (
        "a=Größe\n\n[python]\nenable_softlight_krita=true\nenable_tenbrushes=true\n".encode()
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_record_says_how_the_engine_is_started(linux: Computer, kind: str) -> None:
    host = host_on(linux, kind)
    install(replace(host, launcher=("flatpak-spawn", "--host")), linux.machine)
    said = json.loads((host.target / "engine.json").read_text("utf-8"))
    start = ["flatpak-spawn", "--host", sys.executable, "-I", "-m"]
    assert said["engine"] == [*start, "softlight.engine"]
    assert said["cli"] == [*start, "softlight"]
    assert said["version"] == softlight.__version__


def test_the_record_in_the_users_settings(linux: Computer) -> None:
    path = linux.home / ".config" / "softlight" / "engine.json"
    write_config(linux.machine)
    write_config(linux.machine)
    assert json.loads(path.read_text("utf-8"))["engine"][1:] == ["-I", "-m", "softlight.engine"]
    assert remove_config(linux.machine) == (f"Removed '{path}'.",)
    assert not path.parent.exists()
    assert remove_config(linux.machine) == ()
    write_config(linux.machine)
    (path.parent / "settings.toml").touch()
    remove_config(linux.machine)
    assert [found.name for found in path.parent.iterdir()] == ["settings.toml"]


def test_an_older_version_is_replaced_wholly(linux: Computer) -> None:
    host = host_on(linux, "gimp")
    install(host, linux.machine)
    fresh = tree(host.target)
    record = host.target / "engine.json"
    said = json.loads(record.read_text("utf-8"))
    said |= {"version": "0.0.9", "files": [*said["files"], "softlight_gimp/old_idea.py"]}
    record.write_text(json.dumps(said), "utf-8")
    touch(host.target / "softlight_gimp" / "old_idea.py")
    touch(host.target / "softlight_gimp" / "__pycache__" / "old_idea.cpython-313.pyc")
    assert install(host, linux.machine)[0].startswith("Replaced Softlight 0.0.9 by ")
    assert tree(host.target) == fresh


@pytest.mark.parametrize("kind", KINDS)
def test_files_of_others_in_our_folder_stay(linux: Computer, kind: str) -> None:
    host = host_on(linux, kind)
    install(host, linux.machine)
    (host.target / "notes").mkdir()
    (host.target / "notes" / "mine.txt").write_bytes(b"mine")
    touch(host.target / "__pycache__" / "ours.cpython-313.pyc")
    kept = f"'{host.target / 'notes/mine.txt'}', which is not Softlight's."
    assert f"Kept {kept}" in install(host, linux.machine)
    assert (host.target / "notes" / "mine.txt").read_bytes() == b"mine"
    assert f"Left {kept}" in uninstall(host)
    assert tree(host.target) == {"notes": None, "notes/mine.txt": b"mine"}


def test_krita_loses_what_its_docker_remembered(linux: Computer) -> None:
    host = host_on(linux, "krita")
    install(host, linux.machine)
    with linux.kritarc.open("ab") as file:
        file.write(b"\n[softlight]\ndewrinkle={}\n")
    assert uninstall(host)[-1] == f"Removed its lines from '{linux.kritarc}'."
    assert b"softlight" not in linux.kritarc.read_bytes()


def test_gimp_loses_what_it_remembered_of_our_dialogs(linux: Computer) -> None:
    host = host_on(linux, "gimp")
    touch(host.profile / "plug-in-settings" / "GimpProcedureConfig-file-png-export.last")
    before = tree(linux.root)
    install(host, linux.machine)
    touch(host.profile / "plug-in-settings" / "GimpProcedureConfig-softlight-dewrinkle.last")
    uninstall(host)
    assert tree(linux.root) == before


def test_a_new_users_krita_has_no_settings_yet(linux: Computer) -> None:
    before = tree(linux.root)
    (host,) = krita.find(linux.machine, assumed=True)
    install(host, linux.machine)
    assert linux.kritarc.read_bytes() == b"[python]\nenable_softlight_krita=true\n"
    uninstall(host)
    assert tree(linux.root) == before


def test_a_gimp_that_was_never_started_makes_its_folder_itself(linux: Computer) -> None:
    """If we made it, GIMP would not take over an older version's settings."""
    program = linux.gimp("3.2")
    touch(linux.binaries / "gimp-console-3.2")
    (host,) = gimp.find(linux.machine)
    assert not host.profile.exists()
    with pytest.raises(PluginError, match=r"GIMP 3\.2 was never started .* start it once"):
        install(host, linux.machine)
    assert not host.profile.exists()

    started: list[str] = []

    def start(command: object, folder: Path) -> str:
        assert isinstance(command, list)
        started.extend(command)
        host.profile.mkdir(parents=True)
        return ""

    done = install(host, replace(linux.machine, run=start))
    assert started == [str(program.with_name("gimp-console-3.2")), "-n", "-i", "-d", "-f", "--quit"]
    assert done[0] == f"Started it once without a window, so that it made '{host.profile}'."


def test_who_made_a_folder(tmp_path: Path) -> None:
    assert installed(tmp_path) is None
    for content in (
        "",
        "{}",
        "[]",
        '{"engine": [], "cli": [], "version": "1", "files": [], "made": []}',
        "\0",
    ):
        (tmp_path / "engine.json").write_text(content)
        assert installed(tmp_path) is None
