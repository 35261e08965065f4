"""GIMP and Krita in a Flatpak or a Snap."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from softlight.cli.plugins import find
from softlight.plugins import sandboxes
from softlight.plugins.machine import System
from softlight_bridge import places
from tests.core.plugins.conftest import Computer

GIMP = """\
[Application]
name=org.gimp.GIMP
runtime=org.gnome.Platform/x86_64/48

[Context]
shared=network;ipc;
filesystems=host;xdg-config/GIMP;xdg-config/gtk-3.0;/tmp;

[Session Bus Policy]
org.gtk.vfs.*=talk
"""
KRITA = """\
[Context]
filesystems=host;xdg-config/kdeglobals:ro;
"""
ALLOWED = """\
[Context]
filesystems=xdg-run/softlight:create

[Session Bus Policy]
org.freedesktop.Flatpak=talk
"""


def flatpak(linux: Computer, name: str, metadata: str, of_user: bool = False) -> None:
    base = linux.home / ".local/share/flatpak" if of_user else linux.root / "var/lib/flatpak"
    folder = base / "app" / name / "current" / "active"
    folder.mkdir(parents=True)
    (folder / "metadata").write_text(metadata)


def allow(linux: Computer, name: str) -> None:
    folder = linux.home / ".local/share/flatpak/overrides"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(ALLOWED)


@pytest.mark.parametrize(
    ("kind", "package", "name", "version"),
    [("gimp", "GIMP.GIMP_8wekyb3d8bbwe", "GIMP", " 3.2"), ("krita", "49800Krita_ghwfmc8n1bpf6", "Krita", "")],
)
def test_what_comes_from_microsofts_store_says_why_it_cannot(
    computer: Callable[[System], Computer], kind: str, package: str, name: str, version: str
) -> None:
    here = computer("windows")
    cache = here.home / "AppData/Local/Packages" / package / "LocalCache"
    (cache / "Roaming/GIMP/3.2").mkdir(parents=True)
    (here.home / "AppData/Local/Packages/Notepad_8wekyb3d8bbwe/LocalCache").mkdir(parents=True)
    (host,) = find(here.machine, ["gimp", "krita"])
    assert (host.label, host.kind) == (f"{name}{version} (Microsoft Store)", kind)
    assert cache in host.target.parents
    assert host.obstacle == (
        f"{name} (Microsoft Store) sees only plug-ins that come from the store; install it from "
        f"{kind}.org instead."
    )


def test_there_is_none(linux: Computer) -> None:
    assert sandboxes.find(linux.machine, "gimp") == sandboxes.find(linux.machine, "krita") == ()


@pytest.mark.parametrize("of_user", [False, True])
def test_a_flatpak_that_may_start_nothing_says_how_to_allow_it(linux: Computer, of_user: bool) -> None:
    flatpak(linux, "org.kde.krita", KRITA, of_user)
    (host,) = sandboxes.find(linux.machine, "krita")
    assert host.label == "Krita (Flatpak)"
    assert host.obstacle == (
        "Krita (Flatpak) may start no program outside its sandbox; allow it with 'flatpak override --user "
        "--talk-name=org.freedesktop.Flatpak --filesystem=xdg-run/softlight:create org.kde.krita', or "
        "install it without Flatpak."
    )


def test_a_flatpak_that_may_starts_the_engine_outside(linux: Computer) -> None:
    flatpak(linux, "org.kde.krita", KRITA)
    allow(linux, "org.kde.krita")
    linux.said["flatpak info org.kde.krita"] = (
        "\nKrita - Digital Painting\n\n  Version: 5.2.9\n License: GPL\n"
    )
    (host,) = sandboxes.find(linux.machine, "krita")
    assert host.obstacle is None
    assert host.launcher == ("flatpak-spawn", "--host")
    assert host.version == (5, 2, 9)
    own = linux.home / ".var/app/org.kde.krita"
    assert (host.profile, host.kritarc) == (own / "data/krita", own / "config/kritarc")


def test_half_a_permission_is_none(linux: Computer) -> None:
    flatpak(linux, "org.kde.krita", KRITA)
    folder = linux.home / ".local/share/flatpak/overrides"
    folder.mkdir(parents=True)
    (folder / "global").write_text("[Session Bus Policy]\norg.freedesktop.Flatpak=talk\n")
    assert sandboxes.find(linux.machine, "krita")[0].obstacle is not None
    (folder / "org.kde.krita").write_text(ALLOWED.replace("=talk", "=none"))
    assert sandboxes.find(linux.machine, "krita")[0].obstacle is not None


def test_gimps_flatpak_uses_the_folder_outside_that_it_is_given(linux: Computer) -> None:
    flatpak(linux, "org.gimp.GIMP", GIMP)
    allow(linux, "org.gimp.GIMP")
    linux.said["flatpak info org.gimp.GIMP"] = "Version: 3.0.4"
    (host,) = sandboxes.find(linux.machine, "gimp")
    assert (host.label, host.profile) == ("GIMP 3.0 (Flatpak)", linux.home / ".config/GIMP/3.0")


def test_a_folder_is_taken_once_and_the_program_outside_a_sandbox_has_it(linux: Computer) -> None:
    """One engine.json cannot serve both; the Flatpak's would not start outside of it."""
    flatpak(linux, "org.gimp.GIMP", GIMP)
    allow(linux, "org.gimp.GIMP")
    linux.said["flatpak info org.gimp.GIMP"] = "Version: 3.0.4"
    linux.gimp_profile("3.0")
    (host,) = find(linux.machine, ("gimp",))
    assert host.label == "GIMP 3.0 (Flatpak)", "the settings alone are the Flatpak's"
    linux.gimp("3.0")
    (host,) = find(linux.machine, ("gimp",))
    assert (host.label, host.launcher) == ("GIMP 3.0", ())


def test_damaged_permissions_are_none(linux: Computer) -> None:
    flatpak(linux, "org.kde.krita", "no section\n\0")
    assert sandboxes.find(linux.machine, "krita")[0].obstacle is not None


@pytest.mark.parametrize(("kind", "label"), [("gimp", "GIMP 3.0 (Snap)"), ("krita", "Krita (Snap)")])
def test_a_snap_cannot_work(linux: Computer, kind: str, label: str) -> None:
    (linux.root / "snap" / kind).mkdir(parents=True)
    (host,) = sandboxes.find(linux.machine, kind)
    assert host.label == label
    assert host.obstacle is not None and "nothing can allow it" in host.obstacle


def test_a_snap_on_the_path_is_no_program_outside_a_sandbox(linux: Computer, tmp_path: Path) -> None:
    snap = tmp_path / "linux" / "snap" / "bin"
    snap.mkdir(parents=True)
    (snap / "gimp").write_text("")
    (snap / "gimp").chmod(0o755)
    (linux.root / "snap" / "gimp").mkdir()
    linux.variables["PATH"] = f"{snap}:{linux.variables['PATH']}"
    assert [host.label for host in find(linux.machine, ("gimp",))] == ["GIMP 3.0 (Snap)"]


def test_plug_ins_that_came_as_files_go_outside_by_the_same_way() -> None:
    assert sandboxes.OUTSIDE == places.OUTSIDE
