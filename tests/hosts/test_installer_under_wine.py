"""The Windows installer, from the first installation to the removal, with every fault that was thought of.

wine stands in for Windows; GIMP and Krita are there by name only. There is no network. `SOFTLIGHT_FIGURES`
names a file that gets what was measured, `SOFTLIGHT_INSTALLERS` a folder with the two
installers, such as those that are about to be published.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from roots import NoHosts
from windows_python import NoWindows
from windows_user import WindowsUser, windows_user

from installers.windows.build import build
from installers.windows.interpreter import BuildError
from installers.windows.setup.payload import open_payload

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "core/softlight/samples/hopper.jpg"
CLIENT = Path(__file__).parent / "inside/bridge_client.py"
LOCKING = Path(__file__).parent / "inside/lock_on_windows.py"
FOLDER = "Programs/Softlight"
GIMP = "GIMP/3.0/plug-ins/softlight"
KRITA = "krita/pykrita"
UNINSTALL = r"Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\Softlight"


@pytest.fixture(scope="module")
def installers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An installer of 0.0.9 and one of what is here; they are compressed less than what is shipped."""
    if shutil.which("makensis") is None:
        pytest.skip("makensis is not installed (apt-get install nsis)")
    if "SOFTLIGHT_INSTALLERS" in os.environ:
        kept = Path(os.environ["SOFTLIGHT_INSTALLERS"])
        (first,), (second,) = kept.glob("*-0.0.9-*.exe"), kept.glob("*-0.1.0-*.exe")
        return first, second
    folder = tmp_path_factory.mktemp("installers")
    old = folder / "old"
    for name in ("core", "model_store", "plugins"):
        shutil.copytree(ROOT / name, old / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("README.md", "LICENSE", "pyproject.toml"):
        shutil.copyfile(ROOT / name, old / name)
    for name in ("pyproject.toml", "core/softlight/__init__.py"):
        text = (old / name).read_text("utf-8")
        (old / name).write_text(
            re.sub(r'version(__)? = "[^"]*"', r'version\1 = "0.0.9"', text, count=1), "utf-8"
        )
    try:
        return build(old, "directml", folder, quick=True), build(ROOT, "directml", folder, quick=True)
    except BuildError as reason:
        pytest.skip(str(reason))


@pytest.fixture
def user() -> Iterator[WindowsUser]:
    try:
        with windows_user() as made:
            yield made
    except (NoHosts, NoWindows) as reason:
        pytest.skip(str(reason))


@pytest.fixture
def studio(user: WindowsUser) -> WindowsUser:
    """A user who has GIMP 3.0 and Krita."""
    for program in ("GIMP 3/bin/gimp-3.0.exe", "Krita (x64)/bin/krita.exe"):
        path = user.drive / "Program Files" / program
        path.parent.mkdir(parents=True)
        path.write_bytes(b"MZ")
    (user.roaming / "GIMP/3.0/plug-ins").mkdir(parents=True)
    (user.local / "kritarc").write_bytes(b"a=1\r\n\r\n[python]\r\nenable_other=true\r\n")
    key = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Krita (x64) 5.2.9"
    for value, text in (
        ("DisplayName", "Krita (x64) 5.2.9"),
        ("DisplayVersion", "5.2.9"),
        ("InstallLocation", r"C:\Program Files\Krita (x64)"),
    ):
        assert user.run("reg", "add", key, "/v", value, "/d", text, "/f")[0] == 0
    user.leave()
    return user


def install(user: WindowsUser, installer: Path, *options: str, status: int = 0) -> None:
    # NSIS wants a folder with spaces without quotation marks.
    found, _ = user.run(installer, "/S", *(word for option in options for word in option.split(" ")))
    assert found == status, log(user)


def softlight(user: WindowsUser, *words: str) -> tuple[int, str]:
    """Run the command as a terminal does, by the user's PATH."""
    return user.run("cmd", "/c", "softlight", *words)


def python(user: WindowsUser) -> Path:
    """The Python that the engine runs in."""
    (name,) = (user.local / FOLDER / "current.txt").read_text("ascii").split()
    return user.local / FOLDER / "versions" / name / "python.exe"


def versions(user: WindowsUser) -> list[str]:
    return sorted(path.name for path in (user.local / FOLDER / "versions").iterdir())


def log(user: WindowsUser) -> str:
    return (user.local / "softlight/Logs/installer.log").read_text("utf-8")


def remove(user: WindowsUser, *options: str) -> None:
    """Run the uninstaller; it starts a copy of itself, which is waited for."""
    user.run(user.local / FOLDER / "uninstall.exe", "/S", *options)
    user.leave()


def new_or_changed(user: WindowsUser, before: dict[str, bytes]) -> list[str]:
    """What is there that was not, but for the copy that every uninstaller of NSIS makes of itself.

    It cannot remove itself while it runs, and asks Windows to do that at the next start.
    """
    found = sorted(name for name, content in user.files().items() if before.get(name) != content)
    return [name for name in found if "/Local/Temp/~nsu" not in name]


def figure(name: str, value: str) -> None:
    path = os.environ.get("SOFTLIGHT_FIGURES")
    print(f"{name}: {value}")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{name}: {value}\n")


def runs(user: WindowsUser, version: str) -> None:
    """The installed Softlight says its version and removes a wrinkle."""
    assert softlight(user, "--version") == (0, f"softlight {version}\n")
    picture = user.folder / "Grace Höpper.jpg"
    shutil.copyfile(SAMPLE, picture)
    result = user.folder / "retouched.png"
    status, said = softlight(user, "dewrinkle", user.inside(picture), "-o", user.inside(result))
    assert status == 0, said
    with Image.open(picture) as before, Image.open(result) as after:
        changed = np.abs(np.asarray(before.convert("RGB"), int) - np.asarray(after.convert("RGB"), int))
    assert changed.max() > 10 and (changed == 0).mean() > 0.2
    picture.unlink()
    result.unlink()


def engine_job(user: WindowsUser, scenario: str) -> dict[str, object]:
    """Run a job through the installed engine and its named pipe, as a plug-in does."""
    job = user.folder / "Auftrag"
    job.mkdir(exist_ok=True)
    with Image.open(SAMPLE) as photo:
        pixels = np.asarray(photo.convert("RGB"))
    mask = np.zeros((170, 180), np.uint8)
    mask[8:-8, 8:-8] = 255
    (job / "picture.raw").write_bytes(pixels.tobytes())
    (job / "mask.raw").write_bytes(mask.tobytes())
    told = {"size": [pixels.shape[1], pixels.shape[0]], "mask_size": [180, 170], "mask_origin": [180, 150]}
    (job / "job.json").write_text(json.dumps(told), "utf-8")
    shutil.copyfile(user.roaming / GIMP / "engine.json", job / "engine.json")
    script = shutil.copy(CLIENT, job)
    status, said = user.run(python(user), "-I", "-X", "utf8", Path(script), job, job, scenario)
    assert status == 0, said
    shutil.rmtree(job)
    answer: dict[str, object] = json.loads(said.splitlines()[-1])
    return answer


def test_from_the_first_installation_to_the_removal(
    studio: WindowsUser, installers: tuple[Path, Path]
) -> None:
    user, (old, new) = studio, installers
    before, registry = user.files(), user.registry()
    begun = time.monotonic()
    install(user, old)
    figure("silent installation, seconds", f"{time.monotonic() - begun:.1f}")
    figure("installer compressed quickly, bytes", str(new.stat().st_size))
    installed = user.local / FOLDER
    size = sum(path.stat().st_size for path in installed.rglob("*") if path.is_file())
    figure("installed, bytes", str(size))
    figure("installed, files", str(sum(path.is_file() for path in installed.rglob("*"))))
    runs(user, "0.0.9")
    for name in (f"{GIMP}/softlight.py", f"{GIMP}/engine.json", f"{KRITA}/softlight_krita.desktop"):
        assert (user.roaming / name).is_file()
    user.leave()
    (entry,) = [values for key, values in user.registry().items() if key.endswith(f"[{UNINSTALL}]")]
    assert '"DisplayVersion"="0.0.9"' in entry and '"Publisher"="The Softlight developers"' in entry
    megabytes = int(re.search(r'"EstimatedSize"=dword:(\w+)', entry)[1], 16) / 1024  # type: ignore[index]
    assert abs(megabytes - size / 2**20) < 30

    # An upgrade while the old engine is warm; the user has settings.
    first = engine_job(user, "run")
    figure("first de-wrinkle through the named pipe, seconds", f"{first['seconds']:.1f}")
    settings = user.local / "softlight/settings.toml"
    settings.write_text("[engine]\nidle_minutes = 1\n", "utf-8")
    begun = time.monotonic()
    install(user, new)
    figure("upgrade, seconds", f"{time.monotonic() - begun:.1f}")
    assert "The engine that was running has been asked to end." in log(user)
    assert versions(user) == ["0.1.0-directml"], log(user)
    runs(user, "0.1.0")
    status, said = softlight(user, "doctor")
    assert status == 0 and "All models work." in said
    assert said.count("(verified)") == 10
    second = engine_job(user, "run")
    assert second["layers"] == first["layers"] and second["engine"] != first["engine"]
    status, said = softlight(user, "plugins", "status")
    assert status == 0, said
    engine_job(user, "told_to_end")
    user.leave()

    begun = time.monotonic()
    remove(user)
    figure("removal, seconds", f"{time.monotonic() - begun:.1f}")
    left = new_or_changed(user, before)
    assert sorted(set(before) - set(user.files())) == []
    kept = "users/Zoë K/AppData/Local/softlight"
    assert left == [f"{kept}/", f"{kept}/settings.toml"]
    after = user.registry()
    changed = {key: values for key, values in after.items() if registry.get(key, "") != values}
    changed.pop(r"user.reg: [Software\\Wine\\MenuFiles]", None)  # its own notes on a desktop's menus
    assert not [key for key, values in changed.items() if "softlight" in (key + values).lower()], changed
    figure("registry keys changed by all of it", str(sorted(changed)))

    # And with the user's own, if asked.
    install(user, new)
    user.leave()
    remove(user, "/PURGE")
    assert new_or_changed(user, before) == []


def test_a_killed_upgrade_leaves_the_old_version(studio: WindowsUser, installers: tuple[Path, Path]) -> None:
    user, (old, new) = studio, installers
    install(user, old)
    user.leave()
    seen = []
    for moment in ("Unpacking", "Unpacked 50 %", "Unpacked 100 %", "0.1.0 is installed."):
        said = log(user).count(moment)
        process = user.start(new, "/S", alone=True)
        while log(user).count(moment) == said:
            assert process.poll() is None, log(user)
            time.sleep(0.05)
        process.kill()
        process.wait()
        time.sleep(2)  # until what is left of that Windows has gone too
        current = python(user).parent.name
        seen.append(f"at '{moment}': {current} runs, {len(versions(user))} folders")
        runs(user, current.split("-")[0])
        _, said = softlight(user, "plugins", "status", "--json")
        for host in json.loads(said)["hosts"]:
            record = json.loads((host_folder(user, host["kind"]) / "engine.json").read_text("utf-8"))
            engine = record["engine"][0].removeprefix("C:\\").replace("\\", "/")
            assert (user.drive / engine).is_file(), "what the plug-in starts is there"
        user.leave()
    figure("kill -9 of an upgrade", "; ".join(seen))
    assert [("0.0.9" in one, "0.1.0-directml runs" in one) for one in seen] == [(True, False)] * 3 + [
        (False, True)
    ]
    install(user, new)
    runs(user, "0.1.0")
    assert versions(user) == [python(user).parent.name]
    assert softlight(user, "plugins", "status")[0] == 0


def host_folder(user: WindowsUser, kind: str) -> Path:
    return user.roaming / (GIMP if kind == "gimp" else f"{KRITA}/softlight_krita")


def test_repair_brings_back_what_was_deleted(studio: WindowsUser, installers: tuple[Path, Path]) -> None:
    user, (_, new) = studio, installers
    install(user, new)
    packages = python(user).parent / "site-packages"
    shutil.rmtree(packages / "numpy")
    (user.local / FOLDER / "bin/softlight.cmd").unlink()
    (user.roaming / GIMP / "softlight.py").unlink()
    mine = packages / "my own.txt"
    mine.write_text("kept", "utf-8")
    begun = time.monotonic()
    install(user, new)
    figure("repair, seconds", f"{time.monotonic() - begun:.1f}")
    runs(user, "0.1.0")
    assert (user.roaming / GIMP / "softlight.py").is_file()
    # What somebody else put there is not deleted with the old folder, and is told.
    found = list((user.local / FOLDER / "versions").rglob("my own.txt"))
    assert [path.read_text("utf-8") for path in found] == ["kept"]
    assert "my own.txt', which is not Softlight's." in log(user)


def test_a_host_that_is_open_keeps_what_it_uses(studio: WindowsUser, installers: tuple[Path, Path]) -> None:
    user, (old, new) = studio, installers
    install(user, old)
    held = user.roaming / KRITA / "softlight_krita.desktop"
    release = user.folder / "release"
    script = Path(shutil.copy(LOCKING, user.folder))
    krita = user.start(python(user), "-I", script, held, release)
    assert krita.stdout is not None and krita.stdout.readline().strip() == b"held"
    install(user, new, status=3)
    assert "close GIMP and Krita, then try again." in log(user)
    # Krita's plug-in is the old one, and what it starts is still there; GIMP's is the new one.
    record = json.loads((user.roaming / KRITA / "softlight_krita/engine.json").read_text("utf-8"))
    assert "0.0.9" in record["engine"][0] and versions(user) == ["0.0.9-directml", "0.1.0-directml"]
    runs(user, "0.1.0")
    release.write_text("", "utf-8")
    krita.wait(60)
    install(user, new)
    assert len(versions(user)) == 1
    assert softlight(user, "plugins", "status")[0] == 0


def test_folders_that_cannot_be_used_are_refused(user: WindowsUser, installers: tuple[Path, Path]) -> None:
    _, new = installers
    foreign = user.folder / "Documents/Wichtig/letter.txt"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("mine", "utf-8")
    install(user, new, f"/D={user.inside(foreign.parent)}", status=1)
    assert "holds files that are not Softlight's; choose a new or an empty folder." in log(user)
    assert [path.name for path in foreign.parent.iterdir()] == ["letter.txt"]
    deep = user.folder / ("Ein langer Name " * 8).strip() / ("x" * 60)
    install(user, new, f"/D={user.inside(deep)}", status=1)
    assert re.search(r"The folder's path is \d+ characters too long for Windows", log(user))
    assert not deep.parent.exists()
    disk = user.folder / "disk"
    disk.mkdir()
    user.leave()  # the next Windows sees what is mounted, and a running one does not
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200m", "softlight-test", str(disk)], check=False
    )
    if mounted.returncode == 0:
        try:
            install(user, new, f"/D={user.inside(disk / 'Softlight')}", status=1)
            assert list(disk.iterdir()) == []
        finally:
            user.leave()
            subprocess.run(["umount", str(disk)], check=True)
        assert re.search(r"Softlight takes \d+ MB and the disk of '.*' has \d+ MB free; make room", log(user))


def test_app_data_that_was_moved(user: WindowsUser, installers: tuple[Path, Path]) -> None:
    """A folder that leads elsewhere, as OneDrive and moved profiles make them."""
    _, new = installers
    elsewhere = user.drive / "OneDrive – Zoë" / "Local"
    elsewhere.parent.mkdir()
    shutil.move(user.local, elsewhere)
    user.local.symlink_to(elsewhere)
    before = user.files()
    install(user, new)
    runs(user, "0.1.0")
    user.leave()
    remove(user)
    assert new_or_changed(user, before) == []


def test_the_archive_in_the_installer_can_be_looked_at(installers: tuple[Path, Path]) -> None:
    archive, payload = open_payload(installers[1])
    with archive:
        assert {"python.exe", "LICENSE", "site-packages/softlight/__init__.py"} <= set(archive.namelist())
    assert payload.backend == "directml"
    # The last path that fits: C:\Users\NAME\AppData\Local\Programs\Softlight\versions\0.1.0-directml.2\…
    figure("longest path inside, characters", str(max(map(len, payload.files))))
    assert max(map(len, payload.files)) < 140
