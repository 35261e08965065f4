"""What a studio allows on its machines: one TOML file, written by whoever looks after them.

    offline = true                                # no connection at all
    import = false                                # no model from a file either
    allow-models = ["gfpgan-*", "lama"]           # only these
    forbid-models = ["codeformer*"]
    forbid-licences = ["LicenseRef-*"]            # SPDX identifiers
    forbid-limits = ["non-commercial", "copyleft"]
    mirrors = [["https://github.com/", "https://models.studio.example/github/"]]

All keys are optional. Embedded models are always allowed. A policy that cannot be read forbids all others.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from softlight_models.entry import LIMITS, CatalogueEntry
from softlight_models.schema import SchemaError, Table, reason
from softlight_models.settings import mirrors
from softlight_models.small_files import read_table

REMEDY = "ask those who look after your machines"


@dataclass(frozen=True)
class Policy:
    """One policy file."""

    path: Path
    offline: bool = False
    allow_import: bool = True
    allow_models: tuple[str, ...] = ("*",)
    """Patterns of ids, as a shell has them."""
    forbid_models: tuple[str, ...] = ()
    forbid_licences: tuple[str, ...] = ()
    """Patterns of SPDX identifiers."""
    forbid_limits: tuple[str, ...] = ()
    mirrors: tuple[tuple[str, str], ...] = ()
    unreadable: str = ""
    """Why it cannot be read; then it forbids everything."""

    def why_forbidden(self, entry: CatalogueEntry) -> str:
        """Return a sentence if this policy forbids `entry`, else an empty text."""
        if self.unreadable:
            return (
                f"The studio's policy {self.path} cannot be read ({self.unreadable}), "
                f"so only embedded models may be used; {REMEDY}."
            )
        if (
            not _matches(entry.id, self.allow_models)
            or _matches(entry.id, self.forbid_models)
            or _matches(entry.licence.spdx, self.forbid_licences)
            or entry.licence.limit in self.forbid_limits
        ):
            return f"{entry.title} is forbidden by the studio's policy {self.path}; {REMEDY}."
        return ""


def read_policies(paths: Iterable[Path]) -> tuple[Policy, ...]:
    """Return the policies that exist; one that cannot be read forbids everything (it never raises)."""
    return tuple(policy for policy in map(_read, paths) if policy is not None)


def _read(path: Path) -> Policy | None:
    try:
        return _policy(path, read_table(path, tomllib.loads))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        return Policy(path, unreadable=reason(error), offline=True, allow_import=False)


def _policy(path: Path, table: Table) -> Policy:
    limits = table.texts("forbid-limits")
    for limit in limits:
        if limit not in LIMITS:
            raise SchemaError(f'forbid-limits has "{limit}", which is none of {", ".join(LIMITS)}')
    policy = Policy(
        path,
        offline=table.flag("offline", False),
        allow_import=table.flag("import", True),
        allow_models=table.texts("allow-models") if "allow-models" in table else ("*",),
        forbid_models=table.texts("forbid-models"),
        forbid_licences=table.texts("forbid-licences"),
        forbid_limits=limits,
        mirrors=mirrors(table),
    )
    table.finish()  # a key that is misspelt would allow what was meant to be forbidden
    return policy


def _matches(text: str, patterns: Iterable[str]) -> bool:
    """Return whether a pattern fits, whatever the case: ``gpl-3.0`` means GPL-3.0."""
    return any(fnmatchcase(text.lower(), pattern.lower()) for pattern in patterns)
