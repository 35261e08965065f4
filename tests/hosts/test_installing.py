"""`softlight plugins` as a new user meets it: real GIMP and Krita that were never started.

Run:   python -m pytest -m hosts tests/hosts/test_installing.py
Needs: what `roots.py` needs; a start of GIMP takes 5 s, one of Krita 10 s.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import find_root
from desktop import desktop
from roots import Root
from workplace import Workplace

from softlight.plugins import gimp, krita
from softlight.plugins.hosts import Host
from softlight.plugins.installing import install, uninstall
from softlight.plugins.machine import Machine, run_program
from softlight.plugins.status import problems
from tests.extra_filter import NAME, overlay

pytestmark = pytest.mark.hosts

GIMPS = [
    pytest.param("trixie", (3, 0), id="GIMP 3.0"),
    pytest.param("forky", (3, 2), id="GIMP 3.2", marks=pytest.mark.all_hosts),
]
KRITAS = [
    pytest.param("bookworm", (5, 1), id="Krita 5.1", marks=pytest.mark.all_hosts),
    pytest.param("trixie", (5, 2), id="Krita 5.2"),
    pytest.param("forky", (5, 3), id="Krita 5.3", marks=pytest.mark.all_hosts),
    pytest.param("sid", (6, 0), id="Krita 6.0", marks=pytest.mark.all_hosts),
]


def machine(root: Root, place: Workplace) -> Machine:
    """The computer that a root file system is, with the user whose home is the workplace."""

    def run(command: Sequence[str], folder: Path) -> str | None:
        if not command[0].startswith(str(root.path)):
            return run_program(command, folder)
        inside = [word.replace(str(root.path), "", 1) for word in command]
        done = root.run(inside, place.environment)
        return done.stdout if done.returncode == 0 else None

    variables = {**place.environment, "PATH": str(root.path / "usr/bin")}
    return Machine("linux", place.home, variables, root.path, run)


def procedures(root: Root, place: Workplace) -> list[str]:
    """The procedures of ours that GIMP lists."""
    told = place.folder / "procedures.json"
    told.unlink(missing_ok=True)
    script = (
        "import json; from gi.repository import Gimp; pdb = Gimp.get_pdb(); "
        "names = pdb.query_procedures('.*softlight.*', '', '', '', '', '', '', ''); "
        f"json.dump(list(names), open({str(told)!r}, 'w'))"
    )
    command = [
        "gimp-console",
        "-n",
        "-i",
        "-d",
        "-f",
        "--quit",
        "--batch-interpreter=python-fu-eval",
        "-b",
        script,
    ]
    done = root.run(command, place.environment)
    assert told.exists(), done.stderr
    listed: list[str] = json.loads(told.read_text("utf-8"))
    return sorted(listed)


@pytest.mark.parametrize(("name", "version"), GIMPS)
def test_gimp_that_was_never_started(name: str, version: tuple[int, int], place: Workplace) -> None:
    root = find_root(name)
    here = machine(root, place)
    (host,) = gimp.find(here)
    assert host.version == version and host.obstacle is None
    assert problems(host, here) == ("It is not installed; run 'softlight plugins install'.",)
    done = install(host, here)
    assert done[0].startswith("Started it once without a window")
    assert (host.profile / "brushes").is_dir(), "GIMP has made its own folders"
    assert problems(host, here) == ()

    place.point_at_this_python()
    # As installed from inside: the root file system is that computer's /.
    script = host.target / "softlight.py"
    assert script.read_text("utf-8").startswith(f"#!{root.path}/usr/bin/python3\n")
    script.write_text(script.read_text("utf-8").replace(str(root.path), "", 1), "utf-8")
    listed = procedures(root, place)
    assert [found for found in listed if "dewrinkle" in found], listed
    # Users of pyenv and conda have another python3 on their PATH, with which GIMP's own plug-ins fail.
    (host.profile / "pluginrc").unlink()
    other = place.folder / "pyenv" / "python3"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\nexit 1\n")
    other.chmod(0o755)
    path = f"{other.parent}:/usr/bin:/bin"
    root.run(["gimp-console", "-n", "-i", "-d", "-f", "--quit"], {**place.environment, "PATH": path})
    known = (host.profile / "pluginrc").read_bytes()
    assert b"dewrinkle" in known and b"python-fu-eval" not in known

    uninstall(host)
    assert procedures(root, place) == []
    assert b"softlight" not in (host.profile / "pluginrc").read_bytes()
    left = [path for path in host.profile.rglob("*") if "softlight" in path.name.lower()]
    assert left == []


@pytest.mark.parametrize(("name", "version"), GIMPS)
def test_a_filter_added_to_the_core_appears_in_gimp(
    name: str, version: tuple[int, int], place: Workplace
) -> None:
    """An update over an installed version; GIMP asks anew by itself, so its cache need not be touched."""
    root = find_root(name)
    profile = place.gimp_profile(f"{version[0]}.{version[1]}")
    place.install_plugins("--gimp")
    before = procedures(root, place)
    assert before and not [found for found in before if "glow" in found]

    update(place, "--gimp")
    after = procedures(root, place)
    assert len(after) == len(before) + 1
    (new,) = set(after) - set(before)
    assert NAME.replace("_", "-") in new or NAME in new
    assert (profile / "pluginrc").exists()


def update(place: Workplace, *arguments: str) -> None:
    """Install from a copy of the core that has one filter more, with no other change."""
    core = overlay(place.folder)
    done = subprocess.run(
        [*core.cli, "plugins", "install", *arguments],
        env=place.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Renewed Softlight" in done.stdout
    place.point_at_this_python()


def watched(place: Workplace) -> Path:
    """Put the plug-in beside ours that tells what Krita has loaded; return where it tells it."""
    pykrita = place.home / ".local/share/krita/pykrita"
    folder = pykrita / "krita_loaded"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(__file__).parent / "inside" / "krita_loaded.py", folder / "__init__.py")
    (pykrita / "krita_loaded.desktop").write_text(
        "[Desktop Entry]\nType=Service\nServiceTypes=Krita/PythonPlugin\nX-KDE-Library=krita_loaded\n"
        "Name=Tells what is loaded\nComment=For a test\n"
    )
    settings = place.home / ".config/kritarc"
    text = settings.read_text("utf-8") if settings.exists() else "[python]\n"
    if "krita_loaded" not in text:
        settings.parent.mkdir(exist_ok=True)
        settings.write_text(text.replace("[python]\n", "[python]\nenable_krita_loaded=true\n"), "utf-8")
    return place.folder / "told.json"


def start_krita(root: Root, place: Workplace, *, actions: Sequence[str] = ()) -> dict[str, Any]:
    """Start Krita, let it tell what it has loaded, and wait for its end."""
    told = watched(place)
    told.unlink(missing_ok=True)
    with desktop(root, place) as screen:
        process = screen.start(
            ["krita", "--nosplash"],
            SOFTLIGHT_TOLD=str(told),
            SOFTLIGHT_ACTIONS=json.dumps(list(actions)),
        )
        process.wait(120)
        log = screen.log.read_text("utf-8", "replace")
    assert told.exists(), log[-3000:]
    found: dict[str, Any] = json.loads(told.read_text("utf-8"))
    return found


@pytest.mark.parametrize(("name", "version"), KRITAS)
def test_krita_that_was_never_started(name: str, version: tuple[int, int], place: Workplace) -> None:
    root = find_root(name)
    here = machine(root, place)
    (host,) = krita.find(here)
    assert host.version[:2] == version and host.obstacle is None
    before = everything(host)
    install(host, here)
    assert problems(host, here) == ()
    place.point_at_this_python()
    found = start_krita(root, place, actions=["softlight_run_dewrinkle"])
    assert str(found["version"]).startswith(f"{version[0]}.{version[1]}")
    assert "softlight_krita.docker" in found["modules"]
    assert [docker for docker in found["dockers"] if "softlight" in docker.lower()]
    assert found["actions"] == ["softlight_run_dewrinkle"]
    assert problems(host, here) == ()

    uninstall(host)
    assert before == []
    assert everything(host) == []
    assert "softlight_krita=" not in (place.home / ".config/kritarc").read_text("utf-8")
    assert start_krita(root, place)["modules"] == []


def everything(host: Host) -> list[Path]:
    """Whatever bears our name in Krita's folder."""
    return [path for path in host.profile.rglob("*") if "softlight" in path.name]


@pytest.mark.all_hosts
def test_a_filter_added_to_the_core_appears_in_krita(trixie: Root, place: Workplace) -> None:
    place.install_plugins("--krita")
    wanted = ["softlight_run_dewrinkle", f"softlight_run_{NAME}"]
    assert start_krita(trixie, place, actions=wanted)["actions"] == wanted[:1]
    update(place, "--krita")
    assert start_krita(trixie, place, actions=wanted)["actions"] == wanted


@pytest.mark.all_hosts
def test_krita_keeps_what_is_switched_on_while_it_runs(trixie: Root, place: Workplace) -> None:
    """It merges the settings it writes with the file it finds: no need to ask for it to be closed."""
    told = watched(place)
    with desktop(trixie, place) as screen:
        process = screen.start(["krita", "--nosplash"], SOFTLIGHT_TOLD=str(told), SOFTLIGHT_STAYS="4000")
        screen.wait_for(told.exists, "Krita to have loaded its plug-ins")
        assert "softlight" not in told.read_text("utf-8")
        place.install_plugins("--krita")
        process.wait(60)
    assert "enable_softlight_krita=true" in (place.home / ".config/kritarc").read_text("utf-8")
    assert "softlight_krita.docker" in start_krita(trixie, place)["modules"]


@pytest.mark.all_hosts
def test_krita_looks_in_the_folder_that_the_user_chose(trixie: Root, place: Workplace) -> None:
    chosen = place.home / "Krita resources"
    chosen.mkdir()
    settings = place.home / ".config/kritarc"
    settings.parent.mkdir()
    settings.write_text(f"ResourceDirectory={chosen}\n\n[python]\n", "utf-8")
    watched(place)
    shutil.move(place.home / ".local/share/krita/pykrita", chosen / "pykrita")
    place.install_plugins("--krita")
    assert (chosen / "pykrita" / "softlight_krita").is_dir()
    assert not (place.home / ".local/share/krita/pykrita").exists()
    assert "softlight_krita.docker" in start_krita(trixie, place)["modules"]
