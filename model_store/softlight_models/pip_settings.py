"""Which package indexes pip would ask on this machine."""

from __future__ import annotations

import configparser
import importlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SECTIONS = ("global", "download")
"""Of pip's configuration files; the later wins."""


@dataclass(frozen=True)
class PipSettings:
    """The part of pip's settings that says where packages come from."""

    indexes: tuple[str, ...] = ()
    """Addresses of "simple" indexes, in the order pip asks them."""
    find_links: tuple[str, ...] = ()
    """Folders with wheels, and pages that link to them."""


def pip_settings(
    environment: Mapping[str, str] | None = None, files: tuple[Path, ...] | None = None
) -> PipSettings:
    """Read pip's environment variables and configuration files.

    pip itself is only asked for its own default, where nothing else is set; without pip there is none.

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
    for key in ("index_url", "extra_index_url", "find_links", "no_index"):
        # pip takes an empty variable as not set.
        if text := environment.get("PIP_" + key.upper()):
            values[key] = text
    indexes: tuple[str, ...] = ()
    if values.get("no_index", "").strip().lower() not in ("1", "true", "yes", "on", "y", "t"):
        first = values.get("index_url", "").strip() or default_index()
        indexes = tuple(dict.fromkeys(filter(None, [first, *values.get("extra_index_url", "").split()])))
    return PipSettings(indexes, tuple(values.get("find_links", "").split()))


def default_index() -> str:
    """Return the index that pip asks where nothing else is set; empty where there is no pip that says it."""
    try:
        # No public door leads there. In pip since 10 (2018); it takes 40 ms, so only where it is needed.
        return str(importlib.import_module("pip._internal.models.index").PyPI.simple_url)
    except (ImportError, AttributeError):
        return ""


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
            # pip takes a hyphen for an underscore here.
            values.update({key.replace("-", "_"): value for key, value in parser.items(section)})
    return values
