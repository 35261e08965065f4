"""``softlight plugins``, as a process of its own in a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import softlight
from tests.core.cli.conftest import command_line
from tests.core.plugins.conftest import touch, tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="folders as Linux has them")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "Zoë O'Brien"
    folder.mkdir()
    (tmp_path / "run").mkdir(0o700)
    return folder


def plugins(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "HOME": str(home),
        "PATH": str(home.parent / "bin"),
        "XDG_RUNTIME_DIR": str(home.parent / "run"),
        **variables,
    }
    return subprocess.run(
        command_line("plugins", *arguments),
        capture_output=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )


def test_no_host_at_all(home: Path) -> None:
    for action in ("status", "install"):
        assert tree(home) == {}
        done = plugins(home, action)
        assert (done.returncode, done.stdout) == (7, "")
        assert done.stderr == (
            "softlight: No GIMP and no Krita was found for this user; start it once, then run "
            "'softlight plugins install', or with --krita for an AppImage of Krita that was never started.\n"
        )
    assert plugins(home, "status", "--gimp").stderr == (
        "softlight: No GIMP was found for this user; start it once, then run 'softlight plugins install'.\n"
    )
    # A plug-in that came as a file, in a host that was not found, then knows its engine all the same.
    record = json.loads((home / ".config/softlight/engine.json").read_text("utf-8"))
    assert record["engine"][-1] == "softlight.engine"
    assert plugins(home, "uninstall").returncode == 0
    assert not (home / ".config/softlight").exists()


def test_sudo_would_install_for_root(home: Path) -> None:
    (home / ".config/GIMP/3.0").mkdir(parents=True)
    done = plugins(home, "install", SUDO_USER="zoe")
    assert (done.returncode, done.stdout) == (7, "")
    assert done.stderr == (
        "softlight: Plug-ins go into your own folders and not into root's; run it without sudo.\n"
    )
    assert not (home / ".config/GIMP/3.0/plug-ins").exists()


def test_uninstalling_after_the_host_is_gone(home: Path) -> None:
    (home / ".config/softlight").mkdir(parents=True)
    (home / ".config/softlight/engine.json").touch()
    done = plugins(home, "uninstall")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"Removed '{home}/.config/softlight/engine.json'.",
        "No GIMP and no Krita was found for this user, so there was nothing to take out.",
    ]
    assert not (home / ".config/softlight").exists()


def test_from_nothing_to_nothing(home: Path) -> None:
    (home / ".config/GIMP/3.0").mkdir(parents=True)
    (home / ".config/kritarc").write_bytes(b"a=1\n")
    before = tree(home)
    done = plugins(home, "status")
    assert done.returncode == 7
    assert done.stdout.splitlines() == [
        "GIMP 3.0",
        "  Problem: It is not installed; run 'softlight plugins install'.",
        "Krita",
        "  Problem: It is not installed; run 'softlight plugins install'.",
    ]

    done = plugins(home, "install")
    assert (done.returncode, done.stderr) == (0, "")
    gimp = home / ".config/GIMP/3.0/plug-ins/softlight"
    krita = home / ".local/share/krita"
    assert done.stdout.splitlines() == [
        "GIMP 3.0",
        f"  Installed Softlight {softlight.__version__} in '{gimp}'.",
        f"  Made '{gimp}/softlight.py' executable.",
        "  Open it with Filters > Softlight; a GIMP that is running must be started anew.",
        "Krita",
        f"  Installed Softlight {softlight.__version__} in '{krita}/pykrita/softlight_krita'.",
        f"  Wrote '{krita}/actions/softlight_krita.action'.",
        f"  Wrote '{krita}/pykrita/softlight_krita.desktop'.",
        f"  Switched the plug-in on in '{home}/.config/kritarc'.",
        "  Open it with Settings > Dockers > Softlight; a Krita that is running must be started anew.",
    ]
    done = plugins(home, "status")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "GIMP 3.0",
        f"  Softlight is in '{gimp}', and its engine starts.",
        "Krita",
        f"  Softlight is in '{krita}/pykrita/softlight_krita', and its engine starts.",
    ]
    done = plugins(home, "uninstall")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == f"Removed '{home}/.config/softlight/engine.json'."
    assert tree(home) == before


def test_only_one_of_two(home: Path) -> None:
    (home / ".config/GIMP/3.0").mkdir(parents=True)
    (home / ".config/kritarc").touch()
    assert plugins(home, "install", "--krita").returncode == 0
    assert not (home / ".config/GIMP/3.0/plug-ins").exists()
    assert plugins(home, "status", "--krita").returncode == 0
    assert plugins(home, "status", "--gimp").returncode == 7
    assert plugins(home, "install", "--gimp").returncode == 0
    plugins(home, "uninstall", "--krita")
    assert (home / ".config/softlight/engine.json").exists(), "GIMP's plug-in is still there"
    assert plugins(home, "status", "--gimp").returncode == 0


def test_krita_is_installed_where_it_was_not_found_when_it_is_named(home: Path) -> None:
    done = plugins(home, "install", "--krita")
    assert done.returncode == 0, done.stderr
    assert (home / ".local/share/krita/pykrita/softlight_krita.desktop").is_file()
    assert plugins(home, "install", "--gimp").returncode == 7


def test_for_machines(home: Path) -> None:
    (home / ".config/GIMP/3.0").mkdir(parents=True)
    answer = json.loads(plugins(home, "status", "--json").stdout)
    assert answer["works"] is False
    (host,) = answer["hosts"]
    assert (host["host"], host["kind"], host["version"]) == ("GIMP 3.0", "gimp", "3.0")
    assert host["problems"] == ["It is not installed; run 'softlight plugins install'."]
    answer = json.loads(plugins(home, "install", "--json").stdout)
    assert answer["works"] is True and answer["hosts"][0]["done"]


def test_a_host_that_can_take_no_plug_in_is_no_failure_beside_another(home: Path) -> None:
    """GIMP 2.10 of Debian 12, which has no Python, with a Krita."""
    touch(home.parent / "bin" / "gimp-2.10")
    (home / ".config/kritarc").parent.mkdir()
    (home / ".config/kritarc").touch()
    done = plugins(home, "install")
    assert done.returncode == 0
    assert done.stdout.startswith("GIMP 2.10\n  GIMP 2.10 at '")
    assert "can run no Python plug-in; use GIMP 3." in done.stdout
    assert plugins(home, "status").returncode == 7
    assert plugins(home, "install", "--gimp").returncode == 7


def test_a_home_that_may_not_be_written(home: Path) -> None:
    (home / ".config/GIMP/3.0").mkdir(parents=True)
    (home / ".config/GIMP/3.0/plug-ins").write_bytes(b"")
    before = tree(home)
    done = plugins(home, "install")
    assert done.returncode == 7
    assert "Problem: '" in done.stdout and "must be a folder and is not" in done.stdout
    assert "Traceback" not in done.stderr
    assert tree(home) == before


def test_packed_into_files(home: Path) -> None:
    """On a machine with no host at all, and nothing but the files is left."""
    out = home / "für Zoë"
    done = plugins(home, "pack", "--out", str(out))
    names = [f"softlight-{softlight.__version__}-{host}.zip" for host in ("krita", "gimp-3", "gimp-2.10")]
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"Wrote '{out / name}'." for name in names]
    assert sorted(tree(home)) == ["für Zoë", *(f"für Zoë/{name}" for name in sorted(names))]
    (out / names[1]).write_bytes(b"somebody's")
    done = plugins(home, "pack", "--gimp", "--out", str(out))
    assert (done.returncode, done.stdout) == (7, "")
    assert done.stderr == (
        f"softlight: '{out / names[1]}' exists and is no plug-in of Softlight; move it away, or choose "
        "another folder.\n"
    )
    answer = json.loads(plugins(home, "pack", "--krita", "--out", str(out), "--json").stdout)
    assert answer["done"] == [f"Wrote '{out / names[0]}'."]


@pytest.mark.parametrize(
    "wrong", [("remove",), ("install", "--inkscape"), ("install", "--out", "here"), ("pack", "--out"), ()]
)
def test_wrong_arguments(home: Path, wrong: tuple[str, ...]) -> None:
    done = plugins(home, *wrong)
    assert done.returncode == 2
    assert done.stderr.startswith("softlight: ") and done.stderr.count("\n") == 1


def test_what_installs_needs_nothing_heavy() -> None:
    program = (
        "import sys, softlight.cli.plugins\n"
        "assert not {'numpy', 'cv2', 'PIL', 'onnxruntime'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
