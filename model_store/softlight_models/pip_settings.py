"""Which package indexes pip would ask on this machine."""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_INDEX = "https://pypi.org/simple"
"""What pip asks where nothing else is set."""
SECTIONS = ("global", "download")
"""Of pip's configuration files; the later wins."""


@dataclass(frozen=True)
class PipSettings:
    """The part of pip's settings that says where packages come from."""

    indexes: tuple[str, ...] = (DEFAULT_INDEX,)
    """Addresses of "simple" indexes, in the order pip asks them."""
    find_links: tuple[str, ...] = ()
    """Folders with wheels, and pages that link to them."""


def pip_settings(
    environment: Mapping[str, str] | None = None, files: tuple[Path, ...] | None = None
) -> PipSettings:
    """Read pip's environment variables and configuration files; pip itself need not be installed.

    Parameters
    ----------
    environment : mapping, optional
        Default: the process's own.
    files : tuple of Path, optional
        Configuration files, the later ones win. Default: those that pip reads on this system.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, str] = {}
    for path in configuration_files(environment) if files is None else files:
        values.update(_of_file(path))
    for key in ("index-url", "extra-index-url", "find-links", "no-index"):
        # pip takes an empty variable as not set.
        if text := environment.get("PIP_" + key.upper().replace("-", "_")):
            values[key] = text
    indexes: tuple[str, ...] = ()
    if values.get("no-index", "").strip().lower() not in ("1", "true", "yes", "on", "y", "t"):
        first = values.get("index-url", "").strip() or DEFAULT_INDEX
        indexes = tuple(dict.fromkeys([first, *values.get("extra-index-url", "").split()]))
    return PipSettings(indexes, tuple(values.get("find-links", "").split()))


def configuration_files(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Return where pip looks for its configuration, in its order: system, user, site, PIP_CONFIG_FILE."""
    own = environment.get("PIP_CONFIG_FILE")
    if own == os.devnull:
        return ()
    home = Path(os.path.expanduser("~"))
    site = Path(sys.prefix)
    if sys.platform == "win32":
        name = "pip.ini"
        system = [Path(environment.get("PROGRAMDATA", r"C:\ProgramData")) / "pip"]
        user = [home / "pip", Path(environment.get("APPDATA", home / "AppData" / "Roaming")) / "pip"]
    elif sys.platform == "darwin":
        name = "pip.conf"
        system = [Path("/Library/Application Support/pip")]
        wanted = home / "Library" / "Application Support" / "pip"
        user = [home / ".pip", wanted if wanted.is_dir() else home / ".config" / "pip"]
    else:
        name = "pip.conf"
        shared = environment.get("XDG_CONFIG_DIRS") or "/etc/xdg"
        system = [*(Path(folder) / "pip" for folder in shared.split(os.pathsep)), Path("/etc")]
        user = [home / ".pip", Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "pip"]
    files = [folder / name for folder in (*system, *user, site)]
    return tuple([*files, Path(own)] if own else files)


def _of_file(path: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return {}  # pip would refuse to start; an index fewer is no reason to refuse a model.
    values: dict[str, str] = {}
    for section in SECTIONS:
        if parser.has_section(section):
            # pip takes `index_url` for `index-url`.
            values.update({key.replace("_", "-"): value for key, value in parser.items(section)})
    return values
