"""The installer for Linux as a user without rights meets it: a Debian desktop, an archive, no network.

Run:   python -m pytest -m hosts tests/installers/test_linux.py
Needs: what `tests/hosts/roots.py` needs, and a package index for the wheels of the archive (140 MB).

The tests go through one installation, from the first command to the last, in the order in which they stand.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from roots import Root, end

from tests.installers.newcomer import Newcomer, newcomer
from tests.installers.portraits import in_gimp, in_krita

pytestmark = pytest.mark.hosts


@pytest.fixture(scope="module")
def user(trixie: Root, archive: Path) -> Iterator[Newcomer]:
    with newcomer(trixie) as found:
        found.unpack(archive)
        yield found


@pytest.fixture(scope="module")
def before(user: Newcomer) -> set[str]:
    return user.files()


@pytest.fixture(scope="module")
def installed(user: Newcomer, before: set[str]) -> str:
    """What the second command said."""
    return user.install("--offline", user.wheelhouse)


def test_two_commands_bring_it_into_both_hosts(user: Newcomer, installed: str) -> None:
    assert "softlight 0.1.0 is installed" in installed
    assert "GIMP 3.0" in installed and "Krita 5.2" in installed and "Problem" not in installed
    assert "and its engine starts." in user.run(user.command, "plugins", "status")
    python = str(user.engine / "current/bin/python")
    described = sorted(user.place.home.rglob("plug*/softlight*/engine.json"))
    described += sorted(user.place.home.rglob("pykrita/softlight*/engine.json"))
    assert len(described) == 2
    for path in described:
        # By the link, so that the next installation needs no other plug-in.
        assert json.loads(path.read_text("utf-8"))["engine"] == [python, "-I", "-m", "softlight.engine"]
    assert left_in(user.engine) == {"current", "made", os.readlink(user.engine / "current")}


def test_gimp_runs_it_through_the_installed_engine(user: Newcomer, installed: str) -> None:
    told, command = in_gimp(user, "fertig.xcf")
    assert told["photo unchanged"] and len(told["layers"]) >= 1
    assert (user.place.pictures / "fertig.xcf").stat().st_size > 0
    assert command[0] == str(user.engine / "current/bin/python")


@pytest.mark.all_hosts
def test_krita_runs_it_through_the_installed_engine(user: Newcomer, installed: str) -> None:
    assert in_krita(user)


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def unfinished(user: Newcomer) -> Path | None:
    """The new environment, once there is one."""
    current = os.readlink(user.engine / "current")
    return next((path for path in user.engine.glob("env-*") if path.name != current), None)


MOMENTS: dict[str, Callable[[Newcomer], bool]] = {
    "locked": lambda user: (user.engine / "lock").exists(),
    "an environment": lambda user: unfinished(user) is not None,
    "packages": lambda user: (
        (new := unfinished(user)) is not None and any(new.glob("lib/*/site-packages/numpy"))
    ),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_installation_leaves_the_old_engine(user: Newcomer, installed: str, moment: str) -> None:
    current = os.readlink(user.engine / "current")
    words = ["sh", str(user.script), "--offline", user.wheelhouse]
    process = user.root.start(words, user.place.environment)
    try:
        deadline = time.monotonic() + 120
        while not MOMENTS[moment](user):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        end(process, signal.SIGKILL)
    assert os.readlink(user.engine / "current") == current
    assert "softlight 0.1.0" in user.run(user.command, "--version")


def test_the_next_one_tidies_up_and_another_back_end_keeps_the_rest(user: Newcomer, installed: str) -> None:
    assert "lock" in left_in(user.engine)
    home = user.place.home
    kept = [home / ".config/softlight/settings.toml", home / ".local/share/softlight/models/own/model.onnx"]
    for path in kept:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"the user's own")
    # A stand-in for the packages of CUDA, which are 1.7 GB.
    requirements = user.unpacked / "installers/requirements"
    shutil.copy(requirements / "cpu.txt", requirements / "cuda.txt")
    walled_off = [home / ".local/share/flatpak/app/org.gimp.GIMP", home / "snap/krita"]
    for path in walled_off:
        path.mkdir(parents=True)
    old = os.readlink(user.engine / "current")
    said = user.install("--offline", user.wheelhouse, "--backend", "cuda")
    assert "Tidying up after an installation that was broken off." in said and "back end cuda" in said
    new = os.readlink(user.engine / "current")
    assert new != old and left_in(user.engine) == {"current", "made", new}
    assert (user.engine / "current/backend").read_text() == "cuda\n"
    assert all(path.read_bytes() == b"the user's own" for path in kept)
    # What keeps a plug-in out of a sandbox is passed on, and is no failure of the installation.
    assert "flatpak override --user" in said and "Krita (Snap) may start no program" in said
    for path in walled_off:
        path.rmdir()
    assert "and its engine starts." in user.run(user.command, "plugins", "status")


def test_of_two_at_once_the_second_gives_way(user: Newcomer, installed: str) -> None:
    words = ["sh", str(user.script), "--offline", user.wheelhouse]
    process = user.root.start(words, user.place.environment)
    try:
        while unfinished(user) is None:
            assert process.poll() is None
            time.sleep(0.01)
        said = user.install("--offline", user.wheelhouse, fails=True)
        assert "Another installation runs (process " in said
        assert unfinished(user) is not None and process.poll() is None
    finally:
        end(process, signal.SIGKILL)
    # What tidies up need not succeed.
    user.install("--offline", "/tmp", fails=True)
    assert unfinished(user) is None


def refused(user: Newcomer, *options: str, **environment: str) -> str:
    """The sentence; and nothing but it has changed."""
    files, current = user.files(), os.readlink(user.engine / "current")
    said = user.install(*options, fails=True, **environment).strip()
    assert user.files() == files and os.readlink(user.engine / "current") == current
    last = said.splitlines()[-1]
    assert last.startswith("install.sh: ") and last.endswith(".") and "Traceback" not in said
    return last


def test_a_wheel_with_another_checksum_is_refused(user: Newcomer, installed: str) -> None:
    bad = user.place.folder / "bad wheels ü"
    shutil.copytree(user.wheelhouse, bad)
    (wheel,) = bad.glob("idna-*.whl")
    with wheel.open("ab") as file:
        file.write(b"\0")
    sentence = refused(user, "--offline", str(bad))
    assert "checksum" in sentence and "nothing was changed" in sentence and "idna" in sentence
    wheel.unlink()
    sentence = refused(user, "--offline", str(bad))
    assert "lacks a package for Python 3.13" in sentence and "idna" in sentence


def test_without_a_network_it_names_the_way_without(user: Newcomer, installed: str) -> None:
    # Nothing listens there.
    sentence = refused(user, PIP_INDEX_URL="http://127.0.0.1:9/simple")
    assert "--offline" in sentence and "nothing was changed" in sentence


def test_sudo_and_wrong_words_are_refused(user: Newcomer, installed: str) -> None:
    assert "without sudo" in refused(user, SUDO_USER="zoe")
    assert "--backend takes cpu|cuda" in refused(user, "--backend", "directml")
    assert "--help" in refused(user, "--bogus")
    assert "does not exist" in refused(user, "--offline", "/nowhere")
    assert "HOME" in refused(user, HOME="relative")


def test_a_home_that_cannot_be_written(user: Newcomer, installed: str) -> None:
    sentence = refused(user, XDG_DATA_HOME="/usr/share")
    assert "'/usr/share/softlight/engine' cannot be made" in sentence


def test_uninstalling_leaves_the_users_own(user: Newcomer, installed: str, before: set[str]) -> None:
    script = user.engine / "current/installer/linux/install.sh"
    said = user.run("sh", str(script), "--uninstall")
    assert "Softlight is gone." in said
    assert not list(user.place.runtime.parent.glob("softlight"))
    ours = {path for path in user.files() - before if "softlight" in path.lower()}
    assert ours == {
        ".config/softlight",
        ".config/softlight/settings.toml",
        ".local/share/softlight",
        ".local/share/softlight/models",
        ".local/share/softlight/models/own",
        ".local/share/softlight/models/own/model.onnx",
    }
    left = user.files() - before
    assert ".local/bin" not in left and ".cache/Microsoft" not in left
