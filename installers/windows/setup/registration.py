"""What Windows is told: the entry in its list of apps, and the folder of commands on the user's PATH."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

from installers.windows.setup.folder import Folder, same_folder
from installers.windows.setup.payload import Payload

APPS = r"Software\Microsoft\Windows\CurrentVersion\Uninstall\Softlight"
ENVIRONMENT = "Environment"
PUBLISHER = "The Softlight developers"


def with_folder(path: str, folder: str) -> str:
    """Return a PATH with `folder` at its end, once."""
    return ";".join([*(part for part in path.split(";") if part and not _same(part, folder)), folder])


def without_folder(path: str, folder: str) -> str:
    """Return a PATH without `folder`, and otherwise as it was."""
    return ";".join(part for part in path.split(";") if not _same(part, folder))


def _same(one: str, other: str) -> bool:
    return one.strip('" ').rstrip("\\").casefold() == other.rstrip("\\").casefold()


def app_entry(folder: Folder, payload: Payload, version: Path) -> dict[str, str | int]:
    """Return the values of the entry in Windows' list of apps."""
    return {
        "DisplayName": "Softlight",
        "DisplayVersion": payload.version,
        "Publisher": PUBLISHER,
        "DisplayIcon": str(version / "softlight.ico"),
        "InstallLocation": str(folder.root),
        "EstimatedSize": payload.size // 1024,
        "UninstallString": f'"{folder.uninstaller}"',
        "QuietUninstallString": f'"{folder.uninstaller}" /S',
        "NoModify": 1,
        "NoRepair": 1,
    }


if sys.platform == "win32":
    import winreg

    def install_location() -> Path | None:
        """Return where Softlight is installed, by Windows' list of apps."""
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, APPS) as key:
                return Path(str(winreg.QueryValueEx(key, "InstallLocation")[0]))
        except OSError:
            return None

    def register(folder: Folder, payload: Payload, version: Path) -> None:
        """Enter Softlight into the list of apps, and its commands into the user's PATH."""
        with winreg.CreateKey(winreg.HKEY_CURRENT_USER, APPS) as key:
            for name, value in app_entry(folder, payload, version).items():
                kind = winreg.REG_DWORD if isinstance(value, int) else winreg.REG_SZ
                winreg.SetValueEx(key, name, 0, kind, value)
        _change_path(lambda path: with_folder(path, str(folder.commands)))

    def unregister_commands(folder: Folder) -> None:
        """Take the commands out of the user's PATH."""
        known = install_location()
        if known is not None and known.exists() and same_folder(known, folder.root):
            # As it was spelt then: this one may have been reached by a link or another drive's letter.
            _change_path(lambda path: without_folder(path, str(Folder(known).commands)))
        _change_path(lambda path: without_folder(path, str(folder.commands)))

    def unregister_app() -> None:
        """Take Softlight out of the list of apps."""
        with contextlib.suppress(FileNotFoundError):
            winreg.DeleteKey(winreg.HKEY_CURRENT_USER, APPS)

    def _change_path(change: Callable[[str], str]) -> None:
        with winreg.CreateKey(winreg.HKEY_CURRENT_USER, ENVIRONMENT) as key:
            try:
                now, kind = winreg.QueryValueEx(key, "Path")
            except FileNotFoundError:
                now, kind = "", winreg.REG_EXPAND_SZ
            wanted = change(str(now))
            if wanted and wanted != now:
                winreg.SetValueEx(key, "Path", 0, kind, wanted)
            elif now and not wanted:
                winreg.DeleteValue(key, "Path")

else:

    def install_location() -> Path | None:
        """Return nothing: other systems have no such list."""
        return None

    def register(folder: Folder, payload: Payload, version: Path) -> None:
        """Do nothing."""

    def unregister_commands(folder: Folder) -> None:
        """Do nothing."""

    def unregister_app() -> None:
        """Do nothing."""
