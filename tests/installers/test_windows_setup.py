"""What the Windows installer does, tried here with small archives: a script stands in for Windows' Python."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from installers.windows.setup import installing, registration, uninstalling
from installers.windows.setup.faults import SetupError
from installers.windows.setup.folder import Folder, alone, remove_ours
from installers.windows.setup.payload import LIST, Payload, open_payload
from tests.full_disks import mounted

ROOT = Path(__file__).parents[2]
ANSWER = '{"works": true, "done": ["Nothing to do."], "hosts": []}'
PYTHON = f"""\
#!/bin/sh
case "$*" in *plugins*) echo '{ANSWER}' ;; *) cat "$(dirname "$0")/version.txt" ;; esac
"""
KILLED = """\
import os, sys
from pathlib import Path
from installers.windows.setup import installing, uninstalling

step = 0
def killed(event, arguments):
    # Each time a file is opened, renamed, removed, or a folder made.
    global step
    if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir") and {root!r} in str(arguments[0]):
        step += 1
        if step == int(sys.argv[1]):
            os.kill(os.getpid(), 9)

write = Path.write_bytes
def marked(path, content):
    write(path, content)
    if path.name == "python.exe":
        path.chmod(0o755)

Path.write_bytes = marked
os.environ["HOME"] = {home!r}
sys.addaudithook(killed)
if len(sys.argv) > 2:
    sys.executable = sys.argv[2]
    uninstalling.uninstall(Path({root!r}), True, lambda text: None)
else:
    installing.install(Path({installer!r}), Path({installer!r}), Path({root!r}), lambda text: None)
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user of nobody's: no GIMP, no Krita, no settings."""
    folder = tmp_path / "Zoë K"
    folder.mkdir()
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "SOFTLIGHT_MODELS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return folder


@pytest.fixture
def root(home: Path) -> Path:
    return home / "Programs" / "Softlight"


def installer(folder: Path, version: str, **more: bytes) -> Path:
    """An installer whose program is one line long."""
    files = {"python.exe": PYTHON.encode(), "version.txt": version.encode(), "a/b.py": b"pass", **more}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    payload = Payload(version, "directml", sum(map(len, files.values())), digests)
    path = folder / f"softlight-{version}.exe"
    path.write_bytes(b"the program\n")
    with zipfile.ZipFile(path, "a") as archive:
        for name, content in {LIST: payload.to_json(), **files}.items():
            archive.writestr(name, content)
    return path


@pytest.fixture(autouse=True)
def executable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows knows programs by their names, and this system by a mark of their file."""
    write = Path.write_bytes

    def marked(path: Path, content: bytes) -> int:
        written = write(path, content)
        if path.name == "python.exe":
            path.chmod(0o755)
        return written

    monkeypatch.setattr(Path, "write_bytes", marked)


def install(path: Path, root: Path) -> list[str]:
    said: list[str] = []
    assert installing.install(path, path, root, said.append)
    return said


def running(root: Path) -> str:
    """What the version that runs says."""
    version = Folder(root).version()
    assert version is not None
    return subprocess.run([version / "python.exe", "-V"], stdout=-1, check=True).stdout.decode()


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_an_upgrade_leaves_one_version_and_a_downgrade_is_allowed(tmp_path: Path, root: Path) -> None:
    old, new = installer(tmp_path, "0.0.9"), installer(tmp_path, "0.1.0")
    for path, version in ((old, "0.0.9"), (new, "0.1.0"), (new, "0.1.0"), (old, "0.0.9")):
        install(path, root)
        assert running(root) == version
        assert len(list(Folder(root).versions.iterdir())) == 1


def test_a_removal_leaves_nothing_but_what_is_the_users(tmp_path: Path, root: Path, home: Path) -> None:
    settings = home / ".config/softlight/settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("", "utf-8")
    before = files(home)
    install(installer(tmp_path, "0.1.0"), root)
    compiled = root / "versions/0.1.0-directml/a/__pycache__/b.cpython-313.pyc"
    compiled.parent.mkdir()
    compiled.write_bytes(b"")
    shutil.copyfile(root / "versions/0.1.0-directml/python.exe", tmp_path / "python")
    uninstall(root, tmp_path, purge=False)
    assert files(home) == before
    install(installer(tmp_path, "0.1.0"), root)
    uninstall(root, tmp_path, purge=True)
    assert files(home) == [".config"]


def uninstall(root: Path, tmp_path: Path, purge: bool) -> list[str]:
    said: list[str] = []
    python = tmp_path / "python"
    python.write_text(PYTHON, "utf-8")
    python.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", str(python))
        uninstalling.uninstall(root, purge, said.append)
    return said


def test_what_others_put_there_is_kept(tmp_path: Path, root: Path) -> None:
    elsewhere = tmp_path / "mine"
    elsewhere.mkdir()
    (elsewhere / "letter.txt").write_text("mine", "utf-8")
    install(installer(tmp_path, "0.1.0"), root)
    version = root / "versions/0.1.0-directml"
    (version / "a/note.txt").write_text("mine", "utf-8")
    (version / "linked").symlink_to(elsewhere)
    said = uninstall(root, tmp_path, purge=True)
    assert files(root) == [
        "versions",
        *(f"versions/~{version.name}{path}" for path in ("", "/a", "/a/note.txt", "/linked")),
    ]
    assert (elsewhere / "letter.txt").read_text("utf-8") == "mine"
    assert len([text for text in said if text.endswith("which is not Softlight's.")]) == 2


def test_a_folder_of_somebody_else_is_neither_used_nor_removed(tmp_path: Path, root: Path) -> None:
    root.mkdir(parents=True)
    (root / "letter.txt").write_text("mine", "utf-8")
    with pytest.raises(SetupError, match="holds files that are not Softlight's; choose"):
        install(installer(tmp_path, "0.1.0"), root)
    with pytest.raises(SetupError, match="is not installed in"):
        uninstall(root, tmp_path, purge=True)
    assert files(root) == ["letter.txt"]


@pytest.mark.parametrize("first", [True, False])
def test_a_kill_at_any_step_leaves_a_version_that_runs(
    tmp_path: Path, root: Path, home: Path, first: bool
) -> None:
    old, new = installer(tmp_path, "0.0.9"), installer(tmp_path, "0.1.0")
    code = KILLED.format(root=str(root), home=str(home), installer=str(new))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [ROOT, *python_path()]))}
    found = set()
    for step in range(1, 200):
        if not first and not root.exists():
            install(old, root)
        done = subprocess.run(
            [sys.executable, "-c", code, str(step)], env=environment, capture_output=True, check=False
        )
        current = Folder(root).version() if root.exists() else None
        assert current is not None or first
        found.add(running(root) if current else "none")
        if done.returncode == 0:
            break
        assert done.returncode == -9, done.stderr.decode()
        if step % 5 == 0:
            install(old if not first else new, root)
            assert len(list(Folder(root).versions.iterdir())) == 1
            uninstall(root, tmp_path, purge=True)
            assert not root.exists()
    assert step > 15
    assert found == ({"none", "0.1.0"} if first else {"0.0.9", "0.1.0"})


def test_a_removal_that_is_killed_at_any_step_goes_on(tmp_path: Path, root: Path, home: Path) -> None:
    new = installer(tmp_path, "0.1.0")
    code = KILLED.format(root=str(root), home=str(home), installer=str(new))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [ROOT, *python_path()]))}
    python = tmp_path / "python"
    python.write_text(PYTHON, "utf-8")
    python.chmod(0o755)
    # Once the record has gone, nobody knows who made the folder around it.
    empty = {root.parent.name}
    for step in range(1, 100):
        if not root.exists():
            install(new, root)
        done = subprocess.run(
            [sys.executable, "-c", code, str(step), str(python)],
            env=environment,
            capture_output=True,
            check=False,
        )
        if done.returncode == 0:
            break
        assert done.returncode == -9, done.stderr.decode()
        if Folder(root).record.exists() and step % 2:
            uninstall(root, tmp_path, purge=True)
            assert set(files(home)) <= empty
        elif root.exists():
            install(new, root)
            assert running(root) == "0.1.0"
            assert len(list(Folder(root).versions.iterdir())) == 1
    assert step > 10
    assert set(files(home)) <= empty


def test_a_host_that_holds_its_plug_in_stops_the_removal(tmp_path: Path, root: Path) -> None:
    install(installer(tmp_path, "0.1.0"), root)
    before = files(root)
    python = tmp_path / "python"
    host = '{"host": "GIMP 3.0", "done": [], "problems": ["It is in use."], "notes": []}'
    python.write_text(f'#!/bin/sh\necho \'{{"works": false, "done": [], "hosts": [{host}]}}\'\n', "utf-8")
    python.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", str(python))
        with pytest.raises(
            SetupError, match=r"close them, then try again. \(GIMP 3.0: Problem: It is in use.\)"
        ):
            uninstalling.uninstall(root, True, lambda text: None)
    assert files(root) == before and running(root) == "0.1.0"


def python_path() -> list[Path]:
    return [
        ROOT / name for name in ("core", "model_store", "plugins/bridge", "plugins/gimp", "plugins/krita")
    ]


def test_a_disk_that_is_full_keeps_the_old_version(tmp_path: Path, home: Path) -> None:
    with mounted(home / "disk", "size=1m") as disk:
        root = disk / "Softlight"
        install(installer(tmp_path, "0.0.9"), root)
        with pytest.raises(SetupError, match=r"Softlight takes 2 MB and the disk of .* make room there"):
            install(installer(tmp_path, "0.1.0", big=b"x" * 2_000_000), root)
        # And one that fills up meanwhile.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(installing, "check_room", lambda payload, target: None)
            with pytest.raises(SetupError, match="is full; make room there and try again"):
                install(installer(tmp_path, "0.1.0", big=os.urandom(2_000_000)), root)
        assert running(root) == "0.0.9"
        assert [path.name for path in Folder(root).versions.iterdir()] == ["0.0.9-directml"]


def test_a_first_installation_that_fails_leaves_nothing(tmp_path: Path, home: Path, root: Path) -> None:
    broken = installer(tmp_path, "0.1.0", **{"python.exe": b"#!/bin/sh\necho 'no such DLL' >&2\nexit 1\n"})
    with pytest.raises(SetupError, match=r"does not start on this computer \(no such DLL\)"):
        install(broken, root)
    assert files(home) == []


def test_a_damaged_installer_is_told(tmp_path: Path, root: Path) -> None:
    path = installer(tmp_path, "0.1.0", big=b"what is in it" * 100)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"what is", b"what was", 1)[:-1])
    with pytest.raises(SetupError, match="damaged"):
        install(path, root)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(SetupError, match="is damaged; download the installer again"):
        install(path, root)
    assert not root.exists()


def test_a_path_that_windows_cannot_take_is_refused(tmp_path: Path, root: Path) -> None:
    deep = root.joinpath(*["x" * 60] * 4)
    with pytest.raises(SetupError, match=r"path is \d+ characters too long for Windows; choose one"):
        install(installer(tmp_path, "0.1.0"), deep)
    assert not root.exists()


def test_two_installers_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with alone(), pytest.raises(SetupError, match="Another installer of Softlight is running"), alone():
        pass
    with alone():
        pass


def test_only_listed_files_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "a").mkdir(parents=True)
    for name in ("a/ours", "a/theirs", "ours"):
        (folder / name).write_text("", "utf-8")
    assert remove_ours(folder, {"ours", "a/ours", "gone"}) == [folder / "a/theirs"]
    assert files(folder) == ["a", "a/theirs"]


@pytest.mark.parametrize(
    ("path", "added", "removed"),
    [
        ("", r";C:\s\bin", ""),
        (r"C:\a;%USERPROFILE%\b", r"C:\a;%USERPROFILE%\b;C:\s\bin", r"C:\a;%USERPROFILE%\b"),
        (r"C:\S\BIN\;C:\a", r"C:\a;C:\s\bin", r"C:\a"),
    ],
)
def test_the_path_keeps_what_else_is_in_it(path: str, added: str, removed: str) -> None:
    assert registration.with_folder(path, r"C:\s\bin") == added.removeprefix(";")
    assert registration.without_folder(path, r"C:\s\bin") == removed


def test_the_list_of_apps_says_what_and_where(tmp_path: Path, root: Path) -> None:
    archive, payload = open_payload(installer(tmp_path, "0.1.0"))
    archive.close()
    entry = registration.app_entry(Folder(root), payload, root / "versions/x")
    assert entry["DisplayVersion"] == "0.1.0" and entry["Publisher"]
    assert entry["QuietUninstallString"] == f'"{root / "uninstall.exe"}" /S'
