"""Where the model store keeps things on this machine."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

MODELS_VARIABLE = "SOFTLIGHT_MODELS"
"""Environment variable that names another folder for models, for instance one on a larger disk."""


@dataclass(frozen=True)
class Places:
    """The folders of one user; none of them needs to exist."""

    models: Path
    """Installed models, one folder each. It may be on a share and read-only."""
    config: Path
    """The user's settings, accepted licences and own catalogue entries."""
    cache: Path
    """What can be lost: which files were verified in which state."""
    policies: tuple[Path, ...] = ()
    """Files in which a studio says what is allowed on its machines; each one that exists binds."""

    @property
    def settings(self) -> Path:
        """The user's settings for models."""
        return self.config / "models.json"

    @property
    def accepted(self) -> Path:
        """The licences that the user accepted."""
        return self.config / "accepted-licences.json"

    @property
    def own_entries(self) -> Path:
        """The user's own catalogue entries, ``*.toml``."""
        return self.config / "models.d"

    @property
    def checked(self) -> Path:
        """What files held when they were last hashed; not beside them, or a share would vouch for itself."""
        return self.cache / "checked-models.json"


def user_places() -> Places:
    """Return the places of the current user, as the system and the environment name them."""
    models = os.environ.get(MODELS_VARIABLE)
    return Places(
        models=Path(models).absolute()
        if models
        else platformdirs.user_data_path("softlight", appauthor=False) / "models",
        config=platformdirs.user_config_path("softlight", appauthor=False),
        cache=platformdirs.user_cache_path("softlight", appauthor=False),
        policies=_policies(),
    )


def _policies() -> tuple[Path, ...]:
    """Return where a policy may lie.

    Desktops put folders of their own before /etc/xdg in XDG_CONFIG_DIRS (Ubuntu: /etc/xdg/xdg-ubuntu), and a
    user can set it: so all its folders count, and /etc/xdg always does.
    """
    folders = platformdirs.site_config_dir("softlight", appauthor=False, multipath=True).split(os.pathsep)
    if sys.platform.startswith("linux"):
        folders.append("/etc/xdg/softlight")
    return tuple(Path(folder) / "policy.toml" for folder in dict.fromkeys(folders))
