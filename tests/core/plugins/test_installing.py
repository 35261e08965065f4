"""Plug-ins put into hosts and taken out, on every system."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import softlight
from softlight.errors import PluginError
from softlight.filters.listing import listing
from softlight.plugins import gimp, krita
from softlight.plugins.hosts import Host
from softlight.plugins.installing import install, installed, remove_config, uninstall, write_config
from softlight.plugins.machine import System
from softlight.plugins.status import problems
from tests.core.cli.conftest import mount
from tests.core.plugins.conftest import SYSTEMS, Computer, touch, tree

Make = Callable[[System], Computer]
KINDS = ("gimp", "gimp210", "krita")


def host_on(here: Computer, kind: str) -> Host:
    """A host that was started before, with something of the user's in its folders."""
    if kind == "krita":
        here.krita()
        here.kritarc.parent.mkdir(parents=True, exist_ok=True)
        here.kritarc.write_bytes("a=Größe\n\n[python]\nenable_tenbrushes=true\n".encode())
        touch(here.resources / "pykrita" / "theirs" / "__init__.py")
        (host,) = krita.find(here.machine)
        return host
    version = "3.0" if kind == "gimp" else "2.10"
    touch(here.gimp_profile(version) / "plug-ins" / "theirs" / "theirs.py")
    (host,) = gimp.find(here.machine)
    return host


@pytest.fixture
def open_computer() -> Iterator[Computer]:
    """A computer that every user gets at; the folders that pytest makes are for one alone."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield Computer("linux", folder / "linux")
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(folder)


@contextlib.contextmanager
def acting_as_a_user() -> Iterator[None]:
    """Root may write anywhere; for these tests nobody does what is tested."""
    if os.name != "posix" or os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


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
    assert again[0] == f"Replaced Softlight {version} by {version} in '{host.target}'."
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


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_that_is_not_ours_is_left_alone(linux: Computer, kind: str) -> None:
    host = host_on(linux, kind)
    touch(host.target / "somebody.py")
    (host.target / "engine.json").write_text("[1, 2]")
    before = tree(linux.root)
    with pytest.raises(PluginError, match=r"exists, but 'softlight plugins install' did not make it"):
        install(host, linux.machine)
    with pytest.raises(PluginError, match="so it was left alone"):
        uninstall(host)
    assert tree(linux.root) == before


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


def test_a_host_that_cannot_run_it_says_why(linux: Computer) -> None:
    linux.krita("4.4.8")
    (host,) = krita.find(linux.machine)
    with pytest.raises(PluginError, match=r"Krita 4\.4\.8 is too old"):
        install(host, linux.machine)
    assert not host.target.exists()


def refused(host: Host, here: Computer, *, words: str) -> None:
    """Check that an installation fails in one sentence and changes nothing."""
    before = tree(here.root)
    with pytest.raises(PluginError) as caught:
        install(host, here.machine)
    sentence = str(caught.value)
    assert re.search(words, sentence), sentence
    assert sentence.endswith(".") and not re.search(r"[.!?] [A-Z]", sentence)
    assert tree(here.root) == before


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("old", [False, True])
def test_a_folder_that_may_not_be_written(kind: str, old: bool, open_computer: Computer) -> None:
    host = host_on(open_computer, kind)
    if old:
        install(host, open_computer.machine)
    give_away(open_computer.root)
    host.plugin_folder.chmod(0o555)
    with acting_as_a_user():
        refused(host, open_computer, words="You may not change .*give yourself the right")
        if not old:
            assert any("is read-only" in text for text in problems(host, open_computer.machine))
        else:
            with pytest.raises(PluginError, match="You may not change"):
                uninstall(host)


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_settings_of_krita_that_may_not_be_written(open_computer: Computer) -> None:
    """The last of three places refuses: the first two are as they were."""
    host = host_on(open_computer, "krita")
    give_away(open_computer.root)
    open_computer.kritarc.parent.chmod(0o555)
    with acting_as_a_user():
        refused(host, open_computer, words="You may not change .*\\.config")


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_a_folder_that_may_not_be_read(open_computer: Computer) -> None:
    host = host_on(open_computer, "gimp")
    install(host, open_computer.machine)
    give_away(open_computer.root)
    (host.target / "filters.json").chmod(0)
    with acting_as_a_user():
        (said,) = problems(host, open_computer.machine)
        assert re.search(r"filters\.json' cannot be read \(Permission denied\)", said)
    host.target.chmod(0)
    with acting_as_a_user():
        (said,) = problems(host, open_computer.machine)
        assert "cannot be read (Permission denied); give yourself the right to" in said
    host.target.chmod(0o755)


def give_away(folder: Path) -> None:
    """Give all to the user that `acting_as_a_user` acts as."""
    if os.geteuid() == 0:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, 65534, 65534, follow_symlinks=False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk(linux: Computer, kind: str) -> None:
    # 240 KiB hold what lies there, and not a plug-in beside it.
    for place in (linux.home / ".config", linux.home / ".local"):
        place.mkdir(exist_ok=True)
        if not mount("-t", "tmpfs", "-o", "size=16k", "softlight-test", place):
            pytest.skip("needs root on Linux, and leave to mount a small disk")
    try:
        host = host_on(linux, kind)
        refused(host, linux, words="The disk of .* is full, so nothing was changed; make room")
        assert any("is full; make room" in text for text in problems(host, linux.machine))
    finally:
        for place in (linux.home / ".config", linux.home / ".local"):
            subprocess.run(["umount", str(place)], check=True)


def test_a_read_only_disk(linux: Computer) -> None:
    host = host_on(linux, "gimp")
    place = linux.home / ".config"
    if not mount("--bind", place, place) or not mount("-o", "remount,ro,bind", place):
        pytest.skip("needs root on Linux, and leave to mount")
    try:
        refused(host, linux, words="lies on a read-only disk; make it writable")
        assert any("is read-only" in text for text in problems(host, linux.machine))
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_in_use_as_windows_says_it(computer: Make, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    here = computer("windows")
    host = host_on(here, kind)
    install(host, here.machine)

    class InUse(PermissionError):
        winerror = 32

    def fail(source: object, target: object) -> None:
        raise InUse(13, "in use", str(host.target))

    with monkeypatch.context() as busy:
        busy.setattr(os, "rename", fail)
        refused(host, here, words="is in use or may not be changed; close GIMP and Krita, then try again")
        with pytest.raises(PluginError, match="is in use"):
            uninstall(host)
    assert problems(host, here.machine) == ()


def test_a_file_where_a_folder_must_be(linux: Computer) -> None:
    profile = linux.gimp_profile("3.0")
    (profile / "plug-ins").rmdir()
    (profile / "plug-ins").write_bytes(b"")
    (host,) = gimp.find(linux.machine)
    refused(host, linux, words="must be a folder and is not; move it away")


@pytest.mark.parametrize("kind", KINDS)
def test_an_installation_that_was_broken_off_is_put_right(linux: Computer, kind: str) -> None:
    host = host_on(linux, kind)
    install(host, linux.machine)
    good = tree(linux.root)
    moved = host.target.with_name(f".softlight-0123456789abcdef-{host.target.name}.old")
    host.target.rename(moved)
    assert problems(host, linux.machine) == (
        "An installation was broken off; run 'softlight plugins install' again.",
    )
    done = install(host, linux.machine)
    assert done[0] == "Tidied up after an installation that was broken off."
    assert done[1].startswith("Replaced Softlight")
    assert tree(linux.root) == good
    host.target.rename(moved)
    assert uninstall(host)[0].startswith("Tidied up")
    assert not host.target.exists() and not moved.exists()


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
