"""A GIMP or a Krita of this user, as found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["gimp", "gimp210", "krita"]
"""Which of the three plug-ins it takes."""


@dataclass(frozen=True)
class Host:
    """One version of one application, and where it looks for plug-ins.

    Parameters
    ----------
    kind : {"gimp", "gimp210", "krita"}
    label : str
        For people: "GIMP 3.0", "Krita 5.2.9", "GIMP 3.0 (Flatpak)".
    version : tuple of int
        Empty when it is unknown.
    profile : Path
        Its folder for this user: GIMP's of that version, or Krita's resources.
    program : Path, optional
        What is started; `None` when only its settings were found.
    kritarc : Path, optional
        Krita's settings.
    obstacle : str, optional
        One sentence on why Softlight cannot work in it.
    launcher : tuple of str
        What starts programs outside a sandbox.
    python : Path, optional
        Which Python runs its plug-ins, where that can be told.
    """

    kind: Kind
    label: str
    version: tuple[int, ...]
    profile: Path
    program: Path | None = None
    kritarc: Path | None = None
    obstacle: str | None = None
    launcher: tuple[str, ...] = ()
    python: Path | None = None

    @property
    def plugin_folder(self) -> Path:
        """Where its plug-ins lie."""
        return self.profile / ("pykrita" if self.kind == "krita" else "plug-ins")

    @property
    def target(self) -> Path:
        """Softlight's folder in it. GIMP wants it to be called like the script in it."""
        return self.plugin_folder / ("softlight_krita" if self.kind == "krita" else "softlight")


def numbers(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version: (5, 2, 9) of "5.2.9-beta1"."""
    found: list[int] = []
    for part in version.strip().split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        found.append(int(digits))
        if digits != part:
            break
    return tuple(found)
