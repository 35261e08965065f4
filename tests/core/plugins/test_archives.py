"""The plug-ins as zips: the same as what is installed, the same on every machine, and taken over."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

import softlight
from softlight.errors import PluginError
from softlight.plugins import archives, kritarc
from softlight.plugins.archives import archive, pack
from softlight.plugins.hosts import Host, Kind
from softlight.plugins.how_to_install import TEXT
from softlight.plugins.installing import install, installed, remove_config, uninstall, write_config
from softlight.plugins.machine import System
from softlight.plugins.status import problems
from tests.core.cli.conftest import mount
from tests.core.plugins.conftest import SYSTEMS, Computer, Make, host_on, tree

KINDS: tuple[Kind, ...] = ("gimp", "gimp210", "krita")
POSIX = pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")


def packed(kind: Kind, folder: Path) -> Path:
    """Write the zip for one kind, and return where it is."""
    pack([kind], folder)
    return folder / archive(kind).name


def unpack(kind: Kind, host: Host, keeps_rights: bool = True) -> None:
    """Unpack a zip where its text says so, as `unzip` does or as Python's zipfile does."""
    folder = host.profile if kind == "krita" else host.plugin_folder
    path = packed(kind, folder)
    with zipfile.ZipFile(path) as opened:
        opened.extractall(folder)
        for entry in opened.infolist() if keeps_rights else ():
            (folder / entry.filename).chmod(entry.external_attr >> 16 & 0o777)
    path.unlink()
    if kind == "krita":
        (folder / TEXT).unlink()  # its importer leaves it in the zip


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_bytes_on_every_machine(kind: Kind, tmp_path: Path) -> None:
    here = archive(kind)
    for zone, seed, place in (("Asia/Kathmandu", "1", "a"), ("America/Lima", "2", "b")):
        words = ["plugins", "pack", "--krita" if kind == "krita" else "--gimp", "--out", tmp_path / place]
        environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed, "HOME": str(tmp_path)}
        subprocess.run([sys.executable, "-m", "softlight", *words], env=environment, check=True)
        assert (tmp_path / place / here.name).read_bytes() == here.content


@pytest.mark.parametrize("kind", KINDS)
def test_no_path_of_this_machine_is_in_it(kind: Kind) -> None:
    content = archive(kind).content
    for path in (Path(sys.executable), Path(sys.prefix), Path(softlight.__file__).parents[1]):
        assert str(path).encode() not in content


@pytest.mark.parametrize("kind", KINDS)
def test_it_holds_what_is_installed_and_how(kind: Kind, linux: Computer) -> None:
    host = host_on(linux, kind)
    place = host.profile if kind == "krita" else host.plugin_folder
    before = tree(place)
    install(host, linux.machine)
    now = tree(place)
    with zipfile.ZipFile(packed(kind, linux.root)) as opened:
        assert opened.testzip() is None
        entries = {entry.filename.rstrip("/"): entry for entry in opened.infolist()}
        found = {name: None if one.is_dir() else opened.read(one) for name, one in entries.items()}
    record = f"{host.target.relative_to(place).as_posix()}/engine.json"
    assert found.pop(TEXT if kind == "krita" else f"softlight/{TEXT}")
    assert found.pop(record) != now.pop(record)
    assert found == {name: content for name, content in now.items() if name not in before or name in found}
    modes = {name: one.external_attr >> 16 for name, one in entries.items()}
    runnable = {name for name, mode in modes.items() if stat.S_ISREG(mode) and mode & 0o111}
    assert runnable == (set() if kind == "krita" else {"softlight/softlight.py"})


def test_krita_finds_folders_and_no_second_plug_in() -> None:
    """Without an entry for the folder its importer finds nothing, and each .desktop is a plug-in to it."""
    with zipfile.ZipFile(BytesIO(archive("krita").content)) as opened:
        names = opened.namelist()
    assert "pykrita/softlight_krita/" in names and "pykrita/softlight_krita/__init__.py" in names
    assert [name for name in names if name.endswith(".desktop")] == ["pykrita/softlight_krita.desktop"]
    assert [name for name in names if name.endswith(".action")] == ["actions/softlight_krita.action"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_what_came_as_a_file_is_taken_over(computer: Make, system: System, kind: Kind) -> None:
    here = computer(system)
    host = host_on(here, kind)
    install(host, here.machine)
    fresh = tree(host.target).keys()
    uninstall(host)
    before = tree(here.root)

    unpack(kind, host)
    if kind == "krita":
        switched_on = kritarc.with_plugin(here.kritarc.read_bytes(), "softlight_krita")
        here.kritarc.write_bytes(switched_on)  # as the importer does
    ours = installed(host.target)
    assert ours is not None and ours.engine == ours.cli == () and ours.version == softlight.__version__
    assert problems(host, here.machine) == (
        "It came as a file and does not know where the engine is; run 'softlight plugins install'.",
    )
    write_config(here.machine)
    assert problems(host, here.machine) == ()
    remove_config(here.machine)
    done = install(host, here.machine)
    version = softlight.__version__
    assert done[0] == f"Took over Softlight {version}, which came as a file, in '{host.target}'."
    assert not [line for line in done if line.startswith("Kept")]
    assert tree(host.target).keys() == fresh
    assert problems(host, here.machine) == ()
    uninstall(host)
    left = [
        path for path in tree(here.root).keys() - before.keys() if not path.endswith(("actions", "Local"))
    ]
    assert left == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_came_as_a_file_is_taken_out(linux: Computer, kind: Kind) -> None:
    host = host_on(linux, kind)
    unpack(kind, host)
    assert uninstall(host)[0] == f"Removed Softlight {softlight.__version__} from '{host.target}'."
    assert not host.target.exists()
    assert not list(linux.root.rglob("*softlight*"))


@POSIX
@pytest.mark.parametrize("kind", ["gimp", "gimp210"])
def test_a_program_that_lost_its_right_to_run_is_told_and_put_right(linux: Computer, kind: Kind) -> None:
    """As Python's zipfile loses it."""
    host = host_on(linux, kind)
    write_config(linux.machine)
    unpack(kind, host, keeps_rights=False)
    script = host.target / "softlight.py"
    assert problems(host, linux.machine) == (
        f"'{script}' is not executable, so GIMP skips it; run 'softlight plugins install'.",
    )
    install(host, linux.machine)
    assert problems(host, linux.machine) == ()


def test_another_content_has_another_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else GIMP would not ask an update for its filters, and Python take what it compiled before."""

    def date() -> tuple[int, ...]:
        with zipfile.ZipFile(BytesIO(archive("gimp").content)) as opened:
            (found,) = {entry.date_time for entry in opened.infolist()}
        return found

    first = date()
    assert first == date() and 2000 <= first[0] < 2020
    monkeypatch.setitem(archives.TEXTS, "gimp", "x")  # type: ignore[arg-type]
    assert date() != first


def test_zips_of_ours_are_replaced_and_others_stay(tmp_path: Path) -> None:
    names = [archive(kind).name for kind in KINDS]
    pack(KINDS, tmp_path)
    whole = tree(tmp_path)
    assert sorted(whole) == sorted(names)
    # One of ours with another content: as of another version.
    with zipfile.ZipFile(tmp_path / names[0], "a") as opened:
        opened.writestr("softlight/old_idea.py", "")
    pack(KINDS, tmp_path)
    assert tree(tmp_path) == whole
    with zipfile.ZipFile(tmp_path / names[1], "w") as opened:
        opened.writestr("holiday.txt", "somebody's")
    (tmp_path / names[0]).unlink()
    before = tree(tmp_path)
    with pytest.raises(PluginError, match="exists and is no plug-in of Softlight; move it away"):
        pack(KINDS, tmp_path)
    assert tree(tmp_path) == before
    (tmp_path / names[1]).unlink()
    (tmp_path / names[1]).mkdir()
    with pytest.raises(PluginError, match="exists and is no plug-in of Softlight; move it away"):
        pack(KINDS, tmp_path)


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    if not mount("-t", "tmpfs", "-o", "size=400k", "softlight-test", tmp_path):
        pytest.skip("needs root on Linux, and leave to mount a small disk")
    try:
        with pytest.raises(PluginError) as caught:
            pack(KINDS, tmp_path / "für Zoë")
        sentence = r"The disk of '.*für Zoë' is full, so nothing was changed; make room and try again\."
        assert re.fullmatch(sentence, str(caught.value))
        assert tree(tmp_path) == {}
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_file_where_the_folder_must_be(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(PluginError, match="must be a folder and is not; move it away"):
        pack(KINDS, tmp_path / "out")
