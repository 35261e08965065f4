"""What the user may set about the engine: ``settings.toml`` in the configuration folder."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from softlight_bridge import places

if TYPE_CHECKING:
    from softlight.runtime.providers import Provider

LONGEST_IDLE = 24 * 60.0
PROVIDERS = ("auto", "cpu", "cuda", "directml")


@dataclass(frozen=True)
class EngineSettings:
    """The table ``[engine]`` of the file."""

    idle_minutes: float = 10.0
    """How long the engine stays when nobody needs it: 0.2 to 0.5 GB of memory against 2 s at the next run."""
    provider: Provider = "auto"
    """What computes, as on the command line."""


def settings_path() -> Path:
    """Return the path of the file, which may not exist."""
    return Path(places.config_folder()) / "settings.toml"


def read_settings(path: Path) -> tuple[EngineSettings, str]:
    """Return the settings, and a sentence for the log on what could not be read, or "".

    A mistake in this file must not keep a filter from running, so it falls back to the defaults.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8")).get("engine", {})
    except FileNotFoundError:
        return EngineSettings(), ""
    except (OSError, ValueError) as error:
        return EngineSettings(), f"{path} cannot be read ({error}); the defaults are used."
    if not isinstance(table, dict):
        return EngineSettings(), f"{path} has no table [engine]; the defaults are used."
    default = EngineSettings()
    idle, provider = table.get("idle_minutes", default.idle_minutes), table.get("provider", default.provider)
    wrong = []
    if isinstance(idle, bool) or not isinstance(idle, int | float) or not 0 <= idle <= LONGEST_IDLE:
        wrong.append(f"idle_minutes takes 0 to {LONGEST_IDLE:g}")
        idle = default.idle_minutes
    if provider not in PROVIDERS:
        wrong.append(f"provider takes {', '.join(PROVIDERS)}")
        provider = default.provider
    return EngineSettings(float(idle), provider), f"{path}: {'; '.join(wrong)}." if wrong else ""
