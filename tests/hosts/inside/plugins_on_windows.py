"""`softlight plugins` as users of Windows start it: a registry, folders and programs as Windows has them.

Prints one JSON object: what each command printed, and the files that it left.
"""

import contextlib
import io
import json
import os
import sys
import winreg
from pathlib import Path

from softlight.cli import main
from softlight.plugins.machine import this_machine

UNINSTALL = r"Software\Microsoft\Windows\CurrentVersion\Uninstall"
ROAMING, LOCAL = Path(os.environ["APPDATA"]), Path(os.environ["LOCALAPPDATA"])
PROGRAMS = Path(os.environ["PROGRAMFILES"])


def register(name: str, version: str, folder: Path) -> None:
    """Note a program as an installer does."""
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, rf"{UNINSTALL}\{name}") as key:
        for value, text in (
            ("DisplayName", name),
            ("DisplayVersion", version),
            ("InstallLocation", str(folder)),
        ):
            winreg.SetValueEx(key, value, 0, winreg.REG_SZ, text)


def program(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"MZ")


def plugins(*arguments: str) -> tuple[int, str]:
    """Run the command, and return its status and all it printed."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = main(["plugins", *arguments])
    return status, said.getvalue()


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def tell() -> dict[str, object]:
    program(PROGRAMS / "GIMP 3" / "bin" / "gimp-3.0.exe")
    program(PROGRAMS / "Krita (x64)" / "bin" / "krita.exe")
    register("Krita (x64) 5.2.9", "5.2.9", PROGRAMS / "Krita (x64)")
    (ROAMING / "GIMP" / "3.0" / "plug-ins").mkdir(parents=True)
    LOCAL.mkdir(exist_ok=True)
    (LOCAL / "kritarc").write_bytes(b"a=1\r\n\r\n[python]\r\nenable_other=true\r\n")
    before = files(ROAMING), files(LOCAL)
    told: dict[str, object] = {
        "roaming": str(ROAMING),
        "config": str(this_machine().softlight_config),
        "before": plugins("status"),
        "installed": plugins("install"),
        "status": plugins("status", "--json"),
        "files": files(ROAMING),
        "kritarc": (LOCAL / "kritarc").read_text("utf-8"),
        "again": plugins("install"),
    }
    # Krita reads the one file while the other belongs to an older version.
    entry = ROAMING / "krita" / "pykrita" / "softlight_krita" / "__init__.py"
    entry.write_text("# older", "utf-8")
    with open(ROAMING / "krita" / "pykrita" / "softlight_krita.desktop", "rb"):
        told["in use"] = plugins("install", "--krita")
        told["entry then"] = entry.read_text("utf-8")
        told["files then"] = files(ROAMING)
    told["free again"] = plugins("install", "--krita")
    told["entry afterwards"] = entry.read_text("utf-8")
    told["removed"] = plugins("uninstall")
    told["left"] = [sorted(set(files(ROAMING)) - set(before[0])), sorted(set(files(LOCAL)) - set(before[1]))]
    told["kritarc after"] = (LOCAL / "kritarc").read_bytes().decode("utf-8")
    return told


sys.stdout.write(json.dumps(tell()) + "\n")
