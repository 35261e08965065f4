"""What tells one device, or one driver of it, from another: a self-check counts for nothing else."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from softlight.runtime.providers import Rung

_DISPLAY_ADAPTERS = r"SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}"


def fingerprint(rung: Rung, device: int) -> str:
    """Return a text that changes with the device that `rung` runs on and with its driver's version."""
    if not rung.gpu:
        return _processor()
    return f"device {device} of {_display_drivers()}"


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _display_drivers() -> str:
    """Return names and driver versions of the display adapters, as far as files and the registry tell."""
    if sys.platform == "win32":
        return "; ".join(_windows_display_drivers())
    try:
        version = Path("/proc/driver/nvidia/version").read_text(encoding="utf-8", errors="replace")
        return version.splitlines()[0]
    except (OSError, IndexError):
        return "unknown adapters"


def _windows_display_drivers() -> list[str]:
    found: list[str] = []
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _DISPLAY_ADAPTERS) as adapters:
                for index in range(winreg.QueryInfoKey(adapters)[0]):
                    name = winreg.EnumKey(adapters, index)
                    try:
                        with winreg.OpenKey(adapters, name) as adapter:
                            label = winreg.QueryValueEx(adapter, "DriverDesc")[0]
                            version = winreg.QueryValueEx(adapter, "DriverVersion")[0]
                    except OSError:  # "Properties" is no adapter and may not be read
                        continue
                    found.append(f"{label} {version}")
        except OSError:
            pass
    return found
