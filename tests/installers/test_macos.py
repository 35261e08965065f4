"""The installer for macOS, as far as Linux can try it: its decisions, and its way without GNU's tools.

No Mac was there. A `uname`, `sw_vers` and `xattr` say and take what those of a Mac would, and `readlink`,
`mv`, `sed` and others refuse the options that a Mac's do not have.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from roots import Root

from installers.requirements.matrix import ROOT
from tests.installers.newcomer import newcomer

SCRIPT = ROOT / "installers/macos/install.sh"
GNU_ONLY = {
    "readlink": "-f -e -m --*",
    "mv": "-T -t --*",
    "cp": "-a -T -t --*",
    "sed": "-i -r -z --*",
    "date": "-d -I --*",
    "ln": "-T -r -t --*",
    "rm": "--*",
    "grep": "-P --*",
    "tail": "--*",
    "mkdir": "--*",
    "ps": "--*",
}
"""Options that a Mac's tools lack, or read otherwise."""
PLAIN = ("sh", "cat", "tee", "tr", "rmdir", "chmod", "dirname", "sleep", "tar", "kill", "env")
PYTHON = """\
#!/bin/sh
case $* in
    *platform*) echo "{said}" ;;
    *disk_usage*) echo 99999 ;;
    *ensurepip*) exit {venv} ;;
    *) echo "no such module: venv" >&2; exit 1 ;;
esac
"""


def mac(folder: Path, release: str = "14.5") -> Path:
    """Make a folder of programs that is all of a Mac's PATH."""
    folder.mkdir()
    told = {
        "uname": "echo Darwin",
        "sw_vers": f"echo {release}",
        "xattr": f'echo "$@" >>{str(folder / "xattr.log")!r}',
    }
    for name, options in GNU_ONLY.items():
        refused = " | ".join(options.split())
        told[name] = (
            f'for word in "$@"; do case $word in {refused}) '
            f'echo "{name}: illegal option $word" >&2; exit 64 ;; esac; done\nexec /usr/bin/{name} "$@"'
        )
    for name, line in told.items():
        program(folder / name, f"#!/bin/sh\n{line}\n")
    for name in PLAIN:
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    return folder


def program(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    path.chmod(0o755)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "Zoë B"
    folder.mkdir()
    return folder


def refused(path: Path, home: Path, *options: str) -> str:
    """The last line; the home is empty afterwards."""
    done = subprocess.run(
        ["/bin/sh", str(SCRIPT), *options],
        env={"PATH": str(path), "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    assert list(home.iterdir()) == []
    assert "illegal option" not in done.stderr
    return f"{done.stdout}\n{done.stderr}".strip()


def test_it_wants_a_mac_that_is_not_too_old(tmp_path: Path, home: Path) -> None:
    assert "need macOS 14 or newer, and this is 13.7" in refused(mac(tmp_path / "old", "13.7"), home)
    linux = mac(tmp_path / "linux")
    program(linux / "uname", "#!/bin/sh\necho Linux\n")
    assert "installers/linux/install.sh" in refused(linux, home)


def test_there_is_no_cuda(tmp_path: Path, home: Path) -> None:
    assert "--backend takes cpu here" in refused(mac(tmp_path / "mac"), home, "--backend", "cuda")


@pytest.mark.parametrize(
    ("pythons", "chosen"),
    [
        ({"python3": "True 3.14 arm64", "python3.12": "True 3.12 arm64"}, "3.14"),
        # There is no onnxruntime for Python 3.14 on Intel.
        ({"python3": "True 3.14 x86_64", "python3.12": "True 3.12 x86_64"}, "3.12"),
        ({"python3": "False 3.9 arm64", "python3.13": "True 3.13 arm64"}, "3.13"),
    ],
)
def test_it_takes_the_first_python_that_fits(
    tmp_path: Path, home: Path, pythons: dict[str, str], chosen: str
) -> None:
    path = mac(tmp_path / "mac")
    for name, said in pythons.items():
        program(path / name, PYTHON.format(said=said, venv=0))
    said = refused(path, home)
    assert f"Installing Softlight for Python {chosen} at '{path}/" in said
    assert said.endswith("the environment cannot be made for the reason above, so nothing was changed.")


def test_without_a_python_that_fits_it_says_where_to_get_one(tmp_path: Path, home: Path) -> None:
    path = mac(tmp_path / "mac")
    program(path / "python3", PYTHON.format(said="False 3.9 arm64", venv=0))
    said = refused(path, home)
    assert f"Python 3.9 at '{path}/python3' was found" in said and "python.org" in said
    program(path / "python3", PYTHON.format(said="True 3.13 arm64", venv=1))
    assert "comes without its modules venv and ensurepip" in refused(path, home)


@pytest.mark.hosts
@pytest.mark.all_hosts
def test_all_of_it_goes_through_with_a_macs_tools(trixie: Root, archive: Path) -> None:
    """With Linux' Python and wheels, so that it can run to its end: twice, and out again."""
    with newcomer(trixie) as user:
        user.unpack(archive)
        tools = mac(user.place.folder / "mac")
        os.chmod(tools, 0o777)
        script = str(user.unpacked / "installers/macos/install.sh")
        words = ("sh", script, "--offline", user.wheelhouse)
        path = f"{tools}:/usr/bin"
        said = user.run(*words, PATH=path)
        assert "illegal option" not in said and "Problem" not in said
        engine = user.place.home / "Library/Application Support/softlight/engine"
        first = os.readlink(engine / "current")
        assert "com.apple.quarantine" in (tools / "xattr.log").read_text()
        said = user.run(*words, PATH=path)
        assert os.readlink(engine / "current") != first
        assert "and its engine starts." in user.run(user.command, "plugins", "status")
        own = str(engine / "current/installer/macos/install.sh")
        said = user.run("sh", own, "--uninstall", PATH=path)
        assert "illegal option" not in said and not engine.exists()
        assert not [name for name in user.files() if "softlight" in name]
