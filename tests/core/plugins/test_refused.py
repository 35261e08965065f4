"""What keeps a plug-in from being installed: one sentence, and nothing has changed."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from softlight.errors import PluginError
from softlight.plugins import gimp, krita
from softlight.plugins.hosts import Host
from softlight.plugins.installing import install, uninstall
from softlight.plugins.status import problems
from tests.core.cli.conftest import mount
from tests.core.plugins.conftest import KINDS, Computer, Make, host_on, touch, tree


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
    assert done[1].startswith("Renewed Softlight")
    assert tree(linux.root) == good
    host.target.rename(moved)
    assert uninstall(host)[0].startswith("Tidied up")
    assert not host.target.exists() and not moved.exists()
